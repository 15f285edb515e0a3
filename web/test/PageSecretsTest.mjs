// What a page grants of secrets: they are filled in on its side, and leave a run nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage } from './browser.mjs';
import { assemble, TYPES } from './modules.mjs';
import { hostPage } from './pages.mjs';
import { NOT_ISOLATED } from './server.mjs';

const opened = hostPage();

/** As in the broker's HostileRig. */
const READABLE = 'correct-horse-battery-staple';
const BOUND = 'only-for-the-server-of-the-operator';
const LISTED = [{ url: 'https://listed.example/', methods: ['*'] }];
const OPERATOR = [{ url: 'https://api.operator.example/', methods: ['*'] }];
const GRANTS = {
  key: { value: READABLE, readable: true },
  bound: { value: BOUND, destinations: OPERATOR },
};
const HTTP = [...LISTED, ...OPERATOR];

/** With every character that some form writes in another way. */
const VALUE = 's3cr"et/va+l ue\\pä😀%41';

/**
 * Runs a guest.
 *
 * @param module the name of a hostile guest, or bytes
 * @param grants `secrets`, `destinations` of requests, `limits`, and `answer`: the body of each response, or that sending
 *     `fails` with the whole request as its message
 * @returns outcome, log lines, uses of secrets, requests that were sent, and `seen`: whether a value was in what the worker
 *     was told or shared with it
 */
function run(module, input, { secrets, destinations = HTTP, limits = {}, answer = {} }) {
  return opened.page.evaluate(
    async ({ module, input, secrets, destinations, limits, answer }) => {
      const { Host } = await import('/web/host.js');
      const bytes =
        typeof module === 'string'
          ? new Uint8Array(await (await fetch(`/${module}/1.0.0/module.wasm`)).arrayBuffer())
          : new Uint8Array(module);
      const requests = [];
      const send = async ({ method, url, headers, body }) => {
        const request = { method, url, headers, body: body === null ? null : new TextDecoder().decode(body) };
        requests.push(request);
        if (answer.fails) {
          throw new Error(JSON.stringify(request));
        }
        return { status: 200, headers: [['content-type', 'text/plain']], body: new TextEncoder().encode(answer.body ?? 'fine') };
      };
      const told = [];
      let workers = 0;
      const Real = Worker;
      globalThis.Worker = class extends Real {
        postMessage(message, ...rest) {
          told.push(message);
          workers++;
          super.postMessage(message, ...rest);
        }
      };
      const lines = [];
      const uses = [];
      try {
        const run = new Host().start({
          module: bytes,
          handler: 'guest',
          input,
          limits,
          http: { destinations, send },
          secrets,
          onLog: (line) => lines.push(line),
          onSecret: (use) => uses.push(use),
        });
        const { outcome, output, receipt } = await run.ended;
        const job = told.find(({ kind }) => kind === 'run').job;
        const shared = new TextDecoder().decode(new Uint8Array(job.channel).slice());
        // The worker that searches has values, and no guest.
        const text = JSON.stringify(told.map((one) => (one.kind === 'run' ? { ...one.job, module: null, input: null } : one.kind)));
        const seen = Object.values(secrets)
          .map(({ value }) => value)
          .filter((value) => `${text} ${shared}`.includes(value));
        return { outcome, output: output === null ? null : new TextDecoder().decode(output), receipt, lines, uses, requests, seen, workers };
      } finally {
        globalThis.Worker = Real;
      }
    },
    { module, input, secrets, destinations, limits, answer },
  );
}

