/**
 * The secrets of a run, on the page's side: what a guest may read, what is filled into its requests, and what keeps the
 * values from leaving the run. A worker gets a value only when its guest reads one that it may read.
 */
import { AbiError } from './call.js';
import { checkDestinations, covers, type Destination, type Target } from './destination.js';
import { isSearchable, type Leak, LeakScanner } from './leaks.js';
import type { StepError } from './result.js';
import { type RawText, sanitize, shownText } from './text.js';

/** A secret that a page grants to a run. */
export interface SecretGrant {
  /** 4 bytes, without whitespace around them, to 64 KiB. */
  readonly value: string | Uint8Array;
  /** Whether the guest may read the value; otherwise it is only filled into requests. */
  readonly readable?: boolean;
  /** Where the value may be filled into requests, which `http` has to grant besides; nowhere without it. */
  readonly destinations?: readonly Destination[];
}

/** By name. */
export type SecretGrants = Readonly<Record<string, SecretGrant>>;

/** A use of a secret, allowed or not; it never has the value. */
export interface SecretUse {
  /** As the guest wrote it, if it is the name of a secret at all. */
  readonly secret: string;
  readonly use: 'read' | 'fill' | 'leak';
  readonly answer: 'allowed' | 'denied' | 'refused';
  /** The origin of a request, or the text in which a value was found; empty of what a guest reads. */
  readonly where: string;
}

/** What asks for a secret is refused: the error that the guest gets, and the message of a request's error. */
export class SecretRefused extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface Granted {
  readonly value: Uint8Array;
  readonly readable: boolean;
  readonly destinations: readonly Destination[];
  issued: boolean;
}

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;
const PLACEHOLDER_PREFIX = '{{secret:';
/** Java's whitespace, not that of JavaScript, which has more. */
const PLACEHOLDER = /\{\{secret:([^{} \t\n\v\f\r]{1,128})\}\}/uy;
const MAX_VALUE_BYTES = 64 << 10;
/** A longer text is searched by a worker: it would hold up the page. */
const SEARCHED_HERE = 64 << 10;
/** Of what a run is told of: a guest may try names without end. */
const MAX_USES = 50;

const RESULT = 'the result document';
const ERROR = 'the error';
const UTF8 = new TextEncoder();

/** Searches a text for values in a worker that has no guest; fails when the signal ends it. */
export type Search = (text: Uint8Array, values: ReadonlyMap<string, Uint8Array>, stop: AbortSignal) => Promise<Leak | null>;

/** Whether a text asks for a secret. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(PLACEHOLDER_PREFIX);
}

/** Takes the values when a run starts, whatever the page does with them later. */
export class RunSecrets {
  private readonly granted = new Map<string, Granted>();
  private readonly told = new Set<string>();
  private scanner = new LeakScanner();

  /**
   * @param onUse told of each use once, and of 50 of them at most
   * @throws RangeError naming a secret, and never its value, if it cannot be granted
   */
  constructor(
    grants: SecretGrants,
    private readonly onUse: (use: SecretUse) => void,
    private readonly search: Search,
  ) {
    for (const [name, { value, readable, destinations }] of Object.entries(grants)) {
      if (!NAME.test(name)) {
        throw new RangeError(
          `a secret's name has 1 to 128 of A-Z, a-z, 0-9, '_', '-' and '.', and no dot at the front, was '${sanitize(name, 100)}'`,
        );
      }
      const bytes = typeof value === 'string' ? UTF8.encode(value) : value.slice();
      if (!isSearchable(bytes) || bytes.length > MAX_VALUE_BYTES) {
        throw new RangeError(
          `the value of secret ${name} must have at least 4 bytes, without whitespace around them, and at most ${MAX_VALUE_BYTES}`,
        );
      }
      checkDestinations(destinations ?? []);
      this.granted.set(name, {
        value: bytes,
        readable: readable === true,
        destinations: (destinations ?? []).map(({ url, methods }) => ({ url, methods: [...methods] })),
        issued: false,
      });
    }
  }

  /**
   * The value, for the guest itself.
   *
   * @throws SecretRefused
   */
  read(name: string): Uint8Array {
    return this.issue(name, 'read', '', ({ readable }) => readable);
  }

