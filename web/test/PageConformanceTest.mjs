// The conformance kit in a page, without the cases that need a destination or a secret: nothing of that is granted there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expand, HANDLERS } from './cases.mjs';
import { hostPage } from './pages.mjs';

const LIMITS = { memory: 64 << 20, time: 20_000 };
const KIT = join(HANDLERS, 'conformance');

const opened = hostPage();

function cases() {
  return ['documents', 'ends', 'host']
    .flatMap((file) => JSON.parse(readFileSync(join(KIT, `${file}.json`), 'utf8')))
    .filter((one) => !/^(http: |secret: granted|secret: a name)/.test(one.name));
}

/** The step document of one attempt; the context as its text. */
function documentOf(one, attempt, checkpoint) {
  if (one.document !== undefined) {
    return one.document;
  }
  const step = { name: 'conformance', attempt, max_attempts: one.attempts ?? 1 };
  return `{"step":${JSON.stringify(step)},"config":${JSON.stringify(one.config)},"context":${contextOf(one)},"checkpoint":${checkpoint}}`;
}

function contextOf(one) {
  return one.context_parts === undefined ? JSON.stringify(one.context) : expand(one.context_parts);
}

/** One attempt: runs until there is no further checkpoint. */
async function attempt(one, number) {
  return opened.page.evaluate(
    async ({ first, before, after, limits }) => {
      const { Host } = await import('/web/host.js');
      globalThis.host ??= new Host();
      const module = new Uint8Array(await (await fetch('/conformance/rust.wasm')).arrayBuffer());
      const log = [];
      let input = first;
      for (;;) {
        const run = globalThis.host.start({ module, handler: 'conformance', input, limits, onLog: (line) => log.push(line) });
        const { outcome } = await run.ended;
        if (outcome.status !== 'checkpoint') {
          return { outcome, log };
        }
        const { cursor, itemsProcessed, accumulatedResults } = outcome;
        const checkpoint = `{"cursor":${cursor},"items_processed":${itemsProcessed},"accumulated_results":${accumulatedResults}}`;
        input = before + checkpoint + after;
      }
    },
    {
      first: documentOf(one, number, 'null'),
      ...between(documentOf(one, number, '@')),
      limits: { ...LIMITS, ...(one.timeout_ms === undefined ? {} : { time: one.timeout_ms }) },
    },
  );
}

function between(document) {
  const at = document.lastIndexOf('@');
  return { before: document.slice(0, at), after: document.slice(at + 1) };
}

function check(end, { outcome }, one) {
  if (end.echo === true) {
    assert.deepEqual(JSON.parse(outcome.result), JSON.parse(contextOf(one)));
  } else if ('result' in end) {
    assert.equal(outcome.status, 'completed', JSON.stringify(outcome));
    assert.deepEqual(JSON.parse(outcome.result), end.result);
  } else if ('error' in end) {
    assert.equal(outcome.status, 'failed');
    const { retryAfterMs, ...rest } = outcome.error;
    const found = { ...rest, retry_after_ms: retryAfterMs };
    for (const [name, value] of Object.entries(end.error)) {
      assert.equal(found[name], value, `${name} of ${JSON.stringify(outcome)}`);
    }
  } else if (one.name === 'crash') {
    assert.ok(['trapped', 'guest_failed'].includes(outcome.error.type));
    assert.equal(outcome.error.retryable, false);
  } else {
    assert.equal(one.name, 'time: the clocks', 'a case that this test does not know');
    const { wall_ms, elapsed_us, remaining_ms } = JSON.parse(outcome.result);
    assert.ok(wall_ms > 1_700_000_000_000 && elapsed_us >= 0 && remaining_ms >= 1 && remaining_ms <= LIMITS.time);
  }
}

test('theGuestOfTheKitDoesInAPageWhatItsCasesExpect', async (context) => {
  const all = cases();
  assert.ok(all.length >= 30, `${all.length} cases`);
  for (const one of all) {
    await context.test(one.name, async () => {
      for (const [at, end] of one.ends.entries()) {
        const ended = await attempt(one, at + 1);
        check(end, ended, one);
        if (one.log !== undefined) {
          const lines = ended.log.map(({ level, message, fields }) =>
            fields === null ? { level, message } : { level, message, fields: JSON.parse(fields) },
          );
          assert.deepEqual(lines, one.log);
        }
      }
    });
  }
});
