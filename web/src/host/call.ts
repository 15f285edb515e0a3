import { FileRefused, type OpenFile } from './files.js';
import type { GuestMemory } from './memory.js';
import type { RunState } from './run.js';

/** One call of a host function. Every argument is hostile. */
export class HostCall {
  constructor(
    readonly run: RunState,
    readonly memory: GuestMemory,
    private readonly args: readonly (number | bigint)[],
  ) {}

  /** An argument of 32 bits, signed. */
  i32(index: number): number {
    return this.args[index] as number;
  }

  /** The same, unsigned. */
  u32(index: number): number {
    return (this.args[index] as number) >>> 0;
  }

  i64(index: number): bigint {
    return this.args[index] as bigint;
  }

  /** The open file whose number is the first argument, or undefined. */
  file(): OpenFile | undefined {
    return this.i32(0) > 2 ? this.run.given.files?.find(this.i32(0)) : undefined;
  }
}

/** What a host function does; it returns the result, or the error that the guest gets. */
export type Body = (call: HostCall) => number | bigint;

/** The error numbers of WASI preview 1. */
export const Errno = {
  Success: 0,
  BadF: 8,
  Fault: 21,
  Inval: 28,
  NameTooLong: 37,
  NoSys: 52,
  NotSock: 57,
  NotSup: 58,
  Perm: 63,
  SPipe: 70,
} as const;

/** The broker's own errors. */
export const AbiError = {
  Fault: -1,
  Invalid: -2,
  TooLarge: -3,
  State: -4,
  Denied: -5,
  NotFound: -6,
  Budget: -10,
} as const;

const IOVEC = 8;
const RANGES_PER_CHECK = 4_096;
const MAX_TOTAL = 0xffff_ffff;

/** The ranges of a call that transfers bytes: 8 bytes each, a pointer and a length. */
export class Ranges {
  readonly count: number;
  total = 0;
  private readonly at: number;

  /** Of a call whose second and third argument are the list, and this one where its result goes. */
  constructor(
    private readonly call: HostCall,
    private readonly resultArgument: number,
  ) {
    this.at = call.u32(1);
    this.count = call.u32(2);
  }

  /** Checks all of them before anything is transferred. */
  check(): number {
    const { memory } = this.call;
    if (this.count * IOVEC > MAX_TOTAL) {
      return Errno.Inval; // no memory holds such a list
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

  stopIfOver(i: number): void {
    if (i % RANGES_PER_CHECK === 0) {
      this.call.run.throwIfStopped();
    }
  }

  pointer(i: number): number {
    return this.call.memory.u32(this.at + i * IOVEC);
  }

  length(i: number): number {
    return this.call.memory.u32(this.at + i * IOVEC + 4);
  }

  writeResult(bytes: number): void {
    this.call.memory.writeU32(this.call.u32(this.resultArgument), bytes);
  }
}

/** A function of an open file: BADF for what is none, and the error number of what is refused. */
export function onFile(body: (call: HostCall, file: OpenFile) => number): Body {
  return (call) => {
    const file = call.file();
    if (file === undefined) {
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

/** The same, for what the standard streams do not have. */
export function onFileOnly(body: (call: HostCall, file: OpenFile) => number): Body {
  const withFile = onFile(body);
  return (call) => (call.run.streams.isOpen(call.i32(0)) ? Errno.NoSys : withFile(call));
}
