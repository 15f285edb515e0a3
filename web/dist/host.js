// src/host/files.ts
var FileError = {
  Access: 2,
  BadDescriptor: 8,
  Exists: 20,
  TooLarge: 22,
  NotText: 25,
  Invalid: 28,
  IsDirectory: 31,
  TooManyOpen: 33,
  NameTooLong: 37,
  NotFound: 44,
  NoSpace: 51,
  NotDirectory: 54,
  NotEmpty: 55,
  NotSupported: 58,
  Outside: 63,
  ReadOnly: 69,
  OtherDirectory: 75
};
var FileRefused = class extends Error {
  constructor(errno) {
    super(`file error ${errno}`);
    this.errno = errno;
  }
  errno;
};
var MAX_PATH_BYTES = 4096;
var MAX_NAME_BYTES = 255;
var MAX_FILE_BYTES = 2 ** 31 - 9;
var APPEND = 1;
function parsePath(bytes) {
  if (bytes.length === 0) {
    throw new FileRefused(FileError.NotFound);
  }
  if (bytes.length > MAX_PATH_BYTES) {
    throw new FileRefused(FileError.NameTooLong);
  }
  if (bytes[0] === 47) {
    throw new FileRefused(FileError.Outside);
  }
  const names = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at === bytes.length || bytes[at] === 47) {
      if (at - from > MAX_NAME_BYTES) {
        throw new FileRefused(FileError.NameTooLong);
      }
      if (at > from) {
        names.push(strictText(bytes.subarray(from, at)));
      }
      from = at + 1;
    } else if (bytes[at] === 0) {
      throw new FileRefused(FileError.Invalid);
    }
  }
  return { names, slash: bytes[bytes.length - 1] === 47 };
}
function strictText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileRefused(FileError.NotText);
  }
}
var Node = class {
  constructor(inode, time2) {
    this.inode = inode;
    this.accessTime = time2;
    this.modificationTime = time2;
    this.changeTime = time2;
  }
  inode;
  accessTime;
  modificationTime;
  changeTime;
  removed = false;
  descriptors = 0;
  modified(time2) {
    this.modificationTime = time2;
    this.changeTime = time2;
  }
  /** What is open lives until it is closed. */
  remove(space) {
    this.removed = true;
    this.freeIfUnused(space);
  }
  opened() {
    this.descriptors++;
  }
  closed(space) {
    this.descriptors--;
    this.freeIfUnused(space);
  }
  freeIfUnused(space) {
    if (this.removed && this.descriptors === 0) {
      this.free(space);
    }
  }
};
var Directory = class _Directory extends Node {
  places = /* @__PURE__ */ new Map();
  next = 3;
  // 1 and 2 are the directory itself and the one above it
  parent = null;
  get size() {
    return 0;
  }
  get(name) {
    return this.places.get(name)?.node;
  }
  add(name, node) {
    this.places.set(name, { number: this.next++, node });
    if (node instanceof _Directory) {
      node.parent = this;
    }
  }
  take(name) {
    this.places.delete(name);
  }
  get isEmpty() {
    return this.places.size === 0;
  }
  /** The entries after a number, in their order. */
  *after(number) {
    for (const [name, place] of this.places) {
      if (place.number > number) {
        yield { number: place.number, name, node: place.node };
      }
    }
  }
  isWithin(other) {
    for (let at = this; at !== null; at = at.parent) {
      if (at === other) {
        return true;
      }
    }
    return false;
  }
  free() {
  }
};

// src/host/call.ts
var Errno = {
  Success: 0,
  BadF: 8,
  Fault: 21,
  Inval: 28,
  NameTooLong: 37,
  NoSys: 52,
  NotSock: 57,
  NotSup: 58,
  Perm: 63,
  SPipe: 70
};
var AbiError = {
  Fault: -1,
  Invalid: -2,
  TooLarge: -3,
  State: -4,
  Denied: -5,
  NotFound: -6,
  Budget: -10
};
var IOVEC = 8;
var RANGES_PER_CHECK = 4096;
var MAX_TOTAL = 4294967295;
var Ranges = class {
  /** Of a call whose second and third argument are the list, and this one where its result goes. */
  constructor(call, resultArgument) {
    this.call = call;
    this.resultArgument = resultArgument;
    this.at = call.u32(1);
    this.count = call.u32(2);
  }
  call;
  resultArgument;
  count;
  total = 0;
  at;
  /** Checks all of them before anything is transferred. */
  check() {
    const { memory } = this.call;
    if (this.count * IOVEC > MAX_TOTAL) {
      return Errno.Inval;
    }
    if (!memory.contains(this.at, this.count * IOVEC) || !memory.contains(this.call.u32(this.resultArgument), 4)) {
      return Errno.Fault;
    }
    for (let i = 0; i < this.count; i++) {
      this.stopIfOver(i);
      if (!memory.contains(this.pointer(i), this.length(i))) {
        return Errno.Fault;
      }
      this.total += this.length(i);
    }
    return this.total > MAX_TOTAL ? Errno.Inval : Errno.Success;
  }
  stopIfOver(i) {
    if (i % RANGES_PER_CHECK === 0) {
      this.call.run.throwIfStopped();
    }
  }
  pointer(i) {
    return this.call.memory.u32(this.at + i * IOVEC);
  }
  length(i) {
    return this.call.memory.u32(this.at + i * IOVEC + 4);
  }
  writeResult(bytes) {
    this.call.memory.writeU32(this.call.u32(this.resultArgument), bytes);
  }
};
function onFile(body) {
  return (call) => {
    const file = call.file();
    if (file === void 0) {
      return Errno.BadF;
    }
    try {
      return body(call, file);
    } catch (refused) {
      if (refused instanceof FileRefused) {
        return refused.errno;
      }
      throw refused;
    }
  };
}
function onFileOnly(body) {
  const withFile = onFile(body);
  return (call) => call.run.streams.isOpen(call.i32(0)) ? Errno.NoSys : withFile(call);
}

// src/host/configuration.ts
var EMPTY = new TextEncoder().encode("{}");

