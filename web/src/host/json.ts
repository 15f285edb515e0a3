/** Reads JSON strictly, byte by byte, as the broker does; what is read is never evaluated. */

/** What is wrong with a document, and where. */
export class JsonProblem extends Error {
  override readonly name = 'JsonProblem';

  constructor(
    message: string,
    readonly pointer = '',
  ) {
    super(message);
  }
}

export type TokenKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

// As the broker's parser counts: the digits alone, and a name's bytes.
const MAX_NUMBER_DIGITS = 1_000;
const MAX_NAME_BYTES = 50_000;
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A reader of one document; each instance is used once. */
export class JsonReader {
  at = 0;
  private depth = 0;

  /**
   * @param bytes UTF-8
   * @param maxDepth how deep arrays and objects may be nested
   */
  constructor(
    readonly bytes: Uint8Array,
    private readonly maxDepth: number,
  ) {}

  /** The kind of the value that begins here, after whitespace. */
  kind(): TokenKind {
    this.skipWhitespace();
    switch (this.bytes[this.at]) {
      case 0x7b:
        return 'object';
      case 0x5b:
        return 'array';
      case 0x22:
        return 'string';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        return 'number';
    }
  }

  /** Reads an object; each value has to be read by the one that is told its name. */
  object(member: (name: string) => void): void {
    this.enter(0x7b);
    this.skipWhitespace();
    if (this.bytes[this.at] !== 0x7d) {
      do {
        this.skipWhitespace();
        const name = this.string();
        if (name.length > MAX_NAME_BYTES / 3) {
          const length = new TextEncoder().encode(name).length;
          if (length > MAX_NAME_BYTES) {
            throw this.malformed(`a name has ${length} bytes, the maximum is ${MAX_NAME_BYTES}`);
          }
        }
        this.skipWhitespace();
        this.expect(0x3a, ':');
        this.skipWhitespace();
        member(name);
        this.skipWhitespace();
      } while (this.takeComma());
    }
    this.expect(0x7d, '}');
    this.depth--;
  }

  /** Reads an array; each element has to be read by the one that is called for it. */
  array(element: () => void): void {
    this.enter(0x5b);
    this.skipWhitespace();
    if (this.bytes[this.at] !== 0x5d) {
      do {
        this.skipWhitespace();
        element();
        this.skipWhitespace();
      } while (this.takeComma());
    }
    this.expect(0x5d, ']');
    this.depth--;
  }

  /** Reads a string. */
  string(): string {
    const start = this.at;
    this.expect(0x22, '"');
    while (true) {
      const byte = this.bytes[this.at];
      if (byte === undefined) {
        throw this.malformed('a string does not end');
      }
      this.at++;
      if (byte === 0x22) {
        break;
      }
      if (byte < 0x20) {
        throw this.malformed('a control character in a string');
      }
      if (byte === 0x5c) {
        this.escape();
      }
    }
    return JSON.parse(this.text(start)) as string;
  }

  /** Reads any value, and returns its bytes as they stand. */
  value(): Uint8Array<ArrayBuffer> {
    this.skipWhitespace();
    const start = this.at;
    this.skip();
    return this.bytes.slice(start, this.at);
  }

  /** Reads a number, and returns its text. */
  number(): string {
    const start = this.at;
    let digits = 1;
    if (this.bytes[this.at] === 0x2d) {
      this.at++;
    }
    if (this.bytes[this.at] === 0x30) {
      this.at++;
    } else {
      digits = this.digits();
    }
    if (this.bytes[this.at] === 0x2e) {
      this.at++;
      digits += this.digits();
    }
    if (this.bytes[this.at] === 0x65 || this.bytes[this.at] === 0x45) {
      this.at++;
      if (this.bytes[this.at] === 0x2b || this.bytes[this.at] === 0x2d) {
        this.at++;
      }
      digits += this.digits();
    }
    if (digits > MAX_NUMBER_DIGITS) {
      throw this.malformed(`a number has ${digits} digits, the maximum is ${MAX_NUMBER_DIGITS}`);
    }
    const next = this.bytes[this.at];
    if (next !== undefined && ![0x20, 0x0a, 0x0d, 0x09, 0x2c, 0x5d, 0x7d].includes(next)) {
      throw this.malformed('a number is followed by something else');
    }
    return this.text(start);
  }

  /** Reads true, false or null. */
  word(expected: 'true' | 'false' | 'null'): void {
    for (let i = 0; i < expected.length; i++) {
      this.expect(expected.charCodeAt(i), expected);
    }
  }

