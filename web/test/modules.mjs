// Modules that a test writes itself.

const vector = (entries) => [...u32(entries.length), ...entries.flat()];
const name = (text) => vector([...new TextEncoder().encode(text)].map((byte) => [byte]));
const section = (id, content) => [id, ...u32(content.length), ...content];

function u32(value) {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...u32(Math.floor(value / 0x80))];
}

function functionType(parameters) {
  return [0x60, ...vector(Array(parameters).fill([0x7f])), 1, 0x7f];
}

/** Types of functions that take and return i32. */
export const TYPES = {
  toOne: functionType(0),
  twoToOne: functionType(2),
  fourToOne: functionType(4),
  fiveToOne: functionType(5),
};

/**
 * A module that exports a memory of four pages, and a function `run` with one local, an i32.
 *
 * @param types of {@link TYPES}
 * @param imports names of functions with the index of their type, and the module that has them if it is not the broker's
 * @param run the index of its function's type
 * @param code its instructions, without the last `end`
 * @param data what is at the start of its memory
 * @returns its bytes, as an array
 */
export function assemble({ types, imports, run, code, data = '' }) {
  const body = [1, 1, 0x7f, ...code, 0x0b];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector(imports.map(([each, type, of = 'wasm_broker_v1']) => [...name(of), ...name(each), 0, type]))),
    ...section(3, vector([[run]])),
    ...section(5, vector([[0, 4]])),
    ...section(7, vector([[...name('memory'), 2, 0], [...name('run'), 0, imports.length]])),
    ...section(10, vector([[...u32(body.length), ...body]])),
    ...section(11, vector([[0, 0x41, 0, 0x0b, ...name(data)]])),
  ];
}