// src/host/json.ts
var JsonProblem = class extends Error {
  constructor(message, pointer = "") {
    super(message);
    this.pointer = pointer;
  }
  pointer;
  name = "JsonProblem";
};
var MAX_NUMBER_DIGITS = 1e3;
var MAX_NAME_BYTES2 = 5e4;
var STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var JsonReader = class {
  /**
   * @param bytes UTF-8
   * @param maxDepth how deep arrays and objects may be nested
   */
  constructor(bytes, maxDepth) {
    this.bytes = bytes;
    this.maxDepth = maxDepth;
  }
  bytes;
  maxDepth;
  at = 0;
  depth = 0;
  /** The kind of the value that begins here, after whitespace. */
  kind() {
    this.skipWhitespace();
    switch (this.bytes[this.at]) {
      case 123:
        return "object";
      case 91:
        return "array";
      case 34:
        return "string";
      case 116:
        return "true";
      case 102:
        return "false";
      case 110:
        return "null";
      default:
        return "number";
    }
  }
  /** Reads an object; each value has to be read by the one that is told its name. */
  object(member) {
    this.enter(123);
    this.skipWhitespace();
    if (this.bytes[this.at] !== 125) {
      do {
        this.skipWhitespace();
        const name = this.string();
        if (name.length > MAX_NAME_BYTES2 / 3) {
          const length = new TextEncoder().encode(name).length;
          if (length > MAX_NAME_BYTES2) {
            throw this.malformed(`a name has ${length} bytes, the maximum is ${MAX_NAME_BYTES2}`);
          }
        }
        this.skipWhitespace();
        this.expect(58, ":");
        this.skipWhitespace();
        member(name);
        this.skipWhitespace();
      } while (this.takeComma());
    }
    this.expect(125, "}");
    this.depth--;
  }
  /** Reads an array; each element has to be read by the one that is called for it. */
  array(element) {
    this.enter(91);
    this.skipWhitespace();
    if (this.bytes[this.at] !== 93) {
      do {
        this.skipWhitespace();
        element();
        this.skipWhitespace();
      } while (this.takeComma());
    }
    this.expect(93, "]");
    this.depth--;
  }
  /** Reads a string. */
  string() {
    const start = this.at;
    this.expect(34, '"');
    while (true) {
      const byte = this.bytes[this.at];
      if (byte === void 0) {
        throw this.malformed("a string does not end");
      }
      this.at++;
      if (byte === 34) {
        break;
      }
      if (byte < 32) {
        throw this.malformed("a control character in a string");
      }
      if (byte === 92) {
        this.escape();
      }
    }
    return JSON.parse(this.text(start));
  }
  /** Reads any value, and returns its bytes as they stand. */
  value() {
    this.skipWhitespace();
    const start = this.at;
    this.skip();
    return this.bytes.slice(start, this.at);
  }
  /** Reads a number, and returns its text. */
  number() {
    const start = this.at;
    let digits = 1;
    if (this.bytes[this.at] === 45) {
      this.at++;
    }
    if (this.bytes[this.at] === 48) {
      this.at++;
    } else {
      digits = this.digits();
    }
    if (this.bytes[this.at] === 46) {
      this.at++;
      digits += this.digits();
    }
    if (this.bytes[this.at] === 101 || this.bytes[this.at] === 69) {
      this.at++;
      if (this.bytes[this.at] === 43 || this.bytes[this.at] === 45) {
        this.at++;
      }
      digits += this.digits();
    }
    if (digits > MAX_NUMBER_DIGITS) {
      throw this.malformed(`a number has ${digits} digits, the maximum is ${MAX_NUMBER_DIGITS}`);
    }
    const next = this.bytes[this.at];
    if (next !== void 0 && ![32, 10, 13, 9, 44, 93, 125].includes(next)) {
      throw this.malformed("a number is followed by something else");
    }
    return this.text(start);
  }
  /** Reads true, false or null. */
  word(expected) {
    for (let i = 0; i < expected.length; i++) {
      this.expect(expected.charCodeAt(i), expected);
    }
  }
  /** Reads what may come after the document. */
  end() {
    this.skipWhitespace();
    if (this.at < this.bytes.length) {
      throw new JsonProblem("has content after its end");
    }
  }
  malformed(what) {
    return new JsonProblem(`is not valid JSON: ${what} (byte ${this.at})`);
  }
  skip() {
    switch (this.kind()) {
      case "object":
        return this.object(() => this.skip());
      case "array":
        return this.array(() => this.skip());
      case "string":
        this.string();
        return;
      case "number":
        this.number();
        return;
      case "true":
        return this.word("true");
      case "false":
        return this.word("false");
      case "null":
        return this.word("null");
    }
  }
  enter(bracket) {
    this.expect(bracket, String.fromCharCode(bracket));
    if (++this.depth > this.maxDepth) {
      throw this.malformed(`it is nested more than ${this.maxDepth} levels deep`);
    }
  }
  escape() {
    const escaped = this.bytes[this.at++];
    if (escaped === 117) {
      for (let i = 0; i < 4; i++) {
        const digit = this.bytes[this.at++];
        if (digit === void 0 || !/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
          throw this.malformed("an escape without four hexadecimal digits");
        }
      }
    } else if (escaped === void 0 || !'"\\/bfnrt'.includes(String.fromCharCode(escaped))) {
      throw this.malformed("an unknown escape");
    }
  }
  /** How many there are, at least one. */
  digits() {
    const start = this.at;
    while (this.bytes[this.at] >= 48 && this.bytes[this.at] <= 57) {
      this.at++;
    }
    if (this.at === start) {
      throw this.malformed("a digit is missing");
    }
    return this.at - start;
  }
  takeComma() {
    if (this.bytes[this.at] !== 44) {
      return false;
    }
    this.at++;
    return true;
  }
  expect(byte, what) {
    if (this.bytes[this.at] !== byte) {
      throw this.malformed(`expected ${what}`);
    }
    this.at++;
  }
  skipWhitespace() {
    while (true) {
      const byte = this.bytes[this.at];
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) {
        return;
      }
      this.at++;
    }
  }
  text(start) {
    try {
      return STRICT_UTF8.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw new JsonProblem("is not UTF-8");
    }
  }
};
function refuseDuplicates(reader) {
  switch (reader.kind()) {
    case "object": {
      const names = /* @__PURE__ */ new Set();
      return reader.object((name) => {
        if (names.has(name)) {
          throw new JsonProblem(`has the member ${quote(name)} twice`);
        }
        names.add(name);
        refuseDuplicates(reader);
      });
    }
    case "array":
      return reader.array(() => refuseDuplicates(reader));
    default:
      reader.value();
  }
}
function fromBase64(text) {
  try {
    return /^[A-Za-z0-9+/=]*$/.test(text) ? Uint8Array.from(atob(text), (one) => one.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}
function isJsonObject(bytes) {
  try {
    const reader = new JsonReader(bytes, 500);
    if (reader.kind() !== "object") {
      return false;
    }
    reader.value();
    reader.end();
    return true;
  } catch (problem) {
    if (problem instanceof JsonProblem) {
      return false;
    }
    throw problem;
  }
}
function quote(text) {
  return JSON.stringify(text).replace(
    /(\\\\)|\\u([0-9a-f]{4})/g,
    (all, escaped, digits) => escaped === void 0 ? `\\u${digits.toUpperCase()}` : all
  );
}

// src/host/text.ts
var UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
function sanitize(text, maxChars) {
  const cut = text.length > maxChars;
  let kept = cut ? text.slice(0, maxChars) : text;
  if (cut && /[\ud800-\udbff]$/.test(kept)) {
    kept += text[maxChars] ?? "";
  }
  return kept.replace(UNPRINTABLE, " ") + (cut ? "…" : "");
}
function shownText({ text, truncated }, maxChars) {
  const safe = sanitize(text, maxChars);
  return truncated ? `${safe}…` : safe;
}
var Bytes = class {
  bytes = new Uint8Array(256);
  size = 0;
  append(more) {
    if (this.size + more.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.size + more.length, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
    this.bytes.set(more, this.size);
    this.size += more.length;
  }
  toBytes() {
    return this.bytes.slice(0, this.size);
  }
  clear() {
    this.bytes = new Uint8Array(256);
    this.size = 0;
  }
};

// src/host/run.ts
var CLOCK_RESOLUTION = 100000n;

// src/host/abi.ts
var GRANTABLE = [
  "read_input",
  "read_input_at",
  "write_output",
  "append_output",
  "log",
  "get_time",
  "read_content"
];

// src/host/channel.ts
var READY = 0;
var LENGTH = 1;
var LEFT = 2;
var HEAD_BYTES = 16;
var PIECE_BYTES = 256 << 10;
function newChannel() {
  return new SharedArrayBuffer(HEAD_BYTES + PIECE_BYTES);
}
var ChannelWriter = class {
  head;
  data;
  pending = new Uint8Array(0);
  constructor(shared) {
    this.head = new Int32Array(shared, 0, HEAD_BYTES / 4);
    this.data = new Uint8Array(shared, HEAD_BYTES);
  }
  /** Begins an answer. */
  answer(bytes) {
    this.pending = bytes;
    this.more();
  }
  /** Hands over the next piece. */
  more() {
    const piece = this.pending.subarray(0, PIECE_BYTES);
    this.pending = this.pending.subarray(piece.length);
    this.data.set(piece);
    this.head[LENGTH] = piece.length;
    this.head[LEFT] = this.pending.length;
    Atomics.store(this.head, READY, 1);
    Atomics.notify(this.head, READY);
  }
};

// src/host/destination.ts
function checkDestinations(destinations) {
  for (const { url } of destinations) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    const parts = parsed === null ? "?" : parsed.username + parsed.password + parsed.search + parsed.hash;
    if (parts !== "" || !["http:", "https:"].includes(parsed.protocol)) {
      throw new RangeError(`a destination has to be http or https, with host and path alone, was '${url}'`);
    }
  }
}
function covers(destination, { method, url }) {
  const granted = new URL(destination.url);
  if (granted.origin !== url.origin || !destination.methods.some((one) => one === "*" || one === method)) {
    return false;
  }
  const prefix = granted.pathname.endsWith("/") ? granted.pathname : `${granted.pathname}/`;
  return prefix === "/" || !/%2f|%5c/i.test(url.pathname) && `${url.pathname}/`.startsWith(prefix);
}

// src/host/http.ts
function encodeAnswer({ code, document, body }) {
  const bytes = new Uint8Array(8 + document.length + body.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, code);
  view.setUint32(4, document.length);
  bytes.set(document, 8);
  bytes.set(body, 8 + document.length);
  return bytes;
}
var REQUEST_BYTES = 16 << 20;
var BODY_BYTES = 64 << 20;
var SENT_BYTES = 8 << 20;
var PIECE_BYTES2 = 64 << 10;
var OVER_BUDGET = new TextEncoder().encode(
  '{"type":"budget_exceeded","message":"the bodies that are not sent yet exceed limits.http-sent","retryable":false,"sent":false}'
);

// src/host/leaks.ts
var MIN_LENGTH = 4;
var MIN_LINE_BYTES = 16;
var MIN_BASE64_DIGITS = 5;
var MAX_VIEWS = 8;
var MAX_DECODING_DEPTH = 3;
var MAX_POINTER_CHARS = 300;
var MAX_NAME_CHARS = 60;
var MAX_JSON_DEPTH = 1e3;
var UTF8 = new TextEncoder();
var BACKSLASH = 92;
var COMMA = 44;
var PERCENT = 37;
var PLUS = 43;
var SPACE = 32;
var View = class _View {
  constructor(bytes, length, starts, ends) {
    this.bytes = bytes;
    this.length = length;
    this.starts = starts;
    this.ends = ends;
  }
  bytes;
  length;
  starts;
  ends;
  static of(bytes) {
    return new _View(bytes, bytes.length, null, null);
  }
  static withOffsets(bytes) {
    const starts = Uint32Array.from(bytes, (_, at) => at);
    return new _View(bytes, bytes.length, starts, Uint32Array.from(bytes, (_, at) => at + 1));
  }
  /** The offset in the original text where the byte at this one begins. */
  sourceStart(at) {
    return this.starts === null ? at : this.starts[at];
  }
  /** The same, where it ends. */
  sourceEnd(at) {
    return this.ends === null ? at + 1 : this.ends[at];
  }
  writer(capacity) {
    return new ViewWriter(this, capacity, this.starts !== null);
  }
};
var ViewWriter = class {
  constructor(source, capacity, withOffsets) {
    this.source = source;
    this.to = new Uint8Array(capacity);
    this.starts = withOffsets ? new Uint32Array(capacity) : null;
    this.ends = withOffsets ? new Uint32Array(capacity) : null;
  }
  source;
  length = 0;
  to;
  starts;
  ends;
  put(value, from, until) {
    this.to[this.length] = value;
    if (this.starts !== null && this.ends !== null) {
      const { source } = this;
      this.starts[this.length] = from < source.length ? source.sourceStart(from) : source.sourceEnd(from - 1);
      this.ends[this.length] = until > from ? source.sourceEnd(until - 1) : this.starts[this.length];
    }
    this.length++;
  }
  /** Also of a surrogate by itself, as the broker writes it. */
  putUtf8(point, from, until) {
    const rest = (shift) => this.put(128 | point >> shift & 63, from, until);
    if (point < 128) {
      this.put(point, from, until);
    } else if (point < 2048) {
      this.put(192 | point >> 6, from, until);
      rest(0);
    } else if (point < 65536) {
      this.put(224 | point >> 12, from, until);
      rest(6);
      rest(0);
    } else {
      this.put(240 | point >> 18, from, until);
      rest(12);
      rest(6);
      rest(0);
    }
  }
  toView() {
    return new View(this.to, this.length, this.starts, this.ends);
  }
};
function has(view, byte) {
  const at = view.bytes.indexOf(byte);
  return at >= 0 && at < view.length;
}
function digitOf(byte) {
  if (byte === void 0) {
    return -1;
  }
  if (byte >= 48 && byte <= 57) {
    return byte - 48;
  }
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 97 + 10 : -1;
}
function hexAt({ bytes, length }, at, digits) {
  if (at + digits > length) {
    return -1;
  }
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = digitOf(bytes[i]);
    if (digit < 0) {
      return -1;
    }
    value = value << 4 | digit;
  }
  return value;
}
var SIMPLE = new Map([
  ...['"', "\\", "/", "'"].map((one) => [one.charCodeAt(0), one.charCodeAt(0)]),
  ...Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9 }).map(([one, byte]) => [one.charCodeAt(0), byte])
]);
function escapeAt(view, at, out) {
  const { bytes, length } = view;
  if (at + 1 >= length) {
    return 0;
  }
  const kind = bytes[at + 1];
  const simple = SIMPLE.get(kind);
  if (simple !== void 0) {
    out.put(simple, at, at + 2);
    return at + 2;
  }
  if (kind === 120) {
    const value = hexAt(view, at + 2, 2);
    if (value < 0) {
      return 0;
    }
    out.put(value, at, at + 4);
    return at + 4;
  }
  if (kind !== 117) {
    return 0;
  }
  const unit = hexAt(view, at + 2, 4);
  if (unit < 0) {
    return escapeInBraces(view, at, out);
  }
  const end = at + 6;
  if (unit >= 55296 && unit <= 56319 && end + 1 < length && bytes[end] === BACKSLASH && bytes[end + 1] === 117) {
    const low = hexAt(view, end + 2, 4);
    if (low >= 56320 && low <= 57343) {
      out.putUtf8(65536 + (unit - 55296 << 10) + (low - 56320), at, end + 6);
      return end + 6;
    }
  }
  out.putUtf8(unit, at, end);
  return end;
}
function escapeInBraces(view, at, out) {
  const { bytes, length } = view;
  if (at + 2 >= length || bytes[at + 2] !== 123) {
    return 0;
  }
  let close2 = at + 3;
  while (close2 < length && close2 < at + 9 && digitOf(bytes[close2]) >= 0) {
    close2++;
  }
  if (close2 === at + 3 || close2 >= length || bytes[close2] !== 125) {
    return 0;
  }
  const point = hexAt(view, at + 3, close2 - at - 3);
  if (point > 1114111) {
    return 0;
  }
  out.putUtf8(point, at, close2 + 1);
  return close2 + 1;
}
function unescaped(view) {
  if (!has(view, BACKSLASH)) {
    return null;
  }
  const out = view.writer(view.length);
  let changed = false;
  for (let i = 0; i < view.length; ) {
    const next = view.bytes[i] === BACKSLASH ? escapeAt(view, i, out) : 0;
    if (next === 0) {
      out.put(view.bytes[i], i, i + 1);
      i++;
    } else {
      changed = true;
      i = next;
    }
  }
  return changed ? out.toView() : null;
}
function percentDecoded(view) {
  if (!has(view, PERCENT)) {
    return null;
  }
  const out = view.writer(view.length);
  let changed = false;
  for (let i = 0; i < view.length; ) {
    const value = view.bytes[i] === PERCENT ? hexAt(view, i + 1, 2) : -1;
    if (value < 0) {
      out.put(view.bytes[i], i, i + 1);
      i++;
    } else {
      out.put(value, i, i + 3);
      changed = true;
      i += 3;
    }
  }
  return changed ? out.toView() : null;
}
function spacesAsPlus(view) {
  if (!has(view, PLUS)) {
    return null;
  }
  const out = view.writer(view.length);
  for (let i = 0; i < view.length; i++) {
    out.put(view.bytes[i] === SPACE ? PLUS : view.bytes[i], i, i + 1);
  }
  return out.toView();
}
function hexDigits(view) {
  const { bytes, length } = view;
  const out = view.writer(length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === 48 && i + 1 < length && (bytes[i + 1] | 32) === 120) {
      i++;
    } else if (digitOf(byte) >= 0) {
      out.put(byte <= 57 ? byte : byte | 32, i, i + 1);
    }
  }
  return out.toView();
}
var BASE64 = new Uint8Array(256);
for (const each of UTF8.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
  BASE64[each] = each;
}
BASE64[45] = PLUS;
BASE64[95] = 47;
function base64Digits(view) {
  const out = view.writer(view.length);
  for (let i = 0; i < view.length; i++) {
    const digit = BASE64[view.bytes[i]];
    if (digit !== 0) {
      out.put(digit, i, i + 1);
    }
  }
  return out.toView();
}
function numbers(view) {
  const { bytes, length } = view;
  const out = view.writer(length + 2);
  let inNumber = false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte >= 48 && byte <= 57) {
      if (out.length === 0) {
        out.put(COMMA, i, i);
      }
      out.put(byte, i, i + 1);
      inNumber = true;
    } else if (inNumber) {
      out.put(COMMA, i, i);
      inNumber = false;
    }
  }
  if (inNumber) {
    out.put(COMMA, length, length);
  }
  return out.toView();
}
var FILTER_BITS = 14;
var PatternSet = class {
  filter = new Uint8Array(1 << FILTER_BITS);
  patterns = [];
  /** One that is too short is ignored. */
  add(owner, bytes) {
    if (bytes.length >= MIN_LENGTH) {
      this.filter[slot(bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3])] = 1;
      this.patterns.push({ owner, bytes });
    }
  }
  /** Reports every match, in the order of positions. */
  find({ bytes, length }, onMatch) {
    if (this.patterns.length === 0 || length < MIN_LENGTH) {
      return;
    }
    let word = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
    for (let i = 0; i + MIN_LENGTH <= length; i++) {
      word = word << 8 | bytes[i + 3];
      if (this.filter[slot(word)] === 1 && !this.report(bytes, i, length, onMatch)) {
        return;
      }
    }
  }
  report(text, at, length, onMatch) {
    return this.patterns.every(
      ({ owner, bytes }) => at + bytes.length > length || !isAt(text, at, bytes, bytes.length) || onMatch(owner, at, at + bytes.length)
    );
  }
  /** Reports the beginnings of patterns with which the text ends, the longest of each. */
  findBeginningsAtEnd({ bytes: text, length }, onMatch) {
    for (const { owner, bytes } of this.patterns) {
      for (let part = Math.min(bytes.length - 1, length); part >= MIN_LENGTH; part--) {
        if (isAt(text, length - part, bytes, part)) {
          onMatch(owner, length - part, length);
          break;
        }
      }
    }
  }
};
function slot(word) {
  return Math.imul(word, 2654435761) >>> 32 - FILTER_BITS;
}
function isAt(text, at, pattern, length) {
  for (let i = length - 1; i >= 0; i--) {
    if (text[at + i] !== pattern[i]) {
      return false;
    }
  }
  return true;
}
function isBlank(byte) {
  return byte === SPACE || byte === 9 || byte === 13 || byte === 10;
}
function stripped(value) {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value[start])) {
    start++;
  }
  while (end > start && isBlank(value[end - 1])) {
    end--;
  }
  return value.slice(start, end);
}
function isSearchable(value) {
  return stripped(value).length >= MIN_LENGTH;
}
function piecesOf(value) {
  const lines = [];
  let from = 0;
  for (let i = 0; i <= value.length; i++) {
    if (i === value.length || value[i] === 10) {
      const line = stripped(value.subarray(from, i));
      if (line.length >= MIN_LINE_BYTES && !(line[0] === 45 && line[1] === 45)) {
        lines.push(line);
      }
      from = i + 1;
    }
  }
  const whole = stripped(value);
  const single = lines.length === 1 && lines[0].length === whole.length;
  return lines.length === 0 || single ? [whole] : lines;
}
var ALL = (patterns, view, onMatch) => patterns.find(view, onMatch);
var BEGINNINGS = (patterns, view, onMatch) => patterns.findBeginningsAtEnd(view, onMatch);
var LeakScanner = class {
  owners = [];
  plain = new PatternSet();
  spaced = new PatternSet();
  hex = new PatternSet();
  base64 = new PatternSet();
  numbers = new PatternSet();
  get isEmpty() {
    return this.owners.length === 0;
  }
  add(name, value) {
    const owner = this.owners.push(name) - 1;
    for (const piece of piecesOf(value)) {
      this.plain.add(owner, piece);
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece);
      this.plain.add(owner, UTF8.encode(sanitize(text, text.length)));
      this.spaced.add(owner, withPlus(piece));
      const decoded = percentDecoded(View.of(piece));
      if (decoded !== null) {
        this.spaced.add(owner, withPlus(decoded.bytes.slice(0, decoded.length)));
      }
      this.hex.add(owner, UTF8.encode(Array.from(piece, (byte) => byte.toString(16).padStart(2, "0")).join("")));
      this.addBase64(owner, piece);
      this.numbers.add(owner, UTF8.encode(`,${Array.from(piece).join(",")},`));
    }
  }
  /** At each of three offsets, the digits that depend on nothing but the value. */
  addBase64(owner, piece) {
    for (let offset = 0; offset < 3; offset++) {
      const binary = "\0".repeat(offset) + Array.from(piece, (byte) => String.fromCharCode(byte)).join("");
      const from = Math.floor((offset * 8 + 5) / 6);
      const to = Math.floor(binary.length * 8 / 6);
      if (to - from >= MIN_BASE64_DIGITS) {
        this.base64.add(owner, UTF8.encode(btoa(binary).slice(from, to)));
      }
    }
  }
  /** The first value that is found and where it is, or null. */
  leakIn(text) {
    const found = this.find(text);
    return found === null ? null : { ...found, pointer: this.locate(text) };
  }
  find(text) {
    let found = null;
    this.scan(View.of(text), ALL, (owner, form) => {
      found = { name: this.owners[owner], form };
      return false;
    });
    return found;
  }
  /**
   * The text with `[secret NAME]` in place of every value.
   *
   * @param truncated whether more text followed, so that it may end with the beginning of a value
   */
  redact(text, truncated) {
    if (this.isEmpty) {
      return text;
    }
    const bytes = UTF8.encode(text);
    const marked = new Uint32Array(bytes.length);
    let any = false;
    const mark = (owner, form, view, start, end) => {
      any = true;
      const first = form === "as numbers" ? start + 1 : start;
      marked.fill(owner + 1, view.sourceStart(first), view.sourceEnd(end - 1));
      return true;
    };
    this.scan(View.withOffsets(bytes), ALL, mark);
    if (truncated) {
      this.scan(View.withOffsets(bytes), BEGINNINGS, mark);
    }
    return any ? this.withoutMarked(bytes, marked) : text;
  }
  withoutMarked(bytes, marked) {
    const nameAt = (at) => marked[at] === 0 ? void 0 : this.owners[marked[at] - 1];
    let out = "";
    for (let from = 0; from < bytes.length; ) {
      let to = from + 1;
      while (to < bytes.length && nameAt(to) === nameAt(from)) {
        to++;
      }
      const name = nameAt(from);
      out += name === void 0 ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(from, to)) : `[secret ${name}]`;
      from = to;
    }
    return out;
  }
  scan(text, search, onFinding) {
    if (!this.isEmpty) {
      decodedViews(text).every(({ view, form }) => this.scanView(view, form, search, onFinding));
    }
  }
  scanView(view, form, search, onFinding) {
    const scan = (patterns, of, as) => {
      let proceed = true;
      if (of !== null) {
        search(patterns, of, (owner, start, end) => proceed = onFinding(owner, as, of, start, end));
      }
      return proceed;
    };
    return scan(this.plain, view, form) && scan(this.spaced, spacesAsPlus(view), "URL-encoded") && (form !== "URL-encoded" || scan(this.spaced, view, "URL-encoded")) && scan(this.hex, hexDigits(view), "in hex") && scan(this.base64, base64Digits(view), "in base64") && scan(this.numbers, numbers(view), "as numbers");
  }
  /** The JSON pointer of the first member or element that has a value; empty if it is in none, or the text no JSON. */
  locate(text) {
    const reader = new JsonReader(text, MAX_JSON_DEPTH);
    const segments = [];
    const contains = (value2) => {
      if (this.find(UTF8.encode(value2)) !== null) {
        throw new Located();
      }
    };
    const below = (segment) => {
      segments.push(segment);
      value();
      segments.pop();
    };
    const value = () => {
      const kind = reader.kind();
      switch (kind) {
        case "object":
          return reader.object((name) => {
            contains(name);
            below(sanitize(name.replaceAll("~", "~0").replaceAll("/", "~1"), MAX_NAME_CHARS));
          });
        case "array": {
          let index = 0;
          return reader.array(() => below(String(index++)));
        }
        case "string":
          return contains(reader.string());
        case "number":
          return contains(reader.number());
        default:
          return reader.word(kind);
      }
    };
    try {
      value();
      return "";
    } catch (thrown) {
      if (thrown instanceof Located) {
        return sanitize(this.redact(segments.map((one) => `/${one}`).join(""), true), MAX_POINTER_CHARS);
      }
      if (thrown instanceof JsonProblem) {
        return "";
      }
      throw thrown;
    }
  }
};
var Located = class extends Error {
};
function withPlus(bytes) {
  return bytes.map((byte) => byte === SPACE ? PLUS : byte);
}
function decodedViews(text) {
  const views = [{ view: text, form: "as plain text", depth: 0 }];
  for (let i = 0; i < views.length && views.length < MAX_VIEWS; i++) {
    const { view, form, depth } = views[i];
    if (depth === MAX_DECODING_DEPTH) {
      break;
    }
    const plain = unescaped(view);
    if (plain !== null) {
      views.push({ view: plain, form: form === "as plain text" ? "with escapes" : form, depth: depth + 1 });
    }
    const decoded = percentDecoded(view);
    if (decoded !== null) {
      views.push({ view: decoded, form: "URL-encoded", depth: depth + 1 });
    }
  }
  return views;
}

