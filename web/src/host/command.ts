/** A command that knows nothing of step documents, run as a step: what it is given, and what it returns. */
import type { FileSystem } from './files.js';
import { fromBase64, JsonProblem, JsonReader, quote, refuseDuplicates } from './json.js';
import type { CommandInput } from './run.js';

/** A configuration that is not that of a command, or whose files cannot be given. */
export class InvalidStep extends Error {
  constructor(
    readonly type: 'invalid_command' | 'invalid_files',
    message: string,
  ) {
    super(message);
  }
}

const MAX_ARGUMENTS = 10_000;
const MAX_OUTPUTS = 100;
const MAX_DEPTH = 20;
const MAX_PATH_CHARS = 4_096;
const MEMBERS = ['args', 'stdin', 'env', 'files', 'outputs'];

/**
 * Reads the configuration of a command.
 *
 * @param program the name of the handler
 * @param variables the names of the environment that it may be given besides `PWD`
 * @throws InvalidStep saying what is wrong
 */
export function commandOf(config: Uint8Array, program: string, variables: readonly string[]): CommandInput {
  const read = parse(config, 'invalid_command');
  const unknown = Object.keys(read).filter((name) => !MEMBERS.includes(name));
  if (unknown.length > 0) {
    throw problem(`config has the unknown member '${unknown[0]}'; known are ${MEMBERS.join(', ')}`);
  }
  if (read['files'] !== undefined && !isObject(read['files'])) {
    throw problem('config/files must be an object');
  }
  return {
    arguments: [program, ...texts(read['args'], 'args', MAX_ARGUMENTS).map((text) => withoutZero(text, 'args'))],
    environment: environment(read['env'], variables),
    standardInput: read['stdin'] === undefined ? new Uint8Array(0) : bytesOf(read['stdin'], 'stdin', problem),
    outputs: texts(read['outputs'], 'outputs', MAX_OUTPUTS).map(outputPath),
  };
}

/** The files of a configuration by path, none if it has no member `files`. */
export function filesOf(config: Uint8Array): Map<string, Uint8Array> {
  const files = parse(config, 'invalid_files')['files'];
  const wrong = (message: string): InvalidStep => new InvalidStep('invalid_files', message);
  if (files === undefined) {
    return new Map();
  }
  if (!isObject(files)) {
    throw wrong('config/files must be an object');
  }
  return new Map(Object.entries(files).map(([path, value]) => [path, bytesOf(value, `files/${path}`, wrong)]));
}

/** The result document of a command that has ended; null if it would be larger than the limit, with its size. */
export function commandResult(
  code: number,
  standardOutput: Uint8Array,
  standardError: Uint8Array,
  files: FileSystem | null,
  outputs: CommandInput['outputs'],
  maxBytes: number,
): { readonly document: Uint8Array<ArrayBuffer> | null; readonly bytes: number } {
  const found = new Map((files === null ? [] : outputs.flatMap((names) => files.below(names))).map((one) => one));
  let bytes = standardOutput.length + standardError.length;
  found.forEach((file) => (bytes += file.size));
  if (bytes > maxBytes) {
    return { document: null, bytes };
  }
  const members = [
    `"exit_code":${code >>> 0}`,
    `"stdout":${value(standardOutput)}`,
    `"stderr":${value(standardError)}`,
  ];
  if (outputs.length > 0) {
    members.push(`"files":{${[...found].map(([path, file]) => `${quote(path)}:${value(file.content())}`).join(',')}}`);
  }
  const document = new TextEncoder().encode(`{"status":"completed","result":{${members.join(',')}}}`);
  return document.length > maxBytes ? { document: null, bytes: document.length } : { document, bytes: document.length };
}

/** A text, or an object with base64 where the bytes are none that every reader can store. */
function value(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) {
      return quote(text);
    }
  } catch {
    // as bytes
  }
  return `{"base64":"${toBase64(bytes)}"}`;
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}

function parse(config: Uint8Array, type: InvalidStep['type']): Record<string, unknown> {
  try {
    const reader = new JsonReader(config, MAX_DEPTH);
    if (reader.kind() !== 'object') {
      throw new JsonProblem('must be an object');
    }
    refuseDuplicates(reader);
    reader.end();
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(config)) as Record<string, unknown>;
  } catch (failure) {
    if (failure instanceof JsonProblem) {
      throw new InvalidStep(type, `config ${failure.message}`);
    }
    throw failure;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(message: string): InvalidStep {
  return new InvalidStep('invalid_command', message);
}

function texts(value: unknown, name: string, max: number): string[] {
  if (value === undefined) {
    return [];
  }
  if (!Array.isArray(value) || value.length > max || !value.every((one) => typeof one === 'string')) {
    throw problem(`config/${name} must be an array of at most ${max} texts`);
  }
  return value as string[];
}

function withoutZero(text: string, name: string): string {
  if (text.includes('\0')) {
    throw problem(`config/${name} has a zero character`);
  }
  return text;
}

function environment(env: unknown, variables: readonly string[]): string[] {
  if (env === undefined) {
    return [];
  }
  if (!isObject(env)) {
    throw problem('config/env must be an object');
  }
  return Object.entries(env).map(([name, value]) => {
    if (name !== 'PWD' && !variables.includes(name)) {
      throw problem(`config/env/${name} is a variable that is not granted; granted are ${['PWD', ...variables].join(', ')}`);
    }
    if (typeof value !== 'string') {
      throw problem(`config/env/${name} must be a text`);
    }
    return `${name}=${withoutZero(value, `env/${name}`)}`;
  });
}

/** A text, or an object with `base64`. */
function bytesOf(value: unknown, name: string, wrong: (message: string) => InvalidStep): Uint8Array {
  if (typeof value === 'string') {
    return new TextEncoder().encode(value);
  }
  if (!isObject(value) || typeof value['base64'] !== 'string' || Object.keys(value).length !== 1) {
    throw wrong(`config/${name} must be a text or an object with base64`);
  }
  const bytes = fromBase64(value['base64']);
  if (bytes === null) {
    throw wrong(`config/${name}/base64 is not valid base64`);
  }
  return bytes;
}

function outputPath(text: string): string[] {
  if (!text.startsWith('/') || text.length > MAX_PATH_CHARS || text.includes('\0')) {
    throw problem(`config/outputs must have absolute paths of at most ${MAX_PATH_CHARS} characters`);
  }
  const names = text.split('/').filter((name) => name !== '');
  if (names.includes('.') || names.includes('..')) {
    throw problem("config/outputs has a path with '.' or '..' in it");
  }
  return names;
}
