// What a page grants of the network: requests are checked and sent by the page, and nothing goes around it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage } from './browser.mjs';
import { recorded, recordedCases } from './cases.mjs';
import { assemble, TYPES } from './modules.mjs';
import { hostPage } from './pages.mjs';
import { BROKEN, NOT_ISOLATED } from './server.mjs';

const opened = hostPage();

const PORT = '8123'; // nothing listens there: the page answers itself

/** The exchanges of a case, if a page can play the server; null if they are about connections or redirects. */
function exchangesOf({ node }) {
  const exchanges = (node.server ?? []).map(({ request, answer }) => {
    // A head without headers gets one, so that there is one form.
    const text = typeof answer === 'string' ? answer.replace(/^(HTTP[^\r]*\r\n)\r\n/, '$1x-none: 1\r\n\r\n') : '';
    const parts = /^HTTP\/1\.1 ([245]\d\d) [^]*?\r\n([^]*?)\r\n\r\n([^]*)$/.exec(text);
    if (parts === null) {
      return null;
    }
    const headers = parts[2].split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const length = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
    const plain = headers.every(([name]) => !['transfer-encoding', 'content-encoding'].includes(name.toLowerCase()));
    return plain && (length === undefined ? parts[3] === '' : Number(length) === Buffer.byteLength(parts[3]))
      ? { request, status: Number(parts[1]), headers: headers.filter(([name]) => name !== 'x-none'), body: parts[3] }
      : null;
  });
  const asks = exchanges.length > 0 || (node.secrets !== undefined && !JSON.stringify(node).includes('@CLOSED@'));
  return asks && !exchanges.includes(null) ? exchanges : null;
}

/**
 * Runs a document whose requests are answered by the exchanges, each of which has to be asked for as it says.
 *
 * @param values of secrets, by name, which are bound to the server
 */
function answer(handler, document, exchanges, values) {
  return opened.page.evaluate(
    async ({ handler, document, exchanges, values, port }) => {
      const { Host } = await import('/web/host.js');
      globalThis.host ??= new Host();
      const module = new Uint8Array(await (await fetch(`/handlers/${handler}/1.0.0/module.wasm`)).arrayBuffer());
      let next = 0;
      const difference = ({ method, url, headers, body }, expected) => {
        const [head, ...rest] = expected.split('\n\n');
        const [line, ...lines] = head.split('\n');
        const { pathname, search } = new URL(url);
        if (`${method} ${pathname}${search}` !== line) {
          return `'${method} ${pathname}${search}' came, not '${line}'`;
        }
        const sent = headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`);
        const wrong = lines.find((one) =>
          one.startsWith('!') ? sent.some((each) => each.startsWith(`${one.slice(1)}:`)) : !sent.includes(one),
        );
        const text = body === null ? '' : new TextDecoder().decode(body);
        return wrong ?? (text === rest.join('\n\n') ? null : `the body '${text}' came, not '${rest.join('\n\n')}'`);
      };
      const send = async (request) => {
        const exchange = exchanges[next++];
        const wrong = exchange === undefined ? 'one request too many' : difference(request, exchange.request);
        return wrong === null
          ? { status: exchange.status, headers: exchange.headers, body: new TextEncoder().encode(exchange.body) }
          : { status: 599, headers: [], body: new TextEncoder().encode(wrong) };
      };
      const destinations = [{ url: `http://127.0.0.1:${port}/`, methods: ['*'] }];
      const secrets = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, destinations }]));
      const run = globalThis.host.start({ module, handler, input: document, http: { destinations, send }, secrets });
      const { outcome, output } = await run.ended;
      return { text: output === null ? JSON.stringify(outcome) : new TextDecoder().decode(output), asked: next };
    },
    { handler, document: document.replaceAll('@PORT@', PORT), exchanges, values, port: PORT },
  );
}

function normalised(text) {
  const result = text.replaceAll(`:${PORT}`, ':@PORT@').replace(/"latency_ms":[0-9.]+(?!.*latency_ms)/, '"latency_ms":0');
  const cause = result.startsWith('{"status":"failed"') ? JSON.parse(result).error.context?.cause : undefined;
  return cause === undefined ? result : result.replaceAll(JSON.stringify(cause).slice(1, -1), '…');
}

