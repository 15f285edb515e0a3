/** The functions of the broker, `wasm_broker_v1`, and AssemblyScript's `env.abort`. */
import { AbiError, type Body, type HostCall } from './call.js';
import { configurationOf } from './configuration.js';
import { isJsonObject } from './json.js';
import type { GuestMemory } from './memory.js';
import { LEVELS } from './run.js';
import { rawText } from './text.js';

/**
 * The functions by name. A page grants no cache: its functions are never granted, and return DENIED before anything of
 * theirs is looked at; so do `http_request` and `read_secret` without a grant.
 */
export const ABI: Readonly<Record<string, Body>> = {
  read_input: (call) => copyWhole(call, inputOf(call)),
  read_input_at: readInputAt,
  read_content: (call) => {
    const { content } = call.run.given;
    return content === null ? AbiError.NotFound : copyWhole(call, content);
  },
  write_output: (call) => {
    const wrong = outputProblem(call, 0);
    if (wrong === 0) {
      call.run.writeOutput(call.memory.read(call.u32(0), call.u32(1)));
    }
    return wrong;
  },
  append_output: (call) => {
    const wrong = outputProblem(call, call.run.appendedBytes);
    if (wrong === 0) {
      call.run.appendOutput(call.memory.range(call.u32(0), call.u32(1)));
    }
    return wrong;
  },
  log,
  get_time: (call) => {
    const { clocks, limits } = call.run;
    switch (call.i32(0)) {
      case 0:
        return clocks.wall();
      case 1:
        return clocks.elapsed();
      case 2:
        return clocks.remaining(limits);
      default:
        return BigInt(AbiError.Invalid);
    }
  },
  http_request: (call) => call.run.given.http?.call(call) ?? AbiError.Denied,
  read_secret: readSecret,
  cache_get: () => AbiError.Denied,
  cache_put: () => AbiError.Denied,
  cache_delete: () => AbiError.Denied,
};

/** What a page grants unless it says otherwise. */
export const GRANTABLE: readonly string[] = [
  'read_input',
  'read_input_at',
  'write_output',
  'append_output',
  'log',
  'get_time',
  'read_content',
];

/** What may be called in `prepare`; all others return STATE there. */
export const ABI_IN_PREPARE: ReadonlySet<string> = new Set(['read_input', 'read_input_at', 'read_content', 'log']);

/** In `prepare` only the configuration is visible. */
function inputOf(call: HostCall): Uint8Array {
  return call.run.preparing ? configurationOf(call.run.given.input) : call.run.given.input;
}

/** The length of the bytes, which are copied if there is room for all of them. */
function copyWhole(call: HostCall, bytes: Uint8Array): number {
  if (call.u32(1) >= bytes.length) {
    if (!call.memory.contains(call.u32(0), bytes.length)) {
      return AbiError.Fault;
    }
    call.memory.write(call.u32(0), bytes);
  }
  return bytes.length;
}

function readInputAt(call: HostCall): number {
  if (!call.memory.contains(call.u32(1), call.u32(2))) {
    return AbiError.Fault;
  }
  const piece = inputOf(call).subarray(call.u32(0), call.u32(0) + call.u32(2));
  call.memory.write(call.u32(1), piece);
  return piece.length;
}

/** Why the bytes cannot be taken, or 0. */
function outputProblem(call: HostCall, before: number): number {
  const { run } = call;
  if (run.isCommand || run.isOutputWritten) {
    return AbiError.State;
  }
  if (!call.memory.contains(call.u32(0), call.u32(1))) {
    return AbiError.Fault;
  }
  const length = before + call.u32(1);
  if (length > run.limits.output) {
    throw run.exceeded('output', run.limits.output, length);
  }
  return 0;
}

function log(call: HostCall): number {
  const { run, memory } = call;
  const level = LEVELS[call.i32(0)];
  const messageLength = call.u32(2);
  const fieldsLength = call.u32(4);
  if (!memory.contains(call.u32(1), messageLength) || !memory.contains(call.u32(3), fieldsLength)) {
    return AbiError.Fault;
  }
  if (level === undefined) {
    return AbiError.Invalid;
  }
  const max = run.limits.logLine;
  if (fieldsLength > max) {
    return AbiError.TooLarge;
  }
  const kept = Math.min(messageLength, max);
  if (!run.admits(kept + fieldsLength)) {
    return AbiError.Budget;
  }
  let fields: string | null = null;
  if (fieldsLength !== 0) {
    const written = memory.read(call.u32(3), fieldsLength);
    if (!isJsonObject(written)) {
      return AbiError.Invalid;
    }
    fields = new TextDecoder('utf-8', { ignoreBOM: true }).decode(written);
  }
  run.writeLog(level, kept + fieldsLength, rawText(memory.read(call.u32(1), kept), kept < messageLength), fields);
  return 0;
}

const MAX_NAME_BYTES = 253;

/** The length of the value, which is copied if there is room for all of it. */
function readSecret(call: HostCall): number {
  const { memory, run } = call;
  const room = call.u32(3);
  if (!memory.contains(call.u32(0), call.u32(1)) || !memory.contains(call.u32(2), room)) {
    return AbiError.Fault;
  }
  if (call.u32(1) === 0 || call.u32(1) > MAX_NAME_BYTES) {
    return AbiError.Invalid;
  }
  const name = new TextDecoder('utf-8', { ignoreBOM: true }).decode(memory.read(call.u32(0), call.u32(1)));
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
    return AbiError.Invalid;
  }
  const { code, value } = run.given.readSecret?.(name) ?? { code: AbiError.Denied, value: new Uint8Array(0) };
  run.throwIfStopped();
  if (code !== 0) {
    return code;
  }
  if (room >= value.length) {
    memory.write(call.u32(2), value);
  }
  return value.length;
}

const MAX_STRING_BYTES = 4_000;

/** What AssemblyScript's compiler imports for failed assertions and errors that are thrown. */
export const ENV: Readonly<Record<string, Body>> = {
  abort: (call) => {
    const message = assemblyScriptText(call.memory, call.u32(0)) || 'no message';
    const file = assemblyScriptText(call.memory, call.u32(1)) || 'an unknown file';
    throw call.run.aborted(`abort: ${message} in ${file}:${call.u32(2)}:${call.u32(3)}`);
  },
};

/** UTF-16, with the length in bytes before the pointer. Empty for what is no text in the memory; a long one is cut. */
function assemblyScriptText(memory: GuestMemory, pointer: number): string {
  if (pointer < 4 || !memory.contains(pointer - 4, 4)) {
    return '';
  }
  const length = memory.u32(pointer - 4);
  if (!memory.contains(pointer, length)) {
    return '';
  }
  return new TextDecoder('utf-16le').decode(memory.read(pointer, Math.min(length, MAX_STRING_BYTES) & ~1));
}
