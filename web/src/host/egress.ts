/** The page's side of `http_request`: reads a request document, checks it against what is granted, has it sent. */
import { covers, type Destination } from './destination.js';
import { encodeAnswer, SENT_BYTES } from './http.js';
import { fromBase64, JsonProblem, JsonReader, refuseDuplicates } from './json.js';
import { hasPlaceholder, type RunSecrets, SecretRefused } from './secrets.js';
import { Bytes } from './text.js';

/** A request that was checked, with the secrets in it. */
export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** Whether the handler wants a key that is the same in every attempt, as the header Idempotency-Key. */
  readonly idempotencyKey: boolean;
  /** Ends with the run and with the request's own time. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: Uint8Array;
}

/** What a page grants of the network. */
export interface HttpGrant {
  readonly destinations: readonly Destination[];
  /** Sends a request that a destination covers; by default with `fetch`, without credentials and redirects. */
  readonly send?: (request: HttpRequest) => Promise<HttpResponse>;
}

type Failure = 'bad_request' | 'not_allowed' | 'secret_in_output' | 'timeout' | 'connect_failed' | 'budget_exceeded';

/** The error of each failure, and whether the same request may succeed later. */
const FAILURES: Readonly<Record<Failure, readonly [number, boolean]>> = {
  bad_request: [-2, false],
  not_allowed: [-5, false],
  secret_in_output: [-5, false],
  timeout: [-8, true],
  connect_failed: [-9, true],
  budget_exceeded: [-10, false],
};

class Refused extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
    readonly sent = false,
  ) {
    super(message);
  }
}

const MAX_CALLS = 100;
const MAX_RECEIVED = 128 << 20;
const MAX_TIMEOUT_MS = 30_000;
const MAX_DEPTH = 100;
const MAX_HEADERS = 64;
const MAX_HEADER_BYTES = 32 << 10;
const MAX_VALUE_CHARS = 8 << 10;
const MAX_URL_CHARS = 8_192;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const RESERVED = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'http2-settings', 'te'],
  ...['trailer', 'trailers', 'expect', 'via', 'traceparent', 'tracestate', 'x-http-method', 'x-http-method-override'],
  ...['x-method-override', 'x-original-url', 'x-rewrite-url', 'cookie', 'origin', 'referer'],
]);
const NEVER_SENT = ['CONNECT', 'TRACE', 'TRACK'];
const OF_THE_CONNECTION = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-connection', 'te'],
  ...['trailer', 'transfer-encoding', 'upgrade'],
]);

type Field = readonly [string, string];

/** What a request carries: placeholders of secrets are filled in texts, and in the strings of JSON. */
type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly json: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> };

/** A request as its guest wrote it. */
interface Parsed {
  readonly method: string;
  /** As it was written. */
  readonly text: string;
  /** Without the parameters of `query`. */
  readonly url: URL;
  readonly query: readonly Field[];
  readonly headers: readonly Field[];
  readonly body: Body;
  readonly idempotencyKey: boolean;
  readonly timeoutMs: number;
}

/** The same as it is sent. */
interface Filled {
  readonly url: URL;
  readonly headers: readonly Field[];
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** The requests of one run. */
export class Egress {
  private calls = 0;
  private sent = 0;
  private received = 0;

  constructor(
    private readonly grant: HttpGrant,
    private readonly secrets: RunSecrets,
    private readonly stop: AbortSignal,
  ) {}

  /** The answer to a request document, as it goes through the channel. Never fails. */
  async answer(document: Uint8Array, written: Uint8Array<ArrayBuffer> | null): Promise<Uint8Array<ArrayBuffer>> {
    const began = performance.now();
    try {
      const request = parse(document, written);
      const shown = withQuery(request.url, request.query); // with placeholders in place of secrets
      await this.refuseLeaks(request);
      this.check(request);
      const filled = this.fill(request);
      this.count(filled);
      const response = await this.send(request, filled);
      return encodeAnswer({ code: 0, document: head(response, shown, performance.now() - began), body: response.body });
    } catch (failure) {
      const refused = failure instanceof Refused ? failure : new Refused('connect_failed', this.secrets.redact(String(failure)), true);
      const [code, retryable] = FAILURES[refused.failure];
      const { failure: type, message, sent } = refused;
      const error = JSON.stringify({ type, message, retryable, sent });
      return encodeAnswer({ code, document: new TextEncoder().encode(error), body: new Uint8Array(0) });
    }
  }

