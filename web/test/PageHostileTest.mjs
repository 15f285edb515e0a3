// Hostile guests in a page: each ends as in the broker, and the page and the runs beside it go on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recordedCases } from './cases.mjs';
import { hostPage } from './pages.mjs';

const opened = hostPage();

/** As in the broker's HostileRig. */
const LIMITS = { memory: 16 << 20, hostCalls: 30_000 };

/** Those of its policy. */
const SECRETS = {
  key: { value: 'correct-horse-battery-staple', readable: true },
  bound: { value: 'only-for-the-server-of-the-operator', destinations: [{ url: 'https://api.operator.example/', methods: ['*'] }] },
};

/** The broker's cases, as docs/security.md has them: {guest, end, message, endless}. */
const CASES = JSON.parse(readFileSync(new URL('hostile.json', import.meta.url), 'utf8'));

/** Runs one guest in the page. */
function run(guest, options) {
  return opened.page.evaluate(
    async ({ guest, options }) => {
      const { Host } = await import('/web/host.js');
      globalThis.host ??= new Host();
      const module = new Uint8Array(await (await fetch(`/hostile/${guest}/1.0.0/module.wasm`)).arrayBuffer());
      const { outcome, receipt } = await globalThis.host.start({ module, handler: guest, input: '{}', ...options }).ended;
      return { outcome, receipt };
    },
    { guest, options },
  );
}

/** A step beside a hostile one, which ends as it does alone. */
async function goodStep() {
  const [one] = recordedCases('decide');
  const found = await opened.page.evaluate(async (input) => {
    const { Host } = await import('/web/host.js');
    globalThis.host ??= new Host();
    const module = new Uint8Array(await (await fetch('/handlers/decide/1.0.0/module.wasm')).arrayBuffer());
    const { output } = await globalThis.host.start({ module, handler: 'decide', input }).ended;
    return new TextDecoder().decode(output);
  }, one.document);
  assert.equal(found, one.expected);
}

function endingOf({ outcome }) {
  if (outcome.status !== 'failed') {
    return outcome.status;
  }
  const { type, code } = outcome.error;
  const detail = type === 'busy' || type === 'forged' ? undefined : code;
  return detail === undefined ? type : `${type}/${detail}`;
}

test('aHostileGuestEndsAsInTheBrokerAndAStepBesideItToo', async (context) => {
  for (const { guest, end, message } of CASES.filter((one) => !one.endless)) {
    await context.test(guest, async () => {
      const files = { bytes: 512 << 10, entries: 100, directories: [{ path: '/step', mode: 'read-write' }] };
      const options = { ...(guest.startsWith('files-') ? { files } : {}), ...(guest.includes('secret') ? { secrets: SECRETS } : {}) };
      const hostile = run(guest, { limits: LIMITS, ...options });
      await goodStep();
      const ended = await hostile;
      assert.equal(endingOf(ended), end, JSON.stringify(ended.outcome));
      assert.ok((ended.outcome.error?.message ?? '').includes(message), JSON.stringify(ended.outcome));
      assert.ok(ended.receipt.memory_high_water_bytes <= LIMITS.memory);
    });
  }
});

test('anEndlessGuestIsEndedAtItsDeadline', async (context) => {
  for (const { guest, end } of CASES.filter((one) => one.endless)) {
    await context.test(guest, async () => {
      const hostile = run(guest, { limits: { ...LIMITS, time: 300, hostCalls: 1_000_000_000 } });
      await goodStep();
      const ended = await hostile;
      assert.equal(endingOf(ended), end, JSON.stringify(ended.outcome));
      assert.equal(ended.outcome.error.retryable, true);
    });
  }
});

test('anEndlessGuestIsEndedWhenItIsCancelled', async (context) => {
  for (const guest of ['endless-loop', 'wasi-sleep']) {
    await context.test(guest, async () => {
      const outcome = await opened.page.evaluate(async (guest) => {
        const { Host } = await import('/web/host.js');
        const module = new Uint8Array(await (await fetch(`/hostile/${guest}/1.0.0/module.wasm`)).arrayBuffer());
        const run = new Host().start({
          module,
          handler: guest,
          input: '{}',
          limits: { time: 86_400_000 },
          onProgress: () => run.cancel('no longer wanted'), // told when the guest has started
        });
        return (await run.ended).outcome;
      }, guest);
      assert.deepEqual(outcome, { status: 'cancelled', reason: 'no longer wanted' });
    });
  }
});

test('aRunThatIsCancelledBeforeItsGuestStartsHasNoGuest', async () => {
  const { outcome, receipt } = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const module = new Uint8Array(await (await fetch('/hostile/endless-loop/1.0.0/module.wasm')).arrayBuffer());
    const started = [];
    const run = new Host().start({
      module,
      handler: 'endless-loop',
      input: '{}',
      signal: AbortSignal.abort(),
      onProgress: (progress) => started.push(progress),
    });
    const ended = await run.ended;
    return { ...ended, started };
  });
  assert.equal(outcome.status, 'cancelled');
  assert.equal(receipt.memory_high_water_bytes, 0);
});

