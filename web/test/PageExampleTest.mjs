// The example of docs/browser.md does what it says.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPage, startBrowser } from './browser.mjs';
import { HANDLERS } from './cases.mjs';
import { CONTENT_SECURITY_POLICY, serve } from './server.mjs';

const DOCUMENT = readFileSync(fileURLToPath(new URL('../../docs/browser.md', import.meta.url)), 'utf8');
const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** The code of the document's first block of a language. */
function block(language) {
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(DOCUMENT)[1];
}

test('theExampleOfTheDocumentDecidesInAPage', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-example-'));
  writeFileSync(join(folder, 'index.html'), block('html'));
  writeFileSync(join(folder, 'example.js'), block('js'));
  ['host.js', 'worker.js'].forEach((file) => copyFileSync(join(DIST, file), join(folder, file)));
  copyFileSync(join(HANDLERS, 'prebuilt', 'decide', '1.0.0', 'module.wasm'), join(folder, 'decide.wasm'));
  const server = await serve({ page: folder });
  const browser = await startBrowser();
  try {
    const { page, complaints } = await openPage(browser, `${server.origin}/page/index.html`);
    const output = page.locator('output', { hasText: 'completed' });
    await output.waitFor();
    const text = await output.textContent();
    assert.match(text, /^completed: review; [1-9][0-9]* bytes$/);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test('thePolicyOfTheDocumentIsTheOneThatIsTested', () => {
  assert.ok(DOCUMENT.includes(`Content-Security-Policy: ${CONTENT_SECURITY_POLICY}\n`));
});