// src/host/secrets.ts
var SecretRefused = class extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
  code;
};
var NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;
var PLACEHOLDER_PREFIX = "{{secret:";
var PLACEHOLDER = /\{\{secret:([^{} \t\n\v\f\r]{1,128})\}\}/uy;
var MAX_VALUE_BYTES = 64 << 10;
var SEARCHED_HERE = 64 << 10;
var MAX_USES = 50;
var RESULT = "the result document";
var ERROR = "the error";
var UTF82 = new TextEncoder();
function hasPlaceholder(text) {
  return text.includes(PLACEHOLDER_PREFIX);
}
var RunSecrets = class {
  /**
   * @param onUse told of each use once, and of 50 of them at most
   * @throws RangeError naming a secret, and never its value, if it cannot be granted
   */
  constructor(grants, onUse, search) {
    this.onUse = onUse;
    this.search = search;
    for (const [name, { value, readable: readable2, destinations }] of Object.entries(grants)) {
      if (!NAME.test(name)) {
        throw new RangeError(
          `a secret's name has 1 to 128 of A-Z, a-z, 0-9, '_', '-' and '.', and no dot at the front, was '${sanitize(name, 100)}'`
        );
      }
      const bytes = typeof value === "string" ? UTF82.encode(value) : value.slice();
      if (!isSearchable(bytes) || bytes.length > MAX_VALUE_BYTES) {
        throw new RangeError(
          `the value of secret ${name} must have at least 4 bytes, without whitespace around them, and at most ${MAX_VALUE_BYTES}`
        );
      }
      checkDestinations(destinations ?? []);
      this.granted.set(name, {
        value: bytes,
        readable: readable2 === true,
        destinations: (destinations ?? []).map(({ url, methods }) => ({ url, methods: [...methods] })),
        issued: false
      });
    }
  }
  onUse;
  search;
  granted = /* @__PURE__ */ new Map();
  told = /* @__PURE__ */ new Set();
  scanner = new LeakScanner();
  /**
   * The value, for the guest itself.
   *
   * @throws SecretRefused
   */
  read(name) {
    return this.issue(name, "read", "", ({ readable: readable2 }) => readable2);
  }
  /**
   * The text with the value of each `{{secret:NAME}}` in its place. What is filled in is not searched for placeholders.
   *
   * @throws SecretRefused
   */
  fill(text, target) {
    let filled = "";
    let from = 0;
    for (let at = text.indexOf(PLACEHOLDER_PREFIX); at >= 0; at = text.indexOf(PLACEHOLDER_PREFIX, from)) {
      PLACEHOLDER.lastIndex = at;
      const found = PLACEHOLDER.exec(text);
      if (found === null) {
        throw new SecretRefused(AbiError.Invalid, "a secret placeholder must have the form {{secret:NAME}}");
      }
      const value = this.issue(
        found[1],
        "fill",
        target.url.origin,
        ({ destinations }) => destinations.some((one) => covers(one, target))
      );
      filled += text.slice(from, at) + new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
      from = at + found[0].length;
    }
    return filled + text.slice(from);
  }
  issue(name, use, destination, permits) {
    if (!NAME.test(name)) {
      throw new SecretRefused(AbiError.Invalid, "not a valid name of a secret");
    }
    const granted = this.granted.get(name);
    if (granted === void 0 || !permits(granted)) {
      this.tell({ secret: name, use, answer: "denied", where: destination });
      throw new SecretRefused(AbiError.Denied, denial(name, use, granted !== void 0));
    }
    if (!granted.issued) {
      granted.issued = true;
      this.scanner.add(name, granted.value);
    }
    this.tell({ secret: name, use, answer: "allowed", where: destination });
    return granted.value;
  }
  tell(use) {
    const key = JSON.stringify(Object.values(use));
    if (this.told.size < MAX_USES && !this.told.has(key)) {
      this.told.add(key);
      this.onUse(use);
    }
  }
  /** The error if a value that the run was given is in the text in any form, or null. */
  async leakIn(text, where, stop) {
    const found = this.scanner.isEmpty || text.length <= SEARCHED_HERE ? this.scanner.leakIn(text) : await this.search(text, this.issuedValues(), stop);
    if (found === null) {
      return null;
    }
    this.tell({ secret: found.name, use: "leak", answer: "refused", where });
    const place = found.pointer === "" ? "" : `, at ${found.pointer}`;
    const message = `${where} contains the value of secret ${found.name}, ${found.form}${place}; it was dropped`;
    return { name: found.name, error: { type: "secret_in_output", message, retryable: false } };
  }
  issuedValues() {
    return new Map([...this.granted].filter(([, { issued }]) => issued).map(([name, { value }]) => [name, value]));
  }
  /** The error with which a run ends if its result document has a value, or null. */
  async checkOutput(output, stop) {
    return (await this.leakIn(output, RESULT, stop))?.error ?? null;
  }
  /** The same error, or another one in its place if any part of it has a value. */
  async checked(error, stop) {
    const parts = [error.type, error.message, error.code, error.context].filter((one) => one !== void 0);
    return (await this.leakIn(UTF82.encode(parts.join("\n")), ERROR, stop))?.error ?? error;
  }
  /** The text with `[secret NAME]` in place of every value. */
  redact(text) {
    return this.scanner.redact(text, false);
  }
  /** What a guest wrote, safe to show: redacted before it is cut, since names may be longer than values. */
  shown({ text, truncated }, maxChars) {
    return shownText({ text: this.scanner.redact(text, truncated), truncated }, maxChars);
  }
  /** Forgets the values, once the run has ended. */
  close() {
    this.granted.forEach(({ value }) => value.fill(0));
    this.granted.clear();
    this.scanner = new LeakScanner();
  }
};
function denial(name, use, granted) {
  if (!granted) {
    return `secret ${name} is not granted to this handler`;
  }
  return use === "read" ? `secret ${name} may be filled into requests, but not read` : `secret ${name} is not bound to this destination`;
}

