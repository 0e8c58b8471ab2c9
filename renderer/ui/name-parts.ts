/** Where a name is parted when it is too long for its place. Pure. */

/** The words that many names share, and what tells them apart: numbers at the end, and the last step of a way through groups. Together they are the name. */
export function nameParts(text: string): readonly [head: string, tail: string] {
  const [, head = text, tail = ''] = /^(.*?\S)((?: \d+)*(?: \/ [^/]*[^/ ])?)$/.exec(text) ?? [];
  return [head, tail];
}
