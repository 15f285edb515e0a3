/**
 * Runs handlers in a page: each run has a worker of its own, which is ended at the deadline, when the run is cancelled,
 * and when it is over. The page's own thread neither parses, compiles nor runs a module.
 */
import { GRANTABLE } from './abi.js';
import { ChannelWriter, newChannel } from './channel.js';
import { checkDestinations } from './destination.js';
import { Egress, type HttpGrant } from './egress.js';
import type { FilesGrant } from './files.js';
import { type GuestEnd, type Job, limitExceeded, type Said, type Usage } from './guest.js';
import { encodeAnswer } from './http.js';
import { isJsonObject } from './json.js';
import type { Leak } from './leaks.js';
import { type Limits, limitsWith, MAX_MODULE_BYTES } from './limits.js';
import type { Plan } from './module.js';
import type { ResultDocument, StepError } from './result.js';
import type { LogLine, RawLine } from './run.js';
import { RunSecrets, type SecretGrants, SecretRefused, type SecretUse } from './secrets.js';
import { sanitize } from './text.js';
import { ModuleRefused } from './wasm.js';
import type { Answer, Request } from './worker.js';

/** What a page wants to be run. */
export interface RunRequest {
  /** The module's file. */
  readonly module: Uint8Array;
  /** The handler's name, which the guest finds as its program's name. */
  readonly handler: string;
  /** The step document, as bytes or text. */
  readonly input: Uint8Array | string;
  /** Those that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** For a command that knows nothing of step documents: the variables that its configuration may set. */
  readonly command?: { readonly environment: readonly string[] };
  /** The directories in memory that the guest finds; none without it. */
  readonly files?: FilesGrant;
  /** What it may ask of other servers; nothing without it. Only an isolated page (COOP, COEP) can grant it. */
  readonly http?: HttpGrant;
  /** What it may use of secrets, by name; none without it. Only an isolated page can grant them. */
  readonly secrets?: SecretGrants;
  /** The functions of the broker that it may call; by default all that a page can grant. */
  readonly functions?: readonly string[];
  readonly onLog?: (line: LogLine) => void;
  /** Told of each use of a secret once, and of 50 of them at most. */
  readonly onSecret?: (use: SecretUse) => void;
  /** Told when the guest starts, and of its host calls now and then. */
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
}

export interface Progress {
  readonly hostCalls: number;
  readonly memoryBytes: number;
  readonly elapsedMs: number;
}

const STDERR_TAIL_CHARS = 200;

/** How a run ended. */
export type Outcome = ResultDocument | { readonly status: 'cancelled'; readonly reason: string };

/** What a run used, with the names that a broker's receipt has. */
export interface Receipt {
  readonly digest: string;
  readonly engine: 'browser';
  readonly handler: string;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly host_calls: Usage['hostCalls'];
  readonly instantiation_ns: number;
  readonly execution_ns: number;
  readonly log_lines_dropped: number;
  readonly memory_high_water_bytes: number;
  readonly files?: Usage['files'];
  /** False if the page ended the guest: then the calls and the memory are those that it last told. */
  readonly complete: boolean;
}

export interface Ended {
  readonly outcome: Outcome;
  /** The bytes of the result document; null if there is none. */
  readonly output: Uint8Array | null;
  readonly receipt: Receipt;
}

/** A run that has begun. */
export interface Run {
  /** Fails only if the browser does: a guest's failure is an outcome. */
  readonly ended: Promise<Ended>;
  /** Ends the run, whatever the guest does. */
  cancel(reason?: string): void;
}

/** A module that may run. */
export interface LoadedModule {
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly digest: string;
  readonly plan: Plan;
}

interface CompiledModule extends LoadedModule {
  readonly module: WebAssembly.Module;
  readonly content: Uint8Array | null;
  readonly bytes: number;
}

export interface HostOptions {
  /** The script of the workers; by default the one beside this module. */
  readonly workerUrl?: URL | string;
  /** How many compiled modules are kept; 16 by default. */
  readonly cachedModules?: number;
}

const CACHED_MODULES = 16;
const CACHED_BYTES = 4 * MAX_MODULE_BYTES;

/** A module that takes longer to compile is refused. */
const COMPILE_MS = 60_000;

/** A run was cancelled before its guest started. */
class CancelledEarly extends Error {}

/** Runs modules, and keeps what it compiled. */
export class Host {
  private readonly workerUrl: URL | string;
  private readonly cachedModules: number;
  private readonly compiled = new Map<string, CompiledModule>();

  constructor(options: HostOptions = {}) {
    this.workerUrl = options.workerUrl ?? new URL('./worker.js', import.meta.url);
    this.cachedModules = options.cachedModules ?? CACHED_MODULES;
  }