// src/host/egress.ts
var FAILURES = {
  bad_request: [-2, false],
  not_allowed: [-5, false],
  secret_in_output: [-5, false],
  timeout: [-8, true],
  connect_failed: [-9, true],
  budget_exceeded: [-10, false]
};
var Refused = class extends Error {
  constructor(failure, message, sent = false) {
    super(message);
    this.failure = failure;
    this.sent = sent;
  }
  failure;
  sent;
};
var MAX_CALLS = 100;
var MAX_RECEIVED = 128 << 20;
var MAX_TIMEOUT_MS = 3e4;
var MAX_DEPTH = 100;
var MAX_HEADERS = 64;
var MAX_HEADER_BYTES = 32 << 10;
var MAX_VALUE_CHARS = 8 << 10;
var MAX_URL_CHARS = 8192;
var HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
var RESERVED = /* @__PURE__ */ new Set([
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "http2-settings", "te"],
  ...["trailer", "trailers", "expect", "via", "traceparent", "tracestate", "x-http-method", "x-http-method-override"],
  ...["x-method-override", "x-original-url", "x-rewrite-url", "cookie", "origin", "referer"]
]);
var NEVER_SENT = ["CONNECT", "TRACE", "TRACK"];
var OF_THE_CONNECTION = /* @__PURE__ */ new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-connection", "te"],
  ...["trailer", "transfer-encoding", "upgrade"]
]);
var Egress = class {
  constructor(grant, secrets, stop) {
    this.grant = grant;
    this.secrets = secrets;
    this.stop = stop;
  }
  grant;
  secrets;
  stop;
  calls = 0;
  sent = 0;
  received = 0;
  /** The answer to a request document, as it goes through the channel. Never fails. */
  async answer(document, written) {
    const began = performance.now();
    try {
      const request = parse(document, written);
      const shown = withQuery(request.url, request.query);
      await this.refuseLeaks(request);
      this.check(request);
      const filled = this.fill(request);
      this.count(filled);
      const response = await this.send(request, filled);
      return encodeAnswer({ code: 0, document: head(response, shown, performance.now() - began), body: response.body });
    } catch (failure) {
      const refused = failure instanceof Refused ? failure : new Refused("connect_failed", this.secrets.redact(String(failure)), true);
      const [code, retryable] = FAILURES[refused.failure];
      const { failure: type2, message, sent } = refused;
      const error = JSON.stringify({ type: type2, message, retryable, sent });
      return encodeAnswer({ code, document: new TextEncoder().encode(error), body: new Uint8Array(0) });
    }
  }
  check(request) {
    if (!this.grant.destinations.some((one) => covers(one, request))) {
      throw new Refused("not_allowed", `the page does not grant ${request.method} ${request.url.origin}${request.url.pathname}`);
    }
    if (++this.calls > MAX_CALLS) {
      throw new Refused("budget_exceeded", `the requests exceed limits.http-calls of ${MAX_CALLS}`);
    }
  }
  /** Refuses a request in which the guest itself wrote the value of a secret. */
  async refuseLeaks({ text, query, headers, body }) {
    const utf8 = new TextEncoder();
    const texts2 = [text, ...query.flat(), ...headers.flat()].map((one) => utf8.encode(one));
    switch (body.kind) {
      case "none":
        break;
      case "text":
        texts2.push(utf8.encode(body.text));
        break;
      case "json":
        texts2.push(body.json, utf8.encode(JSON.stringify(JSON.parse(new TextDecoder().decode(body.json)))));
        break;
      case "bytes":
        texts2.push(body.bytes);
        break;
    }
    for (const one of texts2) {
      const leak = await this.secrets.leakIn(one, "a request", this.stop);
      if (leak !== null) {
        throw new Refused(
          "secret_in_output",
          `the request contains the value of secret '${leak.name}'; use the placeholder {{secret:${leak.name}}}`
        );
      }
    }
  }
  /** A secret cannot change more than the value it is filled into: it is encoded or checked afterwards. */
  fill(request) {
    const { query, headers, body } = request;
    const fill = (text) => {
      try {
        return hasPlaceholder(text) ? this.secrets.fill(text, request) : text;
      } catch (refused) {
        throw refused instanceof SecretRefused ? new Refused("not_allowed", refused.message) : refused;
      }
    };
    const filled = (fields2) => fields2.map(([name, value]) => [name, fill(value)]);
    const url = withQuery(request.url, filled(query));
    const sent = filled(headers);
    checkHeaders(sent);
    return { url, headers: sent, body: bytesOf(body, fill) };
  }
  count({ url, headers, body }) {
    this.sent += url.href.length + (body?.length ?? 0);
    headers.forEach(([name, value]) => this.sent += name.length + value.length + 4);
    if (this.sent > SENT_BYTES) {
      throw new Refused("budget_exceeded", `the requests exceed limits.http-sent of ${SENT_BYTES}`);
    }
  }
  async send({ method, idempotencyKey, timeoutMs }, filled) {
    const { url, headers, body } = filled;
    const time2 = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([this.stop, time2]);
    const { send } = this.grant;
    const sent = send === void 0 ? fetchOnce({ method, url: url.href, headers, body, idempotencyKey, signal }, (bytes) => this.receive(bytes)) : send({ method, url: url.href, headers, body, idempotencyKey, signal });
    const response = await Promise.race([
      sent,
      aborted(signal, () => new Refused("timeout", `the request took longer than ${timeoutMs} ms`, true))
    ]);
    if (send !== void 0) {
      this.receive(response.body.length);
    }
    return response;
  }
  /** Counts what came, also of a response that does not come to its end. */
  receive(bytes) {
    this.received += bytes;
    if (this.received > MAX_RECEIVED) {
      throw new Refused("budget_exceeded", `the responses exceed limits.http-received of ${MAX_RECEIVED}`, true);
    }
  }
};
function aborted(signal, reason) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(reason()), { once: true });
    if (signal.aborted) {
      reject(reason());
    }
  });
}
async function fetchOnce({ method, url, headers, body, signal }, receive) {
  const response = await fetch(url, {
    method,
    headers: headers.map(([name, value]) => [name, value]),
    body,
    signal,
    redirect: "error",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store"
  });
  const pieces = [];
  const reader = response.body?.getReader();
  try {
    for (let read = await reader?.read(); read?.value !== void 0; read = await reader?.read()) {
      receive(read.value.length);
      pieces.push(read.value);
    }
  } catch (failure) {
    void reader?.cancel().catch(() => void 0);
    throw failure;
  }
  return { status: response.status, headers: response.headers, body: new Uint8Array(await new Blob(pieces).arrayBuffer()) };
}
function head({ status, headers }, url, millis) {
  const names = /* @__PURE__ */ new Map();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!OF_THE_CONNECTION.has(lower)) {
      names.set(lower, [...names.get(lower) ?? [], value]);
    }
  }
  const timing = { connect_ms: 0, first_byte_ms: Math.round(millis * 1e3) / 1e3 };
  const members = [...names].map(([name, values]) => `${JSON.stringify(name)}:${JSON.stringify(values)}`).join(",");
  return new TextEncoder().encode(
    `{"status":${status},"url":${JSON.stringify(url.href)},"headers":{${members}},"redirects":0,"timing":${JSON.stringify(timing)}}`
  );
}
function bad(message) {
  return new Refused("bad_request", message);
}
function parse(bytes, written) {
  const members = /* @__PURE__ */ new Map();
  try {
    const reader = new JsonReader(bytes, MAX_DEPTH);
    if (reader.kind() !== "object") {
      throw new JsonProblem("is not a JSON object");
    }
    reader.object((name) => {
      if (members.has(name)) {
        throw new JsonProblem("has a member twice");
      }
      const start = reader.at;
      refuseDuplicates(reader);
      members.set(name, reader.bytes.slice(start, reader.at));
    });
    reader.end();
  } catch (problem) {
    if (problem instanceof JsonProblem) {
      throw bad("the request: is not a JSON object in UTF-8");
    }
    throw problem;
  }
  const known = ["method", "url", "headers", "query", "body", "timeout_ms", "idempotency_key"];
  if ([...members.keys()].some((name) => !known.includes(name))) {
    throw bad(`the request: has an unknown member; known are ${known.join(", ")}`);
  }
  const value = (name) => {
    const text2 = members.get(name);
    return text2 === void 0 ? void 0 : JSON.parse(new TextDecoder().decode(text2));
  };
  if (written !== null && members.has("body")) {
    throw bad("the request: /body: must be absent: the body is written in pieces");
  }
  const [type2, body] = written !== null ? bodyOfBytes(written) : bodyOf(members.get("body"));
  const headers = fields(members.get("headers"), "headers");
  checkHeaders(headers);
  if (type2 !== "" && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["content-type", type2]);
  }
  const idempotencyKey = members.has("idempotency_key") ? value("idempotency_key") : false;
  if (typeof idempotencyKey !== "boolean") {
    throw bad("the request: /idempotency_key: must be true or false");
  }
  if (idempotencyKey && headers.some(([name]) => name.toLowerCase() === "idempotency-key")) {
    throw bad("the request: /idempotency_key: must be absent if there is a header Idempotency-Key");
  }
  const method = methodOf(value("method"));
  if (body.kind !== "none" && ["GET", "HEAD"].includes(method)) {
    throw bad(`the request: /body: must be absent with ${method}, which browsers send without one`);
  }
  const [text, url] = urlOf(value("url"));
  return {
    method,
    text,
    url,
    query: fields(members.get("query"), "query"),
    headers,
    body,
    idempotencyKey,
    timeoutMs: timeoutOf(members.get("timeout_ms"))
  };
}
function methodOf(method) {
  if (method === void 0) {
    return "GET";
  }
  if (typeof method !== "string" || !/^[A-Z]{1,20}$/.test(method)) {
    throw bad("the request: /method: must be a method in upper case, such as GET");
  }
  if (NEVER_SENT.includes(method)) {
    throw bad(`the request: /method: must not be ${method}, which is never sent`);
  }
  return method;
}
function urlOf(text) {
  if (typeof text !== "string") {
    throw bad("the request: /url: is missing or no string");
  }
  if (text.length > MAX_URL_CHARS || !/^https?:\/\//.test(text) || /[^!-~]|[\\#]/.test(text)) {
    throw bad("the request: /url: must be http or https, in visible ASCII, without a backslash or a fragment");
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== "" || url.password !== "") {
    throw bad("the request: /url: must have a host and no user name");
  }
  url.search = url.search.replaceAll("{", "%7B").replaceAll("}", "%7D");
  return [text, url];
}
function withQuery(url, query) {
  const whole = new URL(url);
  if (query.length > 0) {
    const added = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
    whole.search = whole.search === "" ? added : `${whole.search}&${added}`;
    if (whole.href.length > MAX_URL_CHARS) {
      throw bad(`the request: /query: makes the URL longer than ${MAX_URL_CHARS} characters`);
    }
  }
  return whole;
}
function encoded(text) {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
function fields(json, name) {
  const found = [];
  if (json === void 0) {
    return found;
  }
  const reader = new JsonReader(json, MAX_DEPTH);
  if (reader.kind() !== "object") {
    throw bad(`the request: /${name}: must be an object`);
  }
  reader.object((field) => {
    const text = () => {
      if (reader.kind() !== "string") {
        throw bad(`the request: /${name}: must have strings or arrays of strings`);
      }
      found.push([field, reader.string()]);
    };
    if (reader.kind() === "array") {
      reader.array(text);
    } else {
      text();
    }
  });
  return found;
}
function checkHeaders(headers) {
  if (headers.length > MAX_HEADERS) {
    throw bad(`a request must have at most ${MAX_HEADERS} headers, had ${headers.length}`);
  }
  let bytes = 0;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) {
      throw bad("a header has a name that is not valid");
    }
    if (RESERVED.has(lower) || lower.startsWith("proxy-") || lower.startsWith("sec-")) {
      throw bad(`the header '${name}' is reserved`);
    }
    if (value.length > MAX_VALUE_CHARS) {
      throw bad(`the header '${name}' must have at most ${MAX_VALUE_CHARS} bytes, had ${value.length}`);
    }
    if (!/^[\t -~]*$/.test(value)) {
      throw bad(`the header '${name}' contains characters that are not visible ASCII`);
    }
    bytes += name.length + value.length + 4;
  }
  if (bytes > MAX_HEADER_BYTES) {
    throw bad(`the headers must have at most ${MAX_HEADER_BYTES} bytes in total, had ${bytes}`);
  }
}
function bodyOfBytes(bytes) {
  return ["application/octet-stream", { kind: "bytes", bytes }];
}
function bodyOf(json) {
  const text = json === void 0 ? "null" : new TextDecoder().decode(json);
  const body = JSON.parse(text);
  if (body === null) {
    return ["", { kind: "none" }];
  }
  const names = typeof body === "object" && !Array.isArray(body) ? Object.keys(body) : [];
  if (names.length === 1) {
    const value = body[names[0]];
    if (names[0] === "json") {
      return ["application/json", { kind: "json", json: jsonMember(json) }];
    }
    if (names[0] === "text" && typeof value === "string") {
      return ["text/plain; charset=utf-8", { kind: "text", text: value }];
    }
    if (names[0] === "base64" && typeof value === "string") {
      const bytes = fromBase64(value);
      if (bytes === null) {
        throw bad("the request: /body/base64: is not valid base64");
      }
      return bodyOfBytes(bytes);
    }
  }
  throw bad("the request: /body: must have one member: 'text' or 'base64', a string, or 'json', any value");
}
function jsonMember(body) {
  let found = new Uint8Array(0);
  const reader = new JsonReader(body, MAX_DEPTH + 1);
  reader.kind();
  reader.object(() => found = reader.value());
  return found;
}
function bytesOf(body, fill) {
  switch (body.kind) {
    case "none":
      return null;
    case "text":
      return new TextEncoder().encode(fill(body.text));
    case "json":
      return filledStrings(body.json, fill);
    case "bytes":
      return body.bytes;
  }
}
function filledStrings(json, fill) {
  const out = new Bytes();
  const reader = new JsonReader(json, MAX_DEPTH + 1);
  let copied = 0;
  const walk = () => {
    switch (reader.kind()) {
      case "object":
        return reader.object(walk);
      case "array":
        return reader.array(walk);
      case "string": {
        const start = reader.at;
        const text = reader.string();
        if (hasPlaceholder(text)) {
          out.append(json.subarray(copied, start));
          out.append(new TextEncoder().encode(JSON.stringify(fill(text))));
          copied = reader.at;
        }
        return;
      }
      default:
        reader.value();
    }
  };
  walk();
  out.append(json.subarray(copied));
  return out.toBytes();
}
function timeoutOf(json) {
  const text = json === void 0 ? "null" : new TextDecoder().decode(json);
  if (text === "null") {
    return MAX_TIMEOUT_MS;
  }
  if (!/^[1-9][0-9]*$/.test(text)) {
    throw bad("the request: /timeout_ms: must be an integer of at least 1");
  }
  return Math.min(Number(text), MAX_TIMEOUT_MS);
}