  /**
   * The text with the value of each `{{secret:NAME}}` in its place. What is filled in is not searched for placeholders.
   *
   * @throws SecretRefused
   */
  fill(text: string, target: Target): string {
    let filled = '';
    let from = 0;
    for (let at = text.indexOf(PLACEHOLDER_PREFIX); at >= 0; at = text.indexOf(PLACEHOLDER_PREFIX, from)) {
      PLACEHOLDER.lastIndex = at;
      const found = PLACEHOLDER.exec(text);
      if (found === null) {
        throw new SecretRefused(AbiError.Invalid, 'a secret placeholder must have the form {{secret:NAME}}');
      }
      const value = this.issue(found[1]!, 'fill', target.url.origin, ({ destinations }) =>
        destinations.some((one) => covers(one, target)),
      );
      filled += text.slice(from, at) + new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
      from = at + found[0].length;
    }
    return filled + text.slice(from);
  }

  private issue(
    name: string,
    use: 'read' | 'fill',
    destination: string,
    permits: (granted: Granted) => boolean,
  ): Uint8Array {
    if (!NAME.test(name)) {
      throw new SecretRefused(AbiError.Invalid, 'not a valid name of a secret');
    }
    const granted = this.granted.get(name);
    if (granted === undefined || !permits(granted)) {
      this.tell({ secret: name, use, answer: 'denied', where: destination });
      throw new SecretRefused(AbiError.Denied, denial(name, use, granted !== undefined));
    }
    if (!granted.issued) {
      granted.issued = true;
      this.scanner.add(name, granted.value);
    }
    this.tell({ secret: name, use, answer: 'allowed', where: destination });
    return granted.value;
  }

  private tell(use: SecretUse): void {
    const key = JSON.stringify(Object.values(use));
    if (this.told.size < MAX_USES && !this.told.has(key)) {
      this.told.add(key);
      this.onUse(use);
    }
  }

  /** The error if a value that the run was given is in the text in any form, or null. */
  async leakIn(
    text: Uint8Array,
    where: string,
    stop: AbortSignal,
  ): Promise<{ readonly name: string; readonly error: StepError } | null> {
    const found =
      this.scanner.isEmpty || text.length <= SEARCHED_HERE
        ? this.scanner.leakIn(text)
        : await this.search(text, this.issuedValues(), stop);
    if (found === null) {
      return null;
    }
    this.tell({ secret: found.name, use: 'leak', answer: 'refused', where });
    const place = found.pointer === '' ? '' : `, at ${found.pointer}`;
    const message = `${where} contains the value of secret ${found.name}, ${found.form}${place}; it was dropped`;
    return { name: found.name, error: { type: 'secret_in_output', message, retryable: false } };
  }

  private issuedValues(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.granted].filter(([, { issued }]) => issued).map(([name, { value }]) => [name, value]));
  }

  /** The error with which a run ends if its result document has a value, or null. */
  async checkOutput(output: Uint8Array, stop: AbortSignal): Promise<StepError | null> {
    return (await this.leakIn(output, RESULT, stop))?.error ?? null;
  }

  /** The same error, or another one in its place if any part of it has a value. */
  async checked(error: StepError, stop: AbortSignal): Promise<StepError> {
    const parts = [error.type, error.message, error.code, error.context].filter((one) => one !== undefined);
    return (await this.leakIn(UTF8.encode(parts.join('\n')), ERROR, stop))?.error ?? error;
  }

  /** The text with `[secret NAME]` in place of every value. */
  redact(text: string): string {
    return this.scanner.redact(text, false);
  }

  /** What a guest wrote, safe to show: redacted before it is cut, since names may be longer than values. */
  shown({ text, truncated }: RawText, maxChars: number): string {
    return shownText({ text: this.scanner.redact(text, truncated), truncated }, maxChars);
  }

  /** Forgets the values, once the run has ended. */
  close(): void {
    this.granted.forEach(({ value }) => value.fill(0));
    this.granted.clear();
    this.scanner = new LeakScanner();
  }
}

function denial(name: string, use: 'read' | 'fill', granted: boolean): string {
  if (!granted) {
    return `secret ${name} is not granted to this handler`;
  }
  return use === 'read'
    ? `secret ${name} may be filled into requests, but not read`
    : `secret ${name} is not bound to this destination`;
}
