/** Text from a guest, made safe for logs and messages; and lines of a stream. */

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * The text with control characters (terminal escapes, line breaks, direction overrides) replaced by spaces, and cut
 * after that many characters with an ellipsis.
 */
export function sanitize(text: string, maxChars: number): string {
  const cut = text.length > maxChars;
  let kept = cut ? text.slice(0, maxChars) : text;
  if (cut && /[\ud800-\udbff]$/.test(kept)) {
    kept += text[maxChars] ?? ''; // a character is not cut in two
  }
  return kept.replace(UNPRINTABLE, ' ') + (cut ? '…' : '');
}

/** What a guest wrote, not safe to show yet: the page takes secrets out of it first. */
export interface RawText {
  readonly text: string;
  /** Whether there was more. */
  readonly truncated: boolean;
}

/** The text of a line's bytes. */
export function rawText(bytes: Uint8Array, truncated: boolean): RawText {
  const length = truncated ? lengthOfWholeCharacters(bytes) : bytes.length;
  return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length)), truncated };
}

/** The text, safe to show. */
export function shownText({ text, truncated }: RawText, maxChars: number): string {
  const safe = sanitize(text, maxChars);
  return truncated ? `${safe}…` : safe;
}

/** The length without a character that the truncation split. */
function lengthOfWholeCharacters(bytes: Uint8Array): number {
  let start = bytes.length - 1;
  const first = Math.max(0, bytes.length - 4);
  while (start > first && (bytes[start]! & 0xc0) === 0x80) {
    start--;
  }
  if (start < 0 || bytes[start]! < 0x80) {
    return bytes.length;
  }
  const lead = bytes[start]!;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.length - start < needed ? start : bytes.length;
}

/** Splits a stream of bytes into lines of a maximum length. Blank lines are dropped. */
export class LineBuffer {
  private readonly line: Uint8Array;
  private length = 0;
  private truncated = false;

  constructor(
    maxLineBytes: number,
    private readonly lines: (line: Uint8Array, truncated: boolean) => void,
  ) {
    this.line = new Uint8Array(maxLineBytes);
  }

  append(bytes: Uint8Array): void {
    let from = 0;
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
      this.add(bytes.subarray(from, at));
      this.flush();
      from = at + 1;
    }
    this.add(bytes.subarray(from));
  }

  /** Hands over the unfinished last line, if any. */
  flush(): void {
    const end = this.length > 0 && this.line[this.length - 1] === 0x0d ? this.length - 1 : this.length;
    const whole = this.line.slice(0, end);
    const truncated = this.truncated;
    this.length = 0;
    this.truncated = false;
    if (whole.length > 0) {
      this.lines(whole, truncated);
    }
  }

  private add(bytes: Uint8Array): void {
    const count = Math.min(this.line.length - this.length, bytes.length);
    this.line.set(bytes.subarray(0, count), this.length);
    this.length += count;
    this.truncated ||= count < bytes.length;
  }
}

/** Bytes that are added one after another. */
export class Bytes {
  private bytes = new Uint8Array(256);
  size = 0;

  append(more: Uint8Array): void {
    if (this.size + more.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.size + more.length, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
    this.bytes.set(more, this.size);
    this.size += more.length;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.size);
  }

  clear(): void {
    this.bytes = new Uint8Array(256);
    this.size = 0;
  }
}
