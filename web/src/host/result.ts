/** What a guest writes as its result, read as strictly as the broker reads it. */
import { JsonProblem, JsonReader, notStorable } from './json.js';
import { sanitize } from './text.js';

/** How a step failed. */
export interface StepError {
  readonly type: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly code?: string;
  readonly retryAfterMs?: number;
  /** A JSON object as the guest wrote it, or of an exceeded limit `limit`, `unit`, `allowed` and `used`. */
  readonly context?: string;
}

/** A result document, checked; values are JSON as the guest wrote them. */
export type ResultDocument =
  | { readonly status: 'completed'; readonly result: string }
  | { readonly status: 'failed'; readonly error: StepError }
  | {
      readonly status: 'checkpoint';
      readonly cursor: string;
      readonly itemsProcessed: number;
      readonly accumulatedResults: string | null;
    };

const DEPTH = 100;
const TYPE_CHARS = 100;
const MESSAGE_CHARS = 4_000;
const MAX_RETRY_AFTER_MS = 365 * 24 * 60 * 60 * 1_000;
/** Spaces as Java's `isBlank` has them: those that do not break are none. */
const BLANK = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/;
const MEMBERS = ['status', 'result', 'error', 'cursor', 'items_processed', 'accumulated_results'];
const ERROR_MEMBERS = ['type', 'message', 'retryable', 'code', 'retry_after_ms', 'context', 'sent'];

