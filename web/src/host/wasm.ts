/** Reading and rewriting of WebAssembly binaries: no length is used before it is checked. */

/** A module that may not run; the message says what is wrong with it. */
export class ModuleRefused extends Error {
  override readonly name = 'ModuleRefused';
}

export const PAGE_BYTES = 65_536;

/** The section with what a module carries beside its code. */
export const CONTENT_SECTION = 'wasm_broker.content';

export const enum SectionId {
  Custom = 0,
  Type = 1,
  Import = 2,
  Function = 3,
  Table = 4,
  Memory = 5,
  Global = 6,
  Export = 7,
  Start = 8,
  Element = 9,
  Code = 10,
  Data = 11,
  DataCount = 12,
}

/** The order in which sections must appear, except custom ones. */
const SECTION_ORDER: readonly number[] = [
  SectionId.Type,
  SectionId.Import,
  SectionId.Function,
  SectionId.Table,
  SectionId.Memory,
  SectionId.Global,
  SectionId.Export,
  SectionId.Start,
  SectionId.Element,
  SectionId.DataCount,
  SectionId.Code,
  SectionId.Data,
];

// Far above what compilers emit; they bound what a hostile module can make a page allocate.
const MAX_SECTIONS = 1_000;
const MAX_TYPES = 100_000;
const MAX_IMPORTS = 10_000;
const MAX_FUNCTIONS = 1_000_000;
const MAX_TABLES_OR_MEMORIES = 100;
const MAX_GLOBALS = 100_000;
const MAX_EXPORTS = 100_000;
const MAX_VALUES = 1_000;
const MAX_MEMORY_PAGES = 65_536;
const MAX_TABLE_ELEMENTS = 10_000_000;

export const FUNCREF = 0x70;
const EXTERNREF = 0x6f;
const VALUE_TYPES = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [FUNCREF, 'funcref'],
]);

export type Kind = 'function' | 'table' | 'memory' | 'global';
const KINDS: readonly Kind[] = ['function', 'table', 'memory', 'global'];

export interface Section {
  readonly id: number;
  /** Where its id is. */
  readonly header: number;
  readonly start: number;
  readonly end: number;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: Kind;
  /** Of a function, such as {@code (i32) -> i64}. */
  readonly type: string;
}

export interface Export {
  readonly name: string;
  readonly kind: Kind;
  readonly index: number;
}

/** How many pages or elements there are at first, and at most. */
export interface Size {
  readonly min: number;
  readonly max: number | null;
}

/** What a module declares. */
export interface Shape {
  readonly imports: readonly Import[];
  /** The types of the functions that it defines. */
  readonly functions: readonly string[];
  readonly tables: readonly Size[];
  readonly memories: readonly Size[];
  readonly exports: readonly Export[];
  readonly start: number | null;
  readonly sections: readonly Section[];
  /** The types of the globals that it defines and can change; null for one that it cannot. */
  readonly globals: readonly (number | null)[];
}

/** A range of bytes that is read from its start to its end. */
export class Reader {
  at: number;

  constructor(
    readonly bytes: Uint8Array,
    start: number,
    readonly end: number,
  ) {
    this.at = start;
  }

  hasMore(): boolean {
    return this.at < this.end;
  }

  u8(what: string): number {
    if (this.at >= this.end) {
      throw invalid(`${what} is missing at byte ${this.at}`);
    }
    return this.bytes[this.at++]!;
  }

  u32(what: string): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8(what);
      if (shift === 28 && byte > 0x0f) {
        throw invalid(`${what} has more than 32 bits at byte ${this.at}`);
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        break;
      }
    }
    return value;
  }

  upTo(max: number, what: string): number {
    const value = this.u32(what);
    if (value > max) {
      throw invalid(`${what} is ${value}, the maximum is ${max}`);
    }
    return value;
  }

  /** Of something of which there are that many. */
  index(count: number, what: string): number {
    const value = this.u32(what);
    if (value >= count) {
      throw invalid(`${what} is ${value}, there are ${count}`);
    }
    return value;
  }

  skip(length: number, what: string): void {
    if (length > this.end - this.at) {
      throw invalid(`${what} ends beyond its section at byte ${this.at}`);
    }
    this.at += length;
  }

  skipSigned(maxBytes: number, what: string): void {
    for (let count = 0; count < maxBytes; count++) {
      if (this.u8(what) < 0x80) {
        return;
      }
    }
    throw invalid(`${what} is too long at byte ${this.at}`);
  }

  text(what: string): string {
    const length = this.u32(`the length of ${what}`);
    const start = this.at;
    this.skip(length, what);
    try {
      return STRICT_UTF8.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw invalid(`${what} is not UTF-8`);
    }
  }
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function invalid(message: string): ModuleRefused {
  return new ModuleRefused(message);
}

