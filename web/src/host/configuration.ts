const EMPTY = new TextEncoder().encode('{}');
const NAME = 'config';

/**
 * The handler's configuration as it stands in a step document: the bytes of the value of the first member `config` of
 * its top level, spelled without escapes; `{}` where there is none. Takes any bytes.
 */
export function configurationOf(document: Uint8Array): Uint8Array {
  return new Scan(document).find();
}

/** Goes over a document once, up to the end of the member that it looks for. */
class Scan {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  find(): Uint8Array {
    if (!this.take('{')) {
      return EMPTY;
    }
    do {
      this.skipWhitespace();
      const name = this.at + 1;
      if (this.byte() !== '"' || !this.skipString()) {
        return EMPTY;
      }
      const found = this.isName(name, this.at - 1);
      if (!this.take(':')) {
        return EMPTY;
      }
      this.skipWhitespace();
      const value = this.at;
      if (!this.skipValue() || this.at === value) {
        return EMPTY;
      }
      if (found) {
        return this.bytes.subarray(value, this.at);
      }
    } while (this.take(','));
    return EMPTY;
  }

  private byte(): string {
    return this.at < this.bytes.length ? String.fromCharCode(this.bytes[this.at]!) : '';
  }

  private isName(from: number, to: number): boolean {
    return to - from === NAME.length && [...NAME].every((letter, i) => this.bytes[from + i] === letter.charCodeAt(0));
  }

  /** Takes a character after whitespace. */
  private take(expected: string): boolean {
    this.skipWhitespace();
    if (this.byte() !== expected) {
      return false;
    }
    this.at++;
    return true;
  }

  private skipWhitespace(): void {
    while (isWhitespace(this.bytes[this.at])) {
      this.at++;
    }
  }

  /** False if the document ends in it. */
  private skipValue(): boolean {
    let depth = 0;
    while (this.at < this.bytes.length) {
      switch (this.bytes[this.at]) {
        case 0x22:
          if (!this.skipString()) {
            return false;
          }
          if (depth === 0) {
            return true;
          }
          break;
        case 0x7b:
        case 0x5b:
          depth++;
          this.at++;
          break;
        case 0x7d:
        case 0x5d:
          if (depth === 0) {
            return true; // of the object that the value is in
          }
          this.at++;
          if (--depth === 0) {
            return true;
          }
          break;
        case 0x2c:
        case 0x20:
        case 0x0a:
        case 0x0d:
        case 0x09:
          if (depth === 0) {
            return true;
          }
          this.at++;
          break;
        default:
          this.at++;
      }
    }
    return false;
  }

  /** From its first quote to after its last one. */
  private skipString(): boolean {
    this.at++;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at++];
      if (byte === 0x22) {
        return true;
      }
      if (byte === 0x5c) {
        this.at++;
      }
    }
    return false;
  }
}

function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