/** Reads a result document; the error of one that is none has the type `bad_result_document`. */
export function readResult(output: Uint8Array): ResultDocument {
  try {
    if (output.length >= 2 && (output[0] === 0 || output[1] === 0 || output[0]! > 0x7f)) {
      throw new JsonProblem('is not UTF-8');
    }
    const reader = new JsonReader(output, DEPTH);
    const document = new DocumentReader(reader).read();
    const problem = notStorable(output);
    if (problem !== null) {
      throw new JsonProblem(problem);
    }
    if (!isUtf8(output)) {
      throw new JsonProblem('is not UTF-8');
    }
    return document;
  } catch (problem) {
    if (!(problem instanceof JsonProblem)) {
      throw problem;
    }
    const place = problem.pointer === '' ? '' : `:${problem.pointer}`;
    return {
      status: 'failed',
      error: {
        type: 'bad_result_document',
        message: `the result document${place}: ${problem.message}`,
        retryable: false,
      },
    };
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The members of one object that were read; each may occur once. */
class Members {
  readonly names = new Set<string>();

  constructor(
    private readonly pointer: string,
    private readonly known: readonly string[],
  ) {}

  next(name: string): void {
    const at = `${this.pointer}/${sanitize(name, TYPE_CHARS)}`;
    if (this.names.has(name)) {
      throw new JsonProblem('appears twice', at);
    }
    if (!this.known.includes(name)) {
      throw new JsonProblem(`unknown member; known are ${this.known.join(', ')}`, at);
    }
    this.names.add(name);
  }

  requireOnly(status: string, ...allowed: string[]): void {
    for (const name of this.names) {
      if (!allowed.includes(name)) {
        throw new JsonProblem(`is not allowed with status ${status}`, `${this.pointer}/${name}`);
      }
    }
  }
}

class DocumentReader {
  private status: string | undefined;
  private result: string | undefined;
  private error: StepError | undefined;
  private cursor: string | undefined;
  private accumulated: string | null = null;
  private itemsProcessed = 0;

  constructor(private readonly reader: JsonReader) {}

  read(): ResultDocument {
    if (this.reader.kind() !== 'object') {
      this.reader.value(); // what is no JSON at all is told as that
      throw new JsonProblem('is not an object');
    }
    const seen = new Members('', MEMBERS);
    this.reader.object((name) => {
      seen.next(name);
      switch (name) {
        case 'status':
          this.status = this.string('/status', TYPE_CHARS);
          break;
        case 'result':
          this.result = this.value();
          break;
        case 'error':
          this.error = this.readError();
          break;
        case 'cursor':
          this.cursor = this.value();
          break;
        case 'items_processed':
          this.itemsProcessed = this.count('/items_processed');
          break;
        default:
          this.accumulated = this.orNull(() => this.value()) ?? null;
      }
    });
    this.reader.end();
    return this.document(seen);
  }

  private document(seen: Members): ResultDocument {
    switch (this.status) {
      case undefined:
        throw new JsonProblem('is missing', '/status');
      case 'completed':
        seen.requireOnly('completed', 'status', 'result');
        return { status: 'completed', result: required(this.result, '/result') };
      case 'failed':
        seen.requireOnly('failed', 'status', 'error');
        return { status: 'failed', error: required(this.error, '/error') };
      case 'checkpoint':
        seen.requireOnly('checkpoint', 'status', 'cursor', 'items_processed', 'accumulated_results');
        return {
          status: 'checkpoint',
          cursor: required(this.cursor, '/cursor'),
          itemsProcessed: this.itemsProcessed,
          accumulatedResults: this.accumulated,
        };
      default:
        throw new JsonProblem(`must be one of completed, failed, checkpoint, was '${this.status}'`, '/status');
    }
  }

  private readError(): StepError {
    if (this.reader.kind() !== 'object') {
      throw new JsonProblem('is not an object', '/error');
    }
    let type: string | undefined;
    let message: string | undefined;
    let retryable = false;
    let code: string | undefined;
    let retryAfterMs: number | undefined;
    let context: string | undefined;
    const seen = new Members('/error', ERROR_MEMBERS);
    this.reader.object((name) => {
      seen.next(name);
      switch (name) {
        case 'type':
          type = this.string('/error/type', TYPE_CHARS);
          break;
        case 'message':
          message = this.string('/error/message', MESSAGE_CHARS);
          break;
        case 'retryable':
          retryable = this.bool('/error/retryable');
          break;
        case 'code':
          code = this.orNull(() => this.string('/error/code', TYPE_CHARS));
          break;
        case 'retry_after_ms':
          retryAfterMs = this.orNull(() => this.millis('/error/retry_after_ms'));
          break;
        case 'context':
          context = this.orNull(() => this.object('/error/context'));
          break;
        default:
          this.bool('/error/sent'); // of a request's error that is passed on as it is
      }
    });
    if (type === undefined || BLANK.test(type)) {
      throw new JsonProblem('is missing or blank', '/error/type');
    }
    if (message === undefined) {
      throw new JsonProblem('is missing', '/error/message');
    }
    return {
      type,
      message,
      retryable,
      ...(code === undefined ? {} : { code }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(context === undefined ? {} : { context }),
    };
  }

  private orNull<T>(read: () => T): T | undefined {
    if (this.reader.kind() === 'null') {
      this.reader.word('null');
      return undefined;
    }
    return read();
  }

  private string(pointer: string, maxChars: number): string {
    if (this.reader.kind() !== 'string') {
      throw new JsonProblem('is not a string', pointer);
    }
    return sanitize(this.reader.string(), maxChars);
  }

  private bool(pointer: string): boolean {
    const kind = this.reader.kind();
    if (kind !== 'true' && kind !== 'false') {
      throw new JsonProblem('is not true or false', pointer);
    }
    this.reader.word(kind);
    return kind === 'true';
  }

  /** A server may have chosen the number: a large one must not make the document invalid. */
  private millis(pointer: string): number {
    return Math.min(Number(this.whole(pointer, 'is not a whole number of milliseconds')), MAX_RETRY_AFTER_MS);
  }

  private count(pointer: string): number {
    const problem = 'is not a whole number, 0 or more';
    const text = this.whole(pointer, problem);
    if (BigInt(text) >= 2n ** 63n) {
      throw new JsonProblem(problem, pointer);
    }
    return Number(text);
  }

  private whole(pointer: string, problem: string): string {
    if (this.reader.kind() !== 'number') {
      throw new JsonProblem(problem, pointer);
    }
    const text = this.reader.number();
    if (!/^-?[0-9]+$/.test(text) || Number(text) < 0) {
      throw new JsonProblem(problem, pointer);
    }
    return text;
  }

  private object(pointer: string): string {
    if (this.reader.kind() !== 'object') {
      throw new JsonProblem('is not an object', pointer);
    }
    return this.value();
  }

  private value(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.reader.value());
  }
}

function required<T>(value: T | undefined, pointer: string): T {
  if (value === undefined) {
    throw new JsonProblem('is missing', pointer);
  }
  return value;
}
