// Step handlers for the WASM broker, in AssemblyScript.
//
//   import { Step, Outcome, Failure, JsonWriter, serve } from "./wasm-broker";
//
//   function handle(step: Step): Outcome {
//     const who = step.context.member("who");
//     if (!who.isText) return new Failure("nobody", "context.who is missing").outcome();
//     return Outcome.completed(new JsonWriter().beginObject().name("greeting").text("Hello, " + who.text).endObject().toString());
//   }
//
//   export function run(): i32 { return serve(handle); }
//
// A run is short and its instance is thrown away, so nothing is freed: compile with --runtime stub.

// @ts-ignore: decorator
@external("wasm_broker_v1", "read_input") declare function hostReadInput(into: usize, capacity: u32): i32;
// @ts-ignore: decorator
@external("wasm_broker_v1", "write_output") declare function hostWriteOutput(from: usize, length: u32): i32;
// @ts-ignore: decorator
@external("wasm_broker_v1", "log") declare function hostLog(level: i32, message: usize, messageLength: u32, fields: usize, fieldsLength: u32): i32;
// @ts-ignore: decorator
@external("wasm_broker_v1", "get_time") declare function hostGetTime(clock: i32): i64;
// @ts-ignore: decorator
@external("wasm_broker_v1", "http_request") declare function hostHttp(op: i32, handle: i32, at: usize, length: u32): i32;
// @ts-ignore: decorator
@external("wasm_broker_v1", "read_secret") declare function hostReadSecret(name: usize, nameLength: u32, into: usize, capacity: u32): i32;

const ERROR_NAMES: string[] = ["fault", "invalid", "too_large", "state", "denied", "not_found", "rate_limited", "timeout", "io", "budget"];

/** The name of an error code of the broker, such as "denied". */
export function errorName(code: i32): string {
  return code < 0 && code >= -10 ? ERROR_NAMES[-code - 1] : "unknown";
}

function utf8(text: string): ArrayBuffer { return String.UTF8.encode(text); }

// --- values of JSON --------------------------------------------------------------------------------------------------

function isSpace(code: i32): bool { return code == 0x20 || code == 0x09 || code == 0x0a || code == 0x0d; }

/** One value of a valid document: a view of its text, which is read when it is asked for. */
export class Json {
  constructor(private source: string, private from: i32, private to: i32) {}

  static parse(text: string): Json {
    const value = new Json(text, 0, text.length);
    const from = value.skipSpace(0);
    return new Json(text, from, value.skipValue(from));
  }

  static get absent(): Json { return new Json("", 0, 0); }

  /** Whether there is such a value. */
  get exists(): bool { return this.to > this.from; }
  get isNull(): bool { return !this.exists || this.first == 0x6e; }
  get isTrue(): bool { return this.exists && this.first == 0x74; }
  get isText(): bool { return this.exists && this.first == 0x22; }
  get isObject(): bool { return this.exists && this.first == 0x7b; }
  get isArray(): bool { return this.exists && this.first == 0x5b; }
  get isNumber(): bool { return this.exists && (this.first == 0x2d || (this.first >= 0x30 && this.first <= 0x39)); }

  private get first(): i32 { return this.source.charCodeAt(this.from); }

  /** The value as it is written. */
  toString(): string { return this.source.substring(this.from, this.to); }

  /** The characters of a text; empty for any other value. */
  get text(): string {
    if (!this.isText) return "";
    const raw = this.source.substring(this.from + 1, this.to - 1);
    if (!raw.includes("\\")) return raw;
    const parts: string[] = [];
    let plain = 0;
    for (let i = 0; i < raw.length; i++) {
      if (raw.charCodeAt(i) != 0x5c) continue;
      parts.push(raw.substring(plain, i));
      const escape = raw.charCodeAt(++i);
      if (escape == 0x75) {
        parts.push(String.fromCharCode(<i32>parseInt(raw.substr(i + 1, 4), 16)));
        i += 4;
      } else {
        const at = "bfnrt".indexOf(String.fromCharCode(escape));
        parts.push(at < 0 ? String.fromCharCode(escape) : "\b\f\n\r\t".charAt(at));
      }
      plain = i + 1;
    }
    parts.push(raw.substring(plain));
    return parts.join("");
  }

