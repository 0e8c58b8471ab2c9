/** Numbers and times as people say them. */

export const whole = (n: number): string => Math.round(n).toLocaleString('en-US');
export const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;

/** 416,520 -> "417 k"; 12,587,648 -> "12.6 M". */
export function short(n: number): string {
  if (n < 10_000) return whole(n);
  const [value, unit] = n < 1e6 ? [n / 1e3, 'k'] : n < 1e9 ? [n / 1e6, 'M'] : [n / 1e9, 'G'];
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const [value, unit] = n < 1024 ** 2 ? [n / 1024, 'kB'] : n < 1024 ** 3 ? [n / 1024 ** 2, 'MB'] : [n / 1024 ** 3, 'GB'];
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** 75 -> "1:15"; below a second "under a second". */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `0:${String(s).padStart(2, '0')}`;
  const m = Math.floor(s / 60);
  return m < 60 ? `${m}:${String(s % 60).padStart(2, '0')}` : `${Math.floor(m / 60)} h ${m % 60} min`;
}

/** "just now", "12 s ago", "3 min ago". */
export function ago(then: number, now: number): string {
  const s = Math.round((now - then) / 1000);
  if (s < 5) return 'just now';
  return s < 60 ? `${s} s ago` : s < 3600 ? `${Math.floor(s / 60)} min ago` : `${Math.floor(s / 3600)} h ago`;
}

/** Milliseconds with about three digits: 0.042, 1.37, 12.6, 240. */
export const milliseconds = (ms: number): string => (ms === 0 ? '–' : ms < 0.001 ? '<0.001' : ms < 1 ? ms.toFixed(3) : ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : whole(ms));

/** "the CPU" -> "The CPU": words at the beginning of a sentence. */
export const capitalised = (text: string): string => (text[0]?.toUpperCase() ?? '') + text.slice(1);
