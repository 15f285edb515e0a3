/** Directories in memory: paths, modes, bounds, open files. No file of the machine is ever touched. */

/** What a guest may do with what is in a directory. */
export type DirectoryMode = 'read' | 'write' | 'read-write';

/** A directory that a guest finds. */
export interface DirectoryGrant {
  /** Its name for the guest, an absolute path such as `/step`. */
  readonly path: string;
  readonly mode: DirectoryMode;
  /** What is in it when a run begins: nothing, or the files of the step's `config.files` that are in it. */
  readonly from?: 'empty' | 'input';
}

/** The directories of a run, and what all of them together may hold. */
export interface FilesGrant {
  readonly bytes: number;
  readonly entries: number;
  /** In the order in which the guest finds them open, from descriptor 3 on. */
  readonly directories: readonly DirectoryGrant[];
}

/** Why a file operation is refused: the error number of WASI preview 1. */
export const FileError = {
  Access: 2,
  BadDescriptor: 8,
  Exists: 20,
  TooLarge: 22,
  NotText: 25,
  Invalid: 28,
  IsDirectory: 31,
  TooManyOpen: 33,
  NameTooLong: 37,
  NotFound: 44,
  NoSpace: 51,
  NotDirectory: 54,
  NotEmpty: 55,
  NotSupported: 58,
  Outside: 63,
  ReadOnly: 69,
  OtherDirectory: 75,
} as const;

export class FileRefused extends Error {
  constructor(readonly errno: number) {
    super(`file error ${errno}`);
  }
}

/** What the run did with files. */
export interface FileUsage {
  opened: number;
  created: number;
  removed: number;
  bytes_read: number;
  bytes_written: number;
  refused: number;
}

const MAX_PATH_BYTES = 4_096;
const MAX_NAME_BYTES = 255;
const MAX_DESCRIPTORS = 256;
const FIRST_DESCRIPTOR = 3;
const MAX_FILE_BYTES = 2 ** 31 - 9;
const MAX_DIRECTORIES = 16;
export const APPEND = 1;

/** A path from a directory on. What `.` and `..` mean is decided when it is followed. */
export interface FilePath {
  readonly names: readonly string[];
  /** Whether it ends in a slash, so that it can only be a directory's. */
  readonly slash: boolean;
}

export function parsePath(bytes: Uint8Array): FilePath {
  if (bytes.length === 0) {
    throw new FileRefused(FileError.NotFound);
  }
  if (bytes.length > MAX_PATH_BYTES) {
    throw new FileRefused(FileError.NameTooLong);
  }
  if (bytes[0] === 0x2f) {
    throw new FileRefused(FileError.Outside);
  }
  const names: string[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at === bytes.length || bytes[at] === 0x2f) {
      if (at - from > MAX_NAME_BYTES) {
        throw new FileRefused(FileError.NameTooLong);
      }
      if (at > from) {
        names.push(strictText(bytes.subarray(from, at)));
      }
      from = at + 1;
    } else if (bytes[at] === 0) {
      throw new FileRefused(FileError.Invalid);
    }
  }
  return { names, slash: bytes[bytes.length - 1] === 0x2f };
}

function strictText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileRefused(FileError.NotText);
  }
}

/** How much the directories of one run may hold together, and hold. */
class Space {
  private bytes = 0;
  private entries = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxEntries: number,
    private readonly usage: FileUsage,
  ) {}

  addEntry(): void {
    if (this.entries === this.maxEntries) {
      throw this.refused();
    }
    this.entries++;
  }

  removeEntry(): void {
    this.entries--;
  }

  addBytes(more: number): void {
    if (more > this.maxBytes - this.bytes) {
      throw this.refused();
    }
    this.bytes += more;
  }

  removeBytes(fewer: number): void {
    this.bytes -= fewer;
  }

  private refused(): FileRefused {
    this.usage.refused++;
    return new FileRefused(FileError.NoSpace);
  }
}

/** A file or a directory. */
export abstract class Node {
  accessTime: bigint;
  modificationTime: bigint;
  changeTime: bigint;
  removed = false;
  private descriptors = 0;

