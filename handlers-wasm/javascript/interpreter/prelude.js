// What a script finds beside the language: part of the snapshot of the module, evaluated when it is built.
// The functions of `host` are those of host.c; the object that this returns is for interpreter.c.
(function (host) {
  "use strict";

  const { TypeError, RangeError, Error, String, Number, JSON, Map, Set, Object, Array, Symbol, Date, Promise } = globalThis;

  /** Defines a name as the language's own are: not enumerable, and the script may replace it. */
  function define(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }

  // --- console ---------------------------------------------------------------------------------------------------------

  const LEVELS = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };

  function inspect(value) {
    if (typeof value === "string") return value;
    if (value instanceof Error) return describe(value) + (value.stack ? "\n" + value.stack : "");
    if (typeof value === "function") return `[function ${value.name}]`;
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Map) return `Map ${inspect([...value])}`;
    if (value instanceof Set) return `Set ${inspect([...value])}`;
    if (typeof value === "object" && value !== null) {
      try {
        return JSON.stringify(value) ?? String(value);
      } catch {
        return Object.prototype.toString.call(value);
      }
    }
    return String(value);
  }

  const line = (level) => (...values) => host.log(level, values.map(inspect).join(" "));
  define("console", {
    trace: line(0), debug: line(1), log: line(2), info: line(2), warn: line(3), error: line(4),
    assert(condition, ...values) {
      if (!condition) host.log(4, ["Assertion failed", ...values.map(inspect)].join(" "));
    },
  });

  // --- text ------------------------------------------------------------------------------------------------------------

  class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(text = "") { return host.encode(String(text)); }
  }

  class TextDecoder {
    #fatal;
    #keepMark;
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(label)) {
        throw new RangeError(`the encoding '${label}' is not available; 'utf-8' is`);
      }
      this.#fatal = Boolean(fatal);
      this.#keepMark = Boolean(ignoreBOM);
    }
    get encoding() { return "utf-8"; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#keepMark; }
    decode(bytes = new Uint8Array()) {
      const text = host.decode(view(bytes), this.#fatal);
      return !this.#keepMark && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
  }
  define("TextEncoder", TextEncoder);
  define("TextDecoder", TextDecoder);

  /** The bytes of an ArrayBuffer or of a view of one. */
  function view(bytes) {
    if (bytes instanceof Uint8Array) return bytes;
    if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
    throw new TypeError("bytes are an ArrayBuffer or a view of one");
  }

  // --- randomness, copies ----------------------------------------------------------------------------------------------

  define("crypto", {
    getRandomValues(array) {
      host.random(view(array));
      return array;
    },
    randomUUID() {
      const bytes = host.random(new Uint8Array(16));
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    },
  });

  function clone(value, copies) {
    if (typeof value === "function" || typeof value === "symbol") {
      throw new TypeError(`a ${typeof value} cannot be cloned`);
    }
    if (typeof value !== "object" || value === null) return value;
    if (copies.has(value)) return copies.get(value);
    const keep = (copy) => (copies.set(value, copy), copy);
    if (value instanceof Date) return keep(new Date(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (value instanceof DataView) return keep(new DataView(clone(value.buffer, copies), value.byteOffset, value.byteLength));
    if (ArrayBuffer.isView(value)) {
      return keep(new value.constructor(clone(value.buffer, copies), value.byteOffset, value.length));
    }
    if (value instanceof Map) {
      const copy = keep(new Map());
      for (const [key, item] of value) copy.set(clone(key, copies), clone(item, copies));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set());
      for (const item of value) copy.add(clone(item, copies));
      return copy;
    }
    const copy = keep(Array.isArray(value) ? new Array(value.length) : value instanceof Error ? new Error(value.message) : {});
    for (const key of Object.keys(value)) copy[key] = clone(value[key], copies);
    return copy;
  }
  define("structuredClone", (value) => clone(value, new Map()));

  // --- timers ----------------------------------------------------------------------------------------------------------

  const timers = new Map();
  let lastTimer = 0;

  function start(name, callback, delay, repeats, values) {
    if (typeof callback !== "function") throw new TypeError(`${name} takes a function`);
    host.requireRunning(name);
    const wait = Math.max(repeats ? 1 : 0, Number(delay) || 0);
    timers.set(++lastTimer, { callback, values, due: host.now() + wait, every: repeats ? wait : 0 });
    return lastTimer;
  }
  define("setTimeout", (callback, delay, ...values) => start("setTimeout", callback, delay, false, values));
  define("setInterval", (callback, delay, ...values) => start("setInterval", callback, delay, true, values));
  define("clearTimeout", (id) => void timers.delete(id));
  define("clearInterval", (id) => void timers.delete(id));
  define("queueMicrotask", (callback) => void Promise.resolve().then(callback));

  function earliest() {
    let first;
    for (const entry of timers) {
      if (first === undefined || entry[1].due < first[1].due) first = entry;
    }
    return first;
  }

  /** Waits for the earliest timer and calls it; false if there is none. */
  function fireTimer() {
    const first = earliest();
    if (first === undefined) return false;
    const [id, timer] = first;
    const wait = timer.due - host.now();
    if (wait > 0) host.sleep(wait);
    if (timer.every > 0) timer.due = host.now() + timer.every;
    else timers.delete(id);
    timer.callback(...timer.values);
    return true;
  }

  // --- failures --------------------------------------------------------------------------------------------------------

  class StepError extends Error {
    constructor(type, message, { retryable = false, code, retryAfterMs, context, cause } = {}) {
      super(String(message), cause === undefined ? undefined : { cause });
      Object.assign(this, { type: String(type), retryable: Boolean(retryable), code, retryAfterMs, context });
    }
  }
  Object.defineProperty(StepError.prototype, "name", { value: "StepError" });

  class Checkpoint {
    constructor({ cursor = null, itemsProcessed = 0, accumulated = null }) {
      this.cursor = cursor;
      this.itemsProcessed = itemsProcessed;
      this.accumulated = accumulated;
    }
  }

  function describe(error) {
    return error.message ? `${error.name}: ${error.message}` : String(error.name);
  }

  const STACK_LINES = 10;

  function stackOf(error) {
    return String(error.stack ?? "").split("\n").map((text) => text.trim()).filter((text) => text.includes("handler.js"))
      .slice(0, STACK_LINES);
  }

  /** The failed result document of what was thrown, as JSON. */
  function failure(thrown, type) {
    const isError = thrown instanceof Error;
    const typed = isError && typeof thrown.type === "string";
    const error = {
      type: typed ? thrown.type : type,
      message: typed ? String(thrown.message) : isError ? describe(thrown) : `thrown: ${inspect(thrown)}`,
      retryable: isError && thrown.retryable === true,
    };
    if (isError && thrown.code !== undefined) error.code = String(thrown.code);
    const wait = isError ? Number(thrown.retryAfterMs) : NaN;
    if (wait >= 0 && wait < Infinity) error.retry_after_ms = Math.ceil(wait);
    const context = isError && typeof thrown.context === "object" && thrown.context !== null ? { ...thrown.context } : {};
    const stack = isError && !(thrown instanceof StepError) ? stackOf(thrown) : [];
    if (stack.length > 0) {
      context.stack = stack;
      const place = /handler\.js:(\d+)(?::(\d+))?/.exec(stack[0]);
      if (place) {
        context.line = Number(place[1]);
        if (place[2]) context.column = Number(place[2]);
        if (!typed) error.message += ` (${place[0]})`;
      }
    }
    if (Object.keys(context).length > 0) error.context = context;
    try {
      return JSON.stringify({ status: "failed", error });
    } catch {
      delete error.context; // it is not JSON
      return JSON.stringify({ status: "failed", error });
    }
  }

  function checkpoint(value) {
    return JSON.stringify({
      status: "checkpoint",
      cursor: value.cursor,
      items_processed: value.itemsProcessed,
      accumulated_results: value.accumulated,
    });
  }

  const step = {
    error: (type, message, options) => new StepError(type, message, options),
    checkpoint: (progress) => new Checkpoint(progress ?? {}),
    secret: (name) => host.secret(String(name)),
    remainingMs: () => host.remaining(),
    log(level, message, fields) {
      if (!Object.hasOwn(LEVELS, level)) {
        throw new RangeError(`there is no level '${level}'; the levels are ${Object.keys(LEVELS).join(", ")}`);
      }
      host.log(LEVELS[level], inspect(message), fields === undefined ? undefined : JSON.stringify(fields));
    },
  };

  // --- requests --------------------------------------------------------------------------------------------------------

  const MAX_OPEN = 7; // the host has eight, and the next request needs one

  class Headers {
    #entries = new Map();
    constructor(init) {
      if (init == null) return;
      const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
      for (const [name, value] of pairs) {
        for (const one of Array.isArray(value) ? value : [value]) this.append(name, one);
      }
    }
    append(name, value) {
      const key = String(name).toLowerCase();
      const values = this.#entries.get(key) ?? [];
      values.push(String(value).trim());
      this.#entries.set(key, values);
    }
    set(name, value) { this.#entries.set(String(name).toLowerCase(), [String(value).trim()]); }
    get(name) { return this.#entries.get(String(name).toLowerCase())?.join(", ") ?? null; }
    getSetCookie() { return [...(this.#entries.get("set-cookie") ?? [])]; }
    has(name) { return this.#entries.has(String(name).toLowerCase()); }
    delete(name) { this.#entries.delete(String(name).toLowerCase()); }
    forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
    *entries() { for (const [name, values] of [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1))) yield [name, values.join(", ")]; }
    *keys() { for (const [name] of this) yield name; }
    *values() { for (const [, value] of this) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    toJSON() { return Object.fromEntries(this.#entries); }
  }

  const openResponses = new Set();

  class Response {
    #handle;
    #body;
    #used = false;
    constructor(handle, head) {
      this.#handle = handle;
      this.status = head.status;
      this.statusText = "";
      this.ok = head.status >= 200 && head.status < 300;
      this.url = head.url;
      this.redirected = head.redirects > 0;
      this.headers = new Headers(head.headers);
      openResponses.add(this);
    }
    get bodyUsed() { return this.#used; }
    /** Takes the body out of the host, which has room for few responses. */
    load() {
      if (this.#body === undefined) {
        openResponses.delete(this);
        try {
          this.#body = host.httpBody(this.#handle);
        } catch (refused) {
          throw httpError(refused);
        } finally {
          host.httpClose(this.#handle);
        }
      }
      return this.#body;
    }
    #take() {
      if (this.#used) throw new TypeError("the body was read before");
      this.#used = true;
      return this.load();
    }
    async bytes() { return this.#take(); }
    async arrayBuffer() { return this.#take().buffer; }
    async text() { return new TextDecoder().decode(this.#take()); }
    async json() { return JSON.parse(await this.text()); }
  }

  /** The error of a request, with what the broker says about sending it again. */
  function httpError(refused) {
    if (typeof refused !== "string") return refused;
    const document = JSON.parse(refused);
    const error = new TypeError(`fetch failed: ${document.message}`);
    error.type = document.type;
    error.retryable = document.retryable === true;
    error.sent = document.sent === true;
    if (document.retry_after_ms !== undefined) error.retryAfterMs = document.retry_after_ms;
    return error;
  }

  function bodyOf(body, headers) {
    if (body === undefined || body === null) return undefined;
    if (typeof body === "string") return { text: body };
    if (body instanceof URLSearchParams) {
      if (!headers.has("content-type")) headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
      return { text: String(body) };
    }
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { base64: host.base64(view(body)) };
    throw new TypeError("a body is a string, URLSearchParams or bytes; for an object, use JSON.stringify or the option json");
  }

  function send(resource, options) {
    host.requireRunning("fetch");
    const headers = new Headers(options.headers);
    const request = { method: String(options.method ?? "GET").toUpperCase(), url: String(resource) };
    const body = options.json === undefined ? bodyOf(options.body, headers) : { json: options.json };
    if (body !== undefined) request.body = body;
    if (options.timeoutMs !== undefined) request.timeout_ms = options.timeoutMs;
    if (options.idempotencyKey !== undefined) request.idempotency_key = options.idempotencyKey;
    request.headers = headers;
    if (openResponses.size >= MAX_OPEN) openResponses.values().next().value.load();
    try {
      const handle = host.httpSend(JSON.stringify(request));
      return new Response(handle, JSON.parse(host.httpHead(handle)));
    } catch (refused) {
      throw httpError(refused);
    }
  }
  define("Headers", Headers);
  define("fetch", async (resource, options = {}) => send(resource, options));

  return { failure, checkpoint, fireTimer, step, checkpointPrototype: Checkpoint.prototype };
})