  /** The nearest number; NaN for any other value. */
  get number(): f64 { return this.isNumber ? parseFloat(this.toString()) : NaN; }

  /** A whole number, or else what is given. */
  integer(otherwise: i64): i64 {
    const text = this.toString();
    if (!this.isNumber || text.includes(".") || text.includes("e") || text.includes("E")) return otherwise;
    return I64.parseInt(text);
  }

  /** The member of an object; absent if there is none. */
  member(name: string): Json {
    const entries = this.entries();
    for (let i = 0; i < entries.length; i++) if (entries[i].name == name) return entries[i].value;
    return Json.absent;
  }

  /** The members of an object. */
  entries(): Entry[] {
    const entries: Entry[] = [];
    if (!this.isObject) return entries;
    for (let at = this.skipSpace(this.from + 1); this.source.charCodeAt(at) != 0x7d;) {
      const name = new Json(this.source, at, this.skipValue(at));
      at = this.skipSpace(this.skipSpace(name.to) + 1);
      const value = new Json(this.source, at, this.skipValue(at));
      entries.push(new Entry(name.text, value));
      at = this.afterComma(value.to);
    }
    return entries;
  }

  /** The elements of an array. */
  elements(): Json[] {
    const elements: Json[] = [];
    if (!this.isArray) return elements;
    for (let at = this.skipSpace(this.from + 1); this.source.charCodeAt(at) != 0x5d;) {
      const value = new Json(this.source, at, this.skipValue(at));
      elements.push(value);
      at = this.afterComma(value.to);
    }
    return elements;
  }

  private afterComma(at: i32): i32 {
    at = this.skipSpace(at);
    return this.source.charCodeAt(at) == 0x2c ? this.skipSpace(at + 1) : at;
  }

  private skipSpace(at: i32): i32 {
    while (at < this.source.length && isSpace(this.source.charCodeAt(at))) at++;
    return at;
  }

  /** The end of the value that begins here. Loops, so that no depth of a document is too deep. */
  private skipValue(at: i32): i32 {
    let open = 0;
    const end = this.source.length;
    while (at < end) {
      const code = this.source.charCodeAt(at);
      if (code == 0x22) {
        for (at++; at < end && this.source.charCodeAt(at) != 0x22; at++) if (this.source.charCodeAt(at) == 0x5c) at++;
        at++;
      } else if (code == 0x7b || code == 0x5b) {
        open++;
        at++;
      } else if (code == 0x7d || code == 0x5d) {
        if (open == 0) return at;
        open--;
        at++;
      } else if (open == 0) {
        for (; at < end; at++) {
          const next = this.source.charCodeAt(at);
          if (isSpace(next) || next == 0x2c || next == 0x7d || next == 0x5d) break;
        }
      } else {
        at++;
        continue;
      }
      if (open == 0) return at;
    }
    return at;
  }
}

/** A member of an object. */
export class Entry {
  constructor(public name: string, public value: Json) {}
}

/** Writes JSON; commas are put where they belong. */
export class JsonWriter {
  private parts: string[] = [];
  private comma: bool = false;

  beginObject(): JsonWriter { return this.open("{"); }
  endObject(): JsonWriter { return this.close("}"); }
  beginArray(): JsonWriter { return this.open("["); }
  endArray(): JsonWriter { return this.close("]"); }

  name(name: string): JsonWriter {
    this.text(name);
    this.parts.push(":");
    this.comma = false;
    return this;
  }

  text(text: string): JsonWriter { return this.json(quoted(text)); }
  integer(value: i64): JsonWriter { return this.json(value.toString()); }
  bool(value: bool): JsonWriter { return this.json(value ? "true" : "false"); }
  null(): JsonWriter { return this.json("null"); }

  /** A number; null where JSON has none. */
  number(value: f64): JsonWriter { return this.json(isFinite(value) ? value.toString() : "null"); }

  /** A value as it is written. */
  json(text: string): JsonWriter {
    if (this.comma) this.parts.push(",");
    this.parts.push(text);
    this.comma = true;
    return this;
  }

  toString(): string { return this.parts.join(""); }

