/** One run as the host sees it: what the guest was given, what it wrote and called, and why the host ended it. */
import type { FileSystem } from './files.js';
import type { GuestHttp } from './http.js';
import type { Limits } from './limits.js';
import { Bytes, LineBuffer, type RawText, rawText } from './text.js';

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error'];

export interface LogLine {
  readonly level: Level;
  readonly message: string;
  /** A JSON object on one line, or null. */
  readonly fields: string | null;
}

/** A line as its guest wrote it; the page makes a {@link LogLine} of it. */
export interface RawLine {
  readonly level: Level;
  readonly message: RawText;
  /** A JSON object, or null. */
  readonly fields: string | null;
}

export type TrapKind =
  | 'unreachable'
  | 'aborted'
  | 'memory_out_of_bounds'
  | 'table_out_of_bounds'
  | 'stack_overflow'
  | 'integer_division_by_zero'
  | 'integer_overflow'
  | 'bad_conversion_to_integer'
  | 'indirect_call_to_null'
  | 'bad_signature'
  | 'other';

export type LimitName = 'memory' | 'table_elements' | 'time' | 'input' | 'output' | 'host_calls';

/** Why a guest is no longer running. */
export type StopReason =
  | { readonly kind: 'returned'; readonly code: number }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'trapped'; readonly trap: TrapKind; readonly message: RawText }
  | { readonly kind: 'limit'; readonly limit: LimitName; readonly allowed: number; readonly used: number };

/** Thrown by a host function when the guest must not go on. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

/** How often a guest called one host function. */
export interface HostCalls {
  allowed: number;
  denied: number;
  failed: number;
}

/** What a command is run with that knows nothing of step documents. */
export interface CommandInput {
  /** The program's name and its arguments. */
  readonly arguments: readonly string[];
  /** As `NAME=value`. */
  readonly environment: readonly string[];
  readonly standardInput: Uint8Array;
  /** The absolute paths whose files are returned, taken apart. */
  readonly outputs: readonly (readonly string[])[];
}

/** The value of a secret, or an error code. */
export interface SecretAnswer {
  readonly code: number;
  readonly value: Uint8Array;
}

/** What a run is given. */
export interface Given {
  readonly handler: string;
  readonly input: Uint8Array;
  readonly content: Uint8Array | null;
  readonly limits: Limits;
  readonly kind: 'command' | 'reactor';
  /** Null of a command that writes a result document, and of a reactor. */
  readonly command: CommandInput | null;
  /** The names of the broker's functions that it may call. */
  readonly granted: ReadonlySet<string>;
  readonly files: FileSystem | null;
  /** Null if no request is granted. */
  readonly http: GuestHttp | null;
  /** Asks the page for a secret; null if none is granted. */
  readonly readSecret: ((name: string) => SecretAnswer) | null;
  readonly log: (line: RawLine) => void;
  /** Told of host calls now and then. */
  readonly progress: (hostCalls: number) => void;
}

/** The steps between two times that a guest sees, in nanoseconds: what browsers offer without more isolation. */
export const CLOCK_RESOLUTION = 100_000n;

/** Between two reports of progress. */
const PROGRESS_MS = 100;

const STDERR_TAIL_LINES = 3;
const BACKTRACE_HINT = 'note: run with `RUST_BACKTRACE';

/** The clocks of a run; the clock on the wall never goes back within it. */
export class Clocks {
  private readonly started = performance.now();
  private readonly wallOrigin = performance.timeOrigin;

  /** Milliseconds since the run started. */
  elapsedMs(): number {
    return performance.now() - this.started;
  }

  elapsed(): bigint {
    return rounded(this.elapsedMs());
  }

  wall(): bigint {
    const whole = Math.floor(this.wallOrigin);
    return roundDown(BigInt(whole) * 1_000_000n + nanos(this.wallOrigin - whole + performance.now()));
  }

  remaining(limits: Limits): bigint {
    return rounded(Math.max(0, limits.time - this.elapsedMs()));
  }
}

function nanos(millis: number): bigint {
  return BigInt(Math.floor(millis * 1e6));
}

function rounded(millis: number): bigint {
  return roundDown(nanos(millis));
}

function roundDown(time: bigint): bigint {
  return time - (time % CLOCK_RESOLUTION);
}

/** The state of one run, or of its preparation. */
export class RunState {
  readonly calls = new Map<string, HostCalls>();
  readonly streams: StandardStreams;
  stopReason: StopReason | null = null;
  logLinesDropped = 0;
  /** Of the guest's last refused growth, in bytes; 0 if the limit refused nothing. */
  refusedMemory = 0;
  private hostCalls = 0;
  private reportedAt = 0;
  private remainingLog: number;
  private written: Uint8Array<ArrayBuffer> | null = null;
  private readonly pieces = new Bytes();

  /**
   * @param preparing whether the guest is in `prepare`, or in `_initialize` before it
   */
  constructor(
    readonly given: Given,
    readonly clocks: Clocks,
    readonly preparing: boolean,
  ) {
    this.remainingLog = given.granted.has('log') ? given.limits.log : 0;
    this.streams = new StandardStreams(this);
  }

  get limits(): Limits {
    return this.given.limits;
  }

  get isCommand(): boolean {
    return this.given.kind === 'command';
  }

  /** Before each host call. A guest that was stopped stays stopped, whatever it does with what is thrown. */
  enter(): void {
    this.throwIfStopped();
    this.hostCalls++;
    if (this.hostCalls > this.limits.hostCalls) {
      throw this.exceeded('host_calls', this.limits.hostCalls, this.hostCalls);
    }
    const elapsed = this.clocks.elapsedMs();
    if (elapsed - this.reportedAt >= PROGRESS_MS) {
      this.reportedAt = elapsed;
      this.given.progress(this.hostCalls);
    }
  }

