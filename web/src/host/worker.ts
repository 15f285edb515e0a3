/** The script of a worker: it loads one module, runs one guest, or searches one text, and is ended by the page. */
import { type GuestEnd, type Job, runGuest } from './guest.js';
import { type Leak, LeakScanner } from './leaks.js';
import type { Limits } from './limits.js';
import { check, type Plan } from './module.js';
import type { RawLine } from './run.js';
import { ModuleRefused } from './wasm.js';

export type Request =
  | { readonly kind: 'load'; readonly bytes: Uint8Array; readonly limits: Limits }
  | { readonly kind: 'run'; readonly job: Job }
  | { readonly kind: 'search'; readonly text: Uint8Array; readonly values: ReadonlyMap<string, Uint8Array> };

export type Answer =
  | {
      readonly kind: 'loaded';
      readonly module: WebAssembly.Module;
      readonly content: Uint8Array | null;
      readonly plan: Plan;
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'searched'; readonly leak: Leak | null }
  | { readonly kind: 'started' }
  | { readonly kind: 'log'; readonly line: RawLine }
  | { readonly kind: 'progress'; readonly hostCalls: number; readonly memoryBytes: number }
  | { readonly kind: 'request'; readonly document: Uint8Array; readonly body: Uint8Array<ArrayBuffer> | null }
  | { readonly kind: 'secret'; readonly name: string }
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
    } else if (data.kind === 'run') {
      run(data.job);
    } else {
      search(data.text, data.values);
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

/** Where no guest is: this worker has the values. */
function search(text: Uint8Array, values: ReadonlyMap<string, Uint8Array>): void {
  const scanner = new LeakScanner();
  values.forEach((value, name) => scanner.add(name, value));
  scope.postMessage({ kind: 'searched', leak: scanner.leakIn(text) });
}

function run(job: Job): void {
  scope.postMessage({ kind: 'started' });
  const end = runGuest(job, {
    log: (line) => scope.postMessage({ kind: 'log', line }),
    progress: (hostCalls, memoryBytes) => scope.postMessage({ kind: 'progress', hostCalls, memoryBytes }),
    request: (document, body) =>
      scope.postMessage({ kind: 'request', document, body: body as Uint8Array<ArrayBuffer> | null }),
    secret: (name) => scope.postMessage({ kind: 'secret', name }),
    more: () => scope.postMessage({ kind: 'more' }),
  });
  scope.postMessage({ kind: 'ended', end }, end.output === null ? [] : [end.output.buffer]);
}
