/** Finds the values of secrets in what leaves a run, in the forms that the broker finds (docs/secrets.md). */
import { JsonProblem, JsonReader } from './json.js';
import { sanitize } from './text.js';

/** The form in which a value was found, as part of a sentence. */
export type Form = 'as plain text' | 'with escapes' | 'URL-encoded' | 'in hex' | 'in base64' | 'as numbers';

/** A value in a text. */
export interface Leak extends Finding {
  /** The JSON pointer of the member that has it; empty if none has, or the text is no JSON. */
  readonly pointer: string;
}

interface Finding {
  readonly name: string;
  readonly form: Form;
}

const MIN_LENGTH = 4;
const MIN_LINE_BYTES = 16;
const MIN_BASE64_DIGITS = 5;
const MAX_VIEWS = 8;
const MAX_DECODING_DEPTH = 3;
const MAX_POINTER_CHARS = 300;
const MAX_NAME_CHARS = 60;
const MAX_JSON_DEPTH = 1_000;
const UTF8 = new TextEncoder();

const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/** The bytes of a text, or of the text with something decoded or left out; on request each knows where it is from. */
class View {
  constructor(
    readonly bytes: Uint8Array,
    readonly length: number,
    private readonly starts: Uint32Array | null,
    private readonly ends: Uint32Array | null,
  ) {}

  static of(bytes: Uint8Array): View {
    return new View(bytes, bytes.length, null, null);
  }

  static withOffsets(bytes: Uint8Array): View {
    const starts = Uint32Array.from(bytes, (_, at) => at);
    return new View(bytes, bytes.length, starts, Uint32Array.from(bytes, (_, at) => at + 1));
  }

  /** The offset in the original text where the byte at this one begins. */
  sourceStart(at: number): number {
    return this.starts === null ? at : this.starts[at]!;
  }

  /** The same, where it ends. */
  sourceEnd(at: number): number {
    return this.ends === null ? at + 1 : this.ends[at]!;
  }

  writer(capacity: number): ViewWriter {
    return new ViewWriter(this, capacity, this.starts !== null);
  }
}

/** Collects the bytes of another view; `from` and `until` are the offsets that a byte was decoded from. */
class ViewWriter {
  length = 0;
  private readonly to: Uint8Array;
  private readonly starts: Uint32Array | null;
  private readonly ends: Uint32Array | null;

  constructor(
    private readonly source: View,
    capacity: number,
    withOffsets: boolean,
  ) {
    this.to = new Uint8Array(capacity);
    this.starts = withOffsets ? new Uint32Array(capacity) : null;
    this.ends = withOffsets ? new Uint32Array(capacity) : null;
  }

  put(value: number, from: number, until: number): void {
    this.to[this.length] = value;
    if (this.starts !== null && this.ends !== null) {
      const { source } = this;
      this.starts[this.length] = from < source.length ? source.sourceStart(from) : source.sourceEnd(from - 1);
      this.ends[this.length] = until > from ? source.sourceEnd(until - 1) : this.starts[this.length]!;
    }
    this.length++;
  }

  /** Also of a surrogate by itself, as the broker writes it. */
  putUtf8(point: number, from: number, until: number): void {
    const rest = (shift: number): void => this.put(0x80 | ((point >> shift) & 0x3f), from, until);
    if (point < 0x80) {
      this.put(point, from, until);
    } else if (point < 0x800) {
      this.put(0xc0 | (point >> 6), from, until);
      rest(0);
    } else if (point < 0x10000) {
      this.put(0xe0 | (point >> 12), from, until);
      rest(6);
      rest(0);
    } else {
      this.put(0xf0 | (point >> 18), from, until);
      rest(12);
      rest(6);
      rest(0);
    }
  }

  toView(): View {
    return new View(this.to, this.length, this.starts, this.ends);
  }
}

function has(view: View, byte: number): boolean {
  const at = view.bytes.indexOf(byte);
  return at >= 0 && at < view.length;
}

