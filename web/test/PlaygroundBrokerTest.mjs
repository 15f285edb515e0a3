// The status of a running broker in the playground: what is shown, and what when there is none.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { servePlayground } from './playground.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
let broker;
let server;
let ready = true;
let completed = 41;

/** What a broker answers, as far as the playground asks. */
function answer(request, response) {
  if (request.url === '/health/ready') {
    response.statusCode = ready ? 200 : 503;
    response.end(JSON.stringify({ status: ready ? 'ready' : 'not ready', reasons: ready ? [] : ['database: <b>gone</b>'] }));
    return;
  }
  response.statusCode = request.url === '/metrics' ? 200 : 404;
  response.end(`wasm_broker_build_info{java="25",version="1.2.3"} 1.0
wasm_broker_slots 256.0
wasm_broker_slots_in_use 3.0
wasm_broker_steps_waiting 0.0
wasm_broker_steps_total{error="none",handler="decide",outcome="completed"} ${completed}.0
wasm_broker_steps_total{error="trapped",handler="decide",outcome="failed"} 2.0
wasm_broker_queue_depth{queue="steps"} 7.0
wasm_broker_module_info{digest="0123",handler="decide",version="1.0.0"} 1.0
`);
}

before(async () => {
  broker = createServer(answer);
  await new Promise((resolve) => broker.listen(0, '127.0.0.1', resolve));
  server = await servePlayground('--broker', `http://127.0.0.1:${broker.address().port}`);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.close();
  broker?.closeAllConnections();
  broker?.close();
});

test('aRunningBrokerIsShownAndWhatChangesOfIt', async () => {
  const { page, complaints, close } = await openPage(browser, `${server.origin}/`);
  const state = page.locator('#running-state');
  await state.filter({ hasText: `wasm-broker 1.2.3 on http://127.0.0.1:${broker.address().port} is ready.` }).waitFor();
  const figures = () => page.locator('#running-figures tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(await figures(), [
    ['steps in flight', '3 of 256'],
    ['claimed steps that wait', '0'],
    ['steps completed', '41'],
    ['steps failed', '2'],
    ['runs to be retried', '0'],
    ['messages in queue steps', '7'],
  ]);
  assert.equal(await page.locator('#loaded').textContent(), 'decide1.0.00123');
  const { violations } = await page.evaluate(`${AXE}; axe.run()`);
  assert.deepEqual(violations.map((one) => one.id), []);

  completed = 42;
  await page.locator('#running-figures tr', { hasText: 'steps completed' }).filter({ hasText: '42' }).waitFor();
  ready = false;
  await state.filter({ hasText: 'is not ready: database: <b>gone</b>.' }).waitFor();
  assert.deepEqual(complaints, []);

  broker.closeAllConnections();
  await new Promise((resolve) => broker.close(resolve));
  await state.filter({ hasText: /^No status: http.* cannot be reached: .*is the broker running, and is this its http.port\?$/ }).waitFor();
  assert.deepEqual(await figures(), []);
  assert.deepEqual(complaints, []);
  await close();
});

test('withoutABrokerThereIsNoStatusAndNoRequestForIt', async () => {
  const without = await servePlayground();
  try {
    const { page, complaints, close } = await openPage(browser, `${without.origin}/`);
    await page.locator('#handler option').first().waitFor({ state: 'attached' });
    assert.equal(await page.locator('#running').isVisible(), false);
    assert.deepEqual(complaints, []);
    await close();
  } finally {
    await without.close();
  }
});
