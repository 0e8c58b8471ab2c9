/** Who may talk to the server: pages it served itself, on this machine, with the token. Pure decisions. */
import { timingSafeEqual } from 'node:crypto';

/** Only what the interface needs; nothing from elsewhere, no inline script. */
export const contentSecurityPolicy = (port: number): string =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:${port}; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A page elsewhere that resolves to 127.0.0.1 has another Host (DNS rebinding). */
export const isOwnHost = (host: string | undefined, port: number): boolean => host === `127.0.0.1:${port}` || host === `localhost:${port}`;

/** Browsers send the page's origin with every WebSocket; other programs send none and need the token all the same. */
export const isOwnOrigin = (origin: string | undefined, port: number): boolean => origin === undefined || origin === `http://127.0.0.1:${port}` || origin === `http://localhost:${port}`;

export function isToken(given: string | null, token: string): boolean {
  const a = Buffer.from(given ?? '');
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}