for (const [handler, least, leastWithSecrets] of [['http_request', 90, 23], ['notify', 90, 58]]) {
  test(`requestsAndBytesOf_${handler}_areThoseOfTheBroker`, async () => {
    const cases = recordedCases(handler).flatMap((one) => {
      const exchanges = exchangesOf(one);
      return exchanges === null ? [] : [{ ...one, exchanges }];
    });
    const withSecrets = cases.filter(({ node }) => node.secrets !== undefined);
    assert.ok(cases.length >= least && withSecrets.length >= leastWithSecrets, `${cases.length} cases, ${withSecrets.length}`);
    for (const one of cases) {
      const found = await answer(handler, one.document, one.exchanges, one.node.secrets ?? {});
      assert.equal(recorded(normalised(found.text)), one.expected, one.name);
      assert.equal(found.asked, one.exchanges.length, one.name);
    }
  });
}

/** Runs the hostile guest that sends what its input says; the page counts what it was asked to send. */
function hostile(guest, input, destinations, extra = {}) {
  return opened.page.evaluate(
    async ({ guest, input, destinations, extra }) => {
      const { Host } = await import('/web/host.js');
      globalThis.host ??= new Host();
      const module = new Uint8Array(await (await fetch(`/hostile/${guest}/1.0.0/module.wasm`)).arrayBuffer());
      let sent = 0;
      const send = async () => {
        sent++;
        return { status: 200, headers: [], body: new Uint8Array(10) };
      };
      const run = globalThis.host.start({ module, handler: guest, input, http: { destinations, send }, ...extra });
      const { outcome } = await run.ended;
      return { outcome, sent };
    },
    { guest, input, destinations, extra },
  );
}

const GRANTED = [{ url: 'https://good.example/v1', methods: ['GET'] }];

/** A request that is refused as not allowed if nothing else is wrong with it. */
const put = (members) => `{"url":"https://good.example/v1","method":"PUT",${members}}`;

test('aRequestThatIsNotGrantedOrMalformedIsNotSent', async (context) => {
  const cases = {
    'another host': ['{"url":"https://elsewhere.example/v1"}', 'not_allowed'],
    'another scheme': ['{"url":"http://good.example/v1"}', 'not_allowed'],
    'another port': ['{"url":"https://good.example:8443/v1"}', 'not_allowed'],
    'another method': ['{"url":"https://good.example/v1","method":"PUT"}', 'not_allowed'],
    'another path': ['{"url":"https://good.example/v2"}', 'not_allowed'],
    'a path that begins the same': ['{"url":"https://good.example/v10"}', 'not_allowed'],
    'a path that leads out': ['{"url":"https://good.example/v1/../v2"}', 'not_allowed'],
    'an encoded path that leads out': ['{"url":"https://good.example/v1/%2e%2e/v2"}', 'not_allowed'],
    'an encoded slash': ['{"url":"https://good.example/v1/..%2fv2"}', 'not_allowed'],
    'a user name': ['{"url":"https://good.example@elsewhere.example/v1"}', 'bad_request'],
    'a backslash': ['{"url":"https://elsewhere.example\\\\@good.example/v1"}', 'bad_request'],
    'a line break': ['{"url":"https://good.example/v1/\\r\\nx: y"}', 'bad_request'],
    'a line break in a header': ['{"url":"https://good.example/v1","headers":{"x-a":"b\\r\\nc: d"}}', 'bad_request'],
    'a header of the connection': ['{"url":"https://good.example/v1","headers":{"transfer-encoding":"chunked"}}', 'bad_request'],
    'the header host': ['{"url":"https://good.example/v1","headers":{"host":"inside.example"}}', 'bad_request'],
    'a secret': ['{"url":"https://good.example/v1","headers":{"x-key":"{{secret:bound}}"}}', 'not_allowed'],
    'no JSON': ['{"url":', 'bad_request'],
    'a member twice': ['{"url":"https://elsewhere.example/","url":"https://good.example/v1"}', 'bad_request'],
    'a header twice': ['{"url":"https://good.example/v2","headers":{"x-a":"1","x-a":"2"}}', 'bad_request'],
    'a member twice in a body': [put('"body":{"json":{"a":1,"a":2}}'), 'bad_request'],
    'base64 with a space': [put('"body":{"base64":"YWJj ZGVm"}'), 'bad_request'],
    'a time with a point': [put('"timeout_ms":1.0'), 'bad_request'],
    'two keys': [put('"idempotency_key":true,"headers":{"Idempotency-Key":"k"}'), 'bad_request'],
    'no key at all': [put('"idempotency_key":null'), 'bad_request'],
    'a host that goes on': ['{"url":"https://good.example.evil/v1"}', 'not_allowed'],
    'a host that ends with a dot': ['{"url":"https://good.example./v1"}', 'not_allowed'],
    'a host with an escape': ['{"url":"https://good.example%2eevil/v1"}', 'not_allowed'],
    'a path in other case': ['{"url":"https://good.example/V1"}', 'not_allowed'],
    'a tab in the scheme': ['{"url":"ht\\ttps://good.example/v1"}', 'bad_request'],
    'one slash': ['{"url":"https:/good.example/v1"}', 'bad_request'],
    'a host that is not in ASCII': ['{"url":"https://gооd.example/v1"}', 'bad_request'],
    'another scheme altogether': ['{"url":"file:///etc/passwd"}', 'bad_request'],
  };
  for (const [name, [input, type]] of Object.entries(cases)) {
    await context.test(name, async () => {
      const { outcome, sent } = await hostile('http-fetch', input, GRANTED);
      assert.equal(sent, 0);
      assert.equal(outcome.error?.type, type, JSON.stringify(outcome));
    });
  }
  await context.test('what is granted', async () => {
    const { outcome, sent } = await hostile('http-fetch', '{"url":"https://good.example/v1/x?y=1"}', GRANTED);
    assert.equal(sent, 1);
    assert.equal(outcome.status, 'completed', JSON.stringify(outcome));
  });
});