  private open(bracket: string): JsonWriter {
    this.json(bracket);
    this.comma = false;
    return this;
  }

  private close(bracket: string): JsonWriter {
    this.parts.push(bracket);
    this.comma = true;
    return this;
  }
}

function quoted(text: string): string {
  const parts: string[] = ["\""];
  let plain = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code != 0x22 && code != 0x5c) continue;
    parts.push(text.substring(plain, i));
    plain = i + 1;
    parts.push(code >= 0x20 ? "\\" + text.charAt(i) : "\\u" + code.toString(16).padStart(4, "0"));
  }
  parts.push(text.substring(plain));
  parts.push("\"");
  return parts.join("");
}

// --- steps and outcomes ----------------------------------------------------------------------------------------------

/** The step document. */
export class Step {
  readonly info: Json;
  readonly config: Json;
  readonly context: Json;
  readonly dependencies: Json;
  readonly previous: Json;
  readonly checkpoint: Json;

  constructor(readonly document: Json) {
    this.info = document.member("step");
    this.config = document.member("config");
    this.context = document.member("context");
    this.dependencies = document.member("deps");
    this.previous = document.member("prev");
    this.checkpoint = document.member("checkpoint");
  }

  get attempt(): i64 { return this.info.member("attempt").integer(1); }
  get maxAttempts(): i64 { return this.info.member("max_attempts").integer(1); }
}

/** How a step ended. */
export class Outcome {
  private constructor(readonly document: string) {}

  /** The step is done; the result is JSON as it is written. */
  static completed(result: string): Outcome {
    return Outcome.of(new JsonWriter().beginObject().name("status").text("completed").name("result").json(result).endObject());
  }

  /** Some of the work is done: a fresh instance finds both values of JSON in step.checkpoint. */
  static checkpoint(cursor: string, itemsProcessed: i64, accumulatedResults: string = "null"): Outcome {
    return Outcome.of(new JsonWriter().beginObject().name("status").text("checkpoint").name("cursor").json(cursor)
      .name("items_processed").integer(itemsProcessed).name("accumulated_results").json(accumulatedResults).endObject());
  }

  static of(document: JsonWriter): Outcome { return new Outcome(document.toString()); }
}

/** Why a step fails. */
export class Failure {
  code: string = "";
  retryAfterMs: i64 = 0;

  constructor(public type: string, public message: string, public retryable: bool = false) {}

  outcome(): Outcome {
    const out = new JsonWriter().beginObject().name("status").text("failed").name("error").beginObject();
    out.name("type").text(this.type).name("message").text(this.message).name("retryable").bool(this.retryable);
    if (this.code.length > 0) out.name("code").text(this.code);
    if (this.retryAfterMs > 0) out.name("retry_after_ms").integer(this.retryAfterMs);
    return Outcome.of(out.endObject().endObject());
  }
}

/** Runs a handler; what the exported function run returns. */
export function serve(handle: (step: Step) => Outcome): i32 {
  const length = hostReadInput(0, 0);
  if (length < 0) return 1;
  const bytes = new ArrayBuffer(length);
  hostReadInput(changetype<usize>(bytes), length);
  const outcome = utf8(handle(new Step(Json.parse(String.UTF8.decode(bytes)))).document);
  return hostWriteOutput(changetype<usize>(outcome), outcome.byteLength) == 0 ? 0 : 1;
}

// --- log, time, secrets ----------------------------------------------------------------------------------------------

export enum Level { Trace, Debug, Info, Warn, Error }

/** Writes a line, and fields, which are an object as it is written, or empty. A line that the broker drops is dropped. */
export function log(level: Level, message: string, fields: string = ""): void {
  const text = utf8(message), object = utf8(fields);
  hostLog(level, changetype<usize>(text), text.byteLength, changetype<usize>(object), object.byteLength);
}

/** Nanoseconds since 1970. */
export function now(): i64 { return hostGetTime(0); }
/** Nanoseconds since the run started. */
export function elapsed(): i64 { return hostGetTime(1); }
/** Nanoseconds until the run's deadline. */
export function remaining(): i64 { return hostGetTime(2); }