function digitOf(byte: number | undefined): number {
  if (byte === undefined) {
    return -1;
  }
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/** The value of that many hexadecimal digits, or -1 if there are not as many. */
function hexAt({ bytes, length }: View, at: number, digits: number): number {
  if (at + digits > length) {
    return -1;
  }
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = digitOf(bytes[i]);
    if (digit < 0) {
      return -1;
    }
    value = (value << 4) | digit;
  }
  return value;
}

/** Escapes of one byte, by the byte after the backslash. */
const SIMPLE = new Map<number, number>([
  ...['"', '\\', '/', "'"].map((one): [number, number] => [one.charCodeAt(0), one.charCodeAt(0)]),
  ...(Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9 }).map(([one, byte]) => [one.charCodeAt(0), byte]) as [number, number][]),
]);

/** Writes the character that is escaped there; returns the end of the escape, or 0 if there is none. */
function escapeAt(view: View, at: number, out: ViewWriter): number {
  const { bytes, length } = view;
  if (at + 1 >= length) {
    return 0;
  }
  const kind = bytes[at + 1]!;
  const simple = SIMPLE.get(kind);
  if (simple !== undefined) {
    out.put(simple, at, at + 2);
    return at + 2;
  }
  if (kind === 0x78) {
    const value = hexAt(view, at + 2, 2);
    if (value < 0) {
      return 0;
    }
    out.put(value, at, at + 4);
    return at + 4;
  }
  if (kind !== 0x75) {
    return 0;
  }
  const unit = hexAt(view, at + 2, 4);
  if (unit < 0) {
    return escapeInBraces(view, at, out);
  }
  const end = at + 6;
  if (unit >= 0xd800 && unit <= 0xdbff && end + 1 < length && bytes[end] === BACKSLASH && bytes[end + 1] === 0x75) {
    const low = hexAt(view, end + 2, 4);
    if (low >= 0xdc00 && low <= 0xdfff) {
      out.putUtf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), at, end + 6);
      return end + 6;
    }
  }
  out.putUtf8(unit, at, end);
  return end;
}

function escapeInBraces(view: View, at: number, out: ViewWriter): number {
  const { bytes, length } = view;
  if (at + 2 >= length || bytes[at + 2] !== 0x7b) {
    return 0;
  }
  let close = at + 3;
  while (close < length && close < at + 9 && digitOf(bytes[close]) >= 0) {
    close++;
  }
  if (close === at + 3 || close >= length || bytes[close] !== 0x7d) {
    return 0;
  }
  const point = hexAt(view, at + 3, close - at - 3);
  if (point > 0x10ffff) {
    return 0;
  }
  out.putUtf8(point, at, close + 1);
  return close + 1;
}

/** The text with the escapes of JSON and of string literals decoded; null if there are none. */
function unescaped(view: View): View | null {
  if (!has(view, BACKSLASH)) {
    return null;
  }
  const out = view.writer(view.length);
  let changed = false;
  for (let i = 0; i < view.length; ) {
    const next = view.bytes[i] === BACKSLASH ? escapeAt(view, i, out) : 0;
    if (next === 0) {
      out.put(view.bytes[i]!, i, i + 1);
      i++;
    } else {
      changed = true;
      i = next;
    }
  }
  return changed ? out.toView() : null;
}

/** The text with percent codes decoded; null if there are none. */
function percentDecoded(view: View): View | null {
  if (!has(view, PERCENT)) {
    return null;
  }
  const out = view.writer(view.length);
  let changed = false;
  for (let i = 0; i < view.length; ) {
    const value = view.bytes[i] === PERCENT ? hexAt(view, i + 1, 2) : -1;
    if (value < 0) {
      out.put(view.bytes[i]!, i, i + 1);
      i++;
    } else {
      out.put(value, i, i + 3);
      changed = true;
      i += 3;
    }
  }
  return changed ? out.toView() : null;
}