  /**
   * Checks and compiles a module.
   *
   * @throws ModuleRefused saying why it may not run
   */
  async load(module: Uint8Array, limits: Partial<Limits> = {}): Promise<LoadedModule> {
    const { digest, plan } = await this.compile(module, limitsWith(limits), new AbortController().signal);
    return { digest, plan };
  }

  /**
   * Starts a run.
   *
   * @throws RangeError for a limit that cannot be, for `http` or `secrets` in a page that is not isolated, for a
   *     destination that is none, or for a secret that cannot be granted
   */
  start(request: RunRequest): Run {
    const limits = limitsWith(request.limits ?? {});
    for (const capability of ['http', 'secrets'] as const) {
      if (request[capability] !== undefined && !crossOriginIsolated) {
        throw new RangeError(
          `${capability} can be granted only by a page that is isolated: with COOP same-origin and COEP require-corp`,
        );
      }
    }
    checkDestinations(request.http?.destinations ?? []);
    const secrets = new RunSecrets(
      request.secrets ?? {},
      (use) => request.onSecret?.(use),
      (text, values, stop) => this.search(text, values, stop),
    );
    const stop = new AbortController();
    const cancel = (reason = 'cancelled by the page'): void => stop.abort(reason);
    const { signal } = request;
    const aborted = (): void => cancel(typeof signal?.reason === 'string' ? signal.reason : undefined);
    signal?.addEventListener('abort', aborted, { signal: stop.signal });
    if (signal?.aborted === true) {
      aborted();
    }
    return { ended: this.run(request, secrets, limits, stop.signal).finally(() => secrets.close()), cancel };
  }

  private async run(request: RunRequest, secrets: RunSecrets, limits: Limits, stop: AbortSignal): Promise<Ended> {
    const input = typeof request.input === 'string' ? new TextEncoder().encode(request.input) : request.input;
    const receipt = new ReceiptMaker(request.handler, input.length);
    try {
      const compiled = await this.compile(request.module, limits, stop);
      receipt.digest = compiled.digest;
      return await new GuestRun(this.workerUrl, request, secrets, receipt, limits, stop).run({
        module: compiled.module,
        plan: compiled.plan,
        content: compiled.content,
        handler: request.handler,
        input,
        limits,
        command: request.command ?? null,
        files: request.files ?? null,
        channel: request.http === undefined && request.secrets === undefined ? null : newChannel(),
        http: request.http !== undefined,
        secrets: request.secrets !== undefined,
        functions: request.functions ?? [...GRANTABLE, 'http_request', 'read_secret'],
      });
    } catch (failure) {
      if (failure instanceof ModuleRefused) {
        const error = { type: 'module_refused', message: failure.message, retryable: false };
        return receipt.ended({ status: 'failed', error }, null, null);
      }
      if (failure instanceof CancelledEarly) {
        return receipt.ended({ status: 'cancelled', reason: failure.message }, null, null);
      }
      throw failure;
    }
  }

  private async compile(file: Uint8Array, limits: Limits, stop: AbortSignal): Promise<CompiledModule> {
    if (file.length > MAX_MODULE_BYTES) {
      throw new ModuleRefused(`the module has ${file.length} bytes, the maximum is ${MAX_MODULE_BYTES}`);
    }
    const bytes = file.slice(); // what is hashed is what is compiled, whatever the page does with its array
    const digest = hexadecimal(await crypto.subtle.digest('SHA-256', bytes));
    const key = `${digest} ${limits.memory} ${limits.tableElements}`;
    const known = this.compiled.get(key);
    if (known !== undefined) {
      this.keep(key, known);
      return known;
    }
    const compiled = await this.compileInWorker(bytes, digest, limits, stop);
    this.keep(key, compiled);
    return compiled;
  }

