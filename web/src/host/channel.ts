/**
 * How a worker waits for what the page does: bytes come back through shared memory, piece by piece, since a worker that
 * waits receives no messages. The memory can be shared only with a page that is isolated (COOP, COEP).
 */

/** In the shared memory: whether a piece is there, its length, and how many bytes come after it. */
const READY = 0;
const LENGTH = 1;
const LEFT = 2;
const HEAD_BYTES = 16;
const PIECE_BYTES = 256 << 10;

export function newChannel(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + PIECE_BYTES);
}

/** The page's end. */
export class ChannelWriter {
  private readonly head: Int32Array;
  private readonly data: Uint8Array;
  private pending = new Uint8Array(0);

  constructor(shared: SharedArrayBuffer) {
    this.head = new Int32Array(shared, 0, HEAD_BYTES / 4);
    this.data = new Uint8Array(shared, HEAD_BYTES);
  }

  /** Begins an answer. */
  answer(bytes: Uint8Array<ArrayBuffer>): void {
    this.pending = bytes;
    this.more();
  }

  /** Hands over the next piece. */
  more(): void {
    const piece = this.pending.subarray(0, PIECE_BYTES);
    this.pending = this.pending.subarray(piece.length);
    this.data.set(piece);
    this.head[LENGTH] = piece.length;
    this.head[LEFT] = this.pending.length;
    Atomics.store(this.head, READY, 1);
    Atomics.notify(this.head, READY);
  }
}

/** The worker's end. */
export class ChannelReader {
  private readonly head: Int32Array;
  private readonly data: Uint8Array;

  constructor(shared: SharedArrayBuffer) {
    this.head = new Int32Array(shared, 0, HEAD_BYTES / 4);
    this.data = new Uint8Array(shared, HEAD_BYTES);
  }

  /**
   * Asks, and waits for the whole answer.
   *
   * @param ask tells the page the question
   * @param more tells the page to hand over the next piece
   * @param waitMillis how long it may wait now; it throws when that is not at all
   */
  ask(ask: () => void, more: () => void, waitMillis: () => number): Uint8Array {
    Atomics.store(this.head, READY, 0);
    ask();
    const pieces: Uint8Array[] = [];
    for (;;) {
      while (Atomics.load(this.head, READY) === 0) {
        Atomics.wait(this.head, READY, 0, waitMillis());
      }
      pieces.push(this.data.slice(0, this.head[LENGTH]!));
      if (this.head[LEFT] === 0) {
        return joined(pieces);
      }
      Atomics.store(this.head, READY, 0);
      more();
    }
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
