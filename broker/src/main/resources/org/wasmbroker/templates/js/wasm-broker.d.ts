// What a JavaScript handler of the WASM broker gets, and what it can use beside the language itself.

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The step document: what the handler is called with. */
export interface StepDocument<Config = any, Context = any, Deps = Record<string, any>, Prev = any> {
  step: {
    step_uuid?: string;
    task_uuid?: string;
    correlation_id?: string;
    name: string;
    handler?: string;
    attempt?: number;
    max_attempts?: number;
    deadline_ms?: number;
    inputs?: Json;
  };
  task?: { name?: string; namespace?: string; version?: string };
  /** The handler's configuration, the same object that was there when the script was loaded. */
  config: Config;
  /** The task's input. */
  context: Context;
  /** The results of the steps before this one, by name. */
  deps: Deps;
  /** The result of the step before this one, if there is exactly one. */
  prev: Prev;
  /** What an earlier run of this step returned with `step.checkpoint`. */
  checkpoint: null | { cursor: any; items_processed: number; accumulated_results: any };
}

export type Level = "trace" | "debug" | "info" | "warn" | "error";

/** An error that ends the step as it says, when it is thrown. */
export interface StepError extends Error {
  type: string;
  retryable: boolean;
  code?: string;
  retryAfterMs?: number;
  context?: object;
}

/** Ends this run, and continues the step with a new one: to be returned by the handler. */
export interface Checkpoint {
  readonly cursor: any;
}

/** What the broker offers to the handler: its second argument. */
export interface Step {
  /** Makes an error to throw. Not retryable unless it says so. */
  error(
    type: string,
    message: string,
    options?: { retryable?: boolean; code?: string | number; retryAfterMs?: number; context?: object; cause?: unknown },
  ): StepError;
  /** Makes a checkpoint to return. */
  checkpoint(progress: { cursor: any; itemsProcessed?: number; accumulated?: any }): Checkpoint;
  /** The value of a secret; throws if it is not granted or does not exist. */
  secret(name: string): string;
  /** Until the step's deadline. */
  remainingMs(): number;
  /** A log line with fields. */
  log(level: Level, message: unknown, fields?: Record<string, Json>): void;
}

export type Handler<Config = any, Context = any> = (
  input: StepDocument<Config, Context>,
  step: Step,
) => unknown | Promise<unknown>;

/** Options of `fetch` beside the standard's `method`, `headers` and `body`. */
export interface BrokerFetchOptions {
  /** A body of JSON, instead of `body`; placeholders of secrets in its texts are filled in by the broker. */
  json?: unknown;
  /** For the whole response. */
  timeoutMs?: number;
  /** Whether the broker adds a key by which the server knows a request that is sent again. */
  idempotencyKey?: boolean;
}

/** What `fetch` throws: the broker's reason, and whether sending it again can help. */
export interface FetchError extends TypeError {
  type: string;
  retryable: boolean;
  sent: boolean;
  retryAfterMs?: number;
}

declare global {
  interface RequestInit extends BrokerFetchOptions {}
}
