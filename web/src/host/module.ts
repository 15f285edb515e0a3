/** Decides whether a module may run, and makes of it what a browser can run within the limits. */
import { MAX_MODULE_BYTES, type Limits } from './limits.js';
import { signatures } from './signatures.js';
import {
  contentOf,
  Editor,
  FUNCREF,
  functionTypeAt,
  invalid,
  PAGE_BYTES,
  parse,
  type Reader,
  rewriteCode,
  SectionId,
  type Shape,
  type Size,
  writer,
  Writer,
} from './wasm.js';

/** A module that may run. */
export interface CheckedModule {
  /** As it is compiled: with its limits in it. */
  readonly code: Uint8Array<ArrayBuffer>;
  readonly content: Uint8Array<ArrayBuffer> | null;
  readonly plan: Plan;
}

/** How a module is run. */
export interface Plan {
  /** A WASI command has `_start`, a reactor `run`. */
  readonly kind: 'command' | 'reactor';
  readonly initializes: boolean;
  readonly prepares: boolean;
  /** The export that was its start function, or null. */
  readonly start: string | null;
  /** The export that tells whether the last growth of its memory was refused, or null. */
  readonly probe: string | null;
  /** What the module itself declares as its memory's maximum, in pages. */
  readonly declaredMaxPages: number;
  readonly imports: readonly { readonly module: string; readonly name: string }[];
}

const VOID = '() -> ()';
const EXIT_CODE = '() -> i32';
const MEMORY_GROW = 0x40;

/**
 * Checks a module and writes the limits into it: its memory and table declare no more than is allowed, so that the
 * engine refuses to grow them further.
 *
 * @throws ModuleRefused naming what is wrong with it
 */
export function check(bytes: Uint8Array, limits: Limits): CheckedModule {
  if (bytes.length > MAX_MODULE_BYTES) {
    throw invalid(`the module has ${bytes.length} bytes, the maximum is ${MAX_MODULE_BYTES}`);
  }
  const shape = parse(bytes);
  const content = contentOf(bytes, shape);
  checkImports(shape);
  checkMemory(shape, limits);
  const kind = kindOf(shape);
  const initializes = hasInitializer(shape, kind);
  const prepares = hasPreparation(shape, kind);
  const declared = shape.memories[0]!;
  const probed = insertProbe(bytes, shape, prepares);
  if (prepares) {
    requireKnownState(shape);
  }
  const started = exportStart(probed.bytes);
  return {
    code: clamp(started.bytes, limits),
    content,
    plan: {
      kind,
      initializes,
      prepares,
      start: started.name,
      probe: probed.name,
      declaredMaxPages: declared.max ?? 65_536,
      imports: shape.imports.map(({ module, name }) => ({ module, name })),
    },
  };
}

function checkImports(shape: Shape): void {
  for (const wanted of shape.imports) {
    const name = `'${wanted.module}.${wanted.name}'`;
    if (wanted.kind !== 'function') {
      const own = wanted.kind === 'memory' ? ' and defines its own memory' : '';
      throw invalid(`the module imports the ${wanted.kind} ${name}; a handler may import functions only${own}`);
    }
    const expected = signatures(wanted.module)?.get(wanted.name);
    if (expected === undefined) {
      throw invalid(
        signatures(wanted.module) === undefined
          ? `the module imports ${name} from an unknown module; a handler may import from wasm_broker_v1 and wasi_snapshot_preview1`
          : `the module imports the unknown function ${name}`,
      );
    }
    if (expected !== wanted.type) {
      throw invalid(`the module imports ${name} as ${wanted.type}, but it is ${expected}`);
    }
  }
}

function checkMemory(shape: Shape, limits: Limits): void {
  if (exported(shape, 'memory')?.kind !== 'memory') {
    throw invalid("the module exports no memory named 'memory'");
  }
  if (shape.memories.length !== 1) {
    throw invalid(`the module defines ${shape.memories.length} memories, the maximum is 1`);
  }
  if (shape.tables.length > 1) {
    throw invalid(`the module defines ${shape.tables.length} tables, the maximum is 1`);
  }
  const initial = shape.memories[0]!.min * PAGE_BYTES;
  if (initial > limits.memory) {
    throw invalid(`the module's memory starts with ${initial} bytes, the limit is ${limits.memory}`);
  }
  for (const table of shape.tables) {
    if (table.min > limits.tableElements) {
      throw invalid(`the module's table starts with ${table.min} elements, the limit is ${limits.tableElements}`);
    }
  }
}

function kindOf(shape: Shape): 'command' | 'reactor' {
  const run = exported(shape, 'run');
  const start = exported(shape, '_start');
  if (run !== undefined && start !== undefined) {
    throw invalid("the module exports both 'run' and '_start'; it is either a reactor or a WASI command");
  }
  if (start !== undefined) {
    requireType(shape, '_start', VOID);
    return 'command';
  }
  if (run === undefined) {
    throw invalid("the module exports neither the function 'run' nor, as a WASI command, '_start'");
  }
  requireType(shape, 'run', VOID, EXIT_CODE);
  return 'reactor';
}

function hasInitializer(shape: Shape, kind: Plan['kind']): boolean {
  if (exported(shape, '_initialize') === undefined) {
    return false;
  }
  if (kind === 'command') {
    throw invalid("the module exports both '_initialize' and '_start'; a WASI command has no initialiser");
  }
  requireType(shape, '_initialize', VOID);
  return true;
}

