/** Runs a guest in this thread, from a fresh instance to its result. */
import { ABI, ABI_IN_PREPARE, ENV, GRANTABLE } from './abi.js';
import { AbiError, type Body, Errno, HostCall } from './call.js';
import { ChannelReader } from './channel.js';
import { commandOf, commandResult, filesOf, InvalidStep } from './command.js';
import { configurationOf } from './configuration.js';
import { FileSystem, type FilesGrant, type FileUsage, InvalidFiles } from './files.js';
import { decodeAnswer, GuestHttp, type HttpAnswer } from './http.js';
import type { Limits } from './limits.js';
import { GuestMemory } from './memory.js';
import type { Plan } from './module.js';
import { readResult, type ResultDocument, type StepError } from './result.js';
import {
  Clocks,
  type CommandInput,
  type Given,
  type HostCalls,
  type LimitName,
  type RawLine,
  RunState,
  RunStopped,
  type SecretAnswer,
  type StopReason,
  type TrapKind,
} from './run.js';
import { ABI_MODULE, returnsI64, WASI_MODULE } from './signatures.js';
import type { RawText } from './text.js';
import { IN_PREPARE, WASI } from './wasi.js';
import { PAGE_BYTES } from './wasm.js';

/** One run of a module, as the page asks for it. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly plan: Plan;
  readonly content: Uint8Array | null;
  readonly handler: string;
  readonly input: Uint8Array;
  readonly limits: Limits;
  /** Null of a module that reads a step document; else the names of the variables that a command may be given. */
  readonly command: { readonly environment: readonly string[] } | null;
  readonly files: FilesGrant | null;
  /** Through which the page answers; null if there is nothing to ask it for. */
  readonly channel: SharedArrayBuffer | null;
  readonly http: boolean;
  /** Whether secrets are granted; which ones and what they are only the page knows. */
  readonly secrets: boolean;
  /** The broker's functions that it may call. */
  readonly functions: readonly string[];
}

/** What a run used. */
export interface Usage {
  readonly instantiationMs: number;
  readonly executionMs: number;
  readonly memoryHighWaterBytes: number;
  readonly hostCalls: Readonly<Record<string, HostCalls>>;
  readonly bytesOut: number;
  readonly logLinesDropped: number;
  /** Null without a grant of files. */
  readonly files: FileUsage | null;
}

/** Of what an error's message consists. */
export interface Said {
  readonly inPrepare: boolean;
  readonly message: RawText;
  /** The last lines on stderr. */
  readonly tail: readonly RawText[];
}

/** How a run ended by itself or at a limit that the guest's thread sees. */
export interface GuestEnd {
  readonly document: ResultDocument;
  /** The result document as it was written; null if there is none. */
  readonly output: Uint8Array<ArrayBuffer> | null;
  /** What the guest said, which is the message of the error; null of all other documents. */
  readonly said: Said | null;
  readonly usage: Usage;
}

const UNITS: Readonly<Record<LimitName, string>> = {
  memory: 'bytes',
  table_elements: 'elements',
  time: 'milliseconds',
  input: 'bytes',
  output: 'bytes',
  host_calls: 'calls',
};

const NO_OUTPUT =
  'the guest ended without an output: a reactor calls write_output, a command writes to standard output, and flushes it before it ends';

/** The error of a step that exceeded a limit. Only time is measured on a clock that a busy machine can use up. */
export function limitExceeded(limit: LimitName, allowed: number, used: number): StepError {
  const unit = UNITS[limit];
  const remedy =
    limit === 'memory' ? "; it is the least of the manifest's memory_bytes and the class that is granted" : '';
  return {
    type: 'limit_exceeded',
    message: `the guest used ${used} ${unit} of ${limit}, the limit is ${allowed}${remedy}`,
    retryable: limit === 'time',
    code: limit,
    context: JSON.stringify({ limit, unit, allowed, used }),
  };
}