test('aMemoryBombOfEachClassIsStoppedAndThePageGoesOn', async (context) => {
  for (const memory of [32 << 20, 128 << 20, 512 << 20]) {
    await context.test(`${memory >> 20} MiB`, async () => {
      const ended = await run('memory-steps', { limits: { memory } });
      assert.equal(endingOf(ended), 'limit_exceeded/memory', JSON.stringify(ended.outcome));
      assert.ok(ended.receipt.memory_high_water_bytes <= memory);
      await goodStep();
    });
  }
});

test('whatABrowserHasBeyondTheAbiIsRefused', async (context) => {
  // Functions whose body uses an instruction: (func) in a module with a memory, and run.
  const bodies = {
    exceptions: [0x1f, 0x40, 0x00, 0x0b],
    'tail calls': [0x12, 0x00],
    'garbage collection': [0xfb, 0x1c],
    threads: [0xfe, 0x03, 0x00],
    'relaxed SIMD': [0xfd, 0x80, 0x02],
  };
  for (const [feature, body] of Object.entries(bodies)) {
    await context.test(feature, async () => {
      const code = [0x00, ...body, 0x0b];
      const bytes = [
        ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
        ...[0x03, 0x02, 0x01, 0x00],
        ...[0x05, 0x03, 0x01, 0x00, 0x01],
        ...[0x07, 0x10, 0x02, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x00, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00],
        ...[0x0a, code.length + 2, 0x01, code.length, ...code],
      ];
      const outcome = await opened.page.evaluate(async (bytes) => {
        const { Host } = await import('/web/host.js');
        return (await new Host().start({ module: Uint8Array.from(bytes), handler: 'x', input: '{}' }).ended).outcome;
      }, bytes);
      assert.equal(outcome.error.type, 'module_refused');
      assert.ok(outcome.error.message.includes(feature), outcome.error.message);
    });
  }
});

test('aBrokenModuleIsRefusedOrEndsAsAnyOther', async () => {
  const types = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const host = new Host();
    const file = new Uint8Array(await (await fetch('/handlers/decide/1.0.0/module.wasm')).arrayBuffer());
    const broken = [];
    for (let i = 0; i < 30; i++) {
      broken.push(file.slice(0, Math.floor((file.length * i) / 30)));
      const flipped = file.slice();
      flipped[Math.floor((file.length * (i + 0.5)) / 30)] ^= 1 << i % 8;
      broken.push(flipped);
    }
    const types = [];
    for (const module of broken) {
      const { outcome } = await host.start({ module, handler: 'decide', input: '{}', limits: { time: 1000 } }).ended;
      types.push(outcome.status === 'failed' ? outcome.error.type : outcome.status);
    }
    return types;
  });
  assert.equal(types.length, 60);
  assert.deepEqual(types.filter((type) => type === 'broker_fault'), []);
  assert.ok(types.filter((type) => type === 'module_refused').length >= 30, types.join());
  await goodStep();
});

test('theLimitsOfALogHold', async () => {
  const { lines, dropped } = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const module = new Uint8Array(await (await fetch('/hostile/log-lines/1.0.0/module.wasm')).arrayBuffer());
    const lines = [];
    const { receipt } = await new Host().start({ module, handler: 'log-lines', input: '{}', onLog: (line) => lines.push(line) })
      .ended;
    return { lines, dropped: receipt.log_lines_dropped };
  });
  assert.ok(lines.length > 0);
  assert.ok(lines.reduce((sum, line) => sum + Buffer.byteLength(line.message) + 1, 0) <= 64 << 10);
  assert.ok(dropped > 0);
});

test('aModuleOfTheLargestSizeRunsAndALargerOneDoesNot', async () => {
  const outcomes = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const file = new Uint8Array(await (await fetch('/handlers/noop/1.0.0/module.wasm')).arrayBuffer());
    const host = new Host();
    const outcomes = [];
    for (const bytes of [20 << 20, (20 << 20) + 1]) {
      const size = bytes - file.length - 6; // a custom section: its id, its length in five bytes, an empty name
      const section = [0, ...[0, 7, 14, 21].map((shift) => ((size >>> shift) & 0x7f) | 0x80), size >>> 28];
      const module = new Uint8Array(bytes);
      module.set(file);
      module.set(section, file.length);
      outcomes.push((await host.start({ module, handler: 'noop', input: '{}' }).ended).outcome);
    }
    return outcomes;
  });
  assert.equal(outcomes[0].status, 'completed', JSON.stringify(outcomes[0]));
  assert.equal(outcomes[1].error.type, 'module_refused');
  assert.match(outcomes[1].error.message, /the maximum is 20971520/);
});

test('aModuleIsCompiledOnceAndTheOldestIsForgotten', async () => {
  const created = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const load = async (name) => new Uint8Array(await (await fetch(`/handlers/${name}/1.0.0/module.wasm`)).arrayBuffer());
    const host = new Host({ cachedModules: 1 });
    const Real = Worker;
    let created = 0;
    globalThis.Worker = class extends Real {
      constructor(...args) {
        super(...args);
        created++;
      }
    };
    const counts = [];
    for (const name of ['noop', 'noop', 'decide', 'noop']) {
      await host.load(await load(name));
      counts.push(created);
    }
    globalThis.Worker = Real;
    return counts;
  });
  assert.deepEqual(created, [1, 1, 2, 3]);
});

test('thePolicyOfThePageRefusedNothing', () => {
  assert.deepEqual(opened.complaints, []);
});
