/** WASI preview 1. Files are those of the run's grant; there are no links and no sockets. */
import { type Body, Errno, type HostCall, onFile, onFileOnly, Ranges } from './call.js';
import {
  APPEND,
  Directory,
  FileError,
  FileRefused,
  type FilePath,
  type FileSystem,
  type Node,
  type OpenFile,
  parsePath,
} from './files.js';
import { CLOCK_RESOLUTION, type RunState } from './run.js';
import { pause } from './pause.js';

const PIECE = 64 << 10;
const RIGHT_READ = 1n << 1n;
const RIGHT_WRITE = 1n << 6n;
const TYPE_DIRECTORY = 3;
const TYPE_FILE = 4;
const NONBLOCK = 4;
const MAX_ADVICE = 5;

/** What directories have: everything but setting the size of a file by its path. */
const DIRECTORY_RIGHTS = rights(3, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 23, 24, 25, 26);
/** What files have besides reading and writing. */
const FILE_RIGHTS = rights(0, 2, 3, 4, 5, 7, 8, 21, 22, 23, 27);

const SET_ACCESS = 1;
const ACCESS_NOW = 2;
const SET_MODIFICATION = 4;
const MODIFICATION_NOW = 8;

function rights(...bits: number[]): bigint {
  return bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
}

/** The functions by name. */
export const WASI: Readonly<Record<string, Body>> = {
  args_get: (call) => texts(call, programArguments(call.run)),
  args_sizes_get: (call) => sizes(call, programArguments(call.run)),
  environ_get: (call) => texts(call, environment(call.run)),
  environ_sizes_get: (call) => sizes(call, environment(call.run)),
  clock_res_get: (call) => (isClock(call.i32(0)) ? store(call, 1, CLOCK_RESOLUTION) : Errno.Inval),
  clock_time_get: (call) => (isClock(call.i32(0)) ? store(call, 2, now(call.run, call.i32(0))) : Errno.Inval),
  random_get: random,
  sched_yield: () => Errno.Success,
  proc_exit: (call) => {
    throw call.run.exited(call.i32(0));
  },
  fd_close: (call) => (call.file() === undefined ? closeStream(call) : close(call)),
  fd_fdstat_get: (call) => (call.file() === undefined ? streamStatus(call) : fileStatus(call)),
  fd_prestat_get: onFile(prestat),
  fd_prestat_dir_name: onFile(prestatName),
  fd_read: (call) => (call.file() === undefined ? readStream(call) : readFile(call)),
  fd_seek: (call) => (call.file() === undefined ? noPosition(call) : seek(call)),
  fd_tell: (call) => (call.file() === undefined ? noPosition(call) : tell(call)),
  fd_write: (call) => (call.file() === undefined ? writeStream(call) : writeFile(call)),
  poll_oneoff: poll,
  fd_advise: onFileOnly((call, file) =>
    file.node instanceof Directory
      ? Errno.BadF
      : call.i64(1) >= 0n && call.i64(2) >= 0n && call.i32(3) >= 0 && call.i32(3) <= MAX_ADVICE
        ? Errno.Success
        : Errno.Inval,
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
  fd_filestat_set_times: onFileOnly((call, file) =>
    areTimeFlags(call.i32(3))
      ? done(
          files(call).setTimes(
            file.mount,
            file.node,
            accessTime(call, 1, call.i32(3)),
            modificationTime(call, 2, call.i32(3)),
          ),
        )
      : Errno.Inval,
  ),
  fd_pread: onFileOnly((call, file) =>
    call.i64(3) < 0n ? Errno.Inval : transferIn(call, file, new Ranges(call, 4), call.i64(3)),
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
    return areTimeFlags(flags)
      ? done(files(call).setTimesAt(from, path, accessTime(call, 4, flags), modificationTime(call, 5, flags)))
      : Errno.Inval;
  }),
  path_link: onFile(() => Errno.NotSup),
  path_open: onFile(open),
  path_readlink: onFile((call, from) => {
    const path = pathAt(call, 1);
    if (path === null) {
      return Errno.Fault;
    }
    files(call).stat(from, path);
    return Errno.Inval; // whatever there is, it is no link
  }),
  path_remove_directory: changing((all, from, path) => all.removeDirectory(from, path)),
  path_rename: onFile((call, from) => {
    const path = pathAt(call, 1);
    const newPath = pathAt(call, 4);
    return path === null || newPath === null
      ? Errno.Fault
      : done(files(call).rename(from, path, files(call).get(call.i32(3)), newPath));
  }),
  path_symlink: (call) => (call.run.given.files?.find(call.i32(2)) === undefined ? Errno.BadF : Errno.NotSup),
  path_unlink_file: changing((all, from, path) => all.removeFile(from, path)),
  proc_raise: () => Errno.NoSys,
  sock_accept: onSocket,
  sock_recv: onSocket,
  sock_send: onSocket,
  sock_shutdown: onSocket,
};