/** What a guest's thread tells the page. */
export interface Page {
  log(line: RawLine): void;
  progress(hostCalls: number, memoryBytes: number): void;
  /** Has a request sent, and the first piece of the answer put into the channel. */
  request(document: Uint8Array, body: Uint8Array | null): void;
  /** Has the value of a secret put there. */
  secret(name: string): void;
  /** Has the next piece put there. */
  more(): void;
}

/** Runs a job to its end; it is the page that ends a guest that computes and never returns. */
export function runGuest(job: Job, page: Page): GuestEnd {
  return new Guest(job, page).run();
}

class Guest {
  private readonly clocks = new Clocks();
  private state!: RunState;
  private channel: ChannelReader | null = null;
  private files: FileSystem | null = null;
  private memory: WebAssembly.Memory | null = null;
  private seen: GuestMemory | null = null;
  private seenBuffer: ArrayBuffer | null = null;
  private instantiated = 0;

  constructor(
    private readonly job: Job,
    private readonly page: Page,
  ) {}

  run(): GuestEnd {
    const { input, limits } = this.job;
    let command: CommandInput | null = null;
    try {
      const config = configurationOf(input);
      if (this.job.command !== null && this.job.plan.kind === 'command') {
        command = commandOf(config, this.job.handler, this.job.command.environment);
      }
      this.files = this.beginFiles(config);
    } catch (refused) {
      if (refused instanceof InvalidStep || refused instanceof InvalidFiles) {
        const type = refused instanceof InvalidStep ? refused.type : 'invalid_files';
        this.state = new RunState(this.given(null, null), this.clocks, false);
        return this.ended(failed({ type, message: refused.message, retryable: false }), null);
      }
      throw refused;
    }
    const given = this.given(command, this.files);
    this.state = new RunState(given, this.clocks, false);
    if (input.length > limits.input) {
      return this.ended(failed(limitExceeded('input', limits.input, input.length)), null);
    }
    const reason = this.callAll(given);
    this.instantiated ||= this.clocks.elapsedMs();
    this.state.streams.flush();
    return this.summary(reason);
  }

  private beginFiles(config: Uint8Array): FileSystem | null {
    const { files } = this.job;
    if (files === null) {
      return null;
    }
    const given = files.directories.some((each) => each.from === 'input') ? filesOf(config) : new Map();
    return new FileSystem(files, given, () => this.clocks.wall());
  }

  private given(command: CommandInput | null, files: FileSystem | null): Given {
    const { handler, input, content, limits, plan, functions } = this.job;
    return {
      handler,
      input,
      content,
      limits,
      kind: plan.kind,
      command,
      granted: new Set(
        functions.filter(
          (name) =>
            GRANTABLE.includes(name) ||
            (name === 'http_request' && this.job.http) ||
            (name === 'read_secret' && this.job.secrets),
        ),
      ),
      files,
      http: this.job.http ? this.http() : null,
      readSecret: this.job.secrets ? (name) => this.readSecret(name) : null,
      log: (line) => this.page.log(line),
      progress: (hostCalls) => this.page.progress(hostCalls, this.memory?.buffer.byteLength ?? 0),
    };
  }

  private http(): GuestHttp {
    return new GuestHttp((document, body) => this.ask(() => this.page.request(document, body)));
  }

  private readSecret(name: string): SecretAnswer {
    const { code, document } = this.ask(() => this.page.secret(name));
    return { code, value: document };
  }

  /** Asks the page, and waits for its answer as long as the run may go on. */
  private ask(question: () => void): HttpAnswer {
    this.channel ??= new ChannelReader(this.job.channel!);
    return decodeAnswer(
      this.channel.ask(
        question,
        () => this.page.more(),
        () => {
          this.state.throwIfStopped();
          return Math.max(1, this.job.limits.time - this.clocks.elapsedMs());
        },
      ),
    );
  }