/** A secret: its value, or the code with which the host refuses it. */
export class Secret {
  readonly code: i32;
  readonly value: ArrayBuffer;

  constructor(name: string) {
    const text = utf8(name);
    const code = hostReadSecret(changetype<usize>(text), text.byteLength, 0, 0);
    const value = new ArrayBuffer(max(code, 0));
    if (code > 0) hostReadSecret(changetype<usize>(text), text.byteLength, changetype<usize>(value), code);
    this.code = code;
    this.value = value;
  }

  get exists(): bool { return this.code >= 0; }
}

// --- HTTP ------------------------------------------------------------------------------------------------------------

/** A request. {{secret:NAME}} in the value of a header or in the body is filled in by the host. */
export class Request {
  private headers: JsonWriter = new JsonWriter().beginObject();
  private body: string = "";
  private timeoutMs: i64 = 0;
  private idempotent: bool = false;

  constructor(private method: string, private url: string) {}

  header(name: string, value: string): Request {
    this.headers.name(name).text(value);
    return this;
  }

  text(body: string): Request {
    this.body = new JsonWriter().beginObject().name("text").text(body).endObject().toString();
    return this;
  }

  /** JSON as it is written. */
  json(body: string): Request {
    this.body = new JsonWriter().beginObject().name("json").json(body).endObject().toString();
    return this;
  }

  timeout(milliseconds: i64): Request {
    this.timeoutMs = milliseconds;
    return this;
  }

  idempotencyKey(): Request {
    this.idempotent = true;
    return this;
  }

  /** Sends it, once. */
  send(): Response {
    const out = new JsonWriter().beginObject().name("method").text(this.method).name("url").text(this.url);
    out.name("headers").json(this.headers.endObject().toString());
    if (this.body.length > 0) out.name("body").json(this.body);
    if (this.timeoutMs > 0) out.name("timeout_ms").integer(this.timeoutMs);
    if (this.idempotent) out.name("idempotency_key").bool(true);
    const bytes = utf8(out.endObject().toString());
    return new Response(hostHttp(0, 0, changetype<usize>(bytes), bytes.byteLength));
  }
}

function readDocument(op: i32, handle: i32): Json {
  const length = hostHttp(op, handle, 0, 0);
  if (length <= 0) return Json.absent;
  const bytes = new ArrayBuffer(length);
  hostHttp(op, handle, changetype<usize>(bytes), length);
  return Json.parse(String.UTF8.decode(bytes));
}

/** What a server answered, if it did. A status such as 404 is a response. */
export class Response {
  /** The head document, with the headers. */
  readonly head: Json;
  /** Whether all of the body came. */
  complete: bool = true;

  constructor(private handle: i32) {
    this.head = handle > 0 ? readDocument(1, handle) : Json.absent;
  }

  /** Whether there is a response; failure() says why not. */
  get arrived(): bool { return this.handle > 0; }
  get status(): i32 { return <i32>this.head.member("status").integer(0); }

  /** The next bytes of the body; 0 at its end, below 0 if it broke off. */
  read(into: ArrayBuffer): i32 { return hostHttp(2, this.handle, changetype<usize>(into), into.byteLength); }

  /** The rest of the body as text; see complete. */
  text(): string {
    let all = new Uint8Array(8192), length = 0;
    const piece = new ArrayBuffer(65536);
    while (true) {
      const read = this.read(piece);
      if (read <= 0) {
        this.complete = read == 0;
        break;
      }
      if (length + read > all.length) {
        const larger = new Uint8Array((length + read) * 2);
        larger.set(all);
        all = larger;
      }
      memory.copy(all.dataStart + length, changetype<usize>(piece), read);
      length += read;
    }
    return String.UTF8.decodeUnsafe(all.dataStart, length);
  }

  close(): void { hostHttp(3, this.handle, 0, 0); }

  /** Why there is no response, or why its body broke off. */
  failure(): Failure {
    const error = readDocument(4, 0);
    const failure = new Failure(error.exists ? error.member("type").text : errorName(this.handle), error.member("message").text,
      error.member("retryable").isTrue);
    failure.retryAfterMs = error.member("retry_after_ms").integer(0);
    return failure;
  }
}
