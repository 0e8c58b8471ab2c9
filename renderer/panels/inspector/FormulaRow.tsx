/** A field that is written by formula: the text as it is typed, what is wrong with it, and what it comes to. */
import { TextInput, Tooltip } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { Field } from '../../../shared/layers/fields.ts';
import { fieldText } from '../fields.ts';
import { formulaText, formulaValue } from '../formulas.ts';

interface FormulaRowProps {
  readonly field: Field;
  readonly value: unknown;
  readonly onChange: (v: unknown) => void;
  /** The value in the network, of the first copy; undefined where it is not known. */
  readonly computed: unknown;
  readonly menu: ReactNode;
}

export function FormulaRow({ field, value, onChange, computed, menu }: FormulaRowProps) {
  const shown = formulaText(value);
  const [text, setText] = useState(shown);
  // What was typed stays as it was typed while it means the same.
  useEffect(() => setText((typed) => { const v = formulaValue(field, typed); return 'value' in v && formulaText(v.value) === shown ? typed : shown; }), [field, shown]);
  const read = formulaValue(field, text);
  const type = (typed: string) => {
    setText(typed);
    const v = formulaValue(field, typed);
    if ('value' in v && formulaText(v.value) !== shown) onChange(v.value);
  };
  return (
    <div style={{ marginBottom: 6 }}>
      <div className="field" style={{ marginBottom: 0 }}>
        <Tooltip label={field.help} position="left"><span className="dim">{field.label}{field.unit === undefined ? '' : `, ${field.unit}`}</span></Tooltip>
        <span style={{ flex: 1 }} />
        {menu}
        <TextInput size="xs" w={134} aria-label={`${field.label}, formula`} value={text} error={'wrong' in read ? read.wrong : null} classNames={{ input: 'mono' }} leftSection={<span className="dim mono" aria-hidden>=</span>} leftSectionWidth={20}
          onChange={(e) => type(e.currentTarget.value)} onBlur={() => { if ('wrong' in read) setText(shown); }} onKeyDown={(e) => { if (e.key === 'Escape') { setText(shown); e.stopPropagation(); } }} />
      </div>
      {computed !== undefined && 'value' in read && <div className="computed mono dim" data-testid={`computed ${field.label}`}>= {fieldText(field, computed)}</div>}
    </div>
  );
}
