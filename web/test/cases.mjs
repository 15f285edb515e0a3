// The recorded cases of the handlers, as broker/src/test reads them (RecordedCases, JavaScriptCases).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HANDLERS = fileURLToPath(new URL('../../handlers-wasm', import.meta.url));

const MAX_RECORDED_BYTES = 4000;

function read(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).map((one) => ({ file, one })));
}

/** Cases of a handler of the catalog: {name, document, expected}. */
export function recordedCases(handler) {
  return read(join(HANDLERS, 'catalog', handler, 'cases')).map(({ file, one }) => ({
    name: `${file}: ${one.name}`,
    document: expand(one.document),
    expected: typeof one.expect === 'string' ? one.expect : `${one.expect.bytes} bytes, FNV-1a ${one.expect.fnv1a64}`,
    node: one,
    // The rest ends with what a server answers, with that nobody listens, or with what a grant or a secret gives.
    sendsNothing: [...(one.server ?? []), ...(one.requests ?? [])].length === 0
      && !/connect_failed|not_allowed|…/.test(JSON.stringify(one.expect)),
  }));
}

/** The result as it is recorded: itself, or length and hash of a long one. */
export function recorded(answer) {
  const bytes = Buffer.from(answer, 'utf8');
  if (bytes.length <= MAX_RECORDED_BYTES) {
    return answer;
  }
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return `${bytes.length} bytes, FNV-1a ${hash.toString(16).padStart(16, '0')}`;
}

/** A long document is written as parts, some of them repeated; '#' is the repetition's number. */
export function expand(document) {
  if (typeof document === 'string') {
    return document;
  }
  return document
    .map((part) =>
      typeof part === 'string'
        ? part
        : Array.from({ length: part.times }, (_, i) => part.repeat.replaceAll('#', i)).join(part.separator ?? ''),
    )
    .join('');
}

/** Cases of the handler javascript: {name, document, expected}; expected is null if it only must complete. */
export function javaScriptCases() {
  return read(join(HANDLERS, 'javascript', 'cases')).map(({ file, one }) => {
    const config = { ...(one.script === null ? {} : { script: script(one.script) }), ...one.config };
    const members = ['context', 'deps', 'prev', 'checkpoint']
      .filter((name) => name in one)
      .map((name) => `,${JSON.stringify(name)}:${JSON.stringify(one[name])}`);
    const deep = 'deepContext' in one ? `,"context":${repeated(one.deepContext)}` : '';
    return {
      name: `${file}: ${one.name}`,
      document: `{"step":{"name":"s","attempt":1},"config":${JSON.stringify(config)}${members.join('')}${deep}}`,
      expected: one.expect,
    };
  });
}

function script(value) {
  if (Array.isArray(value)) {
    return value.join('\n');
  }
  return value !== null && typeof value === 'object' && 'times' in value ? repeated(value) : value;
}

function repeated({ times, before = '', open = '', middle = '', close = '', after = '' }) {
  return before + open.repeat(times) + middle + close.repeat(times) + after;
}

/** Cases of the commands: {name, document, expected: {code, stdout, files}}; paths are those below /work. */
export function commandCases() {
  return read(join(HANDLERS, 'commands', 'cases')).map(({ file, one }) => {
    const [name, ...args] = one.command;
    const files = Object.fromEntries(Object.entries(one.files ?? {}).map(([path, text]) => [`/work/${path}`, text]));
    const config = { args, stdin: one.stdin ?? '', env: { PWD: '/work' }, files, outputs: ['/work'] };
    return {
      name: `${file}: ${one.command.join(' ')}`,
      handler: name.split('/').at(-1),
      document: JSON.stringify({ config }),
      given: one.files ?? {},
      expected: one.expect,
    };
  });
}