/** Bytes that are written one after another. */
export class Writer {
  private bytes = new Uint8Array(64);
  private length = 0;

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  u32(value: number): this {
    let left = value;
    while (left > 0x7f) {
      this.u8((left % 0x80) | 0x80);
      left = Math.floor(left / 0x80);
    }
    return this.u8(left);
  }

  raw(source: Uint8Array): this {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
    return this;
  }

  sized(content: Writer): this {
    return this.u32(content.length).raw(content.toBytes());
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    return this.u32(bytes.length).raw(bytes);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length + more, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
  }
}

export function writer(...bytes: number[]): Writer {
  const written = new Writer();
  bytes.forEach((byte) => written.u8(byte));
  return written;
}

/** Reads what a module declares; its code is left to {@link rewriteCode}. */
export function parse(bytes: Uint8Array): Shape {
  return new Parser(bytes).parse();
}

class Parser {
  private readonly types: string[] = [];
  private readonly imports: Import[] = [];
  private readonly functions: string[] = [];
  private readonly tables: Size[] = [];
  private readonly memories: Size[] = [];
  private readonly exports: Export[] = [];
  private readonly sections: Section[] = [];
  private readonly globals: (number | null)[] = [];
  private readonly counts: Record<Kind, number> = { function: 0, table: 0, memory: 0, global: 0 };
  private lastPosition = -1;
  private start: number | null = null;
  private bodies = 0;

  constructor(private readonly bytes: Uint8Array) {}

  parse(): Shape {
    const head = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    if (this.bytes.length < head.length || head.some((byte, at) => this.bytes[at] !== byte)) {
      throw invalid('the file is not a WebAssembly module of version 1');
    }
    const file = new Reader(this.bytes, head.length, this.bytes.length);
    while (file.hasMore()) {
      if (this.sections.length === MAX_SECTIONS) {
        throw invalid(`the module has more than ${MAX_SECTIONS} sections`);
      }
      const section = this.section(file);
      this.sections.push(section);
      this.content(section);
    }
    if (this.bodies !== this.functions.length) {
      throw invalid(`${this.functions.length} functions are declared, ${this.bodies} have a body`);
    }
    return {
      imports: this.imports,
      functions: this.functions,
      tables: this.tables,
      memories: this.memories,
      exports: this.exports,
      start: this.start,
      sections: this.sections,
      globals: this.globals,
    };
  }

  private section(file: Reader): Section {
    const header = file.at;
    const id = file.u8('the id of a section');
    if (id !== SectionId.Custom) {
      const position = SECTION_ORDER.indexOf(id);
      if (position < 0) {
        throw invalid(`section ${id} is unknown in this version`);
      }
      if (position <= this.lastPosition) {
        throw invalid(`section ${id} is out of order or repeated`);
      }
      this.lastPosition = position;
    }
    const length = file.u32(`the length of section ${id}`);
    const start = file.at;
    file.skip(length, `section ${id}`);
    return { id, header, start, end: file.at };
  }

  private content(section: Section): void {
    const input = new Reader(this.bytes, section.start, section.end);
    switch (section.id) {
      case SectionId.Custom:
        input.text('the name of a custom section');
        return;
      case SectionId.Type:
        repeat(input, MAX_TYPES, 'types', () => this.types.push(functionType(input)));
        break;
      case SectionId.Import:
        repeat(input, MAX_IMPORTS, 'imports', () => this.imports.push(this.importEntry(input)));
        break;
      case SectionId.Function:
        repeat(input, MAX_FUNCTIONS, 'functions', () => this.functions.push(this.typeByIndex(input)));
        break;
      case SectionId.Table:
        repeat(input, MAX_TABLES_OR_MEMORIES, 'tables', () => this.tables.push(table(input)));
        break;
      case SectionId.Memory:
        repeat(input, MAX_TABLES_OR_MEMORIES, 'memories', () => this.memories.push(memory(input)));
        break;
      case SectionId.Global:
        repeat(input, MAX_GLOBALS, 'globals', () => this.globals.push(global(input)));
        break;
      case SectionId.Export:
        this.readExports(input);
        break;
      case SectionId.Start:
        this.readStart(input);
        break;
      case SectionId.Code:
        this.bodies = input.upTo(MAX_FUNCTIONS, 'the number of function bodies');
        for (let body = 0; body < this.bodies; body++) {
          input.skip(input.u32('the length of a function body'), 'a function body');
        }
        break;
      default:
        return; // elements and data are left to the engine
    }
    if (input.hasMore()) {
      throw invalid(`section ${section.id} has trailing bytes`);
    }
  }