  constructor(
    readonly inode: bigint,
    time: bigint,
  ) {
    this.accessTime = time;
    this.modificationTime = time;
    this.changeTime = time;
  }

  abstract get size(): number;

  abstract free(space: Space): void;

  modified(time: bigint): void {
    this.modificationTime = time;
    this.changeTime = time;
  }

  /** What is open lives until it is closed. */
  remove(space: Space): void {
    this.removed = true;
    this.freeIfUnused(space);
  }

  opened(): void {
    this.descriptors++;
  }

  closed(space: Space): void {
    this.descriptors--;
    this.freeIfUnused(space);
  }

  private freeIfUnused(space: Space): void {
    if (this.removed && this.descriptors === 0) {
      this.free(space);
    }
  }
}

/** The bytes of a file. */
export class RegularFile extends Node {
  private bytes = new Uint8Array(0);
  private length = 0;

  override get size(): number {
    return this.length;
  }

  read(offset: number, max: number): Uint8Array {
    return this.bytes.subarray(Math.min(offset, this.length), Math.min(offset + max, this.length));
  }

  /** Overwrites a range that the file has. */
  write(offset: number, source: Uint8Array): void {
    this.bytes.set(source, offset);
  }

  /** Cuts it, or fills it up with zeros. */
  resize(size: number, space: Space): void {
    if (size > MAX_FILE_BYTES) {
      throw new FileRefused(FileError.TooLarge);
    }
    if (size > this.length) {
      space.addBytes(size - this.length);
      if (size > this.bytes.length) {
        const larger = new Uint8Array(Math.max(size, 256, this.bytes.length + (this.bytes.length >> 1)));
        larger.set(this.bytes.subarray(0, this.length));
        this.bytes = larger;
      }
    } else {
      space.removeBytes(this.length - size);
      this.bytes.fill(0, size, this.length);
    }
    this.length = size;
  }

  content(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  override free(space: Space): void {
    space.removeBytes(this.length);
    this.bytes = new Uint8Array(0);
    this.length = 0;
  }
}

/** Entries are listed in the order in which they were added, each with a number that no other ever has. */
export class Directory extends Node {
  private readonly places = new Map<string, { readonly number: number; readonly node: Node }>();
  private next = 3; // 1 and 2 are the directory itself and the one above it
  parent: Directory | null = null;

  override get size(): number {
    return 0;
  }

  get(name: string): Node | undefined {
    return this.places.get(name)?.node;
  }

  add(name: string, node: Node): void {
    this.places.set(name, { number: this.next++, node });
    if (node instanceof Directory) {
      node.parent = this;
    }
  }

  take(name: string): void {
    this.places.delete(name);
  }

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** The entries after a number, in their order. */
  *after(number: bigint): Generator<{ readonly number: number; readonly name: string; readonly node: Node }> {
    for (const [name, place] of this.places) {
      if (place.number > number) {
        yield { number: place.number, name, node: place.node };
      }
    }
  }

  isWithin(other: Directory): boolean {
    for (let at: Directory | null = this; at !== null; at = at.parent) {
      if (at === other) {
        return true;
      }
    }
    return false;
  }

  override free(): void {
    // Only an empty one is removed, and its entry is counted where its name was.
  }
}

/** One directory of the grant, with what is in it. */
export class Mount {
  readonly root: Directory;
  private nextInode = 2n;

  constructor(
    readonly path: string,
    readonly mode: DirectoryMode,
    readonly takesInput: boolean,
    time: bigint,
  ) {
    this.root = new Directory(1n, time);
  }

  get reads(): boolean {
    return this.mode !== 'write';
  }

  get writes(): boolean {
    return this.mode !== 'read';
  }

