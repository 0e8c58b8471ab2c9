import { expect, test } from 'vitest';
import { beginSession, setSession, useSession } from './session.ts';
import { setUi, useUi } from './ui.ts';

test('with another net, nothing of the one before it is shown or offered', () => {
  setSession({ projectPath: '/old', savedAt: 1, probe: 5 });
  setUi({ recovered: { name: 'old', startFresh: () => undefined } });
  beginSession({ trained: true });
  expect(useUi.getState().recovered).toBeNull();
  expect(useSession.getState()).toMatchObject({ projectPath: null, savedAt: null, progress: null, curve: [], trained: true, probe: 5 });
});