// src/host/result.ts
var MAX_RETRY_AFTER_MS = 365 * 24 * 60 * 60 * 1e3;

// src/host/signatures.ts
var ABI_MODULE = "wasm_broker_v1";
var WASI_MODULE = "wasi_snapshot_preview1";
var ENV_MODULE = "env";
var FUNCTIONS = {
  [ABI_MODULE]: {
    read_input: "ii:i",
    read_input_at: "iii:i",
    write_output: "ii:i",
    append_output: "ii:i",
    log: "iiiii:i",
    get_time: "i:I",
    http_request: "iiii:i",
    read_secret: "iiii:i",
    read_content: "ii:i",
    cache_get: "iiii:i",
    cache_put: "iiiiI:i",
    cache_delete: "ii:i"
  },
  [WASI_MODULE]: {
    args_get: "ii:i",
    args_sizes_get: "ii:i",
    environ_get: "ii:i",
    environ_sizes_get: "ii:i",
    clock_res_get: "ii:i",
    clock_time_get: "iIi:i",
    random_get: "ii:i",
    sched_yield: ":i",
    proc_exit: "i",
    fd_close: "i:i",
    fd_fdstat_get: "ii:i",
    fd_prestat_get: "ii:i",
    fd_prestat_dir_name: "iii:i",
    fd_read: "iiii:i",
    fd_seek: "iIii:i",
    fd_tell: "ii:i",
    fd_write: "iiii:i",
    poll_oneoff: "iiii:i",
    fd_advise: "iIIi:i",
    fd_allocate: "iII:i",
    fd_datasync: "i:i",
    fd_fdstat_set_flags: "ii:i",
    fd_fdstat_set_rights: "iII:i",
    fd_filestat_get: "ii:i",
    fd_filestat_set_size: "iI:i",
    fd_filestat_set_times: "iIIi:i",
    fd_pread: "iiiIi:i",
    fd_pwrite: "iiiIi:i",
    fd_readdir: "iiiIi:i",
    fd_renumber: "ii:i",
    fd_sync: "i:i",
    path_create_directory: "iii:i",
    path_filestat_get: "iiiii:i",
    path_filestat_set_times: "iiiiIIi:i",
    path_link: "iiiiiii:i",
    path_open: "iiiiiIIii:i",
    path_readlink: "iiiiii:i",
    path_remove_directory: "iii:i",
    path_rename: "iiiiii:i",
    path_symlink: "iiiii:i",
    path_unlink_file: "iii:i",
    proc_raise: "i:i",
    sock_accept: "iii:i",
    sock_recv: "iiiiii:i",
    sock_send: "iiiii:i",
    sock_shutdown: "ii:i"
  },
  [ENV_MODULE]: { abort: "iiii" }
};
var TYPES = new Map(
  Object.entries(FUNCTIONS).map(([module, functions]) => [
    module,
    new Map(Object.entries(functions).map(([name, letters]) => [name, type(letters)]))
  ])
);
function type(letters) {
  const [parameters = "", result] = letters.split(":");
  const names = [...parameters].map(valueType);
  return `(${names.join(", ")}) -> ${result === void 0 ? "()" : valueType(result)}`;
}
function valueType(letter) {
  return letter === "i" ? "i32" : "i64";
}

// src/host/pause.ts
var WAITED_ON = new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
function pause(millis) {
  Atomics.wait(WAITED_ON, 0, 0, millis);
}