  /** Instantiates, and calls what the module exports; the state is that of the preparation if it ended there. */
  private callAll(given: Given): StopReason {
    const { plan, module } = this.job;
    try {
      const { exports } = new WebAssembly.Instance(module, this.imports());
      this.memory = exports['memory'] as WebAssembly.Memory;
      if (plan.probe !== null) {
        const probe = exports[plan.probe] as () => number;
        this.refusedPages = () => probe() >>> 0;
      }
      const call = (name: string): unknown => (exports[name] as () => unknown)();
      if (plan.start !== null) {
        call(plan.start);
      }
      this.instantiated = this.clocks.elapsedMs();
      const run = this.state;
      if (plan.prepares) {
        this.state = new RunState({ ...given, files: null }, this.clocks, true);
      }
      if (plan.initializes) {
        call('_initialize');
      }
      if (plan.prepares) {
        const code = Number(call('prepare') ?? 0);
        if (code !== 0) {
          return { kind: 'returned', code };
        }
        this.state.streams.flush();
        this.state = run;
      }
      const code = call(plan.kind === 'command' ? '_start' : 'run');
      return { kind: 'returned', code: Number(code ?? 0) };
    } catch (thrown) {
      return this.state.stopReason ?? trapOf(thrown);
    } finally {
      this.lookAtRefusedGrowth();
    }
  }

  private lookAtRefusedGrowth(): void {
    const { plan, limits } = this.job;
    if (this.memory === null) {
      return;
    }
    const refused = this.refusedPages() * PAGE_BYTES;
    const requested = this.memory.buffer.byteLength + refused;
    if (refused > 0 && requested > limits.memory && requested <= plan.declaredMaxPages * PAGE_BYTES) {
      this.state.refusedMemory = requested;
    }
  }

  /** Pages of the last growth, if that was refused. */
  private refusedPages = (): number => 0;

  private imports(): WebAssembly.Imports {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module, name } of this.job.plan.imports) {
      const body = module === ABI_MODULE ? ABI[name]! : module === WASI_MODULE ? WASI[name]! : ENV[name]!;
      (imports[module] ??= {})[name] = this.hostFunction(module, name, body);
    }
    return imports;
  }

  /** Handles one call: checks the deadline and the limit of calls, whether it is allowed here and granted, counts it. */
  private hostFunction(module: string, name: string, body: Body): (...args: (number | bigint)[]) => number | bigint | void {
    const inPrepare = (module === WASI_MODULE ? IN_PREPARE : ABI_IN_PREPARE).has(name) || name === 'abort';
    return (...args) => {
      const run = this.state;
      run.enter();
      let verdict: keyof HostCalls = 'failed';
      try {
        let result: number | bigint;
        if (run.preparing && !inPrepare) {
          result = module === WASI_MODULE ? Errno.Perm : AbiError.State;
        } else if (module === ABI_MODULE && !run.given.granted.has(name)) {
          result = AbiError.Denied;
        } else {
          result = body(new HostCall(run, this.memoryNow(), args));
        }
        verdict = verdictOf(module, Number(result));
        return returnsI64(name) ? BigInt(result) : Number(result);
      } finally {
        run.count(name, verdict);
      }
    };
  }

  /** A guest's memory has another buffer once it has grown. */
  private memoryNow(): GuestMemory {
    const buffer = this.memory!.buffer as ArrayBuffer;
    if (this.seen === null || buffer !== this.seenBuffer) {
      this.seen = new GuestMemory(buffer);
      this.seenBuffer = buffer;
    }
    return this.seen;
  }

  private summary(reason: StopReason): GuestEnd {
    const { state } = this;
    switch (reason.kind) {
      case 'returned':
        return this.summaryOfCode(reason.code, 'returned');
      case 'exited':
        return this.summaryOfCode(reason.code, 'exited with');
      case 'limit':
        return this.ended(failed(limitExceeded(reason.limit, reason.allowed, reason.used)), null);
      case 'trapped':
        if (state.refusedMemory > 0 && ['unreachable', 'aborted', 'memory_out_of_bounds'].includes(reason.trap)) {
          return this.memoryExceeded();
        }
        return this.failedSaying('trapped', reason.trap, reason.message);
    }
  }

  private summaryOfCode(code: number, how: string): GuestEnd {
    const { state } = this;
    const { command } = state.given;
    const guestFailed = (text: string): GuestEnd =>
      this.failedSaying('guest_failed', String(code), { text, truncated: false });
    if (state.preparing) {
      return state.refusedMemory > 0 && code !== 0 ? this.memoryExceeded() : guestFailed(`the guest ${how} code ${code}`);
    }
    if (command !== null && (code === 0 || state.refusedMemory === 0)) {
      const { output: max } = this.job.limits;
      const { streams } = state;
      const made = commandResult(
        code,
        streams.standardOutput(),
        streams.standardError(),
        this.files,
        command.outputs,
        max,
      );
      return made.document === null
        ? this.ended(failed(limitExceeded('output', max, made.bytes)), null)
        : this.ended(readResult(made.document), made.document);
    }
    const output = state.output();
    if (output !== null && code === 0) {
      return this.ended(readResult(output), output);
    }
    if (code === 0) {
      return guestFailed(NO_OUTPUT);
    }
    return state.refusedMemory > 0 ? this.memoryExceeded() : guestFailed(`the guest ${how} code ${code}`);
  }

  private memoryExceeded(): GuestEnd {
    return this.ended(failed(limitExceeded('memory', this.job.limits.memory, this.state.refusedMemory)), null);
  }

  /** An error whose message the page writes, after it took secrets out of what the guest said. */
  private failedSaying(type: string, code: string, message: RawText): GuestEnd {
    const { preparing, streams } = this.state;
    const said = { inPrepare: preparing, message, tail: streams.stderrTail };
    return this.ended(failed({ type, message: '', retryable: false, code }), null, said);
  }

  private ended(document: ResultDocument, output: Uint8Array<ArrayBuffer> | null, said: Said | null = null): GuestEnd {
    const calls = [...this.state.calls].sort(([one], [other]) => (one < other ? -1 : 1));
    const elapsed = this.clocks.elapsedMs();
    return {
      document,
      output,
      said,
      usage: {
        instantiationMs: this.instantiated,
        executionMs: elapsed - this.instantiated,
        memoryHighWaterBytes: this.memory?.buffer.byteLength ?? 0,
        hostCalls: Object.fromEntries(calls),
        bytesOut: output?.length ?? 0,
        logLinesDropped: this.state.logLinesDropped,
        files: this.files?.usage ?? null,
      },
    };
  }
}