  private typeByIndex(input: Reader): string {
    return this.types[input.index(this.types.length, 'the index of a type')]!;
  }

  private importEntry(input: Reader): Import {
    const module = input.text('the module of an import');
    const name = input.text('the name of an import');
    const kind = readKind(input, 'an import');
    this.counts[kind]++;
    switch (kind) {
      case 'function':
        return { module, name, kind, type: this.typeByIndex(input) };
      case 'table':
        table(input);
        break;
      case 'memory':
        memory(input);
        break;
      case 'global':
        valueType(input);
        input.upTo(1, 'whether a global is mutable');
        break;
    }
    return { module, name, kind, type: '' };
  }

  private readExports(input: Reader): void {
    const names = new Set<string>();
    repeat(input, MAX_EXPORTS, 'exports', () => {
      const name = input.text('the name of an export');
      if (names.has(name)) {
        throw invalid('two exports have the same name');
      }
      names.add(name);
      const kind = readKind(input, 'an export');
      const index = input.index(this.count(kind), `the index of an exported ${kind}`);
      this.exports.push({ name, kind, index });
    });
  }

  private readStart(input: Reader): void {
    const index = input.index(this.count('function'), 'the index of the start function');
    const type = typeOf(this, index);
    if (type !== '() -> ()') {
      throw invalid(`the start function is ${type}, it must be () -> ()`);
    }
    this.start = index;
  }

  private count(kind: Kind): number {
    const defined = {
      function: this.functions.length,
      table: this.tables.length,
      memory: this.memories.length,
      global: this.globals.length,
    };
    return this.counts[kind] + defined[kind];
  }

  /** For {@link typeOf}, while the module is being read. */
  typeOfFunction(index: number): string {
    return functionTypeAt(this.imports, this.functions, index);
  }
}

function typeOf(parser: Parser, index: number): string {
  return parser.typeOfFunction(index);
}

/** The type of a function by its index, imported or defined. */
export function functionTypeAt(imports: readonly Import[], functions: readonly string[], index: number): string {
  const imported = imports.filter((one) => one.kind === 'function');
  return index < imported.length ? imported[index]!.type : functions[index - imported.length]!;
}

function repeat(input: Reader, max: number, what: string, readEntry: () => void): void {
  const count = input.upTo(max, `the number of ${what}`);
  for (let entry = 0; entry < count; entry++) {
    readEntry();
  }
}

function functionType(input: Reader): string {
  const form = input.u8('the form of a type');
  if (form !== 0x60) {
    throw invalid(`a type has the form 0x${form.toString(16)}, only functions are supported`);
  }
  const parameters = valueTypes(input, 'parameters');
  const results = valueTypes(input, 'results');
  return `(${parameters.join(', ')}) -> ${results.length === 1 ? results[0]! : `(${results.join(', ')})`}`;
}

function valueTypes(input: Reader, what: string): string[] {
  const count = input.upTo(MAX_VALUES, `the number of ${what}`);
  return Array.from({ length: count }, () => VALUE_TYPES.get(valueType(input))!);
}

function valueType(input: Reader): number {
  const code = input.u8('a value type');
  if (code === EXTERNREF) {
    throw invalid('externref is not supported; the host has nothing to refer to');
  }
  if (!VALUE_TYPES.has(code)) {
    throw invalid(`0x${code.toString(16)} is not a supported value type`);
  }
  return code;
}

function readKind(input: Reader, of: string): Kind {
  const code = input.u8(`the kind of ${of}`);
  const kind = KINDS[code];
  if (kind === undefined) {
    throw invalid(`${of} of kind ${code} is not supported`);
  }
  return kind;
}

function table(input: Reader): Size {
  const type = valueType(input);
  if (type !== FUNCREF) {
    throw invalid(`a table of ${VALUE_TYPES.get(type)!} is not possible`);
  }
  return size(input, 'a table', MAX_TABLE_ELEMENTS, 0xffff_ffff);
}

function memory(input: Reader): Size {
  return size(input, 'a memory', MAX_MEMORY_PAGES, MAX_MEMORY_PAGES);
}