// src/host/wasi.ts
var PIECE = 64 << 10;
var RIGHT_READ = 1n << 1n;
var RIGHT_WRITE = 1n << 6n;
var TYPE_DIRECTORY = 3;
var TYPE_FILE = 4;
var NONBLOCK = 4;
var MAX_ADVICE = 5;
var DIRECTORY_RIGHTS = rights(3, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 23, 24, 25, 26);
var FILE_RIGHTS = rights(0, 2, 3, 4, 5, 7, 8, 21, 22, 23, 27);
var SET_ACCESS = 1;
var ACCESS_NOW = 2;
var SET_MODIFICATION = 4;
var MODIFICATION_NOW = 8;
function rights(...bits) {
  return bits.reduce((all, bit) => all | 1n << BigInt(bit), 0n);
}
var WASI = {
  args_get: (call) => texts(call, programArguments(call.run)),
  args_sizes_get: (call) => sizes(call, programArguments(call.run)),
  environ_get: (call) => texts(call, environment(call.run)),
  environ_sizes_get: (call) => sizes(call, environment(call.run)),
  clock_res_get: (call) => isClock(call.i32(0)) ? store(call, 1, CLOCK_RESOLUTION) : Errno.Inval,
  clock_time_get: (call) => isClock(call.i32(0)) ? store(call, 2, now(call.run, call.i32(0))) : Errno.Inval,
  random_get: random,
  sched_yield: () => Errno.Success,
  proc_exit: (call) => {
    throw call.run.exited(call.i32(0));
  },
  fd_close: (call) => call.file() === void 0 ? closeStream(call) : close(call),
  fd_fdstat_get: (call) => call.file() === void 0 ? streamStatus(call) : fileStatus(call),
  fd_prestat_get: onFile(prestat),
  fd_prestat_dir_name: onFile(prestatName),
  fd_read: (call) => call.file() === void 0 ? readStream(call) : readFile(call),
  fd_seek: (call) => call.file() === void 0 ? noPosition(call) : seek(call),
  fd_tell: (call) => call.file() === void 0 ? noPosition(call) : tell(call),
  fd_write: (call) => call.file() === void 0 ? writeStream(call) : writeFile(call),
  poll_oneoff: poll,
  fd_advise: onFileOnly(
    (call, file) => file.node instanceof Directory ? Errno.BadF : call.i64(1) >= 0n && call.i64(2) >= 0n && call.i32(3) >= 0 && call.i32(3) <= MAX_ADVICE ? Errno.Success : Errno.Inval
  ),
  fd_allocate: onFileOnly((call, file) => done(file.allocate(call.i64(1), call.i64(2)))),
  fd_datasync: onFileOnly(() => Errno.Success),
  fd_fdstat_set_flags: onFileOnly((call, file) => {
    if ((call.i32(1) & ~(APPEND | NONBLOCK)) !== 0) {
      return Errno.Inval;
    }
    file.flags = call.i32(1);
    return Errno.Success;
  }),
  fd_fdstat_set_rights: onFileOnly(() => Errno.NotSup),
  fd_filestat_get: onFileOnly((call, file) => writeStat(call, call.u32(1), file, file.node)),
  fd_filestat_set_size: onFileOnly((call, file) => done(file.resize(call.i64(1)))),
  fd_filestat_set_times: onFileOnly(
    (call, file) => areTimeFlags(call.i32(3)) ? done(
      files(call).setTimes(
        file.mount,
        file.node,
        accessTime(call, 1, call.i32(3)),
        modificationTime(call, 2, call.i32(3))
      )
    ) : Errno.Inval
  ),
  fd_pread: onFileOnly(
    (call, file) => call.i64(3) < 0n ? Errno.Inval : transferIn(call, file, new Ranges(call, 4), call.i64(3))
  ),
  fd_pwrite: onFileOnly(writeAt),
  fd_readdir: onFileOnly(list),
  fd_renumber: onFileOnly((call) => done(files(call).renumber(call.i32(0), call.i32(1)))),
  fd_sync: onFileOnly(() => Errno.Success),
  path_create_directory: changing((all, from, path) => all.createDirectory(from, path)),
  path_filestat_get: onFile((call, from) => {
    const path = pathAt(call, 2);
    return path === null ? Errno.Fault : writeStat(call, call.u32(4), from, files(call).stat(from, path));
  }),
  path_filestat_set_times: onFile((call, from) => {
    const path = pathAt(call, 2);
    if (path === null) {
      return Errno.Fault;
    }
    const flags = call.i32(6);
    return areTimeFlags(flags) ? done(files(call).setTimesAt(from, path, accessTime(call, 4, flags), modificationTime(call, 5, flags))) : Errno.Inval;
  }),
  path_link: onFile(() => Errno.NotSup),
  path_open: onFile(open),
  path_readlink: onFile((call, from) => {
    const path = pathAt(call, 1);
    if (path === null) {
      return Errno.Fault;
    }
    files(call).stat(from, path);
    return Errno.Inval;
  }),
  path_remove_directory: changing((all, from, path) => all.removeDirectory(from, path)),
  path_rename: onFile((call, from) => {
    const path = pathAt(call, 1);
    const newPath = pathAt(call, 4);
    return path === null || newPath === null ? Errno.Fault : done(files(call).rename(from, path, files(call).get(call.i32(3)), newPath));
  }),
  path_symlink: (call) => call.run.given.files?.find(call.i32(2)) === void 0 ? Errno.BadF : Errno.NotSup,
  path_unlink_file: changing((all, from, path) => all.removeFile(from, path)),
  proc_raise: () => Errno.NoSys,
  sock_accept: onSocket,
  sock_recv: onSocket,
  sock_send: onSocket,
  sock_shutdown: onSocket
};
var IN_PREPARE = new Set(
  Object.keys(WASI).filter(
    (name) => ![
      "args_get",
      "args_sizes_get",
      "clock_res_get",
      "clock_time_get",
      "random_get",
      "poll_oneoff"
    ].includes(name)
  )
);
function done(_) {
  return Errno.Success;
}
function files(call) {
  const found = call.run.given.files;
  if (found === null) {
    throw new FileRefused(FileError.BadDescriptor);
  }
  return found;
}
function programArguments(run) {
  return run.given.command?.arguments ?? [run.given.handler];
}
function environment(run) {
  return run.given.command?.environment ?? [];
}
function zeroEnded(text) {
  return new TextEncoder().encode(`${text}\0`);
}
function sizes(call, all) {
  const { memory } = call;
  if (!memory.contains(call.u32(0), 4) || !memory.contains(call.u32(1), 4)) {
    return Errno.Fault;
  }
  memory.writeU32(call.u32(0), all.length);
  memory.writeU32(
    call.u32(1),
    all.reduce((sum, text) => sum + zeroEnded(text).length, 0)
  );
  return Errno.Success;
}
function texts(call, all) {
  const { memory } = call;
  let pointer = call.u32(0);
  let at = call.u32(1);
  if (!memory.contains(pointer, 4 * all.length)) {
    return Errno.Fault;
  }
  for (const text of all) {
    const bytes = zeroEnded(text);
    if (!memory.contains(at, bytes.length)) {
      return Errno.Fault;
    }
    memory.writeU32(pointer, at);
    memory.write(at, bytes);
    pointer += 4;
    at += bytes.length;
  }
  return Errno.Success;
}
function isClock(id) {
  return id === 0 || id === 1;
}
function now(run, clock) {
  return clock === 0 ? run.clocks.wall() : run.clocks.elapsed();
}
function store(call, argument, value) {
  if (!call.memory.contains(call.u32(argument), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(argument), value);
  return Errno.Success;
}
function random(call) {
  const { memory } = call;
  let at = call.u32(0);
  let left = call.u32(1);
  if (!memory.contains(at, left)) {
    return Errno.Fault;
  }
  while (left > 0) {
    call.run.throwIfStopped();
    const piece = crypto.getRandomValues(new Uint8Array(Math.min(left, PIECE)));
    memory.write(at, piece);
    at += piece.length;
    left -= piece.length;
  }
  return Errno.Success;
}
function onSocket(call) {
  if (call.file() !== void 0) {
    return Errno.NotSock;
  }
  return call.run.streams.isOpen(call.i32(0)) ? Errno.NoSys : Errno.BadF;
}
function closeStream(call) {
  const { streams } = call.run;
  if (!streams.isOpen(call.i32(0))) {
    return Errno.BadF;
  }
  streams.close(call.i32(0));
  return Errno.Success;
}
function noPosition(call) {
  return call.run.streams.isOpen(call.i32(0)) ? Errno.SPipe : Errno.BadF;
}
function streamStatus(call) {
  const fd = call.i32(0);
  const at = call.u32(1);
  if (!call.run.streams.isOpen(fd)) {
    return Errno.BadF;
  }
  const { memory } = call;
  if (!memory.contains(at, 24)) {
    return Errno.Fault;
  }
  memory.writeI64(at, 0n);
  memory.writeI64(at + 8, fd === 0 ? RIGHT_READ : RIGHT_WRITE);
  memory.writeI64(at + 16, 0n);
  return Errno.Success;
}
function readStream(call) {
  const { streams } = call.run;
  if (call.i32(0) !== 0 || !streams.isOpen(0)) {
    return Errno.BadF;
  }
  const ranges = new Ranges(call, 3);
  const error = ranges.check();
  if (error !== Errno.Success) {
    return error;
  }
  const { memory } = call;
  let total = 0;
  for (let i = 0; i < ranges.count && streams.remainingInput > 0; i++) {
    ranges.stopIfOver(i);
    const pointer = ranges.pointer(i);
    const length = ranges.length(i);
    if (!memory.contains(pointer, length)) {
      return Errno.Fault;
    }
    const bytes = streams.read(length);
    memory.write(pointer, bytes);
    total += bytes.length;
  }
  ranges.writeResult(total);
  return Errno.Success;
}
function writeStream(call) {
  const fd = call.i32(0);
  const { streams } = call.run;
  if (fd < 1 || !streams.isOpen(fd)) {
    return Errno.BadF;
  }
  const ranges = new Ranges(call, 3);
  const error = ranges.check();
  if (error !== Errno.Success) {
    return error;
  }
  streams.beforeWrite(fd, ranges.total);
  forEachPiece(call, ranges, (bytes) => streams.write(fd, bytes));
  ranges.writeResult(ranges.total);
  return Errno.Success;
}
function forEachPiece(call, ranges, take) {
  for (let i = 0; i < ranges.count; i++) {
    ranges.stopIfOver(i);
    let pointer = ranges.pointer(i);
    let left = ranges.length(i);
    while (left > 0) {
      call.run.throwIfStopped();
      const piece = Math.min(left, PIECE);
      take(call.memory.range(pointer, piece));
      pointer += piece;
      left -= piece;
    }
  }
}
var close = onFile((call) => done(files(call).close(call.i32(0))));
var seek = onFile((call, file) => {
  if (!call.memory.contains(call.u32(3), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(3), file.seek(call.i64(1), call.i32(2)));
  return Errno.Success;
});
var tell = onFile((call, file) => {
  if (!call.memory.contains(call.u32(1), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(1), file.tell());
  return Errno.Success;
});
var readFile = onFile((call, file) => transferIn(call, file, new Ranges(call, 3), null));
function transferIn(call, file, ranges, offset) {
  const error = ranges.check();
  if (error !== Errno.Success) {
    return error;
  }
  file.checkReadable();
  const { memory } = call;
  let total = 0;
  let atEnd = false;
  for (let i = 0; i < ranges.count && !atEnd; i++) {
    ranges.stopIfOver(i);
    let pointer = ranges.pointer(i);
    let left = ranges.length(i);
    if (!memory.contains(pointer, left)) {
      return Errno.Fault;
    }
    while (left > 0 && !atEnd) {
      call.run.throwIfStopped();
      const piece = Math.min(left, PIECE);
      const bytes = offset === null ? file.read(piece) : file.readAt(offset + BigInt(total), piece);
      memory.write(pointer, bytes);
      atEnd = bytes.length < piece;
      pointer += bytes.length;
      left -= bytes.length;
      total += bytes.length;
    }
  }
  ranges.writeResult(total);
  return Errno.Success;
}
var writeFile = onFile((call, file) => {
  const ranges = new Ranges(call, 3);
  const error = ranges.check();
  return error === Errno.Success ? transferOut(call, file, ranges, file.beginWrite(ranges.total)) : error;
});
function writeAt(call, file) {
  const ranges = new Ranges(call, 4);
  const error = ranges.check();
  if (error !== Errno.Success) {
    return error;
  }
  const offset = file.appends ? BigInt(file.node.size) : call.i64(3);
  if (offset < 0n) {
    return Errno.Inval;
  }
  file.beginWriteAt(offset, ranges.total);
  return transferOut(call, file, ranges, Number(offset));
}
function transferOut(call, file, ranges, offset) {
  let at = offset;
  forEachPiece(call, ranges, (bytes) => {
    file.put(at, bytes);
    at += bytes.length;
  });
  ranges.writeResult(ranges.total);
  return Errno.Success;
}
var fileStatus = onFile((call, file) => {
  const { memory } = call;
  const at = call.u32(1);
  if (!memory.contains(at, 24)) {
    return Errno.Fault;
  }
  const isDirectory = file.node instanceof Directory;
  const own = FILE_RIGHTS | (file.reads ? RIGHT_READ : 0n) | (file.writes ? RIGHT_WRITE : 0n);
  memory.writeI64(at, BigInt(typeOf(file.node) | file.flags << 16));
  memory.writeI64(at + 8, isDirectory ? DIRECTORY_RIGHTS : own);
  memory.writeI64(at + 16, isDirectory ? DIRECTORY_RIGHTS | FILE_RIGHTS | RIGHT_READ | RIGHT_WRITE : 0n);
  return Errno.Success;
});
function typeOf(node) {
  return node instanceof Directory ? TYPE_DIRECTORY : TYPE_FILE;
}
function writeStat(call, at, openedFrom, node) {
  const { memory } = call;
  if (!memory.contains(at, 64)) {
    return Errno.Fault;
  }
  memory.writeI64(at, BigInt(openedFrom.device));
  memory.writeI64(at + 8, node.inode);
  memory.writeI64(at + 16, BigInt(typeOf(node)));
  memory.writeI64(at + 24, node.removed ? 0n : 1n);
  memory.writeI64(at + 32, BigInt(node.size));
  memory.writeI64(at + 40, node.accessTime);
  memory.writeI64(at + 48, node.modificationTime);
  memory.writeI64(at + 56, node.changeTime);
  return Errno.Success;
}
function areTimeFlags(flags) {
  const access = SET_ACCESS | ACCESS_NOW;
  const modification = SET_MODIFICATION | MODIFICATION_NOW;
  return (flags & access) !== access && (flags & modification) !== modification && (flags & ~(access | modification)) === 0;
}
function accessTime(call, argument, flags) {
  return time(call, argument, flags & SET_ACCESS, flags & ACCESS_NOW);
}
function modificationTime(call, argument, flags) {
  return time(call, argument, flags & SET_MODIFICATION, flags & MODIFICATION_NOW);
}
function time(call, argument, set, setNow) {
  if (set !== 0) {
    return call.i64(argument);
  }
  return setNow !== 0 ? call.run.clocks.wall() : null;
}
function prestat(call, file) {
  if (file.preopenedAs === null) {
    return Errno.BadF;
  }
  if (!call.memory.contains(call.u32(1), 8)) {
    return Errno.Fault;
  }
  call.memory.writeU32(call.u32(1), 0);
  call.memory.writeU32(call.u32(1) + 4, new TextEncoder().encode(file.preopenedAs).length);
  return Errno.Success;
}
function prestatName(call, file) {
  if (file.preopenedAs === null) {
    return Errno.BadF;
  }
  const name = new TextEncoder().encode(file.preopenedAs);
  if (call.u32(2) < name.length) {
    return Errno.NameTooLong;
  }
  if (!call.memory.contains(call.u32(1), name.length)) {
    return Errno.Fault;
  }
  call.memory.write(call.u32(1), name);
  return Errno.Success;
}
function list(call, file) {
  const directory = file.listed();
  const { memory } = call;
  const at = call.u32(1);
  const room = call.u32(2);
  if (!memory.contains(at, room) || !memory.contains(call.u32(4), 4)) {
    return Errno.Fault;
  }
  const after = call.i64(3);
  if (after < 0n) {
    return Errno.Inval;
  }
  let used = 0;
  const add = (number, name, node) => {
    const text = new TextEncoder().encode(name);
    const entry = new Uint8Array(24 + text.length);
    const view = new DataView(entry.buffer);
    view.setBigInt64(0, BigInt(number), true);
    view.setBigInt64(8, node.inode, true);
    view.setUint32(16, text.length, true);
    view.setUint32(20, typeOf(node), true);
    entry.set(text, 24);
    const count = Math.min(entry.length, room - used);
    memory.write(at + used, entry.subarray(0, count));
    used += count;
  };
  if (after < 1n) {
    add(1, ".", directory);
  }
  if (after < 2n) {
    add(2, "..", directory);
  }
  for (const next of directory.after(after)) {
    if (used === room) {
      break;
    }
    call.run.throwIfStopped();
    add(next.number, next.name, next.node);
  }
  memory.writeU32(call.u32(4), used);
  return Errno.Success;
}
function pathAt(call, argument) {
  const length = call.u32(argument + 1);
  return call.memory.contains(call.u32(argument), length) ? parsePath(call.memory.range(call.u32(argument), length)) : null;
}
function open(call, from) {
  const path = pathAt(call, 2);
  const result = call.u32(8);
  if (path === null || !call.memory.contains(result, 4)) {
    return Errno.Fault;
  }
  const how = call.i32(4);
  const flags = call.i32(7);
  if ((how & ~15) !== 0 || (flags & ~31) !== 0) {
    return Errno.Inval;
  }
  const all = files(call);
  all.checkFree();
  const opened = all.openPath(from, path, {
    reads: (call.i64(5) & RIGHT_READ) !== 0n,
    writes: (call.i64(5) & RIGHT_WRITE) !== 0n,
    create: (how & 1) !== 0,
    directory: (how & 2) !== 0,
    exclusive: (how & 4) !== 0,
    truncate: (how & 8) !== 0
  });
  opened.flags = flags;
  call.memory.writeU32(result, all.add(opened));
  return Errno.Success;
}
function changing(change) {
  return onFile((call, from) => {
    const path = pathAt(call, 1);
    return path === null ? Errno.Fault : done(change(files(call), from, path));
  });
}
var SUBSCRIPTION = 48;
var EVENT = 32;
var MAX_SUBSCRIPTIONS = 1024;
var CLOCK = 0;
var FD_READ = 1;
var FD_WRITE = 2;
var NEVER = 2n ** 63n;
function poll(call) {
  const count = call.i32(2);
  if (count < 1 || count > MAX_SUBSCRIPTIONS) {
    return Errno.Inval;
  }
  const { memory, run } = call;
  if (!memory.contains(call.u32(0), count * SUBSCRIPTION) || !memory.contains(call.u32(1), count * EVENT) || !memory.contains(call.u32(3), 4)) {
    return Errno.Fault;
  }
  const began = run.clocks.elapsed();
  const subscriptions = Array.from({ length: count }, (_, i) => call.u32(0) + i * SUBSCRIPTION);
  const due = subscriptions.map((at) => dueTime(call, at, began));
  const earliest = due.reduce((least, one) => one < least ? one : least);
  for (let left = earliest - run.clocks.elapsed(); left > 0n; left = earliest - run.clocks.elapsed()) {
    run.throwIfStopped();
    pause(Math.min(Number(left) / 1e6, Math.max(1, run.limits.time - run.clocks.elapsedMs())));
  }
  run.throwIfStopped();
  const ended = run.clocks.elapsed();
  let written = 0;
  subscriptions.forEach((at, i) => {
    if (due[i] <= ended) {
      writeEvent(call, at, call.u32(1) + written * EVENT);
      written++;
    }
  });
  memory.writeU32(call.u32(3), written);
  return Errno.Success;
}
function writeEvent(call, subscription, event) {
  const { memory } = call;
  const kind = memory.u8(subscription + 8);
  const error = pollError(call, subscription);
  const ready = kind === FD_READ && error === Errno.Success ? readable(call, memory.u32(subscription + 16)) : 0n;
  memory.writeI64(event, memory.i64(subscription));
  memory.writeI64(event + 8, BigInt(error | kind << 16));
  memory.writeI64(event + 16, ready);
  memory.writeI64(event + 24, 0n);
}
function pollError(call, subscription) {
  const id = call.memory.u32(subscription + 16) | 0;
  switch (call.memory.u8(subscription + 8)) {
    case CLOCK:
      return isClock(id) ? Errno.Success : Errno.Inval;
    case FD_READ:
      return isReady(call, id, id === 0) ? Errno.Success : Errno.BadF;
    case FD_WRITE:
      return isReady(call, id, id !== 0) ? Errno.Success : Errno.BadF;
    default:
      return Errno.Inval;
  }
}
function isReady(call, fd, streamFits) {
  return call.run.given.files?.find(fd) !== void 0 || streamFits && call.run.streams.isOpen(fd);
}
function readable(call, fd) {
  const file = call.run.given.files?.find(fd);
  if (file === void 0) {
    return BigInt(call.run.streams.remainingInput);
  }
  const left = BigInt(file.node.size) - file.position;
  return left > 0n ? left : 0n;
}
function dueTime(call, subscription, began) {
  const { memory, run } = call;
  if (memory.u8(subscription + 8) !== CLOCK || pollError(call, subscription) !== Errno.Success) {
    return 0n;
  }
  const timeout = memory.i64(subscription + 24);
  if (timeout < 0n) {
    return NEVER;
  }
  const isAbsolute = (memory.u32(subscription + 40) & 1) !== 0;
  return isAbsolute ? timeout - now(run, memory.u32(subscription + 16)) + began : began + timeout;
}

// src/host/wasm.ts
var ModuleRefused = class extends Error {
  name = "ModuleRefused";
};
var STRICT_UTF82 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// src/host/guest.ts
var UNITS = {
  memory: "bytes",
  table_elements: "elements",
  time: "milliseconds",
  input: "bytes",
  output: "bytes",
  host_calls: "calls"
};
function limitExceeded(limit, allowed, used) {
  const unit = UNITS[limit];
  const remedy = limit === "memory" ? "; it is the least of the manifest's memory_bytes and the class that is granted" : "";
  return {
    type: "limit_exceeded",
    message: `the guest used ${used} ${unit} of ${limit}, the limit is ${allowed}${remedy}`,
    retryable: limit === "time",
    code: limit,
    context: JSON.stringify({ limit, unit, allowed, used })
  };
}

// src/host/limits.ts
var MIB = 1 << 20;
var CLASSES = {
  text: 32 * MIB,
  image: 128 * MIB,
  media: 512 * MIB
};
var DEFAULT_LIMITS = {
  memory: 32 * MIB,
  tableElements: 1e4,
  time: 3e4,
  input: 16 * MIB,
  output: 4 * MIB,
  log: 64 << 10,
  logLine: 8 << 10,
  hostCalls: 1e5
};
var MAX_MODULE_BYTES = 20 * MIB;
var BOUNDS = {
  memory: [64 << 10, 512 * MIB],
  tableElements: [0, 64 << 10],
  time: [1, 864e5],
  input: [2, 256 * MIB],
  output: [2, 64 * MIB],
  log: [0, 16 * MIB],
  logLine: [2, MIB],
  hostCalls: [1, 1e9]
};
function limitsWith(changed) {
  const limits = { ...DEFAULT_LIMITS, ...changed };
  for (const [name, value] of Object.entries(limits)) {
    const bounds = BOUNDS[name];
    if (bounds === void 0) {
      throw new RangeError(`there is no limit '${name}'; there are ${Object.keys(BOUNDS).join(", ")}`);
    }
    if (!Number.isInteger(value) || value < bounds[0] || value > bounds[1]) {
      throw new RangeError(`${name} must be a whole number from ${bounds[0]} to ${bounds[1]}, was ${value}`);
    }
  }
  return limits;
}

// src/host/host.ts
var STDERR_TAIL_CHARS = 200;
var CACHED_MODULES = 16;
var CACHED_BYTES = 4 * MAX_MODULE_BYTES;
var COMPILE_MS = 6e4;
var CancelledEarly = class extends Error {
};
var Host = class {
  workerUrl;
  cachedModules;
  compiled = /* @__PURE__ */ new Map();
  constructor(options = {}) {
    this.workerUrl = options.workerUrl ?? new URL("./worker.js", import.meta.url);
    this.cachedModules = options.cachedModules ?? CACHED_MODULES;
  }
  /**
   * Checks and compiles a module.
   *
   * @throws ModuleRefused saying why it may not run
   */
  async load(module, limits = {}) {
    const { digest, plan } = await this.compile(module, limitsWith(limits), new AbortController().signal);
    return { digest, plan };
  }
  /**
   * Starts a run.
   *
   * @throws RangeError for a limit that cannot be, for `http` or `secrets` in a page that is not isolated, for a
   *     destination that is none, or for a secret that cannot be granted
   */
  start(request) {
    const limits = limitsWith(request.limits ?? {});
    for (const capability of ["http", "secrets"]) {
      if (request[capability] !== void 0 && !crossOriginIsolated) {
        throw new RangeError(
          `${capability} can be granted only by a page that is isolated: with COOP same-origin and COEP require-corp`
        );
      }
    }
    checkDestinations(request.http?.destinations ?? []);
    const secrets = new RunSecrets(
      request.secrets ?? {},
      (use) => request.onSecret?.(use),
      (text, values, stop2) => this.search(text, values, stop2)
    );
    const stop = new AbortController();
    const cancel = (reason = "cancelled by the page") => stop.abort(reason);
    const { signal } = request;
    const aborted2 = () => cancel(typeof signal?.reason === "string" ? signal.reason : void 0);
    signal?.addEventListener("abort", aborted2, { signal: stop.signal });
    if (signal?.aborted === true) {
      aborted2();
    }
    return { ended: this.run(request, secrets, limits, stop.signal).finally(() => secrets.close()), cancel };
  }
  async run(request, secrets, limits, stop) {
    const input = typeof request.input === "string" ? new TextEncoder().encode(request.input) : request.input;
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
        channel: request.http === void 0 && request.secrets === void 0 ? null : newChannel(),
        http: request.http !== void 0,
        secrets: request.secrets !== void 0,
        functions: request.functions ?? [...GRANTABLE, "http_request", "read_secret"]
      });
    } catch (failure) {
      if (failure instanceof ModuleRefused) {
        const error = { type: "module_refused", message: failure.message, retryable: false };
        return receipt.ended({ status: "failed", error }, null, null);
      }
      if (failure instanceof CancelledEarly) {
        return receipt.ended({ status: "cancelled", reason: failure.message }, null, null);
      }
      throw failure;
    }
  }
  async compile(file, limits, stop) {
    if (file.length > MAX_MODULE_BYTES) {
      throw new ModuleRefused(`the module has ${file.length} bytes, the maximum is ${MAX_MODULE_BYTES}`);
    }
    const bytes = file.slice();
    const digest = hexadecimal(await crypto.subtle.digest("SHA-256", bytes));
    const key = `${digest} ${limits.memory} ${limits.tableElements}`;
    const known = this.compiled.get(key);
    if (known !== void 0) {
      this.keep(key, known);
      return known;
    }
    const compiled = await this.compileInWorker(bytes, digest, limits, stop);
    this.keep(key, compiled);
    return compiled;
  }
  compileInWorker(bytes, digest, limits, stop) {
    const size = bytes.length;
    return new Promise((resolve, reject) => {
      if (stop.aborted) {
        reject(new CancelledEarly(String(stop.reason)));
        return;
      }
      const worker = new Worker(this.workerUrl, { type: "module" });
      const timer = setTimeout(() => {
        end();
        reject(new ModuleRefused(`the module was not compiled within ${COMPILE_MS} ms`));
      }, COMPILE_MS);
      const cancelled = () => {
        end();
        reject(new CancelledEarly(String(stop.reason)));
      };
      const end = () => {
        clearTimeout(timer);
        stop.removeEventListener("abort", cancelled);
        worker.terminate();
      };
      stop.addEventListener("abort", cancelled);
      worker.onerror = (event) => {
        end();
        reject(new Error(`the worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }) => {
        end();
        if (data.kind === "loaded") {
          const { module, content, plan } = data;
          resolve({ digest, module, content, plan, bytes: size });
        } else {
          const message = data.kind === "refused" || data.kind === "fault" ? data.message : "an unexpected answer";
          reject(data.kind === "refused" ? new ModuleRefused(message) : new Error(message));
        }
      };
      worker.postMessage({ kind: "load", bytes, limits }, [bytes.buffer]);
    });
  }
  /** Searches a text for values of secrets, in a worker of its own. */
  search(text, values, stop) {
    return new Promise((resolve, reject) => {
      if (stop.aborted) {
        reject(new Error("the run was ended"));
        return;
      }
      const worker = new Worker(this.workerUrl, { type: "module" });
      const ended = () => {
        end();
        reject(new Error("the run was ended"));
      };
      const end = () => {
        stop.removeEventListener("abort", ended);
        worker.terminate();
      };
      stop.addEventListener("abort", ended);
      worker.onerror = (event) => {
        end();
        reject(new Error(`the worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }) => {
        end();
        if (data.kind === "searched") {
          resolve(data.leak);
        } else {
          reject(new Error("the text could not be searched for secrets"));
        }
      };
      worker.postMessage({ kind: "search", text, values });
    });
  }
  /** Keeps the modules that were used last. */
  keep(key, compiled) {
    this.compiled.delete(key);
    this.compiled.set(key, compiled);
    let bytes = 0;
    this.compiled.forEach((one) => bytes += one.bytes);
    for (const [oldest, one] of this.compiled) {
      if (this.compiled.size <= this.cachedModules && bytes <= CACHED_BYTES) {
        break;
      }
      this.compiled.delete(oldest);
      bytes -= one.bytes;
    }
  }
};
var GuestRun = class {
  constructor(workerUrl, request, secrets, receipt, limits, stop) {
    this.workerUrl = workerUrl;
    this.request = request;
    this.secrets = secrets;
    this.receipt = receipt;
    this.limits = limits;
    this.stop = stop;
  }
  workerUrl;
  request;
  secrets;
  receipt;
  limits;
  stop;
  startedAt = null;
  progress = { hostCalls: 0, memoryBytes: 0, elapsedMs: 0 };
  run(job) {
    return new Promise((resolve, reject) => {
      if (this.stop.aborted) {
        reject(new CancelledEarly(String(this.stop.reason)));
        return;
      }
      const worker = new Worker(this.workerUrl, { type: "module" });
      let timer;
      const over = new AbortController();
      const end = () => {
        clearTimeout(timer);
        this.stop.removeEventListener("abort", cancelled);
        worker.terminate();
        over.abort();
      };
      const egress = this.request.http === void 0 ? null : new Egress(this.request.http, this.secrets, over.signal);
      const channel = job.channel === null ? null : new ChannelWriter(job.channel);
      const endBy = (outcome) => {
        end();
        resolve(this.receipt.ended(outcome, null, this.lastSeen()));
      };
      const cancelled = () => endBy({ status: "cancelled", reason: String(this.stop.reason) });
      this.stop.addEventListener("abort", cancelled);
      worker.onerror = (event) => {
        end();
        reject(new Error(`the worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }) => {
        switch (data.kind) {
          case "started":
            this.startedAt = performance.now();
            timer = setTimeout(() => endBy(failed(this.timeExceeded())), this.limits.time);
            this.request.onProgress?.(this.progress);
            break;
          case "log":
            this.request.onLog?.(this.shown(data.line));
            break;
          case "progress":
            this.progress = { hostCalls: data.hostCalls, memoryBytes: data.memoryBytes, elapsedMs: this.elapsed() };
            this.request.onProgress?.(this.progress);
            break;
          case "request":
            void egress?.answer(data.document, data.body).then((answer) => channel?.answer(answer));
            break;
          case "secret":
            channel?.answer(this.readSecret(data.name));
            break;
          case "more":
            channel?.more();
            break;
          case "ended":
            end();
            this.checked(data.end).then(
              (checked) => resolve(this.receipt.endedBy(checked)),
              (failure) => this.stop.aborted ? cancelled() : reject(failure)
            );
            break;
          case "fault":
            endBy(
              failed({
                type: "broker_fault",
                message: this.secrets.redact(`the browser could not run it: ${data.message}`),
                retryable: true
              })
            );
            break;
          default:
            end();
            reject(new Error(`an unexpected answer of the worker: ${data.kind}`));
        }
      };
      worker.postMessage({ kind: "run", job });
    });
  }
  /** The answer to `read_secret`, as it goes through the channel. */
  readSecret(name) {
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
  shown({ level, message, fields: fields2 }) {
    return { level, message: this.secrets.shown(message, this.limits.logLine), fields: fields2 === null ? null : this.fields(fields2) };
  }
  fields(written) {
    const redacted = this.secrets.redact(written);
    if (redacted !== written && !isJsonObject(new TextEncoder().encode(redacted))) {
      return '{"redacted":true}';
    }
    return sanitize(redacted, redacted.length);
  }
  /** The end of a guest with what it said, and without what has the value of a secret. */
  async checked(end) {
    const leaked = end.output === null ? null : await this.secrets.checkOutput(end.output, this.stop);
    if (leaked !== null) {
      return { ...end, document: { status: "failed", error: leaked }, output: null };
    }
    if (end.document.status !== "failed") {
      return end;
    }
    const { error } = end.document;
    const told = end.said === null ? error : { ...error, message: this.messageOf(end.said) };
    return { ...end, document: { status: "failed", error: await this.secrets.checked(told, this.stop) } };
  }
  messageOf({ inPrepare, message, tail }) {
    const show = (text2) => this.secrets.shown(text2, this.limits.logLine);
    const text = `${inPrepare ? "in prepare: " : ""}${show(message)}`;
    const lines = tail.map((line) => sanitize(show(line), STDERR_TAIL_CHARS)).join(" / ");
    return tail.length === 0 ? text : `${text}; last lines on stderr: ${lines}`;
  }
  elapsed() {
    return this.startedAt === null ? 0 : performance.now() - this.startedAt;
  }
  timeExceeded() {
    return limitExceeded("time", this.limits.time, Math.max(this.limits.time, Math.floor(this.elapsed())));
  }
  lastSeen() {
    return { ...this.progress, elapsedMs: this.elapsed() };
  }
};
var ReceiptMaker = class {
  constructor(handler, bytesIn) {
    this.handler = handler;
    this.bytesIn = bytesIn;
  }
  handler;
  bytesIn;
  digest = "";
  endedBy({ document, output, usage }) {
    return {
      outcome: document,
      output,
      receipt: {
        digest: `sha256:${this.digest}`,
        engine: "browser",
        handler: this.handler,
        bytes_in: this.bytesIn,
        bytes_out: usage.bytesOut,
        host_calls: usage.hostCalls,
        instantiation_ns: Math.round(usage.instantiationMs * 1e6),
        execution_ns: Math.round(usage.executionMs * 1e6),
        log_lines_dropped: usage.logLinesDropped,
        memory_high_water_bytes: usage.memoryHighWaterBytes,
        ...usage.files === null ? {} : { files: usage.files },
        complete: true
      }
    };
  }
  /**
   * Of a run that the page ended.
   *
   * @param seen what was known of its guest; null if there was none
   */
  ended(outcome, output, seen) {
    return {
      outcome,
      output,
      receipt: {
        digest: this.digest === "" ? "" : `sha256:${this.digest}`,
        engine: "browser",
        handler: this.handler,
        bytes_in: this.bytesIn,
        bytes_out: 0,
        host_calls: {},
        instantiation_ns: 0,
        execution_ns: Math.round((seen?.elapsedMs ?? 0) * 1e6),
        log_lines_dropped: 0,
        memory_high_water_bytes: seen?.memoryBytes ?? 0,
        complete: seen === null
      }
    };
  }
};
function failed(error) {
  return { status: "failed", error };
}
function hexadecimal(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
export {
  CLASSES,
  DEFAULT_LIMITS,
  Host,
  ModuleRefused
};