const hostile = (guest, input = '{}', options = {}) => run(`hostile/${guest}`, input, { secrets: GRANTS, ...options });
const i32 = (value) => [0x41, (value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, value >> 14];
const INPUT = i32(0x10000);
const READ_INPUT = [...INPUT, ...i32(0x1f000), 0x10, 0, 0x21, 0];
const DONE = '{"status":"completed","result":{}}';

/** Reads the secret `key`, and writes its input as its output, whatever that is. */
const REPEATS = assemble({
  types: [TYPES.twoToOne, TYPES.fourToOne, TYPES.toOne],
  imports: [['read_input', 0], ['write_output', 0], ['read_secret', 1]],
  run: 2,
  data: 'key',
  code: [...READ_INPUT, ...i32(0), ...i32(3), ...i32(0x30000), ...i32(1000), 0x10, 2, 0x1a, ...INPUT, 0x20, 0, 0x10, 1],
});

/** The same, as a log line's message. */
const LOGS = assemble({
  types: [TYPES.twoToOne, TYPES.fourToOne, TYPES.fiveToOne, TYPES.toOne],
  imports: [['read_input', 0], ['write_output', 0], ['read_secret', 1], ['log', 2]],
  run: 3,
  data: `${DONE}key`,
  code: [
    ...[...READ_INPUT, ...i32(34), ...i32(3), ...i32(0x30000), ...i32(1000), 0x10, 2, 0x1a],
    ...[...i32(2), ...INPUT, 0x20, 0, ...i32(0), ...i32(0), 0x10, 3, 0x1a, ...i32(0), ...i32(34), 0x10, 1],
  ],
});

/** The same, as a log line's fields. */
const LOGS_FIELDS = assemble({
  types: [TYPES.twoToOne, TYPES.fourToOne, TYPES.fiveToOne, TYPES.toOne],
  imports: [['read_input', 0], ['write_output', 0], ['read_secret', 1], ['log', 2]],
  run: 3,
  data: `${DONE}key`,
  code: [
    ...[...READ_INPUT, ...i32(34), ...i32(3), ...i32(0x30000), ...i32(1000), 0x10, 2, 0x1a],
    ...[...i32(2), ...i32(34), ...i32(3), ...INPUT, 0x20, 0, 0x10, 3, 0x1a, ...i32(0), ...i32(34), 0x10, 1],
  ],
});

/** Reads the secret `key`, and sends its input as a request; returns the error of it, made positive. */
const SENDS = assemble({
  types: [TYPES.twoToOne, TYPES.fourToOne, TYPES.toOne],
  imports: [['read_input', 0], ['http_request', 1], ['read_secret', 1]],
  run: 2,
  data: 'key',
  code: [
    ...[...READ_INPUT, ...i32(0), ...i32(3), ...i32(0x30000), ...i32(1000), 0x10, 2, 0x1a],
    ...[...i32(0), ...i32(0), ...i32(0), ...INPUT, 0x20, 0, 0x10, 1, 0x6b],
  ],
});

/** Reads the secret whose name is its input; writes the value to stderr, and ends with code 1, or with the ABI's error. */
const TELLS_STDERR = assemble({
  types: [TYPES.twoToOne, TYPES.fourToOne, TYPES.toOne],
  imports: [['read_input', 0], ['read_secret', 1], ['fd_write', 1, 'wasi_snapshot_preview1']],
  run: 2,
  data: '',
  code: [
    ...[...READ_INPUT, ...INPUT, 0x20, 0, ...i32(0x30000), ...i32(1000), 0x10, 1, 0x21, 0],
    ...[0x20, 0, ...i32(0), 0x48, 0x04, 0x40, ...i32(0), 0x20, 0, 0x6b, 0x0f, 0x0b], // if it is negative: returned as positive
    ...[...i32(16), ...i32(0x30000), 0x36, 2, 0, ...i32(20), 0x20, 0, 0x36, 2, 0], // the range of the value
    ...[...i32(2), ...i32(16), ...i32(1), ...i32(24), 0x10, 2, 0x1a, ...i32(1)],
  ],
});

/** Nothing of a run has a value. */
function assertHasNone(found, ...values) {
  const { outcome, output, receipt, lines, uses } = found;
  const text = JSON.stringify({ outcome, output, receipt, lines, uses });
  values.forEach((value) => assert.ok(!text.includes(value), text));
}

// PageHostileTest runs them as well: here it is what they leave behind that counts.
test('hostileGuestsLeaveNoValueBehind', async (context) => {
  const cases = {
    'edges-read-secret': ['completed', ''],
    'secret-not-granted': ['completed', ''],
    'secret-storm': ['completed', ''],
    'secret-in-log': ['completed', ''],
    'secret-in-result': ['secret_in_output', 'as plain text, at /result/innocent'],
    'secret-in-error': ['secret_in_output', 'as plain text, at /error/message'],
    'secret-in-base64': ['secret_in_output', 'in base64, at /result'],
    'secret-in-url': ['secret_in_output', "contains the value of secret 'key'", 'https://listed.example/'],
    'secret-in-pieces': ['secret_in_output', "contains the value of secret 'key'", '{"url":"https://listed.example/","method":"POST"}'],
  };
  for (const [guest, [end, message, input]] of Object.entries(cases)) {
    await context.test(guest, async () => {
      const found = await hostile(guest, input);
      assert.equal(found.outcome.error?.type ?? found.outcome.status, end, JSON.stringify(found.outcome));
      assert.ok((found.outcome.error?.message ?? '').includes(message), JSON.stringify(found.outcome));
      assert.deepEqual(found.requests, []);
      assertHasNone(found, READABLE, BOUND);
    });
  }
});

test('aValueIsFilledInOnlyWhereItIsBound', async (context) => {
  const get = (url, members = '"headers":{"x-key":"{{secret:bound}}"}') => `{"url":"${url}",${members}}`;
  const refused = {
    'another server': [get('https://listed.example/'), 'secret bound is not bound to this destination'],
    'in the query of another server': [get('https://listed.example/', '"query":{"k":"{{secret:bound}}"}'), 'not bound'],
    'in the body of another server': [
      get('https://listed.example/', '"method":"POST","body":{"json":[{"k":"{{secret:bound}}"}]}'),
      'not bound',
    ],
    'in the text of another server': [get('https://listed.example/', '"method":"POST","body":{"text":"{{secret:bound}}"}'), 'not bound'],
    'a host that begins the same': [get('https://api.operator.example.evil/'), 'the page does not grant'],
    'a server that takes no requests': [get('https://api.operator.example/'), 'the page does not grant', { destinations: LISTED }],
    'another method': [
      get('https://api.operator.example/v1'),
      'not bound',
      { secrets: { bound: { value: BOUND, destinations: [{ url: OPERATOR[0].url, methods: ['POST'] }] } } },
    ],
    'another path': [
      get('https://api.operator.example/v1/../v2'),
      'not bound',
      { secrets: { bound: { value: BOUND, destinations: [{ url: 'https://api.operator.example/v1', methods: ['*'] }] } } },
    ],
    'one that may be read and is bound nowhere': [
      get('https://listed.example/', '"headers":{"x-key":"{{secret:key}}"}'),
      'secret key is not bound to this destination',
    ],
    'one that is not granted': [get('https://api.operator.example/', '"headers":{"x":"{{secret:other}}"}'), 'secret other is not granted'],
    'a name of the language': [get('https://api.operator.example/', '"headers":{"x":"{{secret:constructor}}"}'), 'is not granted'],
    'no placeholder': [get('https://api.operator.example/', '"headers":{"x":"{{secret:bound"}'), 'must have the form'],
    'no name': [get('https://api.operator.example/', '"headers":{"x":"{{secret:../bound}}"}'), 'not a valid name'],
  };
  for (const [name, [input, message, options]] of Object.entries(refused)) {
    await context.test(name, async () => {
      const found = await hostile('http-fetch', input, options);
      assert.equal(found.outcome.error?.type, 'not_allowed', JSON.stringify(found.outcome));
      assert.ok(found.outcome.error.message.includes(message), found.outcome.error.message);
      assert.deepEqual(found.requests, []);
      assertHasNone(found, READABLE, BOUND);
    });
  }
  await context.test('where it is bound', async () => {
    const found = await hostile('http-fetch', get('https://api.operator.example/v1'));
    assert.equal(found.outcome.status, 'completed', JSON.stringify(found.outcome));
    assert.deepEqual(found.requests.map(({ headers }) => headers), [[['x-key', BOUND]]]);
    assert.deepEqual(found.seen, []);
    assert.deepEqual(found.uses, [{ secret: 'bound', use: 'fill', answer: 'allowed', where: 'https://api.operator.example' }]);
  });
});

test('aValueChangesNoMoreOfARequestThanItsPlace', async (context) => {
  const filled = (value, members) =>
    run('hostile/http-fetch', `{"url":"https://listed.example/a?b=1",${members}}`, {
      secrets: {
        bound: { value, destinations: LISTED },
        other: { value: 'not this one', destinations: LISTED },
      },
    });
  await context.test('a query', async () => {
    const { requests } = await filled('a&b=c#d e', '"query":{"k":"<{{secret:bound}}>"}');
    assert.equal(requests[0].url, 'https://listed.example/a?b=1&k=%3Ca%26b%3Dc%23d%20e%3E');
  });
  await context.test('JSON', async () => {
    const json = '{ "{{secret:other}}" : [1.0, 12345678901234567890], "k":"\\u007b{secret:bound}} and {{secret:bound}}" }';
    const { requests } = await filled('a"b\\c', `"method":"POST","body":{"json":${json}}`);
    assert.equal(requests[0].body, '{ "{{secret:other}}" : [1.0, 12345678901234567890], "k":"a\\"b\\\\c and a\\"b\\\\c" }');
  });
  await context.test('a value that looks like a placeholder', async () => {
    const { requests } = await filled('{{secret:other}}', '"method":"POST","body":{"text":"{{secret:bound}}"}');
    assert.equal(requests[0].body, '{{secret:other}}');
  });
  await context.test('bytes are sent as they are', async () => {
    const text = Buffer.from('{{secret:bound}}').toString('base64');
    const { requests } = await filled('value', `"method":"POST","body":{"base64":"${text}"}`);
    assert.equal(requests[0].body, '{{secret:bound}}');
  });
  await context.test('the URL itself is sent as it is', async () => {
    const { requests } = await run('hostile/http-fetch', '{"url":"https://listed.example/{{secret:bound}}?{{secret:bound}}"}', {
      secrets: { bound: { value: 'value', destinations: LISTED } },
    });
    assert.equal(requests[0].url, 'https://listed.example/%7B%7Bsecret:bound%7D%7D?%7B%7Bsecret:bound%7D%7D');
  });
  await context.test('a header with a line break is refused', async () => {
    const { outcome, requests } = await filled('a\r\nx-evil: b', '"headers":{"x":"{{secret:bound}}"}');
    assert.equal(outcome.error?.type, 'bad_request', JSON.stringify(outcome));
    assert.deepEqual(requests, []);
  });
});

test('aGuestReadsOnlyWhatItMayRead', async (context) => {
  const codes = { bound: 5, other: 5, constructor: 5, '.key': 2, 'k y': 2, '../key': 2, '': 2 };
  for (const [name, code] of Object.entries(codes)) {
    await context.test(`'${name}'`, async () => {
      const { outcome, seen } = await run(TELLS_STDERR, name, { secrets: GRANTS });
      assert.deepEqual([outcome.error?.type, outcome.error?.code], ['guest_failed', String(code)], JSON.stringify(outcome));
      assert.deepEqual(seen, []);
    });
  }
});

test('theWorkerGetsNoValueThatItsGuestDoesNotRead', async () => {
  const asks = '{"url":"https://api.operator.example/","headers":{"x-key":"{{secret:bound}}"}}';
  assert.deepEqual((await hostile('http-fetch', asks)).seen, []);
  // That the test sees one that is read:
  assert.deepEqual((await hostile('secret-in-log')).seen, [READABLE]);
});

test('aValueThatAServerEchoesDoesNotLeaveInTheResult', async () => {
  const found = await run(
    'handlers/http_request',
    JSON.stringify({
      step: { step_uuid: 'u-1', name: 's', attempt: 1, max_attempts: 1 },
      config: { url: 'https://api.operator.example/', headers: { 'x-key': '${secrets.bound}' } },
      context: {},
      deps: {},
    }),
    { secrets: GRANTS, answer: { body: `you sent ${BOUND}` } },
  );
  assert.deepEqual(found.requests[0].headers, [['x-key', BOUND]]);
  assert.equal(
    found.outcome.error?.message,
    'the result document contains the value of secret bound, as plain text, at /result/response_body; it was dropped',
  );
  assert.equal(found.output, null);
  assertHasNone(found, BOUND);
  assert.deepEqual(found.uses.at(-1), { secret: 'bound', use: 'leak', answer: 'refused', where: 'the result document' });
});

test('theGuestIsToldTheUrlWithThePlaceholder', async () => {
  const asks = { url: 'https://api.operator.example/', query: { k: '${secrets.bound}' } };
  const found = await run(
    'handlers/http_request',
    JSON.stringify({ step: { step_uuid: 'u-1', name: 's', attempt: 1, max_attempts: 1 }, config: asks, context: {}, deps: {} }),
    { secrets: GRANTS, answer: { fails: true } },
  );
  assert.equal(found.requests[0].url, `https://api.operator.example/?k=${BOUND}`);
  assert.notEqual(found.outcome.error?.type, 'secret_in_output', JSON.stringify(found.outcome));
  assert.match(found.output, /\[secret bound\]/);
  assertHasNone(found, BOUND);
});

const encodings = () => {
  const bytes = [...Buffer.from(VALUE)];
  const hex = Buffer.from(VALUE).toString('hex');
  const json = JSON.stringify(VALUE).slice(1, -1);
  const units = VALUE.split('').map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const percent = encodeURIComponent(VALUE);
  return [
    ['as plain text', `it is ${VALUE}!`],
    ['with escapes', json],
    ['with escapes', json.replaceAll('/', '\\/')],
    ['with escapes', units.join('')],
    ['with escapes', JSON.stringify(json)],
    ['with escapes', 's3cr\\u{22}et/va+l ue\\\\p\\u{e4}\\u{1f600}%41'],
    ['in hex', bytes.map((one) => `\\x${one.toString(16).padStart(2, '0')}`).join('')],
    ['URL-encoded', percent],
    ['URL-encoded', percent.replaceAll('%20', '+').toLowerCase()],
    ['URL-encoded', encodeURIComponent(percent)],
    ['in hex', bytes.map((one) => `%${one.toString(16)}`).join('')],
    ['in hex', hex],
    ['in hex', hex.toUpperCase()],
    ['in hex', hex.replace(/../g, '$&:')],
    ['in hex', bytes.map((one) => `0x${one.toString(16)}`).join(', ')],
    ...[0, 1, 2, 3, 4, 5].map((before) => ['in base64', Buffer.from(`${'#'.repeat(before)}${VALUE}~`).toString('base64')]),
    ['in base64', Buffer.from(VALUE).toString('base64url').replace(/.{5}/g, '$&\n')],
    ['as numbers', JSON.stringify(bytes)],
    ['as numbers', `[1,${bytes.join(',\n  ')}]`],
  ];
};

test('aValueIsFoundInEveryFormThatTheBrokerFinds', async (context) => {
  const secrets = { key: { value: VALUE, readable: true } };
  for (const [form, text] of encodings()) {
    await context.test(`${form}: ${text.slice(0, 40)}`, async () => {
      const { outcome, output } = await run(REPEATS, text, { secrets });
      assert.equal(output, null);
      assert.equal(outcome.error.message, `the result document contains the value of secret key, ${form}; it was dropped`);
      assert.equal(outcome.error.retryable, false);
      const { lines } = await run(LOGS, `<${text}>`, { secrets });
      assert.match(lines[0].message, /\[secret key\]/);
      assert.ok(!lines[0].message.includes(text), lines[0].message);
    });
  }
  await context.test('what is harmless is not', async () => {
    const document = `{"status":"completed","result":${JSON.stringify(VALUE.slice(1))}}`;
    assert.equal((await run(REPEATS, document, { secrets })).output, document);
    assert.equal((await run(LOGS, VALUE.slice(1), { secrets })).lines[0].message, VALUE.slice(1));
  });
});

test('aLargeTextIsSearchedWithoutHoldingUpThePage', async (context) => {
  const secrets = { key: { value: READABLE, readable: true } };
  const large = (end) => `{"status":"completed","result":["${'%5'.repeat(25_000)}","${'\\\\'.repeat(10_000)}","${end}"]}`;
  await context.test('with a value', async () => {
    const found = await run(REPEATS, large(READABLE), { secrets });
    assert.equal(
      found.outcome.error?.message,
      'the result document contains the value of secret key, as plain text, at /result/2; it was dropped',
    );
    assertHasNone(found, READABLE);
    assert.equal(found.workers, 3); // that which compiled, that of the guest, that which searched
  });
  await context.test('without one', async () => {
    const found = await run(REPEATS, large('fine'), { secrets });
    assert.equal(found.output, large('fine'));
    assert.equal(found.workers, 3);
  });
  await context.test('of a guest that read nothing', async () => {
    const document = JSON.stringify({ step: {}, config: { query: '.context' }, context: 'x'.repeat(100_000), deps: {} });
    const found = await run('handlers/transform', document, { secrets });
    assert.equal(found.workers, 2);
  });
  await context.test('of a request', async () => {
    const found = await run(SENDS, `{"url":"https://listed.example/","method":"POST","body":{"text":"${'%5'.repeat(25_000)}${'x'.repeat(20_000)}${READABLE}"}}`, { secrets });
    assert.deepEqual(found.requests, []);
    assert.equal(found.outcome.error?.code, '5', JSON.stringify(found.outcome));
    assert.equal(found.workers, 3);
  });
});

test('thePlaceOfAValueIsToldWithoutTheValue', async (context) => {
  const places = {
    [`{"status":"completed","result":{"a/b":[0,{"~":"${READABLE}"}]}}`]: ', at /result/a~1b/1/~0',
    [`{"status":"completed","result":{"${READABLE}":1}}`]: ', at /result',
    [`{"status":"completed","result":["correct-horse-","battery-staple"]}`]: null,
    [`{"status":"completed","result":[${[...Buffer.from(READABLE)].join()}]}`]: '',
    [`{"status":"checkpoint","cursor":"${READABLE}","items_processed":1}`]: ', at /cursor',
  };
  for (const [document, place] of Object.entries(places)) {
    await context.test(document.slice(0, 60), async () => {
      const found = await run(REPEATS, document, { secrets: GRANTS });
      if (place === null) {
        assert.equal(found.outcome.status, 'completed'); // in two pieces, which docs/secrets.md tells of
        return;
      }
      assert.equal(found.outcome.error?.type, 'secret_in_output', JSON.stringify(found.outcome));
      assert.match(found.outcome.error.message, new RegExp(`, (as plain text|as numbers)${place}; it was dropped$`));
      assertHasNone(found, READABLE);
    });
  }
});

test('theLogHasNoValue', async (context) => {
  const logged = async (module, text, limits) => (await run(module, text, { secrets: GRANTS, limits })).lines[0];
  await context.test('also not of a line that is cut', async () => {
    assert.equal((await logged(LOGS, `the key is ${READABLE}`, { logLine: 30 })).message, 'the key is [secret key]…');
  });
  await context.test('in fields', async () => {
    assert.equal((await logged(LOGS_FIELDS, `{"a":"${READABLE}"}`)).fields, '{"a":"[secret key]"}');
  });
  await context.test('in fields that are none without it', async () => {
    const [begin, end] = [READABLE.slice(0, 10), READABLE.slice(10)].map((text) => Buffer.from(text).toString('hex'));
    assert.equal((await logged(LOGS_FIELDS, `{"x":{"z":"${begin}"},"z":"${end}"}`)).fields, '{"redacted":true}');
  });
  await context.test('on stderr, and in the error that tells of it', async () => {
    const found = await run(TELLS_STDERR, 'key', { secrets: GRANTS });
    assert.equal(found.lines[0].message, '[secret key]');
    assert.equal(found.outcome.error.message, 'the guest returned code 1; last lines on stderr: [secret key]');
    assertHasNone(found, READABLE);
  });
});

test('guessesDoNotFloodThePage', async () => {
  const { uses } = await hostile('secret-storm');
  assert.equal(uses.length, 50);
  assert.ok(uses.every(({ use, answer }) => use === 'read' && answer === 'denied'));
});

test('aSecretThatCannotBeGrantedIsRefusedAtOnce', async () => {
  const wrong = {
    'a b': { value: 'long enough' },
    '.dot': { value: 'long enough' },
    short: { value: ' abc\n' },
    long: { value: 'x'.repeat((64 << 10) + 1) },
    nowhere: { value: 'long enough', destinations: [{ url: 'api.example.com', methods: ['*'] }] },
  };
  const thrown = await opened.page.evaluate(async (wrong) => {
    const { Host } = await import('/web/host.js');
    return Object.entries(wrong).map(([name, grant]) => {
      try {
        new Host().start({ module: new Uint8Array(0), handler: 'x', input: '{}', secrets: { [name]: grant } });
        return '';
      } catch (failure) {
        return `${failure.name}: ${failure.message}`;
      }
    });
  }, wrong);
  assert.equal(thrown.length, 5);
  thrown.forEach((one) => assert.match(one, /^RangeError: (a secret's name|the value of secret|a destination)/));
  thrown.forEach((one) => assert.ok(!one.includes('long enough') && !one.includes('xxx'), one));
});

test('aPageThatIsNotIsolatedCannotGrantSecrets', async () => {
  const { page, close } = await openPage(opened.browser, `${opened.origin}${NOT_ISOLATED}`);
  const thrown = await page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    try {
      new Host().start({ module: new Uint8Array(0), handler: 'x', input: '{}', secrets: {} });
      return '';
    } catch (failure) {
      return `${failure.name}: ${failure.message}`;
    }
  });
  assert.match(thrown, /^RangeError: secrets can be granted only by a page that is isolated/);
  await close();
});

test('thePolicyOfThePageRefusedNothing', () => {
  assert.deepEqual(opened.complaints, []);
});