function size(input: Reader, of: string, maxMin: number, maxMax: number): Size {
  const flags = input.u8(`the flags of ${of}`);
  if (flags > 1) {
    throw invalid(
      `${of} has the flags 0x${flags.toString(16)}; it must use 32-bit addresses, be unshared and have standard pages`,
    );
  }
  const min = input.upTo(maxMin, `the size of ${of}`);
  const max = flags === 1 ? input.upTo(maxMax, `the maximum of ${of}`) : null;
  if (max !== null && max < min) {
    throw invalid(`${of} of ${min} has a maximum of ${max}`);
  }
  return { min, max };
}

/** The type of a global that can change, or null. */
function global(input: Reader): number | null {
  const type = valueType(input);
  const mutable = input.upTo(1, 'whether a global is mutable') === 1;
  while (true) {
    const opcode = input.u8("an instruction of a global's initial value");
    if (opcode === 0x0b) {
      return mutable ? type : null;
    }
    skipImmediates(opcode, input);
  }
}

/** What a module carries beside its code, or null. */
export function contentOf(bytes: Uint8Array, shape: Shape): Uint8Array<ArrayBuffer> | null {
  let found: Uint8Array<ArrayBuffer> | null = null;
  for (const section of shape.sections) {
    if (section.id === SectionId.Custom) {
      const input = new Reader(bytes, section.start, section.end);
      if (input.text('the name of a custom section') === CONTENT_SECTION) {
        if (found !== null) {
          throw invalid(`the module has two sections '${CONTENT_SECTION}'; its content is one`);
        }
        found = bytes.slice(input.at, section.end);
      }
    }
  }
  return found;
}

/** A copy of a module with some sections replaced, added or removed, and without custom ones. */
export class Editor {
  private readonly edited = new Map<number, Uint8Array>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly shape: Shape,
  ) {}

  replace(section: number, content: Writer): void {
    this.edited.set(section, content.toBytes());
  }

  remove(section: number): void {
    this.edited.set(section, new Uint8Array(0));
  }

  /** Appends an entry to a section, which is created if there is none; returns its index there. */
  append(section: number, entry: Writer): number {
    const content = this.content(section);
    const input = new Reader(content, 0, content.length);
    const count = content.length === 0 ? 0 : input.u32('the number of entries');
    this.edited.set(
      section,
      new Writer()
        .u32(count + 1)
        .raw(content.subarray(input.at))
        .raw(entry.toBytes())
        .toBytes(),
    );
    return count;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const copy = new Writer().raw(this.bytes.subarray(0, 8));
    for (const id of SECTION_ORDER) {
      const content = this.content(id);
      if (content.length > 0) {
        copy.u8(id).u32(content.length).raw(content);
      }
    }
    return copy.toBytes();
  }

  private content(id: number): Uint8Array {
    const edited = this.edited.get(id);
    if (edited !== undefined) {
      return edited;
    }
    const section = this.shape.sections.find((one) => one.id === id);
    return section === undefined ? new Uint8Array(0) : this.bytes.subarray(section.start, section.end);
  }
}

/** Code with some instructions replaced by calls. */
export interface Rewritten {
  readonly content: Writer;
  readonly replaced: number;
}

/**
 * Goes over all code.
 *
 * @param replacement the index of the function to call instead of an instruction, or -1 to keep it; what follows the
 *     opcode is read from a copy of the reader
 * @throws ModuleRefused for an instruction that is unknown or that guests may not use
 */
export function rewriteCode(
  bytes: Uint8Array,
  shape: Shape,
  replacement: (opcode: number, immediates: Reader) => number,
): Rewritten | null {
  const section = shape.sections.find((one) => one.id === SectionId.Code);
  if (section === undefined) {
    return null;
  }
  const input = new Reader(bytes, section.start, section.end);
  const bodies = input.u32('the number of function bodies');
  const content = new Writer().u32(bodies);
  let replaced = 0;
  for (let body = 0; body < bodies; body++) {
    const length = input.u32('the length of a function body');
    const start = input.at;
    input.skip(length, 'a function body');
    const copy = new Writer();
    replaced += copyBody(bytes, new Reader(bytes, start, input.at), replacement, copy);
    content.sized(copy);
  }
  return { content, replaced };
}