/** What may be called in `prepare`; all others return EPERM there. */
export const IN_PREPARE: ReadonlySet<string> = new Set(
  Object.keys(WASI).filter(
    (name) =>
      ![
        'args_get',
        'args_sizes_get',
        'clock_res_get',
        'clock_time_get',
        'random_get',
        'poll_oneoff',
      ].includes(name),
  ),
);

function done(_: void): number {
  return Errno.Success;
}

function files(call: HostCall): FileSystem {
  const found = call.run.given.files;
  if (found === null) {
    throw new FileRefused(FileError.BadDescriptor);
  }
  return found;
}

function programArguments(run: RunState): readonly string[] {
  return run.given.command?.arguments ?? [run.given.handler];
}

function environment(run: RunState): readonly string[] {
  return run.given.command?.environment ?? [];
}

/** In UTF-8, ending in a zero byte. */
function zeroEnded(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/** Writes how many texts there are, and how many bytes they have. */
function sizes(call: HostCall, all: readonly string[]): number {
  const { memory } = call;
  if (!memory.contains(call.u32(0), 4) || !memory.contains(call.u32(1), 4)) {
    return Errno.Fault;
  }
  memory.writeU32(call.u32(0), all.length);
  memory.writeU32(
    call.u32(1),
    all.reduce((sum, text) => sum + zeroEnded(text).length, 0),
  );
  return Errno.Success;
}

/** Writes a pointer to each text, and the texts one after another. */
function texts(call: HostCall, all: readonly string[]): number {
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

/** Clocks are 0, the time since 1970, and 1, the time since the run started. */
function isClock(id: number): boolean {
  return id === 0 || id === 1;
}

function now(run: RunState, clock: number): bigint {
  return clock === 0 ? run.clocks.wall() : run.clocks.elapsed();
}

function store(call: HostCall, argument: number, value: bigint): number {
  if (!call.memory.contains(call.u32(argument), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(argument), value);
  return Errno.Success;
}

/** In pieces, as browsers give at most 65,536 bytes at once. */
function random(call: HostCall): number {
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

function onSocket(call: HostCall): number {
  if (call.file() !== undefined) {
    return Errno.NotSock;
  }
  return call.run.streams.isOpen(call.i32(0)) ? Errno.NoSys : Errno.BadF;
}

function closeStream(call: HostCall): number {
  const { streams } = call.run;
  if (!streams.isOpen(call.i32(0))) {
    return Errno.BadF;
  }
  streams.close(call.i32(0));
  return Errno.Success;
}

function noPosition(call: HostCall): number {
  return call.run.streams.isOpen(call.i32(0)) ? Errno.SPipe : Errno.BadF;
}

/** File type 0, unknown: neither a file to seek in nor a terminal. */
function streamStatus(call: HostCall): number {
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

function readStream(call: HostCall): number {
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
    // Again, as what was read may have replaced the ranges themselves.
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

function writeStream(call: HostCall): number {
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

/** What the ranges hold, in pieces, with a look at the deadline before each. */
function forEachPiece(call: HostCall, ranges: Ranges, take: (bytes: Uint8Array) => void): void {
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

const close = onFile((call) => done(files(call).close(call.i32(0))));

const seek = onFile((call, file) => {
  if (!call.memory.contains(call.u32(3), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(3), file.seek(call.i64(1), call.i32(2)));
  return Errno.Success;
});

const tell = onFile((call, file) => {
  if (!call.memory.contains(call.u32(1), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(1), file.tell());
  return Errno.Success;
});

const readFile = onFile((call, file) => transferIn(call, file, new Ranges(call, 3), null));

/** Into the guest's memory; the offset is that in the file, or null for its position. */
function transferIn(call: HostCall, file: OpenFile, ranges: Ranges, offset: bigint | null): number {
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

const writeFile = onFile((call, file) => {
  const ranges = new Ranges(call, 3);
  const error = ranges.check();
  return error === Errno.Success ? transferOut(call, file, ranges, file.beginWrite(ranges.total)) : error;
});

function writeAt(call: HostCall, file: OpenFile): number {
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

/** Out of the guest's memory, to where there is room. */
function transferOut(call: HostCall, file: OpenFile, ranges: Ranges, offset: number): number {
  let at = offset;
  forEachPiece(call, ranges, (bytes) => {
    file.put(at, bytes);
    at += bytes.length;
  });
  ranges.writeResult(ranges.total);
  return Errno.Success;
}

const fileStatus = onFile((call, file) => {
  const { memory } = call;
  const at = call.u32(1);
  if (!memory.contains(at, 24)) {
    return Errno.Fault;
  }
  const isDirectory = file.node instanceof Directory;
  const own = FILE_RIGHTS | (file.reads ? RIGHT_READ : 0n) | (file.writes ? RIGHT_WRITE : 0n);
  memory.writeI64(at, BigInt(typeOf(file.node) | (file.flags << 16)));
  memory.writeI64(at + 8, isDirectory ? DIRECTORY_RIGHTS : own);
  memory.writeI64(at + 16, isDirectory ? DIRECTORY_RIGHTS | FILE_RIGHTS | RIGHT_READ | RIGHT_WRITE : 0n);
  return Errno.Success;
});

function typeOf(node: Node): number {
  return node instanceof Directory ? TYPE_DIRECTORY : TYPE_FILE;
}

function writeStat(call: HostCall, at: number, openedFrom: OpenFile, node: Node): number {
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

/** Whether a time is to be set to one thing at most. */
function areTimeFlags(flags: number): boolean {
  const access = SET_ACCESS | ACCESS_NOW;
  const modification = SET_MODIFICATION | MODIFICATION_NOW;
  return (
    (flags & access) !== access && (flags & modification) !== modification && (flags & ~(access | modification)) === 0
  );
}

function accessTime(call: HostCall, argument: number, flags: number): bigint | null {
  return time(call, argument, flags & SET_ACCESS, flags & ACCESS_NOW);
}

function modificationTime(call: HostCall, argument: number, flags: number): bigint | null {
  return time(call, argument, flags & SET_MODIFICATION, flags & MODIFICATION_NOW);
}

function time(call: HostCall, argument: number, set: number, setNow: number): bigint | null {
  if (set !== 0) {
    return call.i64(argument);
  }
  return setNow !== 0 ? call.run.clocks.wall() : null;
}

function prestat(call: HostCall, file: OpenFile): number {
  if (file.preopenedAs === null) {
    return Errno.BadF;
  }
  if (!call.memory.contains(call.u32(1), 8)) {
    return Errno.Fault;
  }
  call.memory.writeU32(call.u32(1), 0); // a directory
  call.memory.writeU32(call.u32(1) + 4, new TextEncoder().encode(file.preopenedAs).length);
  return Errno.Success;
}

function prestatName(call: HostCall, file: OpenFile): number {
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

/** The entries after a number, as far as they fit; the last one may be cut off, which tells that there is more. */
function list(call: HostCall, file: OpenFile): number {
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
  const add = (number: number, name: string, node: Node): void => {
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
    add(1, '.', directory);
  }
  if (after < 2n) {
    add(2, '..', directory);
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

/** The path whose pointer is that argument and its length the next; null outside the memory. */
function pathAt(call: HostCall, argument: number): FilePath | null {
  const length = call.u32(argument + 1);
  return call.memory.contains(call.u32(argument), length)
    ? parsePath(call.memory.range(call.u32(argument), length))
    : null;
}

function open(call: HostCall, from: OpenFile): number {
  const path = pathAt(call, 2);
  const result = call.u32(8);
  if (path === null || !call.memory.contains(result, 4)) {
    return Errno.Fault;
  }
  const how = call.i32(4);
  const flags = call.i32(7);
  if ((how & ~0xf) !== 0 || (flags & ~0x1f) !== 0) {
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
    truncate: (how & 8) !== 0,
  });
  opened.flags = flags;
  call.memory.writeU32(result, all.add(opened));
  return Errno.Success;
}

/** What changes the entry at the path that the second argument begins. */
function changing(change: (all: FileSystem, from: OpenFile, path: FilePath) => void): Body {
  return onFile((call, from) => {
    const path = pathAt(call, 1);
    return path === null ? Errno.Fault : done(change(files(call), from, path));
  });
}

const SUBSCRIPTION = 48;
const EVENT = 32;
const MAX_SUBSCRIPTIONS = 1_024;
const CLOCK = 0;
const FD_READ = 1;
const FD_WRITE = 2;
const NEVER = 2n ** 63n;

/** Waits for clocks. Streams and files are always ready. A wait ends with the run at the deadline. */
function poll(call: HostCall): number {
  const count = call.i32(2);
  if (count < 1 || count > MAX_SUBSCRIPTIONS) {
    return Errno.Inval;
  }
  const { memory, run } = call;
  if (
    !memory.contains(call.u32(0), count * SUBSCRIPTION) ||
    !memory.contains(call.u32(1), count * EVENT) ||
    !memory.contains(call.u32(3), 4)
  ) {
    return Errno.Fault;
  }
  const began = run.clocks.elapsed();
  const subscriptions = Array.from({ length: count }, (_, i) => call.u32(0) + i * SUBSCRIPTION);
  const due = subscriptions.map((at) => dueTime(call, at, began));
  const earliest = due.reduce((least, one) => (one < least ? one : least));
  for (let left = earliest - run.clocks.elapsed(); left > 0n; left = earliest - run.clocks.elapsed()) {
    run.throwIfStopped();
    pause(Math.min(Number(left) / 1e6, Math.max(1, run.limits.time - run.clocks.elapsedMs())));
  }
  run.throwIfStopped();
  const ended = run.clocks.elapsed();
  let written = 0;
  subscriptions.forEach((at, i) => {
    if (due[i]! <= ended) {
      writeEvent(call, at, call.u32(1) + written * EVENT);
      written++;
    }
  });
  memory.writeU32(call.u32(3), written);
  return Errno.Success;
}

function writeEvent(call: HostCall, subscription: number, event: number): void {
  const { memory } = call;
  const kind = memory.u8(subscription + 8);
  const error = pollError(call, subscription);
  const ready = kind === FD_READ && error === Errno.Success ? readable(call, memory.u32(subscription + 16)) : 0n;
  memory.writeI64(event, memory.i64(subscription));
  memory.writeI64(event + 8, BigInt(error | (kind << 16)));
  memory.writeI64(event + 16, ready);
  memory.writeI64(event + 24, 0n);
}

function pollError(call: HostCall, subscription: number): number {
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

function isReady(call: HostCall, fd: number, streamFits: boolean): boolean {
  return call.run.given.files?.find(fd) !== undefined || (streamFits && call.run.streams.isOpen(fd));
}

function readable(call: HostCall, fd: number): bigint {
  const file = call.run.given.files?.find(fd);
  if (file === undefined) {
    return BigInt(call.run.streams.remainingInput);
  }
  const left = BigInt(file.node.size) - file.position;
  return left > 0n ? left : 0n;
}

/** In the run's elapsed nanoseconds. */
function dueTime(call: HostCall, subscription: number, began: bigint): bigint {
  const { memory, run } = call;
  if (memory.u8(subscription + 8) !== CLOCK || pollError(call, subscription) !== Errno.Success) {
    return 0n;
  }
  const timeout = memory.i64(subscription + 24);
  if (timeout < 0n) {
    return NEVER; // an unsigned number of centuries
  }
  const isAbsolute = (memory.u32(subscription + 40) & 1) !== 0;
  return isAbsolute ? timeout - now(run, memory.u32(subscription + 16)) + began : began + timeout;
}