  private check(request: Parsed): void {
    if (!this.grant.destinations.some((one) => covers(one, request))) {
      throw new Refused('not_allowed', `the page does not grant ${request.method} ${request.url.origin}${request.url.pathname}`);
    }
    if (++this.calls > MAX_CALLS) {
      throw new Refused('budget_exceeded', `the requests exceed limits.http-calls of ${MAX_CALLS}`);
    }
  }

  /** Refuses a request in which the guest itself wrote the value of a secret. */
  private async refuseLeaks({ text, query, headers, body }: Parsed): Promise<void> {
    const utf8 = new TextEncoder();
    const texts = [text, ...query.flat(), ...headers.flat()].map((one) => utf8.encode(one));
    switch (body.kind) {
      case 'none':
        break;
      case 'text':
        texts.push(utf8.encode(body.text));
        break;
      case 'json':
        // As it was written, and without escapes that would take one of the levels that are looked into.
        texts.push(body.json, utf8.encode(JSON.stringify(JSON.parse(new TextDecoder().decode(body.json)))));
        break;
      case 'bytes':
        texts.push(body.bytes);
        break;
    }
    for (const one of texts) {
      const leak = await this.secrets.leakIn(one, 'a request', this.stop);
      if (leak !== null) {
        throw new Refused(
          'secret_in_output',
          `the request contains the value of secret '${leak.name}'; use the placeholder {{secret:${leak.name}}}`,
        );
      }
    }
  }

  /** A secret cannot change more than the value it is filled into: it is encoded or checked afterwards. */
  private fill(request: Parsed): Filled {
    const { query, headers, body } = request;
    const fill = (text: string): string => {
      try {
        return hasPlaceholder(text) ? this.secrets.fill(text, request) : text;
      } catch (refused) {
        throw refused instanceof SecretRefused ? new Refused('not_allowed', refused.message) : refused;
      }
    };
    const filled = (fields: readonly Field[]): Field[] => fields.map(([name, value]) => [name, fill(value)]);
    const url = withQuery(request.url, filled(query));
    const sent = filled(headers);
    checkHeaders(sent);
    return { url, headers: sent, body: bytesOf(body, fill) };
  }

  private count({ url, headers, body }: Filled): void {
    this.sent += url.href.length + (body?.length ?? 0);
    headers.forEach(([name, value]) => (this.sent += name.length + value.length + 4));
    if (this.sent > SENT_BYTES) {
      throw new Refused('budget_exceeded', `the requests exceed limits.http-sent of ${SENT_BYTES}`);
    }
  }

  private async send({ method, idempotencyKey, timeoutMs }: Parsed, filled: Filled): Promise<HttpResponse> {
    const { url, headers, body } = filled;
    const time = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([this.stop, time]);
    const { send } = this.grant;
    const sent =
      send === undefined
        ? fetchOnce({ method, url: url.href, headers, body, idempotencyKey, signal }, (bytes) => this.receive(bytes))
        : send({ method, url: url.href, headers, body, idempotencyKey, signal });
    const response = await Promise.race([
      sent,
      aborted(signal, () => new Refused('timeout', `the request took longer than ${timeoutMs} ms`, true)),
    ]);
    if (send !== undefined) {
      this.receive(response.body.length);
    }
    return response;
  }

  /** Counts what came, also of a response that does not come to its end. */
  private receive(bytes: number): void {
    this.received += bytes;
    if (this.received > MAX_RECEIVED) {
      throw new Refused('budget_exceeded', `the responses exceed limits.http-received of ${MAX_RECEIVED}`, true);
    }
  }
}

function aborted(signal: AbortSignal, reason: () => Error): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(reason()), { once: true });
    if (signal.aborted) {
      reject(reason());
    }
  });
}

/** @param receive is told of bytes as they come, and throws when there are too many */
async function fetchOnce(
  { method, url, headers, body, signal }: HttpRequest,
  receive: (bytes: number) => void,
): Promise<HttpResponse> {
  const response = await fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    body,
    signal,
    redirect: 'error',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  });
  const pieces: Uint8Array[] = [];
  const reader = response.body?.getReader();
  try {
    for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
      receive(read.value.length);
      pieces.push(read.value);
    }
  } catch (failure) {
    void reader?.cancel().catch(() => undefined); // one that broke has nothing to cancel
    throw failure;
  }
  return { status: response.status, headers: response.headers, body: new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()) };
}

