// Result documents at the edges of what the broker's reader takes (ResultReader): the page's reader takes the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, TYPES } from './modules.mjs';
import { hostPage } from './pages.mjs';

const opened = hostPage();

/** Writes its input as its result document. */
const ECHO = assemble({
  types: [TYPES.twoToOne, TYPES.toOne],
  imports: [['read_input', 0], ['write_output', 0]],
  run: 1,
  // write_output(0, read_input(0, 65,536))
  code: [0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x04, 0x10, 0, 0x10, 1],
});

const utf8 = (text) => [...new TextEncoder().encode(text)];
const completed = (value) => utf8(`{"status":"completed","result":${value}}`);
const checkpoint = (items) => utf8(`{"status":"checkpoint","cursor":1,"items_processed":${items}}`);
const failed = (type) => utf8(`{"status":"failed","error":{"type":${JSON.stringify(type)},"message":"m"}}`);
const text = (...bytes) => [...utf8('{"status":"completed","result":"'), ...bytes, ...utf8('"}')];

const TAKEN = {
  'a sign beside 1,000 digits': completed(`-${'1'.repeat(1_000)}`),
  'a point beside 1,000 digits': completed(`0.${'1'.repeat(999)}`),
  'an exponent beside 1,000 digits': completed(`-0.${'1'.repeat(998)}e-1`),
  'a name of 50,000 bytes': completed(`{"${'é'.repeat(25_000)}":1}`),
  'arrays to the last level': completed('['.repeat(99) + ']'.repeat(99)),
  'the largest count': checkpoint('9223372036854775807'),
  'no-break spaces as a type': failed('\u00a0'),
  'names that JavaScript has a meaning for': completed('{"__proto__":{"a":1},"constructor":1}'),
};

const REFUSED = {
  '1,001 digits': completed('1'.repeat(1_001)),
  '1,001 digits around a point': completed(`0.${'1'.repeat(1_000)}`),
  'a name of 50,002 bytes': completed(`{"${'é'.repeat(25_001)}":1}`),
  'arrays beyond the last level': completed('['.repeat(100) + ']'.repeat(100)),
  'a count that is too large by one': checkpoint('9223372036854775808'),
  'a count with a point': checkpoint('1.0'),
  'other spaces as a type': failed(' \u3000\u1680'),
  'a member __proto__': utf8('{"status":"completed","result":1,"__proto__":1}'),
  'a member constructor': utf8('{"status":"completed","result":1,"constructor":1}'),
  'a surrogate alone': completed('"\\ud800x"'),
  'a surrogate as bytes': text(0xed, 0xa0, 0x80),
  'a slash that is too long': text(0xc0, 0xaf),
  'beyond Unicode': text(0xf4, 0x90, 0x80, 0x80),
  'a byte order mark': [0xef, 0xbb, 0xbf, ...completed('1')],
  'something after the end': [...completed('1'), 0],
};

/** How the documents end, with what every object of the page then inherits. */
function read(documents) {
  return opened.page.evaluate(
    async ({ module, documents }) => {
      const { Host } = await import('/web/host.js');
      const host = new Host();
      const ends = [];
      for (const document of documents) {
        const run = host.start({ module: new Uint8Array(module), handler: '__proto__', input: new Uint8Array(document) });
        const { outcome } = await run.ended;
        ends.push(outcome.error?.type === 'bad_result_document' ? outcome.error.message : outcome.status);
      }
      return { ends, inherited: 'a' in {} };
    },
    { module: ECHO, documents },
  );
}

test('whatTheBrokersReaderTakesIsTaken', async () => {
  const { ends, inherited } = await read(Object.values(TAKEN));
  assert.equal(inherited, false);
  Object.keys(TAKEN).forEach((name, at) => assert.match(ends[at], /^(completed|checkpoint|failed)$/, name));
});

test('whatTheBrokersReaderRefusesIsRefused', async () => {
  const { ends } = await read(Object.values(REFUSED));
  Object.keys(REFUSED).forEach((name, at) => assert.match(ends[at], /^the result document/, name));
});