function failed(error: StepError): ResultDocument {
  return { status: 'failed', error };
}

function verdictOf(module: string, value: number): keyof HostCalls {
  if (module === WASI_MODULE) {
    return value === Errno.Success ? 'allowed' : 'failed';
  }
  return value >= 0 ? 'allowed' : value === AbiError.Denied ? 'denied' : 'failed';
}

/** Browsers report traps by their text alone; the first that fits is taken. */
const TRAPS: readonly (readonly [RegExp, TrapKind])[] = [
  [/call stack|too much recursion/i, 'stack_overflow'],
  [/unreachable/i, 'unreachable'],
  [/table|element segment/i, 'table_out_of_bounds'],
  [/signature|indirect call/i, 'bad_signature'],
  [/divi\w+ by zero|remainder by zero/i, 'integer_division_by_zero'],
  [/unrepresentable in integer|invalid conversion/i, 'bad_conversion_to_integer'],
  [/unrepresentable|integer overflow/i, 'integer_overflow'],
  [/out of bounds|out-of-bounds/i, 'memory_out_of_bounds'],
];

function trapOf(thrown: unknown): StopReason {
  if (thrown instanceof RunStopped || !(thrown instanceof Error)) {
    throw thrown;
  }
  const isTrap = thrown instanceof WebAssembly.RuntimeError || TRAPS[0]![0].test(thrown.message);
  if (!isTrap) {
    throw thrown; // of the host, or a browser without memory for one more instance
  }
  const trap = TRAPS.find(([text]) => text.test(thrown.message))?.[1] ?? 'other';
  return { kind: 'trapped', trap, message: { text: thrown.message, truncated: false } };
}
