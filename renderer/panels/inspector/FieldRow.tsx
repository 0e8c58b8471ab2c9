/** One parameter of a layer: a control by the field's kind, its help, what is wrong with what was typed, and the way back to the default. */
import { SegmentedControl, Select, Switch, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { acceptsValue, describeField, type Field } from '../../../shared/layers/fields.ts';
import { fieldText, fieldValue, steppedValue } from '../fields.ts';

const WIDTH = 134;

interface ControlProps { readonly field: Field; readonly value: unknown; readonly onChange: (v: unknown) => void; /** Of the control, in the kit's units. */ readonly width?: number; /** Escape closes what the field stands in, and what was typed stays. */ readonly escapeKeeps?: boolean }

function TextField({ field, value, onChange, width = WIDTH, escapeKeeps = false }: ControlProps) {
  const shown = fieldText(field, value);
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState<string | null>(null);
  const before = useRef(value);
  // While "3*32" is typed the value follows, but the text stays as it was typed.
  useEffect(() => { setText((typed) => (fieldText(field, fieldValue(field, typed)) === shown ? typed : shown)); setWrong(null); }, [field, shown]);
  const set = (v: unknown) => { if (fieldText(field, v) !== shown) onChange(v); };
  const type = (typed: string) => {
    setText(typed);
    setWrong(null);
    const v = fieldValue(field, typed);
    if (acceptsValue(field, v)) set(v);
  };
  const finish = () => {
    const v = fieldValue(field, text);
    if (!acceptsValue(field, v)) return setWrong(`Expected ${describeField(field)}, got ${text.trim() === '' ? 'nothing' : text}.`);
    setText(fieldText(field, v));
    before.current = v;
  };
  const onKeyDown = (e: React.KeyboardEvent<HTMLInputElement>) => {
    if (e.key === 'Enter') finish();
    if (e.key === 'Escape' && !escapeKeeps) { set(before.current); setText(fieldText(field, before.current)); setWrong(null); }
    if (e.key === 'ArrowUp' || e.key === 'ArrowDown') {
      e.preventDefault();
      type(fieldText(field, steppedValue(field, fieldValue(field, text), (e.key === 'ArrowUp' ? 1 : -1) * (e.shiftKey ? 10 : e.altKey ? 0.1 : 1))));
    }
  };
  return (
    <TextInput size="xs" w={width} aria-label={field.label} value={text} error={wrong} classNames={{ input: 'mono' }}
      onFocus={(e) => { before.current = value; e.currentTarget.select(); }} onChange={(e) => type(e.currentTarget.value)} onBlur={finish} onKeyDown={onKeyDown} />
  );
}

/** Choices of which all fit side by side are shown, others drop down. */
const fitsInRow = (options: readonly { readonly label: string }[]): boolean => options.reduce((n, o) => n + o.label.length + 2, 0) <= 16;

function Control({ field, value, onChange, width = WIDTH, escapeKeeps = false }: ControlProps) {
  if (field.kind === 'bool') return <Switch size="xs" aria-label={field.label} checked={value === true} onChange={(e) => onChange(e.currentTarget.checked)} />;
  if (field.kind !== 'choice') return <TextField field={field} value={value} onChange={onChange} width={width} escapeKeeps={escapeKeeps} />;
  if (fitsInRow(field.options)) return <SegmentedControl size="xs" w={width} aria-label={field.label} value={String(value)} data={[...field.options]} onChange={onChange} />;
  return <Select size="xs" w={width} aria-label={field.label} value={String(value)} data={[...field.options]} allowDeselect={false} onChange={(v) => v !== null && onChange(v)} />;
}

/** `menu`: what else the field may be, behind a button of its own. */
export function FieldRow({ field, value, onChange, width = WIDTH, escapeKeeps = false, menu }: ControlProps & { readonly menu?: ReactNode }) {
  const changed = fieldText(field, value) !== fieldText(field, field.default);
  return (
    <div className="field">
      <Tooltip label={field.help} position="left"><span className="dim">{field.label}{field.unit === undefined ? '' : `, ${field.unit}`}</span></Tooltip>
      <span style={{ flex: 1 }} />
      {menu}
      {changed && <button className="icon-button" aria-label={`Reset ${field.label}`} title={`Back to ${fieldText(field, field.default)}`} onClick={() => onChange(field.default)}><IconArrowBackUp size={14} stroke={1.7} /></button>}
      <Control field={field} value={value} onChange={onChange} width={width} escapeKeeps={escapeKeeps} />
    </div>
  );
}
