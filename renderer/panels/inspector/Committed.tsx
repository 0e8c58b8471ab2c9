/** A line of text that is taken when it is left or Enter is pressed, and not at all while something is wrong with it. */
import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useState } from 'react';

interface CommittedProps extends Omit<TextInputProps, 'value' | 'onChange' | 'error'> {
  readonly value: string;
  /** What is wrong with a text, in words; null when it may be taken. */
  readonly wrong: (text: string) => string | null;
  readonly onTake: (text: string) => void;
}

export function Committed({ value, wrong, onTake, ...rest }: CommittedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const error = text === value ? null : wrong(text);
  const take = () => {
    if (error !== null) setText(value);
    else if (text !== value) onTake(text);
  };
  return (
    <TextInput size="xs" value={text} error={error} {...rest} onChange={(e) => setText(e.currentTarget.value)} onBlur={take}
      onKeyDown={(e) => { if (e.key === 'Enter') e.currentTarget.blur(); if (e.key === 'Escape') { setText(value); e.stopPropagation(); } }} />
  );
}
