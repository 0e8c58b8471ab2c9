/** From an empty place to what keeps it empty. */
import { Button } from '@mantine/core';
import { setUi } from '../state/ui.ts';

export const ShowProblems = () => <Button variant="default" onClick={() => setUi({ place: 'design', dock: 'problems' })}>Show the problems</Button>;
