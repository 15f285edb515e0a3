/** The script of a worker: it loads one module, or runs one guest, and is ended by the page. */
import { type GuestEnd, type Job, runGuest } from './guest.js';
import type { Limits } from './limits.js';
import { check, type Plan } from './module.js';
import type { LogLine } from './run.js';
import { ModuleRefused } from './wasm.js';

export type Request =
  | { readonly kind: 'load'; readonly bytes: Uint8Array; readonly limits: Limits }
  | { readonly kind: 'run'; readonly job: Job };

export type Answer =
  | {
      readonly kind: 'loaded';
      readonly module: WebAssembly.Module;
      readonly content: Uint8Array | null;
      readonly plan: Plan;
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'started' }
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'progress'; readonly hostCalls: number; readonly memoryBytes: number }
  | { readonly kind: 'request'; readonly document: Uint8Array; readonly body: Uint8Array<ArrayBuffer> | null }
  | { readonly kind: 'more' }
  | { readonly kind: 'ended'; readonly end: GuestEnd }
  | { readonly kind: 'fault'; readonly message: string };

/** What of a worker's scope is used here. */
interface Scope {
  onmessage: ((message: MessageEvent<Request>) => void) | null;
  postMessage(message: Answer, transfer?: Transferable[]): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data }) => {
  scope.onmessage = null; // one request a worker
  try {
    if (data.kind === 'load') {
      load(data.bytes, data.limits);
    } else {
      run(data.job);
    }
  } catch (failure) {
    scope.postMessage(
      failure instanceof ModuleRefused
        ? { kind: 'refused', message: failure.message }
        : { kind: 'fault', message: String(failure) },
    );
  }
};

function load(bytes: Uint8Array, limits: Limits): void {
  const checked = check(bytes, limits);
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(checked.code);
  } catch (failure) {
    if (failure instanceof WebAssembly.CompileError) {
      throw new ModuleRefused(`the module is invalid: ${failure.message}`);
    }
    throw failure;
  }
  scope.postMessage({ kind: 'loaded', module, content: checked.content, plan: checked.plan });
}

function run(job: Job): void {
  scope.postMessage({ kind: 'started' });
  const end = runGuest(job, {
    log: (line) => scope.postMessage({ kind: 'log', line }),
    progress: (hostCalls, memoryBytes) => scope.postMessage({ kind: 'progress', hostCalls, memoryBytes }),
    request: (document, body) =>
      scope.postMessage({ kind: 'request', document, body: body as Uint8Array<ArrayBuffer> | null }),
    more: () => scope.postMessage({ kind: 'more' }),
  });
  scope.postMessage({ kind: 'ended', end }, end.output === null ? [] : [end.output.buffer]);
}