/** The text with `+` for each space, since it may mean one; null if there is no `+`. */
function spacesAsPlus(view: View): View | null {
  if (!has(view, PLUS)) {
    return null;
  }
  const out = view.writer(view.length);
  for (let i = 0; i < view.length; i++) {
    out.put(view.bytes[i] === SPACE ? PLUS : view.bytes[i]!, i, i + 1);
  }
  return out.toView();
}

/** The hexadecimal digits alone, in lower case, without `0x`. */
function hexDigits(view: View): View {
  const { bytes, length } = view;
  const out = view.writer(length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x30 && i + 1 < length && (bytes[i + 1]! | 0x20) === 0x78) {
      i++;
    } else if (digitOf(byte) >= 0) {
      out.put(byte <= 0x39 ? byte : byte | 0x20, i, i + 1);
    }
  }
  return out.toView();
}

/** What each byte is in base64, or 0 if it is none; those of base64url as the standard ones. */
const BASE64 = new Uint8Array(256);
for (const each of UTF8.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')) {
  BASE64[each] = each;
}
BASE64[0x2d] = PLUS;
BASE64[0x5f] = 0x2f;

function base64Digits(view: View): View {
  const out = view.writer(view.length);
  for (let i = 0; i < view.length; i++) {
    const digit = BASE64[view.bytes[i]!]!;
    if (digit !== 0) {
      out.put(digit, i, i + 1);
    }
  }
  return out.toView();
}

/** The decimal numbers alone, between commas. */
function numbers(view: View): View {
  const { bytes, length } = view;
  const out = view.writer(length + 2);
  let inNumber = false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x30 && byte <= 0x39) {
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

/** Is told of a match; returns whether to go on. */
type OnMatch = (owner: number, start: number, end: number) => boolean;

const FILTER_BITS = 14;

/** Patterns that are searched for together: a filter over four bytes lets hardly anything pass but their beginnings. */
class PatternSet {
  private readonly filter = new Uint8Array(1 << FILTER_BITS);
  private readonly patterns: { readonly owner: number; readonly bytes: Uint8Array }[] = [];

  /** One that is too short is ignored. */
  add(owner: number, bytes: Uint8Array): void {
    if (bytes.length >= MIN_LENGTH) {
      this.filter[slot((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!)] = 1;
      this.patterns.push({ owner, bytes });
    }
  }

  /** Reports every match, in the order of positions. */
  find({ bytes, length }: View, onMatch: OnMatch): void {
    if (this.patterns.length === 0 || length < MIN_LENGTH) {
      return;
    }
    let word = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
    for (let i = 0; i + MIN_LENGTH <= length; i++) {
      word = (word << 8) | bytes[i + 3]!;
      if (this.filter[slot(word)] === 1 && !this.report(bytes, i, length, onMatch)) {
        return;
      }
    }
  }

  private report(text: Uint8Array, at: number, length: number, onMatch: OnMatch): boolean {
    return this.patterns.every(
      ({ owner, bytes }) =>
        at + bytes.length > length || !isAt(text, at, bytes, bytes.length) || onMatch(owner, at, at + bytes.length),
    );
  }

  /** Reports the beginnings of patterns with which the text ends, the longest of each. */
  findBeginningsAtEnd({ bytes: text, length }: View, onMatch: OnMatch): void {
    for (const { owner, bytes } of this.patterns) {
      for (let part = Math.min(bytes.length - 1, length); part >= MIN_LENGTH; part--) {
        if (isAt(text, length - part, bytes, part)) {
          onMatch(owner, length - part, length);
          break;
        }
      }
    }
  }
}

function slot(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - FILTER_BITS);
}

/** From its end, since the filter has looked at its beginning. */
function isAt(text: Uint8Array, at: number, pattern: Uint8Array, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) {
    if (text[at + i] !== pattern[i]) {
      return false;
    }
  }
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}