  inode(): bigint {
    return this.nextInode++;
  }
}

/** How to open something. */
export interface OpenMode {
  readonly reads: boolean;
  readonly writes: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly directory: boolean;
  readonly truncate: boolean;
}

/** Where a path leads: the directory with the name, or null if it ends in the directory itself; and what is there. */
interface Target {
  readonly parent: Directory | null;
  readonly name: string;
  readonly node: Node | undefined;
  readonly slash: boolean;
}

/** The files that a step brings do not fit, lead elsewhere, or are one inside another. */
export class InvalidFiles extends Error {
  override readonly name = 'InvalidFiles';
}

/** The directories of one run, what it has open, and what can be done by path. */
export class FileSystem {
  readonly usage: FileUsage = { opened: 0, created: 0, removed: 0, bytes_read: 0, bytes_written: 0, refused: 0 };
  readonly mounts: readonly Mount[];
  private readonly space: Space;
  private readonly open: (OpenFile | null)[] = [];

  /**
   * @param given files by absolute path
   * @param clock nanoseconds since 1970
   */
  constructor(
    grant: FilesGrant,
    given: ReadonlyMap<string, Uint8Array>,
    readonly clock: () => bigint,
  ) {
    if (grant.directories.length > MAX_DIRECTORIES) {
      throw new InvalidFiles(`there are ${grant.directories.length} directories, the maximum is ${MAX_DIRECTORIES}`);
    }
    this.space = new Space(grant.bytes, grant.entries, this.usage);
    this.mounts = grant.directories.map(
      ({ path, mode, from }) => new Mount(path, mode, from === 'input', clock()),
    );
    for (const [path, content] of given) {
      this.addGiven(path, content);
    }
    this.open.push(...this.mounts.map((mount) => new OpenFile(this, mount, mount.root, true, false, mount.path)));
    this.usage.refused = 0;
  }

