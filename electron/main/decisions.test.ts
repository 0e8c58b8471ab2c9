/** The shell's decisions. */
import { describe, expect, it } from 'vitest';
import { templates } from '../../shared/templates/templates.ts';
import { fileFor, isAllowedNavigation, isOwnSender, isPaperLink, menu, windowBounds } from './decisions.ts';

describe('security', () => {
  it.each([['netloom://app/', true], ['netloom://app/index.html', true], ['netloom://other/', false], ['https://example.com/', false], ['file:///etc/passwd', false], ['javascript:alert(1)', false], ['netloom', false]])('%s may be navigated to: %s', (url, allowed) => {
    expect([isAllowedNavigation(url), isOwnSender(url)]).toEqual([allowed, allowed]);
  });
  it('files come from the interface’s folder only', () => {
    expect(['netloom://app/', 'netloom://app/a/b.js', 'netloom://app/..%2f..%2fetc/passwd', 'netloom://app/%00', 'https://app/x'].map((u) => fileFor('/r', u))).toEqual(['/r/index.html', '/r/a/b.js', null, null, null]);
    expect(isOwnSender(undefined)).toBe(false);
  });
  it('the browser is asked for every template’s paper, and for nothing else', () => {
    expect(templates.flatMap((t) => (t.paper && !isPaperLink(t.paper.link) ? [t.paper.link] : []))).toEqual([]);
    expect(['http://arxiv.org/abs/1', 'https://arxiv.org.evil.com/', 'https://example.com/', 'https://me@arxiv.org/', 'https://arxiv.org:8443/', 'file:///etc/passwd', 'arxiv.org'].filter(isPaperLink)).toEqual([]);
  });
});

describe('window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  it.each<[unknown, unknown]>([
    [null, { width: 1440, height: 900 }],
    [{ x: 10, y: 10, width: 1200, height: 800 }, { x: 10, y: 10, width: 1200, height: 800 }],
    [{ x: 5000, y: 10, width: 1200, height: 800 }, { width: 1200, height: 800 }],
    [{ x: 10, y: 10, width: 100, height: 100 }, { x: 10, y: 10, width: 960, height: 640 }],
    [{ x: 'a' }, { width: 1440, height: 900 }],
  ])('remembers %j soundly', (stored, expected) => {
    expect(windowBounds(stored, [screen])).toEqual(expected);
  });
});

it('every menu row is a command, a role or a line, and no command stands twice', () => {
  const rows = menu.flatMap((g) => g.rows);
  expect(rows.filter((r) => [r.command, r.role, r.separator].filter(Boolean).length !== 1)).toEqual([]);
  const commands = rows.flatMap((r) => r.command ?? []);
  expect(new Set(commands).size).toBe(commands.length);
});
