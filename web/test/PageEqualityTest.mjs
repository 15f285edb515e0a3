// The recorded cases of the handlers give in Chromium, byte for byte, what they give in the broker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandCases, javaScriptCases, recorded, recordedCases } from './cases.mjs';
import { hostPage } from './pages.mjs';

const WORKERS = 4;

const opened = hostPage();

/** Runs documents, some at once; returns the result documents, or the outcome of a run that wrote none. */
async function answers(handler, documents, options = {}) {
  return opened.page.evaluate(
    async ({ handler, documents, options, workers }) => {
      const { Host } = await import('/web/host.js');
      const host = new Host();
      const version = handler === 'echo' ? '2.0.0' : '1.0.0'; // the first one is no command
      const module = new Uint8Array(await (await fetch(`/handlers/${handler}/${version}/module.wasm`)).arrayBuffer());
      const answers = [];
      let next = 0;
      const work = async () => {
        while (next < documents.length) {
          const at = next++;
          const { outcome, output } = await host.start({ module, handler, input: documents[at], ...options }).ended;
          answers[at] = output === null ? JSON.stringify(outcome) : new TextDecoder().decode(output);
        }
      };
      await Promise.all(Array.from({ length: workers }, work));
      return answers;
    },
    { handler, documents, options, workers: WORKERS },
  );
}

for (const handler of ['aggregate', 'decide', 'fan_out', 'gate', 'transform', 'validate']) {
  test(`theBytesOf_${handler}_areThoseOfTheBroker`, async () => {
    const cases = recordedCases(handler);
    assert.ok(cases.length >= 60);
    const found = await answers(handler, cases.map((one) => one.document));
    const differing = cases.filter((one, at) => recorded(found[at]) !== one.expected);
    assert.deepEqual(differing.map((one) => ({ name: one.name, expected: one.expected, found: found[cases.indexOf(one)] })), []);
  });
}

for (const handler of ['http_request', 'notify']) {
  test(`theBytesOf_${handler}_areThoseOfTheBrokerWhereNothingIsSent`, async () => {
    const cases = recordedCases(handler).filter((one) => one.sendsNothing);
    assert.ok(cases.length >= 20, `${cases.length} cases`);
    const found = await answers(handler, cases.map((one) => one.document));
    cases.forEach((one, at) => assert.equal(recorded(found[at]), one.expected, one.name));
  });
}

test('scriptsDoWhatTheirCasesExpect', async () => {
  const cases = javaScriptCases();
  const found = await answers('javascript', cases.map((one) => one.document));
  cases.forEach((one, at) => {
    const actual = JSON.parse(found[at]);
    if (one.expected === null) {
      assert.equal(actual.status, 'completed', one.name);
    } else if (one.expected.error === undefined) {
      assert.deepEqual(actual, one.expected, one.name);
    } else {
      assert.equal(actual.status, one.expected.status, one.name);
      for (const [name, value] of Object.entries(one.expected.error)) {
        assert.deepEqual(actual.error[name], value, `${one.name}: ${name}`);
      }
    }
  });
});

/** What a result has as a text, or as bytes if a text could not be stored. */
function text(value) {
  return typeof value === 'string' ? value : Buffer.from(value.base64, 'base64').toString('utf8');
}

test('commandsDoWhatTheirCasesExpect', async () => {
  // The one that is left out is about the size of a directory, which has none in memory: here and in the broker.
  const cases = commandCases().filter((one) => one.name !== 'ls.json: ls -S d');
  const options = {
    command: { environment: [] },
    files: { bytes: 4 << 20, entries: 1000, directories: [{ path: '/', mode: 'read-write', from: 'input' }] },
  };
  const handlers = [...new Set(cases.map((one) => one.handler))];
  let compared = 0;
  for (const handler of handlers) {
    const own = cases.filter((one) => one.handler === handler);
    const found = await answers(handler, own.map((one) => one.document), options);
    own.forEach((one, at) => {
      const { result } = JSON.parse(found[at]);
      assert.ok(result, `${one.name}: ${found[at]}`);
      assert.deepEqual({ code: result.exit_code, stdout: text(result.stdout) }, { code: one.expected.code, stdout: one.expected.stdout }, one.name);
      const changed = Object.fromEntries(
        Object.entries(result.files)
          .map(([path, content]) => [path.slice('/work/'.length), text(content)])
          .filter(([path, content]) => one.given[path] !== content),
      );
      assert.deepEqual(changed, one.expected.files ?? {}, one.name);
      compared++;
    });
  }
  assert.ok(compared > 500, `only ${compared} cases were compared`);
});

test('thePolicyOfThePageRefusedNothing', () => {
  assert.deepEqual(opened.complaints, []);
});
