/** The window cannot leave the interface, open others, or be granted anything; a paper's link goes to the browser. */
import { app, protocol, session, shell } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { APP_SCHEME, contentSecurityPolicy, fileFor, isAllowedNavigation, isPaperLink } from './decisions.ts';

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.png': 'image/png' };

/** Before the app is ready: our own scheme counts as a secure origin. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

export function secure(rendererDir: string): void {
  protocol.handle(APP_SCHEME, async ({ url }) => {
    const file = fileFor(rendererDir, url);
    try {
      if (file === null) throw new Error('outside');
      const body = await readFile(file);
      return new Response(new Uint8Array(body), { headers: { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': contentSecurityPolicy, 'x-content-type-options': 'nosniff' } });
    } catch {
      return new Response('No such file.', { status: 404 });
    }
  });
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(permission === 'clipboard-sanitized-write'));
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write' || permission === 'clipboard-read');
  app.on('web-contents-created', (_e, contents) => {
    contents.on('will-navigate', (e, url) => { if (!isAllowedNavigation(url)) e.preventDefault(); });
    contents.on('will-attach-webview', (e) => e.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isPaperLink(url)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
}