function copyBody(
  bytes: Uint8Array,
  input: Reader,
  replacement: (opcode: number, immediates: Reader) => number,
  copy: Writer,
): number {
  let copied = input.at;
  let replaced = 0;
  const groups = input.u32('the number of local declarations');
  for (let group = 0; group < groups; group++) {
    input.u32('the number of locals');
    valueType(input);
  }
  while (input.hasMore()) {
    const instruction = input.at;
    const opcode = input.u8('an opcode');
    const immediates = input.at;
    skipImmediates(opcode, input);
    const called = replacement(opcode, new Reader(bytes, immediates, input.end));
    if (called >= 0) {
      copy.raw(bytes.subarray(copied, instruction)).u8(0x10).u32(called);
      copied = input.at;
      replaced++;
    }
  }
  copy.raw(bytes.subarray(copied, input.end));
  return replaced;
}

/**
 * Skips what follows an opcode. Only what every engine of the broker has is known here, so that a module cannot use
 * what a browser has beyond it, such as catching the exception with which a host function ends a run.
 */
function skipImmediates(opcode: number, input: Reader): void {
  switch (opcode) {
    case 0x00:
    case 0x01:
    case 0x05:
    case 0x0b:
    case 0x0f:
    case 0x1a:
    case 0x1b:
    case 0xd1:
      return;
    case 0x02:
    case 0x03:
    case 0x04:
      return skipBlockType(input);
    case 0xd0:
      if (input.u8('a heap type') !== FUNCREF) {
        throw unsupported('a reference other than funcref');
      }
      return;
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0xd2:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
      input.u32('an index');
      return;
    case 0x0e: {
      const labels = input.u32('the number of labels');
      for (let label = 0; label <= labels; label++) {
        input.u32('a label');
      }
      return;
    }
    case 0x11:
      input.u32("a type's index");
      input.u32("a table's index");
      return;
    case 0x1c: {
      const types = input.u32('the number of types');
      for (let type = 0; type < types; type++) {
        valueType(input);
      }
      return;
    }
    case 0x3f:
    case 0x40:
      if (input.u32("a memory's index") !== 0) {
        throw unsupported('more than one memory');
      }
      return;
    case 0x41:
      return input.skipSigned(5, 'an i32');
    case 0x42:
      return input.skipSigned(10, 'an i64');
    case 0x43:
      return input.skip(4, 'an f32');
    case 0x44:
      return input.skip(8, 'an f64');
    case 0xfc:
      return skipMiscellaneous(input);
    case 0xfd:
      return skipVector(input);
    default:
      if (opcode >= 0x28 && opcode <= 0x3e) {
        return skipMemoryArgument(input);
      }
      if (opcode >= 0x45 && opcode <= 0xc4) {
        return;
      }
      throw unsupported(
        opcode === 0x12 || opcode === 0x13 || opcode === 0x15
          ? 'tail calls'
          : opcode === 0xfb
            ? 'garbage collection'
            : opcode === 0xfe
              ? 'threads'
              : (opcode >= 0x06 && opcode <= 0x0a) || opcode === 0x18 || opcode === 0x19 || opcode === 0x1f
                ? 'exceptions'
                : `the instruction 0x${opcode.toString(16)}`,
      );
  }
}

/** Nothing, a value, or the index of a type. */
function skipBlockType(input: Reader): void {
  const next = input.bytes[input.at];
  if (next !== undefined && next >= 0x40 && next < 0x80) {
    if (next === 0x40) {
      input.u8('a type');
    } else {
      valueType(input);
    }
  } else {
    input.skipSigned(5, 'a type');
  }
}

function skipMemoryArgument(input: Reader): void {
  const align = input.u32('an alignment');
  input.u32('an offset');
  if ((align & 0x40) !== 0) {
    throw unsupported('more than one memory');
  }
}

function skipMiscellaneous(input: Reader): void {
  const opcode = input.u32('an opcode');
  switch (opcode) {
    case 9:
    case 11:
    case 13:
    case 15:
    case 16:
    case 17:
      input.u32('an index');
      return;
    case 8:
    case 10:
    case 12:
    case 14:
      input.u32('an index');
      input.u32('an index');
      return;
    default:
      if (opcode > 7) {
        throw unsupported(`the instruction 0xfc ${opcode}`);
      }
  }
}

function skipVector(input: Reader): void {
  const opcode = input.u32('an opcode');
  if (opcode <= 11 || opcode === 92 || opcode === 93) {
    skipMemoryArgument(input);
  } else if (opcode === 12 || opcode === 13) {
    input.skip(16, '16 lanes');
  } else if (opcode >= 21 && opcode <= 34) {
    input.u8('a lane');
  } else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(input);
    input.u8('a lane');
  } else if (opcode >= 0x100) {
    throw unsupported('relaxed SIMD');
  }
}

function unsupported(what: string): ModuleRefused {
  return invalid(`the module uses ${what}, which handlers may not`);
}
