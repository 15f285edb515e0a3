// A page with the host in it, as tests use it.
import { after, before } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage, startBrowser } from './browser.mjs';
import { HANDLERS } from './cases.mjs';
import { serve } from './server.mjs';

/**
 * Opens a page before the tests of a file, and closes it after them.
 *
 * @returns an object whose `page`, `complaints`, `browser` and `origin` are there in tests
 */
export function hostPage() {
  const opened = {};
  let browser;
  let server;
  before(async () => {
    server = await serve({
      web: fileURLToPath(new URL('../dist', import.meta.url)),
      handlers: join(HANDLERS, 'prebuilt'),
      hostile: join(HANDLERS, 'hostile', 'prebuilt'),
      conformance: join(HANDLERS, 'conformance', 'prebuilt'),
    });
    browser = await startBrowser();
    Object.assign(opened, await openPage(browser, server.origin), { browser, origin: server.origin });
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  return opened;
}
