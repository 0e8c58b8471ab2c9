/** What can go wrong with fetching pretrained nets. */
import { megabytes } from '../util/size.ts';
import { error } from './entry.ts';

export const hubDiagnostics = {
  'hub.offline': error((a: { host: string; reason: string }) => ({ expected: `an answer from ${a.host}`, got: a.reason, next: 'Check the connection and try again; what has come is kept.' })),
  'hub.server': error((a: { host: string; status: number }) => ({ expected: `the file from ${a.host}`, got: `status ${a.status}`, next: a.status >= 500 || a.status === 429 ? 'Try again later; what has come is kept.' : 'The file may have moved: fetch it yourself, and import it.' })),
  'hub.cut': error((a: { received: number; bytes: number }) => ({ expected: megabytes(a.bytes), got: `a connection that ended again and again at ${megabytes(a.received)}`, next: 'Try again; what has come is kept.' })),
  'hub.size': error((a: { bytes: number }) => ({ expected: `a file of ${a.bytes.toLocaleString('en')} bytes`, got: 'more than that', next: 'What came was deleted: it is not the file of the catalogue. Try again, or import a file that you trust.' })),
  'hub.hash': error((a: { expected: string; got: string }) => ({ expected: `SHA-256 ${a.expected.slice(0, 16)}…`, got: `${a.got.slice(0, 16)}…`, next: 'What came was deleted: it is not the file of the catalogue. Try again, or import a file that you trust.' })),
  'hub.address': error((a: { address: string }) => ({ expected: 'an address that begins with https', got: a.address, next: 'Nothing was fetched; choose another net.' })),
  'hub.redirects': error((a: { most: number }) => ({ expected: `at most ${a.most} forwardings`, got: 'more', next: 'Try again later, or fetch the file yourself and import it.' })),
  'hub.space': error((a: { need: number; free: number }) => ({ expected: `${megabytes(a.need)} of free disk`, got: megabytes(a.free), next: 'Make room, then try again.' })),
  'hub.unknown': error((a: { id: string }) => ({ expected: 'a net of the hub', got: a.id, next: 'Choose one of the list.' })),
  'hub.absent': error((_: Record<string, never>) => ({ expected: 'a net that has been fetched', got: 'one that has not, or whose file is gone', next: 'Download it first.' })),
  'hub.catalogue': error((a: { expected: string; got: string }) => ({ expected: a.expected, got: a.got, next: 'Install Netloom again, or take NETLOOM_HUB out of the environment.' })),
};
