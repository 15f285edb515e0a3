// The guest of the conformance kit as a component: does what `config.do` says (docs/conformance.md).

import { send } from 'wasm-broker:handler/http@1.0.0';
import { log } from 'wasm-broker:handler/log@1.0.0';
import { read } from 'wasm-broker:handler/secrets@1.0.0';
import { elapsed, now, remaining } from 'wasm-broker:handler/time@1.0.0';

// What `run` throws with a `payload` is its `failure`; anything else that is thrown is a trap.
class Failure extends Error {
  constructor(type, message, { retryable = false, retryAfterMs } = {}) {
    super(message);
    this.payload = { type, message, retryable, retryAfterMs };
  }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];

const ACTIONS = {
  echo: ({ context }) => context ?? null,

  fail({ config: { type, message, retryable, retry_after_ms: wait } }) {
    throw new Failure(type, message, { retryable, retryAfterMs: wait === undefined ? undefined : BigInt(wait) });
  },

  retry({ step: { attempt, max_attempts: max } }) {
    if (attempt < max) {
      throw new Failure('again', 'not yet', { retryable: true });
    }
    return { attempts: attempt };
  },

  crash() {
    throw new Error('as config.do says');
  },

  spin() {
    for (;;);
  },

  allocate() {
    for (const kept = []; ; ) {
      kept.push(new Uint8Array(1 << 20).fill(1));
    }
  },

  log({ config: { level, message, fields } }) {
    log(level, message, fields && JSON.stringify(fields));
    return null;
  },

  log_all({ config: { message } }) {
    LEVELS.forEach((level) => log(level, message, undefined));
    return null;
  },

  time: () => ({
    wall_ms: Number(now() / 1_000_000n),
    elapsed_us: Number(elapsed() / 1_000n),
    remaining_ms: Number(remaining() / 1_000_000n),
  }),

  http({ config: { method, url, headers, text } }) {
    const body = text === undefined ? undefined : new TextEncoder().encode(text);
    let response;
    try {
      response = send(JSON.stringify({ method, url, headers }), body);
    } catch ({ payload: { code, document } }) {
      const { type, message, retryable } = document ? JSON.parse(document) : { type: code, message: 'refused' };
      throw new Failure(type, message, { retryable });
    }
    const decoder = new TextDecoder();
    let all = '';
    for (let piece; (piece = response.read(65_536)).length > 0; ) {
      all += decoder.decode(piece, { stream: true });
    }
    return { status: JSON.parse(response.head()).status, body: all + decoder.decode() };
  },

  secret({ config: { name } }) {
    try {
      return { length: new TextEncoder().encode(read(name)).length };
    } catch ({ payload: code }) {
      throw new Failure(code.replaceAll('-', '_'), 'the secret cannot be read');
    }
  },
};

export function run(text) {
  const step = JSON.parse(text);
  if (!Object.hasOwn(ACTIONS, step.config?.do)) {
    throw new Failure('invalid_config', 'config.do is unknown');
  }
  return JSON.stringify(ACTIONS[step.config.do](step));
}