function head({ status, headers }: HttpResponse, url: URL, millis: number): Uint8Array {
  const names = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!OF_THE_CONNECTION.has(lower)) {
      names.set(lower, [...(names.get(lower) ?? []), value]);
    }
  }
  const timing = { connect_ms: 0, first_byte_ms: Math.round(millis * 1000) / 1000 };
  const members = [...names].map(([name, values]) => `${JSON.stringify(name)}:${JSON.stringify(values)}`).join(',');
  return new TextEncoder().encode(
    `{"status":${status},"url":${JSON.stringify(url.href)},"headers":{${members}},"redirects":0,"timing":${JSON.stringify(timing)}}`,
  );
}

function bad(message: string): Refused {
  return new Refused('bad_request', message);
}

function parse(bytes: Uint8Array, written: Uint8Array<ArrayBuffer> | null): Parsed {
  const members = new Map<string, Uint8Array>();
  try {
    const reader = new JsonReader(bytes, MAX_DEPTH);
    if (reader.kind() !== 'object') {
      throw new JsonProblem('is not a JSON object');
    }
    reader.object((name) => {
      if (members.has(name)) {
        throw new JsonProblem('has a member twice');
      }
      const start = reader.at;
      refuseDuplicates(reader);
      members.set(name, reader.bytes.slice(start, reader.at));
    });
    reader.end();
  } catch (problem) {
    if (problem instanceof JsonProblem) {
      throw bad('the request: is not a JSON object in UTF-8'); // what a parser says quotes the document
    }
    throw problem;
  }
  const known = ['method', 'url', 'headers', 'query', 'body', 'timeout_ms', 'idempotency_key'];
  if ([...members.keys()].some((name) => !known.includes(name))) {
    throw bad(`the request: has an unknown member; known are ${known.join(', ')}`);
  }
  const value = (name: string): unknown => {
    const text = members.get(name);
    return text === undefined ? undefined : (JSON.parse(new TextDecoder().decode(text)) as unknown);
  };
  if (written !== null && members.has('body')) {
    throw bad('the request: /body: must be absent: the body is written in pieces');
  }
  const [type, body] = written !== null ? bodyOfBytes(written) : bodyOf(members.get('body'));
  const headers = fields(members.get('headers'), 'headers');
  checkHeaders(headers);
  if (type !== '' && !headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['content-type', type]);
  }
  const idempotencyKey = members.has('idempotency_key') ? value('idempotency_key') : false;
  if (typeof idempotencyKey !== 'boolean') {
    throw bad('the request: /idempotency_key: must be true or false');
  }
  if (idempotencyKey && headers.some(([name]) => name.toLowerCase() === 'idempotency-key')) {
    throw bad('the request: /idempotency_key: must be absent if there is a header Idempotency-Key');
  }
  const method = methodOf(value('method'));
  if (body.kind !== 'none' && ['GET', 'HEAD'].includes(method)) {
    throw bad(`the request: /body: must be absent with ${method}, which browsers send without one`);
  }
  const [text, url] = urlOf(value('url'));
  return {
    method,
    text,
    url,
    query: fields(members.get('query'), 'query'),
    headers,
    body,
    idempotencyKey,
    timeoutMs: timeoutOf(members.get('timeout_ms')),
  };
}

function methodOf(method: unknown): string {
  if (method === undefined) {
    return 'GET';
  }
  if (typeof method !== 'string' || !/^[A-Z]{1,20}$/.test(method)) {
    throw bad('the request: /method: must be a method in upper case, such as GET');
  }
  if (NEVER_SENT.includes(method)) {
    throw bad(`the request: /method: must not be ${method}, which is never sent`);
  }
  return method;
}

function urlOf(text: unknown): [string, URL] {
  if (typeof text !== 'string') {
    throw bad('the request: /url: is missing or no string');
  }
  if (text.length > MAX_URL_CHARS || !/^https?:\/\//.test(text) || /[^!-~]|[\\#]/.test(text)) {
    throw bad('the request: /url: must be http or https, in visible ASCII, without a backslash or a fragment');
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '') {
    throw bad('the request: /url: must have a host and no user name');
  }
  // No placeholder is filled in here: it goes out as the text that it is.
  url.search = url.search.replaceAll('{', '%7B').replaceAll('}', '%7D');
  return [text, url];
}