test('fieldsAreSentInTheOrderInWhichTheyAreWritten', async () => {
  const sent = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const module = new Uint8Array(await (await fetch('/hostile/http-fetch/1.0.0/module.wasm')).arrayBuffer());
    let found;
    const send = async ({ url, headers }) => {
      found = { url, headers };
      return { status: 200, headers: [], body: new Uint8Array(0) };
    };
    const run = new Host().start({
      module,
      handler: 'http-fetch',
      input: '{"url":"https://good.example/","query":{"b":"1","7":["2","3"],"__proto__":"4"},"headers":{"x-b":"1","1":"2"}}',
      http: { destinations: [{ url: 'https://good.example/', methods: ['GET'] }], send },
    });
    await run.ended;
    return found;
  });
  assert.deepEqual(sent, {
    url: 'https://good.example/?b=1&7=2&7=3&__proto__=4',
    headers: [['x-b', '1'], ['1', '2']],
  });
});

test('whatCameOfResponsesThatBreakCountsAsReceived', async () => {
  // Sends the request that is its input twice, whatever comes of it, and returns the error of the second.
  const send = [0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x04, 0x20, 0, 0x10, 2, 0x1a];
  const module = assemble({
    types: [TYPES.twoToOne, TYPES.fourToOne, TYPES.toOne],
    imports: [['read_input', 0], ['write_output', 0], ['http_request', 1]],
    run: 2,
    data: '{"status":"completed","result":[',
    code: [
      ...[0x41, 0x80, 0x80, 0x04, 0x41, 0x80, 0x80, 0x04, 0x10, 0, 0x21, 0], // its input to 65,536
      ...[...send, ...send],
      ...[0x41, 4, 0x41, 0, 0x41, 32, 0x41, 0xe0, 0xd4, 0x03, 0x10, 2, 0x21, 0], // the error after the data
      ...[0x41, 32, 0x20, 0, 0x6a, 0x41, 0xdd, 0, 0x3a, 0, 0], // ]
      ...[0x41, 33, 0x20, 0, 0x6a, 0x41, 0xfd, 0, 0x3a, 0, 0], // }
      ...[0x41, 0, 0x41, 34, 0x20, 0, 0x6a, 0x10, 1],
    ],
  });
  const outcome = await opened.page.evaluate(
    async ({ module, url, destination }) => {
      const { Host } = await import('/web/host.js');
      const run = new Host().start({
        module: new Uint8Array(module),
        handler: 'twice',
        input: JSON.stringify({ url }),
        limits: { time: 600_000 },
        http: { destinations: [{ url: destination, methods: ['GET'] }] },
      });
      return (await run.ended).outcome;
    },
    { module, url: `${opened.origin}${BROKEN}`, destination: opened.origin },
  );
  assert.equal(outcome.status, 'completed', JSON.stringify(outcome));
  assert.equal(JSON.parse(outcome.result)[0].type, 'budget_exceeded', outcome.result);
});