  private addGiven(path: string, content: Uint8Array): void {
    const mount = this.mounts
      .filter((one) => one.takesInput && path.startsWith(one.path.endsWith('/') ? one.path : `${one.path}/`))
      .sort((one, other) => other.path.length - one.path.length)[0];
    if (mount === undefined) {
      throw new InvalidFiles(`'${path}' is in no directory that is from input`);
    }
    try {
      const { names, slash } = parsePath(new TextEncoder().encode(path.slice(mount.path.length).replace(/^\//, '')));
      if (slash || names.includes('.') || names.includes('..')) {
        throw new FileRefused(FileError.Outside);
      }
      let at = mount.root;
      for (const name of names.slice(0, -1)) {
        let next = at.get(name);
        if (next === undefined) {
          this.space.addEntry();
          next = new Directory(mount.inode(), this.clock());
          at.add(name, next);
        }
        at = directory(next);
      }
      const name = names.at(-1)!;
      if (at.get(name) !== undefined) {
        throw new FileRefused(FileError.Exists);
      }
      this.space.addEntry();
      const file = new RegularFile(mount.inode(), this.clock());
      file.resize(content.length, this.space);
      file.write(0, content);
      at.add(name, file);
    } catch (refused) {
      if (refused instanceof FileRefused) {
        const why = refused.errno === FileError.NoSpace ? 'does not fit into what is granted' : 'is not possible there';
        throw new InvalidFiles(`'${path}' ${why}`);
      }
      throw refused;
    }
  }

  /** What has that number, or undefined. */
  find(descriptor: number): OpenFile | undefined {
    return this.open[descriptor - FIRST_DESCRIPTOR] ?? undefined;
  }

  get(descriptor: number): OpenFile {
    const found = this.find(descriptor);
    if (found === undefined) {
      throw new FileRefused(FileError.BadDescriptor);
    }
    return found;
  }

  checkFree(): void {
    if (this.freeIndex() === MAX_DESCRIPTORS) {
      throw new FileRefused(FileError.TooManyOpen);
    }
  }

  /** Gives an open file the lowest free number. */
  add(file: OpenFile): number {
    const index = this.freeIndex();
    this.open[index] = file;
    return index + FIRST_DESCRIPTOR;
  }

  close(descriptor: number): void {
    this.get(descriptor).close(this.space);
    this.open[descriptor - FIRST_DESCRIPTOR] = null;
  }

  /** Gives a file the number of another, which is closed. */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    this.get(to);
    if (from !== to) {
      this.close(to);
      this.open[to - FIRST_DESCRIPTOR] = moved;
      this.open[from - FIRST_DESCRIPTOR] = null;
    }
  }

  private freeIndex(): number {
    const index = this.open.indexOf(null);
    return index < 0 ? this.open.length : index;
  }

  openPath(from: OpenFile, path: FilePath, mode: OpenMode): OpenFile {
    if (mode.directory && (mode.create || mode.truncate)) {
      throw new FileRefused(FileError.Invalid);
    }
    const { mount } = from;
    const target = follow(from, path);
    const creates = mode.create && target.node === undefined;
    if (creates || mode.truncate || mode.writes) {
      checkWritable(mount);
    }
    if (creates) {
      return this.created(mount, target, mode);
    }
    const node = existing(target);
    if (mode.create && mode.exclusive) {
      throw new FileRefused(FileError.Exists);
    }
    if (!(node instanceof RegularFile)) {
      if (mode.writes || mode.truncate) {
        throw new FileRefused(FileError.IsDirectory);
      }
      return this.opened(mount, node, mode.reads, false);
    }
    if (mode.directory) {
      throw new FileRefused(FileError.NotDirectory);
    }
    if (mode.reads && !mount.reads) {
      throw new FileRefused(FileError.Access);
    }
    if (mode.truncate) {
      node.resize(0, this.space);
      node.modified(this.clock());
    }
    return this.opened(mount, node, mode.reads, mode.writes);
  }

  private created(mount: Mount, target: Target, mode: OpenMode): OpenFile {
    if (target.slash) {
      throw new FileRefused(FileError.IsDirectory);
    }
    if (mode.reads && !mount.reads) {
      throw new FileRefused(FileError.Access);
    }
    const parent = parentOf(target);
    this.space.addEntry();
    const file = new RegularFile(mount.inode(), this.clock());
    parent.add(target.name, file);
    parent.modified(this.clock());
    this.usage.created++;
    return this.opened(mount, file, mode.reads, mode.writes);
  }

  private opened(mount: Mount, node: Node, reads: boolean, writes: boolean): OpenFile {
    this.usage.opened++;
    return new OpenFile(this, mount, node, reads, writes, null);
  }

  stat(from: OpenFile, path: FilePath): Node {
    return existing(follow(from, path));
  }

  setTimesAt(from: OpenFile, path: FilePath, access: bigint | null, modification: bigint | null): void {
    this.setTimes(from.mount, existing(follow(from, path)), access, modification);
  }

  setTimes(mount: Mount, node: Node, access: bigint | null, modification: bigint | null): void {
    checkWritable(mount);
    node.accessTime = access ?? node.accessTime;
    node.modificationTime = modification ?? node.modificationTime;
    node.changeTime = this.clock();
  }

  createDirectory(from: OpenFile, path: FilePath): void {
    const target = follow(from, path);
    if (target.node !== undefined) {
      throw new FileRefused(FileError.Exists);
    }
    checkWritable(from.mount);
    const parent = parentOf(target);
    this.space.addEntry();
    parent.add(target.name, new Directory(from.mount.inode(), this.clock()));
    parent.modified(this.clock());
    this.usage.created++;
  }

  removeDirectory(from: OpenFile, path: FilePath): void {
    const target = follow(from, path);
    const node = existing(target);
    if (!(node instanceof Directory)) {
      throw new FileRefused(FileError.NotDirectory);
    }
    checkWritable(from.mount);
    if (target.parent === null) {
      throw new FileRefused(FileError.Invalid);
    }
    if (!node.isEmpty) {
      throw new FileRefused(FileError.NotEmpty);
    }
    this.remove(target.parent, target.name, node);
  }

  removeFile(from: OpenFile, path: FilePath): void {
    const target = follow(from, path);
    const node = existing(target);
    if (node instanceof Directory || target.parent === null) {
      throw new FileRefused(FileError.IsDirectory);
    }
    checkWritable(from.mount);
    this.remove(target.parent, target.name, node);
  }

  private remove(parent: Directory, name: string, node: Node): void {
    parent.take(name);
    parent.modified(this.clock());
    node.remove(this.space);
    this.space.removeEntry();
    this.usage.removed++;
  }

  /** A file takes the place of a file, a directory that of an empty directory. */
  rename(from: OpenFile, path: FilePath, to: OpenFile, newPath: FilePath): void {
    const source = follow(from, path);
    const node = existing(source);
    const target = follow(to, newPath);
    if (from.mount !== to.mount) {
      throw new FileRefused(FileError.OtherDirectory);
    }
    checkWritable(from.mount);
    if (source.parent === null || target.parent === null) {
      throw new FileRefused(FileError.Invalid);
    }
    if (target.slash && !(node instanceof Directory)) {
      throw new FileRefused(FileError.NotDirectory);
    }
    if (node === target.node) {
      return;
    }
    const newParent = parentOf(target);
    if (node instanceof Directory && newParent.isWithin(node)) {
      throw new FileRefused(FileError.Invalid);
    }
    if (target.node !== undefined) {
      checkReplaceable(node, target.node);
      this.remove(newParent, target.name, target.node);
    }
    source.parent.take(source.name);
    newParent.add(target.name, node);
    source.parent.modified(this.clock());
    newParent.modified(this.clock());
  }

  /** Makes a file another size. */
  resize(file: RegularFile, size: number): void {
    file.resize(size, this.space);
    file.modified(this.clock());
  }

  /** The files below a path that can be written, by absolute path, in the order in which a directory lists them. */
  below(names: readonly string[]): [string, RegularFile][] {
    const found: [string, RegularFile][] = [];
    for (const mount of this.mounts) {
      const prefix = mount.path.split('/').filter((name) => name !== '');
      if (mount.writes && prefix.every((name, i) => names[i] === name)) {
        const rest = names.slice(prefix.length);
        let node: Node | undefined = mount.root;
        for (const name of rest) {
          node = node instanceof Directory ? node.get(name) : undefined;
        }
        const root = mount.path === '/' ? '' : mount.path;
        if (node !== undefined) {
          collect([root, ...rest].join('/'), node, found);
        }
      }
    }
    return found;
  }
}

function collect(path: string, first: Node, found: [string, RegularFile][]): void {
  const left: [string, Node][] = [[path, first]];
  for (let place = left.shift(); place !== undefined; place = left.shift()) {
    const [at, node] = place;
    if (node instanceof RegularFile) {
      found.push([at, node]);
    } else if (node instanceof Directory) {
      for (const entry of node.after(0n)) {
        left.push([`${at}/${entry.name}`, entry.node]);
      }
    }
  }
}

/** A file or directory that a guest has open. */
export class OpenFile {
  flags = 0;
  position = 0n;

  constructor(
    private readonly files: FileSystem,
    readonly mount: Mount,
    readonly node: Node,
    readonly reads: boolean,
    readonly writes: boolean,
    readonly preopenedAs: string | null,
  ) {
    node.opened();
  }

  /** Which of the run's directories it is in, from 1. */
  get device(): number {
    return this.files.mounts.indexOf(this.mount) + 1;
  }

  get appends(): boolean {
    return (this.flags & APPEND) !== 0;
  }

  seek(offset: bigint, whence: number): bigint {
    const file = this.regular();
    if (whence < 0 || whence > 2) {
      throw new FileRefused(FileError.Invalid);
    }
    const base = whence === 0 ? 0n : whence === 1 ? this.position : BigInt(file.size);
    const target = base + offset;
    if (target < 0n || target >= 1n << 63n) {
      throw new FileRefused(FileError.Invalid);
    }
    this.position = target;
    return target;
  }

  tell(): bigint {
    this.regular();
    return this.position;
  }

  checkReadable(): void {
    this.regular();
    if (!this.reads) {
      throw new FileRefused(FileError.BadDescriptor);
    }
  }

  /** Reads from the position on, and moves it; nothing at the end. */
  read(max: number): Uint8Array {
    const bytes = this.readAt(this.position, max);
    this.position += BigInt(bytes.length);
    return bytes;
  }

  readAt(offset: bigint, max: number): Uint8Array {
    this.checkReadable();
    const file = this.regular();
    const bytes = offset >= BigInt(file.size) ? new Uint8Array(0) : file.read(Number(offset), max);
    this.files.usage.bytes_read += bytes.length;
    return bytes;
  }

  /** Makes room for bytes that will be written; returns where they begin. */
  beginWrite(count: number): number {
    const at = this.appends ? BigInt(this.node.size) : this.position;
    this.beginWriteAt(at, count);
    this.position = at + BigInt(count);
    return Number(at);
  }

  beginWriteAt(offset: bigint, count: number): void {
    const file = this.writable();
    if (offset > MAX_FILE_BYTES || count > MAX_FILE_BYTES) {
      throw new FileRefused(count === 0 ? FileError.Invalid : FileError.TooLarge);
    }
    if (count > 0) {
      const end = Number(offset) + count;
      this.files.resize(file, Math.max(end, file.size));
      this.files.usage.bytes_written += count;
    }
  }

  put(offset: number, bytes: Uint8Array): void {
    if (bytes.length > 0) {
      this.regular().write(offset, bytes);
    }
  }

  resize(size: bigint): void {
    const file = this.writable();
    if (size < 0n) {
      throw new FileRefused(FileError.Invalid);
    }
    this.files.resize(file, Number(size));
  }

  allocate(offset: bigint, length: bigint): void {
    const file = this.writable();
    if (offset < 0n || length <= 0n) {
      throw new FileRefused(FileError.Invalid);
    }
    if (offset > MAX_FILE_BYTES || length > MAX_FILE_BYTES) {
      throw new FileRefused(FileError.TooLarge);
    }
    const end = Number(offset + length);
    if (end > file.size) {
      this.files.resize(file, end);
    }
  }

  listed(): Directory {
    if (!(this.node instanceof Directory)) {
      throw new FileRefused(FileError.NotDirectory);
    }
    if (!this.mount.reads) {
      throw new FileRefused(FileError.Access);
    }
    return this.node;
  }

  close(space: Space): void {
    this.node.closed(space);
  }

  private writable(): RegularFile {
    const file = this.regular();
    if (!this.writes) {
      throw new FileRefused(FileError.BadDescriptor);
    }
    return file;
  }

  private regular(): RegularFile {
    if (this.node instanceof RegularFile) {
      return this.node;
    }
    throw new FileRefused(FileError.BadDescriptor);
  }
}

function checkReplaceable(node: Node, replaced: Node): void {
  if (replaced instanceof Directory) {
    if (!(node instanceof Directory)) {
      throw new FileRefused(FileError.IsDirectory);
    }
    if (!replaced.isEmpty) {
      throw new FileRefused(FileError.NotEmpty);
    }
  } else if (node instanceof Directory) {
    throw new FileRefused(FileError.NotDirectory);
  }
}

function checkWritable(mount: Mount): void {
  if (!mount.writes) {
    throw new FileRefused(FileError.ReadOnly);
  }
}

/** Nothing is created in a directory that was removed while it was open. */
function parentOf(target: Target): Directory {
  if (target.parent === null || target.parent.removed) {
    throw new FileRefused(FileError.NotFound);
  }
  return target.parent;
}

function existing(target: Target): Node {
  if (target.node === undefined) {
    throw new FileRefused(FileError.NotFound);
  }
  if (target.slash && !(target.node instanceof Directory)) {
    throw new FileRefused(FileError.NotDirectory);
  }
  return target.node;
}

/** Follows a path from an open directory, never above it. */
function follow(from: OpenFile, path: FilePath): Target {
  if (!(from.node instanceof Directory)) {
    throw new FileRefused(FileError.NotDirectory);
  }
  const above: Directory[] = [];
  let at = from.node;
  const last = path.names.length - 1;
  for (const [i, name] of path.names.entries()) {
    if (name === '..') {
      const up = above.pop();
      if (up === undefined) {
        throw new FileRefused(FileError.Outside);
      }
      at = up;
    } else if (name !== '.') {
      const node = at.get(name);
      if (i === last) {
        return { parent: at, name, node, slash: path.slash };
      }
      above.push(at);
      at = directory(node);
    }
  }
  return { parent: null, name: '', node: at, slash: true };
}

function directory(node: Node | undefined): Directory {
  if (node instanceof Directory) {
    return node;
  }
  throw new FileRefused(node === undefined ? FileError.NotFound : FileError.NotDirectory);
}