function withQuery(url: URL, query: readonly Field[]): URL {
  const whole = new URL(url);
  if (query.length > 0) {
    const added = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
    whole.search = whole.search === '' ? added : `${whole.search}&${added}`;
    if (whole.href.length > MAX_URL_CHARS) {
      throw bad(`the request: /query: makes the URL longer than ${MAX_URL_CHARS} characters`);
    }
  }
  return whole;
}

/** All but letters, digits and what RFC 3986 leaves unreserved. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** In the order in which they are written, which an object of JavaScript does not keep of names that are numbers. */
function fields(json: Uint8Array | undefined, name: string): [string, string][] {
  const found: [string, string][] = [];
  if (json === undefined) {
    return found;
  }
  const reader = new JsonReader(json, MAX_DEPTH);
  if (reader.kind() !== 'object') {
    throw bad(`the request: /${name}: must be an object`);
  }
  reader.object((field) => {
    const text = (): void => {
      if (reader.kind() !== 'string') {
        throw bad(`the request: /${name}: must have strings or arrays of strings`);
      }
      found.push([field, reader.string()]);
    };
    if (reader.kind() === 'array') {
      reader.array(text);
    } else {
      text();
    }
  });
  return found;
}

function checkHeaders(headers: readonly Field[]): void {
  if (headers.length > MAX_HEADERS) {
    throw bad(`a request must have at most ${MAX_HEADERS} headers, had ${headers.length}`);
  }
  let bytes = 0;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) {
      throw bad('a header has a name that is not valid');
    }
    if (RESERVED.has(lower) || lower.startsWith('proxy-') || lower.startsWith('sec-')) {
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

function bodyOfBytes(bytes: Uint8Array<ArrayBuffer>): [string, Body] {
  return ['application/octet-stream', { kind: 'bytes', bytes }];
}

/** The default content type, and the body. */
function bodyOf(json: Uint8Array | undefined): [string, Body] {
  const text = json === undefined ? 'null' : new TextDecoder().decode(json);
  const body = JSON.parse(text) as Record<string, unknown> | null;
  if (body === null) {
    return ['', { kind: 'none' }];
  }
  const names = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : [];
  if (names.length === 1) {
    const value = body[names[0]!];
    if (names[0] === 'json') {
      return ['application/json', { kind: 'json', json: jsonMember(json!) }];
    }
    if (names[0] === 'text' && typeof value === 'string') {
      return ['text/plain; charset=utf-8', { kind: 'text', text: value }];
    }
    if (names[0] === 'base64' && typeof value === 'string') {
      const bytes = fromBase64(value);
      if (bytes === null) {
        throw bad('the request: /body/base64: is not valid base64');
      }
      return bodyOfBytes(bytes);
    }
  }
  throw bad("the request: /body: must have one member: 'text' or 'base64', a string, or 'json', any value");
}

/** The value as the guest wrote it, so that no number changes on its way. */
function jsonMember(body: Uint8Array): Uint8Array<ArrayBuffer> {
  let found = new Uint8Array(0);
  const reader = new JsonReader(body, MAX_DEPTH + 1);
  reader.kind();
  reader.object(() => (found = reader.value()));
  return found;
}

function bytesOf(body: Body, fill: (text: string) => string): Uint8Array<ArrayBuffer> | null {
  switch (body.kind) {
    case 'none':
      return null;
    case 'text':
      return new TextEncoder().encode(fill(body.text));
    case 'json':
      return filledStrings(body.json, fill);
    case 'bytes':
      return body.bytes;
  }
}

/** The JSON with its strings filled, but not the names of members; all else stays as the guest wrote it. */
function filledStrings(json: Uint8Array<ArrayBuffer>, fill: (text: string) => string): Uint8Array<ArrayBuffer> {
  const out = new Bytes();
  const reader = new JsonReader(json, MAX_DEPTH + 1);
  let copied = 0;
  const walk = (): void => {
    switch (reader.kind()) {
      case 'object':
        return reader.object(walk);
      case 'array':
        return reader.array(walk);
      case 'string': {
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

function timeoutOf(json: Uint8Array | undefined): number {
  const text = json === undefined ? 'null' : new TextDecoder().decode(json);
  if (text === 'null') {
    return MAX_TIMEOUT_MS;
  }
  if (!/^[1-9][0-9]*$/.test(text)) {
    throw bad('the request: /timeout_ms: must be an integer of at least 1');
  }
  return Math.min(Number(text), MAX_TIMEOUT_MS);
}