test('aDestinationThatIsNoneIsRefusedAtOnce', async () => {
  const thrown = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    return ['api.example.com', 'ftp://a.example/', 'https://user@a.example/', 'https://a.example/?q=1'].map((url) => {
      try {
        new Host().start({ module: new Uint8Array(0), handler: 'x', input: '', http: { destinations: [{ url, methods: [] }] } });
        return '';
      } catch (failure) {
        return `${failure.name}: ${failure.message}`;
      }
    });
  });
  thrown.forEach((one) => assert.match(one, /^RangeError: a destination has to be http or https/));
});

test('theNumberOfRequestsIsBounded', async () => {
  const { outcome, sent } = await hostile('http-storm', '{"url":"https://good.example/v1"}', GRANTED);
  assert.equal(sent, 100);
  assert.equal(outcome.error?.type, 'budget_exceeded', JSON.stringify(outcome));
});

test('hostilePiecesEndAsInTheBroker', async () => {
  const { outcome, sent } = await hostile('http-pieces', '{}', GRANTED);
  assert.equal(outcome.status, 'completed', JSON.stringify(outcome));
  assert.equal(sent, 0);
});

test('aRequestThatHangsEndsWithItsRun', async (context) => {
  const hang = (options, cancels) =>
    opened.page.evaluate(
      async ({ options, cancels }) => {
        const { Host } = await import('/web/host.js');
        const module = new Uint8Array(await (await fetch('/hostile/http-fetch/1.0.0/module.wasm')).arrayBuffer());
        let signal;
        const send = (request) => {
          ({ signal } = request);
          if (cancels) {
            run.cancel('enough');
          }
          return new Promise(() => {});
        };
        const run = new Host().start({
          module,
          handler: 'http-fetch',
          input: '{"url":"https://good.example/v1"}',
          http: { destinations: [{ url: 'https://good.example/', methods: ['*'] }], send },
          ...options,
        });
        const { outcome } = await run.ended;
        return { outcome, aborted: signal?.aborted };
      },
      { options, cancels },
    );
  await context.test('at the deadline', async () => {
    const { outcome } = await hang({ limits: { time: 500 } }, false);
    assert.equal(outcome.error?.code, 'time', JSON.stringify(outcome));
  });
  await context.test('when it is cancelled', async () => {
    assert.deepEqual(await hang({}, true), { outcome: { status: 'cancelled', reason: 'enough' }, aborted: true });
  });
});

test('aLargeResponseComesInPieces', async () => {
  const found = await opened.page.evaluate(async (origin) => {
    const { Host } = await import('/web/host.js');
    const module = new Uint8Array(await (await fetch('/handlers/http_request/1.0.0/module.wasm')).arrayBuffer());
    const run = new Host().start({
      module,
      handler: 'http_request',
      input: JSON.stringify({
        step: { step_uuid: 'u-1', name: 's', attempt: 1, max_attempts: 1 },
        config: { url: `${origin}/handlers/javascript/1.0.0/module.wasm`, response_extract: 'length' },
        context: {},
        deps: {},
      }),
      http: { destinations: [{ url: origin, methods: ['GET'] }] },
    });
    const { outcome } = await run.ended;
    return outcome;
  }, opened.origin);
  assert.equal(found.status, 'completed', JSON.stringify(found));
  assert.ok(JSON.parse(found.result).response_body > 1_000_000, found.result);
});

test('aPageThatIsNotIsolatedCannotGrantRequests', async () => {
  const { page, close } = await openPage(opened.browser, `${opened.origin}${NOT_ISOLATED}`);
  const thrown = await page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    try {
      new Host().start({ module: new Uint8Array(0), handler: 'x', input: '{}', http: { destinations: [] } });
      return '';
    } catch (failure) {
      return `${failure.name}: ${failure.message}`;
    }
  });
  assert.match(thrown, /^RangeError: http can be granted only by a page that is isolated/);
  await close();
});

test('withoutAGrantNothingIsSent', async () => {
  const outcome = await opened.page.evaluate(async () => {
    const { Host } = await import('/web/host.js');
    const module = new Uint8Array(await (await fetch('/hostile/http-fetch/1.0.0/module.wasm')).arrayBuffer());
    return (await new Host().start({ module, handler: 'x', input: '{"url":"https://good.example/"}' }).ended).outcome;
  });
  assert.notEqual(outcome.status, 'completed', JSON.stringify(outcome));
});

test('thePolicyOfThePageRefusedNothing', () => {
  // The browser tells on its console of the responses that broke.
  assert.deepEqual(opened.complaints.filter((one) => !one.includes('ERR_CONTENT_LENGTH_MISMATCH')), []);
});