  throwIfStopped(): void {
    const elapsed = this.clocks.elapsedMs();
    if (this.stopReason === null && elapsed >= this.limits.time) {
      this.stopReason = { kind: 'limit', limit: 'time', allowed: this.limits.time, used: Math.floor(elapsed) };
    }
    if (this.stopReason !== null) {
      throw new RunStopped('the run is over');
    }
  }

  exceeded(limit: LimitName, allowed: number, used: number): RunStopped {
    this.stopReason = { kind: 'limit', limit, allowed, used };
    return new RunStopped(`the limit of ${limit} is exceeded`);
  }

  exited(code: number): RunStopped {
    this.stopReason = { kind: 'exited', code };
    return new RunStopped('proc_exit');
  }

  /** The guest gave up. Its text is cut as a log line is. */
  aborted(text: string): RunStopped {
    const bytes = new TextEncoder().encode(text);
    const length = Math.min(bytes.length, this.limits.logLine);
    const message = rawText(bytes.subarray(0, length), length < bytes.length);
    this.stopReason = { kind: 'trapped', trap: 'aborted', message };
    return new RunStopped('abort');
  }

  count(name: string, verdict: keyof HostCalls): void {
    let counts = this.calls.get(name);
    if (counts === undefined) {
      counts = { allowed: 0, denied: 0, failed: 0 };
      this.calls.set(name, counts);
    }
    counts[verdict]++;
  }

  /** Whether a line of this size is within the budget; counts it as dropped if not. */
  admits(bytes: number): boolean {
    if (bytes + 1 <= this.remainingLog) {
      return true;
    }
    this.logLinesDropped++;
    return false;
  }

  /** Writes a line that was admitted; it costs its bytes and its line break. */
  writeLog(level: Level, bytes: number, message: RawText, fields: string | null): void {
    this.remainingLog -= bytes + 1;
    this.given.log({ level, message, fields });
  }

  get isOutputWritten(): boolean {
    return this.written !== null;
  }

  get appendedBytes(): number {
    return this.pieces.size;
  }

  /** Stores the result document, in place of what was appended. */
  writeOutput(document: Uint8Array<ArrayBuffer>): void {
    this.written = document;
    this.pieces.clear();
  }

  appendOutput(piece: Uint8Array): void {
    this.pieces.append(piece);
  }

  /** The result document, once the guest has ended; null if there is none. */
  output(): Uint8Array<ArrayBuffer> | null {
    if (this.isCommand) {
      const output = this.streams.standardOutput();
      return output.length === 0 ? null : output;
    }
    return this.written ?? (this.pieces.size > 0 ? this.pieces.toBytes() : null);
  }
}

/** Stdin, stdout and stderr of one run. */
export class StandardStreams {
  readonly stderrTail: RawText[] = [];
  private readonly output = new Bytes();
  private readonly errors = new Bytes();
  private readonly stdout: LineBuffer;
  private readonly stderr: LineBuffer;
  private readonly input: Uint8Array;
  private position = 0;
  private open = 0b111;

  constructor(private readonly run: RunState) {
    const { logLine } = run.limits;
    this.stdout = new LineBuffer(logLine, (line, truncated) => this.log('info', line, truncated));
    this.stderr = new LineBuffer(logLine, (line, truncated) => this.stderrLine(line, truncated));
    const { command, input } = run.given;
    this.input = command !== null ? command.standardInput : run.isCommand ? input : new Uint8Array(0);
  }

  isOpen(fd: number): boolean {
    return fd >= 0 && fd <= 2 && (this.open & (1 << fd)) !== 0;
  }

  close(fd: number): void {
    this.open &= ~(1 << fd);
  }

  get remainingInput(): number {
    return this.input.length - this.position;
  }

  read(max: number): Uint8Array {
    const bytes = this.input.subarray(this.position, this.position + max);
    this.position += bytes.length;
    return bytes;
  }

  /** Ends the run if what will be written exceeds the limit on output. */
  beforeWrite(fd: number, length: number): void {
    if (this.run.isCommand && (fd === 1 || this.run.given.command !== null)) {
      const total = this.output.size + this.errors.size + length;
      if (total > this.run.limits.output) {
        throw this.run.exceeded('output', this.run.limits.output, total);
      }
    }
  }

  /** After {@link beforeWrite}, in pieces. */
  write(fd: number, bytes: Uint8Array): void {
    const command = this.run.given.command !== null;
    if (fd === 2) {
      this.stderr.append(bytes);
      if (command) {
        this.errors.append(bytes);
      }
    } else if (this.run.isCommand) {
      this.output.append(bytes);
    } else {
      this.stdout.append(bytes);
    }
  }

  /** Flushes the lines without a line break. */
  flush(): void {
    this.stdout.flush();
    this.stderr.flush();
  }

  standardOutput(): Uint8Array<ArrayBuffer> {
    return this.output.toBytes();
  }

  standardError(): Uint8Array<ArrayBuffer> {
    return this.errors.toBytes();
  }

  private stderrLine(line: Uint8Array, truncated: boolean): void {
    const message = this.log('warn', line, truncated);
    if (!message.text.startsWith(BACKTRACE_HINT)) {
      if (this.stderrTail.length === STDERR_TAIL_LINES) {
        this.stderrTail.shift();
      }
      this.stderrTail.push(message);
    }
  }

  private log(level: Level, line: Uint8Array, truncated: boolean): RawText {
    const message = rawText(line, truncated);
    if (this.run.given.command === null && this.run.admits(line.length)) {
      this.run.writeLog(level, line.length, message, null);
    }
    return message;
  }
}
