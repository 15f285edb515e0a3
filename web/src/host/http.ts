/** `http_request` as a guest calls it: requests go to the page, which decides on them and sends them. */
import { AbiError, type HostCall } from './call.js';
import { Bytes } from './text.js';

/** What the page answers: the head document and the body of a response, or an error code and its document. */
export interface HttpAnswer {
  readonly code: number;
  readonly document: Uint8Array;
  readonly body: Uint8Array;
}

/** Sends a request document, with a body that the guest wrote beside it or null, and waits for the answer. */
export type HttpSender = (document: Uint8Array, body: Uint8Array | null) => HttpAnswer;

/** The page's answer as it comes through the channel. */
export function encodeAnswer({ code, document, body }: HttpAnswer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + document.length + body.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, code);
  view.setUint32(4, document.length);
  bytes.set(document, 8);
  bytes.set(body, 8 + document.length);
  return bytes;
}

export function decodeAnswer(bytes: Uint8Array): HttpAnswer {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = 8 + view.getUint32(4);
  return { code: view.getInt32(0), document: bytes.subarray(8, end), body: bytes.subarray(end) };
}

const REQUEST_BYTES = 16 << 20;
const BODY_BYTES = 64 << 20;
/** Of all bodies that are written in pieces and not sent yet: what one run may send. */
export const SENT_BYTES = 8 << 20;
const PIECE_BYTES = 64 << 10;
const MAX_OPEN = 8;

const OVER_BUDGET = new TextEncoder().encode(
  '{"type":"budget_exceeded","message":"the bodies that are not sent yet exceed limits.http-sent","retryable":false,"sent":false}',
);

interface Response {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  position: number;
}

interface Request {
  readonly document: Uint8Array;
  readonly body: Bytes;
}

/** The requests and responses of one run, by their handles. */
export class GuestHttp {
  private readonly open = new Map<number, Response>();
  private readonly unsent = new Map<number, Request>();
  private lastError = new Uint8Array(0) as Uint8Array;
  private lastHandle = 0;

  constructor(private readonly sender: HttpSender) {}

  call(call: HostCall): number {
    if (!call.memory.contains(call.u32(2), call.u32(3))) {
      return AbiError.Fault;
    }
    switch (call.i32(0)) {
      case 0:
        return this.send(call);
      case 1: {
        const response = this.open.get(call.i32(1));
        return response === undefined ? AbiError.NotFound : copied(call, response.head);
      }
      case 2:
        return this.body(call);
      case 3:
        return this.unsent.delete(call.i32(1)) || this.open.delete(call.i32(1)) ? 0 : AbiError.NotFound;
      case 4:
        return copied(call, this.lastError);
      case 5:
        return this.begin(call);
      case 6:
        return this.write(call);
      case 7:
        return this.finish(call);
      default:
        return AbiError.Invalid;
    }
  }

  /** Why no request can begin with these arguments, or 0. */
  private wrongStart(call: HostCall): number {
    if (call.i32(1) !== 0) {
      return AbiError.Invalid;
    }
    if (call.u32(3) > REQUEST_BYTES) {
      return AbiError.TooLarge;
    }
    return this.open.size + this.unsent.size >= MAX_OPEN ? AbiError.State : 0;
  }

  private send(call: HostCall): number {
    const wrong = this.wrongStart(call);
    return wrong === 0 ? this.answered(call, ++this.lastHandle, read(call), null) : wrong;
  }

  private begin(call: HostCall): number {
    const wrong = this.wrongStart(call);
    if (wrong !== 0) {
      return wrong;
    }
    this.unsent.set(++this.lastHandle, { document: read(call), body: new Bytes() });
    return this.lastHandle;
  }

  private write(call: HostCall): number {
    const request = this.unsent.get(call.i32(1));
    if (request === undefined) {
      return AbiError.NotFound;
    }
    if (request.body.size + call.u32(3) > BODY_BYTES) {
      return AbiError.TooLarge;
    }
    let bytes = call.u32(3);
    this.unsent.forEach((one) => (bytes += one.body.size));
    if (bytes > SENT_BYTES) {
      this.lastError = OVER_BUDGET;
      return AbiError.Budget;
    }
    request.body.append(call.memory.range(call.u32(2), call.u32(3)));
    return 0;
  }

  private finish(call: HostCall): number {
    const handle = call.i32(1);
    const request = this.unsent.get(handle);
    if (request === undefined) {
      return AbiError.NotFound;
    }
    this.unsent.delete(handle);
    return this.answered(call, handle, request.document, request.body.toBytes());
  }

  private answered(call: HostCall, handle: number, document: Uint8Array, body: Uint8Array | null): number {
    const answer = this.sender(document, body);
    call.run.throwIfStopped();
    if (answer.code !== 0) {
      this.lastError = answer.document;
      return answer.code;
    }
    this.open.set(handle, { head: answer.document, body: answer.body, position: 0 });
    return handle;
  }

  private body(call: HostCall): number {
    const response = this.open.get(call.i32(1));
    if (response === undefined) {
      return AbiError.NotFound;
    }
    const count = Math.min(call.u32(3), PIECE_BYTES);
    const piece = response.body.subarray(response.position, response.position + count);
    call.memory.write(call.u32(2), piece);
    response.position += piece.length;
    return piece.length;
  }
}

function read(call: HostCall): Uint8Array {
  return call.memory.read(call.u32(2), call.u32(3));
}

function copied(call: HostCall, document: Uint8Array): number {
  if (call.u32(3) >= document.length) {
    call.memory.write(call.u32(2), document);
  }
  return document.length;
}