function stripped(value: Uint8Array): Uint8Array {
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

/** Whether a value is long enough to be searched for: a shorter one would be found in harmless texts. */
export function isSearchable(value: Uint8Array): boolean {
  return stripped(value).length >= MIN_LENGTH;
}

/** The parts of a value that are searched for: of several lines each long one by itself, without header and footer. */
function piecesOf(value: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let from = 0;
  for (let i = 0; i <= value.length; i++) {
    if (i === value.length || value[i] === 0x0a) {
      const line = stripped(value.subarray(from, i));
      if (line.length >= MIN_LINE_BYTES && !(line[0] === 0x2d && line[1] === 0x2d)) {
        lines.push(line);
      }
      from = i + 1;
    }
  }
  const whole = stripped(value);
  const single = lines.length === 1 && lines[0]!.length === whole.length;
  return lines.length === 0 || single ? [whole] : lines;
}

type OnFinding = (owner: number, form: Form, view: View, start: number, end: number) => boolean;
type Search = (patterns: PatternSet, view: View, onMatch: OnMatch) => void;

const ALL: Search = (patterns, view, onMatch) => patterns.find(view, onMatch);
const BEGINNINGS: Search = (patterns, view, onMatch) => patterns.findBeginningsAtEnd(view, onMatch);

/** Searches texts for the values that a run was given. */
export class LeakScanner {
  private readonly owners: string[] = [];
  private readonly plain = new PatternSet();
  private readonly spaced = new PatternSet();
  private readonly hex = new PatternSet();
  private readonly base64 = new PatternSet();
  private readonly numbers = new PatternSet();

  get isEmpty(): boolean {
    return this.owners.length === 0;
  }

  add(name: string, value: Uint8Array): void {
    const owner = this.owners.push(name) - 1;
    for (const piece of piecesOf(value)) {
      this.plain.add(owner, piece);
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(piece);
      this.plain.add(owner, UTF8.encode(sanitize(text, text.length))); // as in logs
      this.spaced.add(owner, withPlus(piece));
      const decoded = percentDecoded(View.of(piece));
      if (decoded !== null) {
        this.spaced.add(owner, withPlus(decoded.bytes.slice(0, decoded.length)));
      }
      this.hex.add(owner, UTF8.encode(Array.from(piece, (byte) => byte.toString(16).padStart(2, '0')).join('')));
      this.addBase64(owner, piece);
      this.numbers.add(owner, UTF8.encode(`,${Array.from(piece).join(',')},`));
    }
  }

  /** At each of three offsets, the digits that depend on nothing but the value. */
  private addBase64(owner: number, piece: Uint8Array): void {
    for (let offset = 0; offset < 3; offset++) {
      const binary = '\0'.repeat(offset) + Array.from(piece, (byte) => String.fromCharCode(byte)).join('');
      const from = Math.floor((offset * 8 + 5) / 6);
      const to = Math.floor((binary.length * 8) / 6);
      if (to - from >= MIN_BASE64_DIGITS) {
        this.base64.add(owner, UTF8.encode(btoa(binary).slice(from, to)));
      }
    }
  }

  /** The first value that is found and where it is, or null. */
  leakIn(text: Uint8Array): Leak | null {
    const found = this.find(text);
    return found === null ? null : { ...found, pointer: this.locate(text) };
  }

  private find(text: Uint8Array): Finding | null {
    let found: Finding | null = null;
    this.scan(View.of(text), ALL, (owner, form) => {
      found = { name: this.owners[owner]!, form };
      return false;
    });
    return found;
  }

  /**
   * The text with `[secret NAME]` in place of every value.
   *
   * @param truncated whether more text followed, so that it may end with the beginning of a value
   */
  redact(text: string, truncated: boolean): string {
    if (this.isEmpty) {
      return text;
    }
    const bytes = UTF8.encode(text);
    const marked = new Uint32Array(bytes.length); // by which value, from 1
    let any = false;
    const mark: OnFinding = (owner, form, view, start, end) => {
      any = true;
      // The comma before the first number may be the one after other numbers.
      const first = form === 'as numbers' ? start + 1 : start;
      marked.fill(owner + 1, view.sourceStart(first), view.sourceEnd(end - 1));
      return true;
    };
    this.scan(View.withOffsets(bytes), ALL, mark);
    if (truncated) {
      this.scan(View.withOffsets(bytes), BEGINNINGS, mark);
    }
    return any ? this.withoutMarked(bytes, marked) : text;
  }

  private withoutMarked(bytes: Uint8Array, marked: Uint32Array): string {
    const nameAt = (at: number): string | undefined => (marked[at] === 0 ? undefined : this.owners[marked[at]! - 1]);
    let out = '';
    for (let from = 0; from < bytes.length; ) {
      let to = from + 1;
      while (to < bytes.length && nameAt(to) === nameAt(from)) {
        to++;
      }
      const name = nameAt(from);
      out += name === undefined ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(from, to)) : `[secret ${name}]`;
      from = to;
    }
    return out;
  }

  private scan(text: View, search: Search, onFinding: OnFinding): void {
    if (!this.isEmpty) {
      decodedViews(text).every(({ view, form }) => this.scanView(view, form, search, onFinding));
    }
  }

  private scanView(view: View, form: Form, search: Search, onFinding: OnFinding): boolean {
    const scan = (patterns: PatternSet, of: View | null, as: Form): boolean => {
      let proceed = true;
      if (of !== null) {
        search(patterns, of, (owner, start, end) => (proceed = onFinding(owner, as, of, start, end)));
      }
      return proceed;
    };
    return (
      scan(this.plain, view, form) &&
      scan(this.spaced, spacesAsPlus(view), 'URL-encoded') &&
      (form !== 'URL-encoded' || scan(this.spaced, view, 'URL-encoded')) &&
      scan(this.hex, hexDigits(view), 'in hex') &&
      scan(this.base64, base64Digits(view), 'in base64') &&
      scan(this.numbers, numbers(view), 'as numbers')
    );
  }

  /** The JSON pointer of the first member or element that has a value; empty if it is in none, or the text no JSON. */
  private locate(text: Uint8Array): string {
    const reader = new JsonReader(text, MAX_JSON_DEPTH);
    const segments: string[] = [];
    const contains = (value: string): void => {
      if (this.find(UTF8.encode(value)) !== null) {
        throw new Located();
      }
    };
    const below = (segment: string): void => {
      segments.push(segment);
      value();
      segments.pop();
    };
    const value = (): void => {
      const kind = reader.kind();
      switch (kind) {
        case 'object':
          return reader.object((name) => {
            contains(name);
            below(sanitize(name.replaceAll('~', '~0').replaceAll('/', '~1'), MAX_NAME_CHARS));
          });
        case 'array': {
          let index = 0;
          return reader.array(() => below(String(index++)));
        }
        case 'string':
          return contains(reader.string());
        case 'number':
          return contains(reader.number());
        default:
          return reader.word(kind);
      }
    };
    try {
      value();
      return '';
    } catch (thrown) {
      if (thrown instanceof Located) {
        // Names are the guest's: their concatenation is redacted as well.
        return sanitize(this.redact(segments.map((one) => `/${one}`).join(''), true), MAX_POINTER_CHARS);
      }
      if (thrown instanceof JsonProblem) {
        return '';
      }
      throw thrown;
    }
  }
}

/** The place is found. */
class Located extends Error {}

function withPlus(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte === SPACE ? PLUS : byte));
}

/** The text and its decoded views, those with the fewest decodings first. */
function decodedViews(text: View): { readonly view: View; readonly form: Form }[] {
  const views: { view: View; form: Form; depth: number }[] = [{ view: text, form: 'as plain text', depth: 0 }];
  for (let i = 0; i < views.length && views.length < MAX_VIEWS; i++) {
    const { view, form, depth } = views[i]!;
    if (depth === MAX_DECODING_DEPTH) {
      break;
    }
    const plain = unescaped(view);
    if (plain !== null) {
      views.push({ view: plain, form: form === 'as plain text' ? 'with escapes' : form, depth: depth + 1 });
    }
    const decoded = percentDecoded(view);
    if (decoded !== null) {
      views.push({ view: decoded, form: 'URL-encoded', depth: depth + 1 });
    }
  }
  return views;
}
