// The playground in Chromium: what a person does there, what its policy refuses, and accessibility.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { servePlayground } from './playground.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
let server;

before(async () => {
  server = await servePlayground();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens the playground, does something there, and demands that nothing was complained about. */
async function inPlayground(body) {
  const { page, complaints, close } = await openPage(browser, `${server.origin}/`);
  await page.locator('#handler option').first().waitFor({ state: 'attached' });
  await body(page);
  assert.deepEqual(complaints, []);
  await close();
}

async function choose(page, handler, { config, context } = {}) {
  await page.getByLabel('Handler', { exact: true }).selectOption(handler);
  if (config !== undefined) {
    await page.getByLabel('Configuration (JSON)').fill(JSON.stringify(config));
  }
  if (context !== undefined) {
    await page.getByLabel('Input: the task’s context (JSON)').fill(JSON.stringify(context));
  }
}

/** Runs it, and waits until the page says how it ended. */
async function run(page) {
  await page.getByRole('button', { name: 'Run' }).click();
  await page.locator('#status', { hasText: /^(Completed|Failed|Cancelled|It could not)/ }).waitFor();
  return page.locator('#status').textContent();
}

const ENDLESS = { script: 'export default () => { for (;;) {} }' };

test('aPersonRunsAHandlerAndSeesResultLogAndReceipt', async () => {
  await inPlayground(async (page) => {
    await choose(page, 'transform', { config: { filter: '.context.a + 1' }, context: { a: 41 } });
    assert.match(await run(page), /^Completed in [0-9]+ ms\.$/);
    assert.equal(await page.locator('#result').textContent(), '{"status":"completed","result":42}');
    assert.match(await page.locator('#receipt').textContent(), /sha256:[0-9a-f]{64}/);
    await choose(page, 'javascript', { config: { script: 'export default (input, step) => { console.info("<b>hello</b>"); return 1; }' } });
    assert.match(await run(page), /^Completed/);
    assert.equal(await page.locator('#log li').textContent(), 'info: <b>hello</b>');
  });
});

test('theFirstExamplesOfManifestsRun', async () => {
  await inPlayground(async (page) => {
    const names = await page.locator('#handler option').evaluateAll((options) => options.map((option) => option.value));
    assert.ok(names.includes('grep') && names.includes('validate'), names.join());
    for (const name of names.filter((one) => ['decide', 'grep', 'jq', 'validate', 'javascript'].includes(one))) {
      await choose(page, name);
      assert.match(await run(page), /^(Completed|Failed after [0-9]+ ms: (?!trapped|guest_failed|broker_fault|limit_exceeded|module_refused))/, name);
    }
  });
});

test('anEndlessHandlerEndsAtItsDeadlineAndByTheButton', async () => {
  await inPlayground(async (page) => {
    await choose(page, 'javascript', { config: ENDLESS });
    await page.getByLabel('Time (ms)').fill('300');
    assert.match(await run(page), /limit_exceeded/);
    await page.getByLabel('Time (ms)').fill('86400000');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('#status', { hasText: 'Cancelled: cancelled by you.' }).waitFor();
    await choose(page, 'transform', { config: { filter: '1' } });
    assert.match(await run(page), /^Completed/);
  });
});

test('whatIsNoJsonIsToldAtItsField', async () => {
  await inPlayground(async (page) => {
    await page.getByLabel('Configuration (JSON)').fill('{');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.locator('#config-problem', { hasText: 'This is not JSON' }).waitFor();
    assert.equal(await page.getByLabel('Configuration (JSON)').getAttribute('aria-invalid'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'config');
  });
});

test('aWorkerReachesNothingAndEvaluatesNoText', async () => {
  const { page, close } = await openPage(browser, `${server.origin}/`);
  const started = page.waitForEvent('worker');
  await page.evaluate(() => {
    globalThis.probe = new Worker('/worker.js', { type: 'module' });
  });
  const worker = await started;
  const found = await worker.evaluate(async (origin) => {
    // Evaluated by a timer, since what a debugger evaluates may do what the policy refuses.
    const tried = (body) =>
      new Promise((resolve) =>
        setTimeout(() => Promise.resolve().then(body).then(() => resolve('allowed'), () => resolve('refused')), 0),
      );
    return {
      fetch: await tried(() => fetch(`${origin}/catalog.json`)),
      eval: await tried(() => (0, eval)('1')),
      function: await tried(() => new Function('return 1')()),
      webSocket: await tried(
        () =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket(`${origin.replace('http', 'ws')}/`);
            socket.onopen = resolve;
            socket.onerror = reject;
          }),
      ),
      import: await tried(() => import('data:text/javascript,export default 1')),
      wasm: await tried(() => new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))),
    };
  }, server.origin);
  assert.deepEqual(found, {
    fetch: 'refused',
    eval: 'refused',
    function: 'refused',
    webSocket: 'refused',
    import: 'refused',
    wasm: 'allowed',
  });
  await close();
});

test('thePageReachesItsOwnServerOnly', async () => {
  const { page, close } = await openPage(browser, `${server.origin}/`);
  const told = page.waitForEvent('console', (message) => message.text().startsWith('violation of connect-src'));
  const outcome = await page.evaluate(() =>
    fetch('http://127.0.0.1:9/').then(
      () => 'allowed',
      () => 'refused',
    ),
  );
  assert.equal(outcome, 'refused');
  await told;
  await close();
});

test('thePageHasNoKnownProblemOfAccessibility', async (context) => {
  for (const colorScheme of ['light', 'dark']) {
    await context.test(colorScheme, async () => {
      await inPlayground(async (page) => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await choose(page, 'transform', { config: { filter: '1' } });
        await run(page);
        const { violations } = await page.evaluate(`${AXE}; axe.run()`);
        assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`), []);
      });
    });
  }
});

test('thePageIsUsedByTheKeyboard', async () => {
  await inPlayground(async (page) => {
    await choose(page, 'transform', { config: { filter: '7' } });
    await page.getByLabel('Handler', { exact: true }).focus();
    const reached = [];
    for (let i = 0; i < 8; i++) {
      reached.push(await page.evaluate(() => document.activeElement.id));
      await page.keyboard.press('Tab');
    }
    assert.deepEqual(reached, ['handler', 'example', 'config', 'context', 'deps', 'memory', 'time', 'run']);
    await page.locator('#run').focus();
    await page.keyboard.press('Enter');
    await page.locator('#status', { hasText: 'Completed' }).waitFor();
    assert.equal(await page.locator('#result').textContent(), '{"status":"completed","result":7}');
  });
});