  private compileInWorker(
    bytes: Uint8Array<ArrayBuffer>,
    digest: string,
    limits: Limits,
    stop: AbortSignal,
  ): Promise<CompiledModule> {
    const size = bytes.length;
    return new Promise((resolve, reject) => {
      if (stop.aborted) {
        reject(new CancelledEarly(String(stop.reason)));
        return;
      }
      const worker = new Worker(this.workerUrl, { type: 'module' });
      const timer = setTimeout(() => {
        end();
        reject(new ModuleRefused(`the module was not compiled within ${COMPILE_MS} ms`));
      }, COMPILE_MS);
      const cancelled = (): void => {
        end();
        reject(new CancelledEarly(String(stop.reason)));
      };
      const end = (): void => {
        clearTimeout(timer);
        stop.removeEventListener('abort', cancelled);
        worker.terminate();
      };
      stop.addEventListener('abort', cancelled);
      worker.onerror = (event) => {
        end();
        reject(new Error(`the worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        end();
        if (data.kind === 'loaded') {
          const { module, content, plan } = data;
          resolve({ digest, module, content, plan, bytes: size });
        } else {
          const message = data.kind === 'refused' || data.kind === 'fault' ? data.message : 'an unexpected answer';
          reject(data.kind === 'refused' ? new ModuleRefused(message) : new Error(message));
        }
      };
      worker.postMessage({ kind: 'load', bytes, limits } satisfies Request, [bytes.buffer]);
    });
  }

  /** Searches a text for values of secrets, in a worker of its own. */
  private search(text: Uint8Array, values: ReadonlyMap<string, Uint8Array>, stop: AbortSignal): Promise<Leak | null> {
    return new Promise((resolve, reject) => {
      if (stop.aborted) {
        reject(new Error('the run was ended'));
        return;
      }
      const worker = new Worker(this.workerUrl, { type: 'module' });
      const ended = (): void => {
        end();
        reject(new Error('the run was ended'));
      };
      const end = (): void => {
        stop.removeEventListener('abort', ended);
        worker.terminate();
      };
      stop.addEventListener('abort', ended);
      worker.onerror = (event) => {
        end();
        reject(new Error(`the worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        end();
        if (data.kind === 'searched') {
          resolve(data.leak);
        } else {
          reject(new Error('the text could not be searched for secrets'));
        }
      };
      worker.postMessage({ kind: 'search', text, values } satisfies Request);
    });
  }

  /** Keeps the modules that were used last. */
  private keep(key: string, compiled: CompiledModule): void {
    this.compiled.delete(key);
    this.compiled.set(key, compiled);
    let bytes = 0;
    this.compiled.forEach((one) => (bytes += one.bytes));
    for (const [oldest, one] of this.compiled) {
      if (this.compiled.size <= this.cachedModules && bytes <= CACHED_BYTES) {
        break;
      }
      this.compiled.delete(oldest);
      bytes -= one.bytes;
    }
  }
}

/** A worker with one guest in it. */
class GuestRun {
  private startedAt: number | null = null;
  private progress: Progress = { hostCalls: 0, memoryBytes: 0, elapsedMs: 0 };

  constructor(
    private readonly workerUrl: URL | string,
    private readonly request: RunRequest,
    private readonly secrets: RunSecrets,
    private readonly receipt: ReceiptMaker,
    private readonly limits: Limits,
    private readonly stop: AbortSignal,
  ) {}

  run(job: Job): Promise<Ended> {
    return new Promise((resolve, reject) => {
      if (this.stop.aborted) {
        reject(new CancelledEarly(String(this.stop.reason)));
        return;
      }
      const worker = new Worker(this.workerUrl, { type: 'module' });
      let timer: ReturnType<typeof setTimeout> | undefined;
      const over = new AbortController();
      const end = (): void => {
        clearTimeout(timer);
        this.stop.removeEventListener('abort', cancelled);
        worker.terminate();
        over.abort();
      };
      const egress = this.request.http === undefined ? null : new Egress(this.request.http, this.secrets, over.signal);
      const channel = job.channel === null ? null : new ChannelWriter(job.channel);
      const endBy = (outcome: Outcome): void => {
        end();
        resolve(this.receipt.ended(outcome, null, this.lastSeen()));
      };
      const cancelled = (): void => endBy({ status: 'cancelled', reason: String(this.stop.reason) });
      this.stop.addEventListener('abort', cancelled);
      worker.onerror = (event) => {
        end();
        reject(new Error(`the worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        switch (data.kind) {
          case 'started':
            this.startedAt = performance.now();
            timer = setTimeout(() => endBy(failed(this.timeExceeded())), this.limits.time);
            this.request.onProgress?.(this.progress);
            break;
          case 'log':
            this.request.onLog?.(this.shown(data.line));
            break;
          case 'progress':
            this.progress = { hostCalls: data.hostCalls, memoryBytes: data.memoryBytes, elapsedMs: this.elapsed() };
            this.request.onProgress?.(this.progress);
            break;
          case 'request':
            void egress?.answer(data.document, data.body).then((answer) => channel?.answer(answer));
            break;
          case 'secret':
            channel?.answer(this.readSecret(data.name));
            break;
          case 'more':
            channel?.more();
            break;
          case 'ended':
            end();
            this.checked(data.end).then(
              (checked) => resolve(this.receipt.endedBy(checked)),
              (failure: unknown) => (this.stop.aborted ? cancelled() : reject(failure)),
            );
            break;
          case 'fault':
            endBy(
              failed({
                type: 'broker_fault',
                message: this.secrets.redact(`the browser could not run it: ${data.message}`),
                retryable: true,
              }),
            );
            break;
          default:
            end();
            reject(new Error(`an unexpected answer of the worker: ${data.kind}`));
        }
      };
      worker.postMessage({ kind: 'run', job } satisfies Request);
    });
  }

  /** The answer to `read_secret`, as it goes through the channel. */
  private readSecret(name: string): Uint8Array<ArrayBuffer> {
    const body = new Uint8Array(0);
    try {
      return encodeAnswer({ code: 0, document: this.secrets.read(name), body });
    } catch (refused) {
      if (refused instanceof SecretRefused) {
        return encodeAnswer({ code: refused.code, document: body, body });
      }
      throw refused;
    }
  }

  /** A line without the run's secrets, safe to show. */
  private shown({ level, message, fields }: RawLine): LogLine {
    return { level, message: this.secrets.shown(message, this.limits.logLine), fields: fields === null ? null : this.fields(fields) };
  }

  private fields(written: string): string {
    const redacted = this.secrets.redact(written);
    if (redacted !== written && !isJsonObject(new TextEncoder().encode(redacted))) {
      return '{"redacted":true}'; // a value across several members leaves no JSON behind
    }
    return sanitize(redacted, redacted.length);
  }

  /** The end of a guest with what it said, and without what has the value of a secret. */
  private async checked(end: GuestEnd): Promise<GuestEnd> {
    const leaked = end.output === null ? null : await this.secrets.checkOutput(end.output, this.stop);
    if (leaked !== null) {
      return { ...end, document: { status: 'failed', error: leaked }, output: null };
    }
    if (end.document.status !== 'failed') {
      return end;
    }
    const { error } = end.document;
    const told = end.said === null ? error : { ...error, message: this.messageOf(end.said) };
    return { ...end, document: { status: 'failed', error: await this.secrets.checked(told, this.stop) } };
  }

  private messageOf({ inPrepare, message, tail }: Said): string {
    const show = (text: Said['message']): string => this.secrets.shown(text, this.limits.logLine);
    const text = `${inPrepare ? 'in prepare: ' : ''}${show(message)}`;
    const lines = tail.map((line) => sanitize(show(line), STDERR_TAIL_CHARS)).join(' / ');
    return tail.length === 0 ? text : `${text}; last lines on stderr: ${lines}`;
  }

  private elapsed(): number {
    return this.startedAt === null ? 0 : performance.now() - this.startedAt;
  }

  private timeExceeded(): StepError {
    return limitExceeded('time', this.limits.time, Math.max(this.limits.time, Math.floor(this.elapsed())));
  }

  private lastSeen(): Progress {
    return { ...this.progress, elapsedMs: this.elapsed() };
  }
}

class ReceiptMaker {
  digest = '';

  constructor(
    private readonly handler: string,
    private readonly bytesIn: number,
  ) {}

  endedBy({ document, output, usage }: GuestEnd): Ended {
    return {
      outcome: document,
      output,
      receipt: {
        digest: `sha256:${this.digest}`,
        engine: 'browser',
        handler: this.handler,
        bytes_in: this.bytesIn,
        bytes_out: usage.bytesOut,
        host_calls: usage.hostCalls,
        instantiation_ns: Math.round(usage.instantiationMs * 1e6),
        execution_ns: Math.round(usage.executionMs * 1e6),
        log_lines_dropped: usage.logLinesDropped,
        memory_high_water_bytes: usage.memoryHighWaterBytes,
        ...(usage.files === null ? {} : { files: usage.files }),
        complete: true,
      },
    };
  }

  /**
   * Of a run that the page ended.
   *
   * @param seen what was known of its guest; null if there was none
   */
  ended(outcome: Outcome, output: Uint8Array | null, seen: Progress | null): Ended {
    return {
      outcome,
      output,
      receipt: {
        digest: this.digest === '' ? '' : `sha256:${this.digest}`,
        engine: 'browser',
        handler: this.handler,
        bytes_in: this.bytesIn,
        bytes_out: 0,
        host_calls: {},
        instantiation_ns: 0,
        execution_ns: Math.round((seen?.elapsedMs ?? 0) * 1e6),
        log_lines_dropped: 0,
        memory_high_water_bytes: seen?.memoryBytes ?? 0,
        complete: seen === null,
      },
    };
  }
}

function failed(error: StepError): Outcome {
  return { status: 'failed', error };
}

function hexadecimal(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
