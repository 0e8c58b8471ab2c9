/** The place of wires among those into one port: Concat and Add take theirs in order. */

/** Wires that ask for a place among those of their key go there, the rest keep their order. The list itself when none asks. */
export function placeWires<T extends { readonly order?: number | undefined }>(wires: readonly T[], keyOf: (wire: T) => string): readonly T[] {
  const wanted = new Set(wires.filter((w) => w.order !== undefined).map(keyOf));
  if (wanted.size === 0) return wires;
  const slots = new Map<string, number[]>();
  wires.forEach((w, i) => {
    const key = keyOf(w);
    if (!wanted.has(key)) return;
    const places = slots.get(key);
    if (places) places.push(i);
    else slots.set(key, [i]);
  });
  const out = [...wires];
  for (const places of slots.values()) {
    const into = places.map((i) => wires[i] as T);
    const line = into.filter((w) => w.order === undefined);
    for (const w of into.filter((v) => v.order !== undefined).sort((a, b) => (a.order as number) - (b.order as number))) line.splice(w.order as number, 0, w);
    line.forEach((w, i) => { out[places[i] as number] = w; });
  }
  return out;
}