  /** Reads what may come after the document. */
  end(): void {
    this.skipWhitespace();
    if (this.at < this.bytes.length) {
      throw new JsonProblem('has content after its end');
    }
  }

  malformed(what: string): JsonProblem {
    return new JsonProblem(`is not valid JSON: ${what} (byte ${this.at})`);
  }

  private skip(): void {
    switch (this.kind()) {
      case 'object':
        return this.object(() => this.skip());
      case 'array':
        return this.array(() => this.skip());
      case 'string':
        this.string();
        return;
      case 'number':
        this.number();
        return;
      case 'true':
        return this.word('true');
      case 'false':
        return this.word('false');
      case 'null':
        return this.word('null');
    }
  }

  private enter(bracket: number): void {
    this.expect(bracket, String.fromCharCode(bracket));
    if (++this.depth > this.maxDepth) {
      throw this.malformed(`it is nested more than ${this.maxDepth} levels deep`);
    }
  }

  private escape(): void {
    const escaped = this.bytes[this.at++];
    if (escaped === 0x75) {
      for (let i = 0; i < 4; i++) {
        const digit = this.bytes[this.at++];
        if (digit === undefined || !/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
          throw this.malformed('an escape without four hexadecimal digits');
        }
      }
    } else if (escaped === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(escaped))) {
      throw this.malformed('an unknown escape');
    }
  }

  /** How many there are, at least one. */
  private digits(): number {
    const start = this.at;
    while (this.bytes[this.at]! >= 0x30 && this.bytes[this.at]! <= 0x39) {
      this.at++;
    }
    if (this.at === start) {
      throw this.malformed('a digit is missing');
    }
    return this.at - start;
  }

  private takeComma(): boolean {
    if (this.bytes[this.at] !== 0x2c) {
      return false;
    }
    this.at++;
    return true;
  }

  private expect(byte: number, what: string): void {
    if (this.bytes[this.at] !== byte) {
      throw this.malformed(`expected ${what}`);
    }
    this.at++;
  }

  private skipWhitespace(): void {
    while (true) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        return;
      }
      this.at++;
    }
  }

  private text(start: number): string {
    try {
      return STRICT_UTF8.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw new JsonProblem('is not UTF-8');
    }
  }
}

/** Reads a whole value in which no object has a member twice: the last one must not win quietly. */
export function refuseDuplicates(reader: JsonReader): void {
  switch (reader.kind()) {
    case 'object': {
      const names = new Set<string>();
      return reader.object((name) => {
        if (names.has(name)) {
          throw new JsonProblem(`has the member ${quote(name)} twice`);
        }
        names.add(name);
        refuseDuplicates(reader);
      });
    }
    case 'array':
      return reader.array(() => refuseDuplicates(reader));
    default:
      reader.value();
  }
}

/** The bytes of base64 as RFC 4648 has it, without the spaces that browsers allow; null for what is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return /^[A-Za-z0-9+/=]*$/.test(text) ? Uint8Array.from(atob(text), (one) => one.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

/** Whether the bytes are one JSON object. */
export function isJsonObject(bytes: Uint8Array): boolean {
  try {
    const reader = new JsonReader(bytes, 500);
    if (reader.kind() !== 'object') {
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

/**
 * Finds what a JSON parser accepts and a database does not store: the character U+0000, and unpaired surrogates in
 * escapes. The bytes are otherwise valid JSON.
 */
export function notStorable(json: Uint8Array): string | null {
  for (let i = 0; i < json.length; i++) {
    if (json[i] !== 0x5c) {
      continue;
    }
    if (json[i + 1] !== 0x75) {
      i++;
      continue;
    }
    const unit = escapedUnit(json, i);
    if (unit === 0) {
      return `contains the character \\u0000 at byte ${i}, which cannot be stored`;
    }
    if (isLow(unit) || (isHigh(unit) && !(json[i + 6] === 0x5c && json[i + 7] === 0x75 && isLow(escapedUnit(json, i + 6))))) {
      return `contains an unpaired surrogate at byte ${i}`;
    }
    i += isHigh(unit) ? 11 : 5;
  }
  return null;
}

function escapedUnit(json: Uint8Array, at: number): number {
  return Number.parseInt(String.fromCharCode(...json.subarray(at + 2, at + 6)), 16);
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** A string as Jackson writes it: control characters in capital hexadecimal digits. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/(\\\\)|\\u([0-9a-f]{4})/g, (all, escaped, digits: string) =>
    escaped === undefined ? `\\u${digits.toUpperCase()}` : all,
  );
}