function hasPreparation(shape: Shape, kind: Plan['kind']): boolean {
  if (exported(shape, 'prepare') === undefined) {
    return false;
  }
  if (kind === 'command') {
    throw invalid("the module exports both 'prepare' and '_start'; a WASI command cannot be prepared");
  }
  requireType(shape, 'prepare', VOID, EXIT_CODE);
  return true;
}

function requireType(shape: Shape, name: string, ...allowed: string[]): void {
  const found = exported(shape, name)!;
  if (found.kind !== 'function') {
    throw invalid(`the export '${name}' is a ${found.kind}, it must be a function ${allowed.join(' or ')}`);
  }
  const type = functionTypeAt(shape.imports, shape.functions, found.index);
  if (!allowed.includes(type)) {
    throw invalid(`the exported function '${name}' is ${type}, it must be ${allowed.join(' or ')}`);
  }
}

/** What the broker would have to put back and cannot; the page refuses it as well, so that one module runs in both. */
function requireKnownState(shape: Shape): void {
  if (shape.start !== null) {
    throw refusedState("has a start function; what it does at instantiation has to be in '_initialize'");
  }
  if (shape.globals.includes(FUNCREF)) {
    throw refusedState('has a mutable global of type funcref');
  }
}

function refusedState(what: string): Error {
  return invalid(`the module exports 'prepare', but what it leaves could not be put back: it ${what}`);
}

function stateChange(opcode: number, immediates: Reader): string | undefined {
  if (opcode === 0x26) {
    return 'table.set';
  }
  if (opcode !== 0xfc) {
    return undefined;
  }
  return new Map([
    [9, 'data.drop'],
    [12, 'table.init'],
    [13, 'elem.drop'],
    [14, 'table.copy'],
    [15, 'table.grow'],
    [17, 'table.fill'],
  ]).get(immediates.u32('an opcode'));
}

/**
 * Replaces each `memory.grow` by a call of an added function that stores how many pages were refused, since engines do
 * not report that: without it, an allocator that gives up would look like any other trap. All code is checked on the
 * way. None of the module's own indices change.
 */
function insertProbe(
  bytes: Uint8Array,
  shape: Shape,
  prepares: boolean,
): { bytes: Uint8Array; name: string | null } {
  const grow = shape.imports.length + shape.functions.length;
  const code = rewriteCode(bytes, shape, (opcode, immediates) => {
    const change = prepares ? stateChange(opcode, immediates) : undefined;
    if (change !== undefined) {
      throw refusedState(`uses ${change}`);
    }
    return opcode === MEMORY_GROW ? grow : -1;
  });
  if (code === null || code.replaced === 0) {
    return { bytes, name: null };
  }
  const name = unusedName(shape, 'wasm_broker:refused_pages');
  const editor = new Editor(bytes, shape);
  const growType = editor.append(SectionId.Type, writer(0x60, 1, 0x7f, 1, 0x7f));
  const queryType = editor.append(SectionId.Type, writer(0x60, 0, 1, 0x7f));
  editor.append(SectionId.Function, new Writer().u32(growType));
  editor.append(SectionId.Function, new Writer().u32(queryType));
  const global = editor.append(SectionId.Global, writer(0x7f, 1, 0x41, 0, 0x0b));
  editor.append(SectionId.Export, new Writer().text(name).u8(0).u32(grow + 1));
  editor.replace(SectionId.Code, code.content);
  // Grows by its parameter; stores it if that was refused, else 0.
  const growBody = writer(1, 1, 0x7f, 0x20, 0, MEMORY_GROW, 0, 0x22, 1, 0x41, 0x7f, 0x46)
    .raw(writer(0x04, 0x7f, 0x20, 0, 0x05, 0x41, 0, 0x0b, 0x24).u32(global).toBytes())
    .raw(writer(0x20, 1, 0x0b).toBytes());
  editor.append(SectionId.Code, new Writer().sized(growBody));
  editor.append(SectionId.Code, new Writer().sized(writer(0, 0x23).u32(global).u8(0x0b)));
  return { bytes: editor.toBytes(), name };
}

/** Its memory is exported only once the instance is there: what its start function calls needs it before that. */
function exportStart(bytes: Uint8Array): { bytes: Uint8Array; name: string | null } {
  const shape = parse(bytes);
  if (shape.start === null) {
    return { bytes, name: null };
  }
  const name = unusedName(shape, 'wasm_broker:start');
  const editor = new Editor(bytes, shape);
  editor.remove(SectionId.Start);
  editor.append(SectionId.Export, new Writer().text(name).u8(0).u32(shape.start));
  return { bytes: editor.toBytes(), name };
}

function clamp(bytes: Uint8Array, limits: Limits): Uint8Array<ArrayBuffer> {
  const shape = parse(bytes);
  const editor = new Editor(bytes, shape);
  const memories = new Writer().u32(shape.memories.length);
  for (const memory of shape.memories) {
    writeSize(memories, memory, Math.floor(limits.memory / PAGE_BYTES));
  }
  editor.replace(SectionId.Memory, memories);
  if (shape.tables.length > 0) {
    const tables = new Writer().u32(shape.tables.length);
    for (const table of shape.tables) {
      writeSize(tables.u8(FUNCREF), table, limits.tableElements);
    }
    editor.replace(SectionId.Table, tables);
  }
  return editor.toBytes();
}

function writeSize(content: Writer, size: Size, limit: number): void {
  content.u8(1).u32(size.min).u32(Math.min(size.max ?? limit, limit));
}

function exported(shape: Shape, name: string): Shape['exports'][number] | undefined {
  return shape.exports.find((one) => one.name === name);
}

function unusedName(shape: Shape, wanted: string): string {
  let name = wanted;
  while (exported(shape, name) !== undefined) {
    name += "'";
  }
  return name;
}
