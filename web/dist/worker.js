// src/host/files.ts
var FileError = {
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
  OtherDirectory: 75
};
var FileRefused = class extends Error {
  constructor(errno) {
    super(`file error ${errno}`);
    this.errno = errno;
  }
  errno;
};
var MAX_PATH_BYTES = 4096;
var MAX_NAME_BYTES = 255;
var MAX_DESCRIPTORS = 256;
var FIRST_DESCRIPTOR = 3;
var MAX_FILE_BYTES = 2 ** 31 - 9;
var MAX_DIRECTORIES = 16;
var APPEND = 1;
function parsePath(bytes) {
  if (bytes.length === 0) {
    throw new FileRefused(FileError.NotFound);
  }
  if (bytes.length > MAX_PATH_BYTES) {
    throw new FileRefused(FileError.NameTooLong);
  }
  if (bytes[0] === 47) {
    throw new FileRefused(FileError.Outside);
  }
  const names = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at === bytes.length || bytes[at] === 47) {
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
  return { names, slash: bytes[bytes.length - 1] === 47 };
}
function strictText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileRefused(FileError.NotText);
  }
}
var Space = class {
  constructor(maxBytes, maxEntries, usage) {
    this.maxBytes = maxBytes;
    this.maxEntries = maxEntries;
    this.usage = usage;
  }
  maxBytes;
  maxEntries;
  usage;
  bytes = 0;
  entries = 0;
  addEntry() {
    if (this.entries === this.maxEntries) {
      throw this.refused();
    }
    this.entries++;
  }
  removeEntry() {
    this.entries--;
  }
  addBytes(more) {
    if (more > this.maxBytes - this.bytes) {
      throw this.refused();
    }
    this.bytes += more;
  }
  removeBytes(fewer) {
    this.bytes -= fewer;
  }
  refused() {
    this.usage.refused++;
    return new FileRefused(FileError.NoSpace);
  }
};
var Node = class {
  constructor(inode, time2) {
    this.inode = inode;
    this.accessTime = time2;
    this.modificationTime = time2;
    this.changeTime = time2;
  }
  inode;
  accessTime;
  modificationTime;
  changeTime;
  removed = false;
  descriptors = 0;
  modified(time2) {
    this.modificationTime = time2;
    this.changeTime = time2;
  }
  /** What is open lives until it is closed. */
  remove(space) {
    this.removed = true;
    this.freeIfUnused(space);
  }
  opened() {
    this.descriptors++;
  }
  closed(space) {
    this.descriptors--;
    this.freeIfUnused(space);
  }
  freeIfUnused(space) {
    if (this.removed && this.descriptors === 0) {
      this.free(space);
    }
  }
};
var RegularFile = class extends Node {
  bytes = new Uint8Array(0);
  length = 0;
  get size() {
    return this.length;
  }
  read(offset, max) {
    return this.bytes.subarray(Math.min(offset, this.length), Math.min(offset + max, this.length));
  }
  /** Overwrites a range that the file has. */
  write(offset, source) {
    this.bytes.set(source, offset);
  }
  /** Cuts it, or fills it up with zeros. */
  resize(size2, space) {
    if (size2 > MAX_FILE_BYTES) {
      throw new FileRefused(FileError.TooLarge);
    }
    if (size2 > this.length) {
      space.addBytes(size2 - this.length);
      if (size2 > this.bytes.length) {
        const larger = new Uint8Array(Math.max(size2, 256, this.bytes.length + (this.bytes.length >> 1)));
        larger.set(this.bytes.subarray(0, this.length));
        this.bytes = larger;
      }
    } else {
      space.removeBytes(this.length - size2);
      this.bytes.fill(0, size2, this.length);
    }
    this.length = size2;
  }
  content() {
    return this.bytes.slice(0, this.length);
  }
  free(space) {
    space.removeBytes(this.length);
    this.bytes = new Uint8Array(0);
    this.length = 0;
  }
};
var Directory = class _Directory extends Node {
  places = /* @__PURE__ */ new Map();
  next = 3;
  // 1 and 2 are the directory itself and the one above it
  parent = null;
  get size() {
    return 0;
  }
  get(name) {
    return this.places.get(name)?.node;
  }
  add(name, node) {
    this.places.set(name, { number: this.next++, node });
    if (node instanceof _Directory) {
      node.parent = this;
    }
  }
  take(name) {
    this.places.delete(name);
  }
  get isEmpty() {
    return this.places.size === 0;
  }
  /** The entries after a number, in their order. */
  *after(number) {
    for (const [name, place] of this.places) {
      if (place.number > number) {
        yield { number: place.number, name, node: place.node };
      }
    }
  }
  isWithin(other) {
    for (let at = this; at !== null; at = at.parent) {
      if (at === other) {
        return true;
      }
    }
    return false;
  }
  free() {
  }
};
var Mount = class {
  constructor(path, mode, takesInput, time2) {
    this.path = path;
    this.mode = mode;
    this.takesInput = takesInput;
    this.root = new Directory(1n, time2);
  }
  path;
  mode;
  takesInput;
  root;
  nextInode = 2n;
  get reads() {
    return this.mode !== "write";
  }
  get writes() {
    return this.mode !== "read";
  }
  inode() {
    return this.nextInode++;
  }
};
var InvalidFiles = class extends Error {
  name = "InvalidFiles";
};
var FileSystem = class {
  /**
   * @param given files by absolute path
   * @param clock nanoseconds since 1970
   */
  constructor(grant, given, clock) {
    this.clock = clock;
    if (grant.directories.length > MAX_DIRECTORIES) {
      throw new InvalidFiles(`there are ${grant.directories.length} directories, the maximum is ${MAX_DIRECTORIES}`);
    }
    this.space = new Space(grant.bytes, grant.entries, this.usage);
    this.mounts = grant.directories.map(
      ({ path, mode, from }) => new Mount(path, mode, from === "input", clock())
    );
    for (const [path, content] of given) {
      this.addGiven(path, content);
    }
    this.open.push(...this.mounts.map((mount) => new OpenFile(this, mount, mount.root, true, false, mount.path)));
    this.usage.refused = 0;
  }
  clock;
  usage = { opened: 0, created: 0, removed: 0, bytes_read: 0, bytes_written: 0, refused: 0 };
  mounts;
  space;
  open = [];
  addGiven(path, content) {
    const mount = this.mounts.filter((one) => one.takesInput && path.startsWith(one.path.endsWith("/") ? one.path : `${one.path}/`)).sort((one, other) => other.path.length - one.path.length)[0];
    if (mount === void 0) {
      throw new InvalidFiles(`'${path}' is in no directory that is from input`);
    }
    try {
      const { names, slash } = parsePath(new TextEncoder().encode(path.slice(mount.path.length).replace(/^\//, "")));
      if (slash || names.includes(".") || names.includes("..")) {
        throw new FileRefused(FileError.Outside);
      }
      let at = mount.root;
      for (const name2 of names.slice(0, -1)) {
        let next = at.get(name2);
        if (next === void 0) {
          this.space.addEntry();
          next = new Directory(mount.inode(), this.clock());
          at.add(name2, next);
        }
        at = directory(next);
      }
      const name = names.at(-1);
      if (at.get(name) !== void 0) {
        throw new FileRefused(FileError.Exists);
      }
      this.space.addEntry();
      const file = new RegularFile(mount.inode(), this.clock());
      file.resize(content.length, this.space);
      file.write(0, content);
      at.add(name, file);
    } catch (refused) {
      if (refused instanceof FileRefused) {
        const why = refused.errno === FileError.NoSpace ? "does not fit into what is granted" : "is not possible there";
        throw new InvalidFiles(`'${path}' ${why}`);
      }
      throw refused;
    }
  }
  /** What has that number, or undefined. */
  find(descriptor) {
    return this.open[descriptor - FIRST_DESCRIPTOR] ?? void 0;
  }
  get(descriptor) {
    const found = this.find(descriptor);
    if (found === void 0) {
      throw new FileRefused(FileError.BadDescriptor);
    }
    return found;
  }
  checkFree() {
    if (this.freeIndex() === MAX_DESCRIPTORS) {
      throw new FileRefused(FileError.TooManyOpen);
    }
  }
  /** Gives an open file the lowest free number. */
  add(file) {
    const index = this.freeIndex();
    this.open[index] = file;
    return index + FIRST_DESCRIPTOR;
  }
  close(descriptor) {
    this.get(descriptor).close(this.space);
    this.open[descriptor - FIRST_DESCRIPTOR] = null;
  }
  /** Gives a file the number of another, which is closed. */
  renumber(from, to) {
    const moved = this.get(from);
    this.get(to);
    if (from !== to) {
      this.close(to);
      this.open[to - FIRST_DESCRIPTOR] = moved;
      this.open[from - FIRST_DESCRIPTOR] = null;
    }
  }
  freeIndex() {
    const index = this.open.indexOf(null);
    return index < 0 ? this.open.length : index;
  }
  openPath(from, path, mode) {
    if (mode.directory && (mode.create || mode.truncate)) {
      throw new FileRefused(FileError.Invalid);
    }
    const { mount } = from;
    const target = follow(from, path);
    const creates = mode.create && target.node === void 0;
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
  created(mount, target, mode) {
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
  opened(mount, node, reads, writes) {
    this.usage.opened++;
    return new OpenFile(this, mount, node, reads, writes, null);
  }
  stat(from, path) {
    return existing(follow(from, path));
  }
  setTimesAt(from, path, access, modification) {
    this.setTimes(from.mount, existing(follow(from, path)), access, modification);
  }
  setTimes(mount, node, access, modification) {
    checkWritable(mount);
    node.accessTime = access ?? node.accessTime;
    node.modificationTime = modification ?? node.modificationTime;
    node.changeTime = this.clock();
  }
  createDirectory(from, path) {
    const target = follow(from, path);
    if (target.node !== void 0) {
      throw new FileRefused(FileError.Exists);
    }
    checkWritable(from.mount);
    const parent = parentOf(target);
    this.space.addEntry();
    parent.add(target.name, new Directory(from.mount.inode(), this.clock()));
    parent.modified(this.clock());
    this.usage.created++;
  }
  removeDirectory(from, path) {
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
  removeFile(from, path) {
    const target = follow(from, path);
    const node = existing(target);
    if (node instanceof Directory || target.parent === null) {
      throw new FileRefused(FileError.IsDirectory);
    }
    checkWritable(from.mount);
    this.remove(target.parent, target.name, node);
  }
  remove(parent, name, node) {
    parent.take(name);
    parent.modified(this.clock());
    node.remove(this.space);
    this.space.removeEntry();
    this.usage.removed++;
  }
  /** A file takes the place of a file, a directory that of an empty directory. */
  rename(from, path, to, newPath) {
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
    if (target.node !== void 0) {
      checkReplaceable(node, target.node);
      this.remove(newParent, target.name, target.node);
    }
    source.parent.take(source.name);
    newParent.add(target.name, node);
    source.parent.modified(this.clock());
    newParent.modified(this.clock());
  }
  /** Makes a file another size. */
  resize(file, size2) {
    file.resize(size2, this.space);
    file.modified(this.clock());
  }
  /** The files below a path that can be written, by absolute path, in the order in which a directory lists them. */
  below(names) {
    const found = [];
    for (const mount of this.mounts) {
      const prefix = mount.path.split("/").filter((name) => name !== "");
      if (mount.writes && prefix.every((name, i) => names[i] === name)) {
        const rest = names.slice(prefix.length);
        let node = mount.root;
        for (const name of rest) {
          node = node instanceof Directory ? node.get(name) : void 0;
        }
        const root = mount.path === "/" ? "" : mount.path;
        if (node !== void 0) {
          collect([root, ...rest].join("/"), node, found);
        }
      }
    }
    return found;
  }
};
function collect(path, first, found) {
  const left = [[path, first]];
  for (let place = left.shift(); place !== void 0; place = left.shift()) {
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
var OpenFile = class {
  constructor(files2, mount, node, reads, writes, preopenedAs) {
    this.files = files2;
    this.mount = mount;
    this.node = node;
    this.reads = reads;
    this.writes = writes;
    this.preopenedAs = preopenedAs;
    node.opened();
  }
  files;
  mount;
  node;
  reads;
  writes;
  preopenedAs;
  flags = 0;
  position = 0n;
  /** Which of the run's directories it is in, from 1. */
  get device() {
    return this.files.mounts.indexOf(this.mount) + 1;
  }
  get appends() {
    return (this.flags & APPEND) !== 0;
  }
  seek(offset, whence) {
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
  tell() {
    this.regular();
    return this.position;
  }
  checkReadable() {
    this.regular();
    if (!this.reads) {
      throw new FileRefused(FileError.BadDescriptor);
    }
  }
  /** Reads from the position on, and moves it; nothing at the end. */
  read(max) {
    const bytes = this.readAt(this.position, max);
    this.position += BigInt(bytes.length);
    return bytes;
  }
  readAt(offset, max) {
    this.checkReadable();
    const file = this.regular();
    const bytes = offset >= BigInt(file.size) ? new Uint8Array(0) : file.read(Number(offset), max);
    this.files.usage.bytes_read += bytes.length;
    return bytes;
  }
  /** Makes room for bytes that will be written; returns where they begin. */
  beginWrite(count) {
    const at = this.appends ? BigInt(this.node.size) : this.position;
    this.beginWriteAt(at, count);
    this.position = at + BigInt(count);
    return Number(at);
  }
  beginWriteAt(offset, count) {
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
  put(offset, bytes) {
    if (bytes.length > 0) {
      this.regular().write(offset, bytes);
    }
  }
  resize(size2) {
    const file = this.writable();
    if (size2 < 0n) {
      throw new FileRefused(FileError.Invalid);
    }
    this.files.resize(file, Number(size2));
  }
  allocate(offset, length) {
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
  listed() {
    if (!(this.node instanceof Directory)) {
      throw new FileRefused(FileError.NotDirectory);
    }
    if (!this.mount.reads) {
      throw new FileRefused(FileError.Access);
    }
    return this.node;
  }
  close(space) {
    this.node.closed(space);
  }
  writable() {
    const file = this.regular();
    if (!this.writes) {
      throw new FileRefused(FileError.BadDescriptor);
    }
    return file;
  }
  regular() {
    if (this.node instanceof RegularFile) {
      return this.node;
    }
    throw new FileRefused(FileError.BadDescriptor);
  }
};
function checkReplaceable(node, replaced) {
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
function checkWritable(mount) {
  if (!mount.writes) {
    throw new FileRefused(FileError.ReadOnly);
  }
}
function parentOf(target) {
  if (target.parent === null || target.parent.removed) {
    throw new FileRefused(FileError.NotFound);
  }
  return target.parent;
}
function existing(target) {
  if (target.node === void 0) {
    throw new FileRefused(FileError.NotFound);
  }
  if (target.slash && !(target.node instanceof Directory)) {
    throw new FileRefused(FileError.NotDirectory);
  }
  return target.node;
}
function follow(from, path) {
  if (!(from.node instanceof Directory)) {
    throw new FileRefused(FileError.NotDirectory);
  }
  const above = [];
  let at = from.node;
  const last = path.names.length - 1;
  for (const [i, name] of path.names.entries()) {
    if (name === "..") {
      const up = above.pop();
      if (up === void 0) {
        throw new FileRefused(FileError.Outside);
      }
      at = up;
    } else if (name !== ".") {
      const node = at.get(name);
      if (i === last) {
        return { parent: at, name, node, slash: path.slash };
      }
      above.push(at);
      at = directory(node);
    }
  }
  return { parent: null, name: "", node: at, slash: true };
}
function directory(node) {
  if (node instanceof Directory) {
    return node;
  }
  throw new FileRefused(node === void 0 ? FileError.NotFound : FileError.NotDirectory);
}

// src/host/call.ts
var HostCall = class {
  constructor(run2, memory2, args) {
    this.run = run2;
    this.memory = memory2;
    this.args = args;
  }
  run;
  memory;
  args;
  /** An argument of 32 bits, signed. */
  i32(index) {
    return this.args[index];
  }
  /** The same, unsigned. */
  u32(index) {
    return this.args[index] >>> 0;
  }
  i64(index) {
    return this.args[index];
  }
  /** The open file whose number is the first argument, or undefined. */
  file() {
    return this.i32(0) > 2 ? this.run.given.files?.find(this.i32(0)) : void 0;
  }
};
var Errno = {
  Success: 0,
  BadF: 8,
  Fault: 21,
  Inval: 28,
  NameTooLong: 37,
  NoSys: 52,
  NotSock: 57,
  NotSup: 58,
  Perm: 63,
  SPipe: 70
};
var AbiError = {
  Fault: -1,
  Invalid: -2,
  TooLarge: -3,
  State: -4,
  Denied: -5,
  NotFound: -6,
  Budget: -10
};
var IOVEC = 8;
var RANGES_PER_CHECK = 4096;
var MAX_TOTAL = 4294967295;
var Ranges = class {
  /** Of a call whose second and third argument are the list, and this one where its result goes. */
  constructor(call, resultArgument) {
    this.call = call;
    this.resultArgument = resultArgument;
    this.at = call.u32(1);
    this.count = call.u32(2);
  }
  call;
  resultArgument;
  count;
  total = 0;
  at;
  /** Checks all of them before anything is transferred. */
  check() {
    const { memory: memory2 } = this.call;
    if (this.count * IOVEC > MAX_TOTAL) {
      return Errno.Inval;
    }
    if (!memory2.contains(this.at, this.count * IOVEC) || !memory2.contains(this.call.u32(this.resultArgument), 4)) {
      return Errno.Fault;
    }
    for (let i = 0; i < this.count; i++) {
      this.stopIfOver(i);
      if (!memory2.contains(this.pointer(i), this.length(i))) {
        return Errno.Fault;
      }
      this.total += this.length(i);
    }
    return this.total > MAX_TOTAL ? Errno.Inval : Errno.Success;
  }
  stopIfOver(i) {
    if (i % RANGES_PER_CHECK === 0) {
      this.call.run.throwIfStopped();
    }
  }
  pointer(i) {
    return this.call.memory.u32(this.at + i * IOVEC);
  }
  length(i) {
    return this.call.memory.u32(this.at + i * IOVEC + 4);
  }
  writeResult(bytes) {
    this.call.memory.writeU32(this.call.u32(this.resultArgument), bytes);
  }
};
function onFile(body) {
  return (call) => {
    const file = call.file();
    if (file === void 0) {
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
function onFileOnly(body) {
  const withFile = onFile(body);
  return (call) => call.run.streams.isOpen(call.i32(0)) ? Errno.NoSys : withFile(call);
}

// src/host/configuration.ts
var EMPTY = new TextEncoder().encode("{}");
var NAME = "config";
function configurationOf(document) {
  return new Scan(document).find();
}
var Scan = class {
  constructor(bytes) {
    this.bytes = bytes;
  }
  bytes;
  at = 0;
  find() {
    if (!this.take("{")) {
      return EMPTY;
    }
    do {
      this.skipWhitespace();
      const name = this.at + 1;
      if (this.byte() !== '"' || !this.skipString()) {
        return EMPTY;
      }
      const found = this.isName(name, this.at - 1);
      if (!this.take(":")) {
        return EMPTY;
      }
      this.skipWhitespace();
      const value2 = this.at;
      if (!this.skipValue() || this.at === value2) {
        return EMPTY;
      }
      if (found) {
        return this.bytes.subarray(value2, this.at);
      }
    } while (this.take(","));
    return EMPTY;
  }
  byte() {
    return this.at < this.bytes.length ? String.fromCharCode(this.bytes[this.at]) : "";
  }
  isName(from, to) {
    return to - from === NAME.length && [...NAME].every((letter, i) => this.bytes[from + i] === letter.charCodeAt(0));
  }
  /** Takes a character after whitespace. */
  take(expected) {
    this.skipWhitespace();
    if (this.byte() !== expected) {
      return false;
    }
    this.at++;
    return true;
  }
  skipWhitespace() {
    while (isWhitespace(this.bytes[this.at])) {
      this.at++;
    }
  }
  /** False if the document ends in it. */
  skipValue() {
    let depth = 0;
    while (this.at < this.bytes.length) {
      switch (this.bytes[this.at]) {
        case 34:
          if (!this.skipString()) {
            return false;
          }
          if (depth === 0) {
            return true;
          }
          break;
        case 123:
        case 91:
          depth++;
          this.at++;
          break;
        case 125:
        case 93:
          if (depth === 0) {
            return true;
          }
          this.at++;
          if (--depth === 0) {
            return true;
          }
          break;
        case 44:
        case 32:
        case 10:
        case 13:
        case 9:
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
  skipString() {
    this.at++;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at++];
      if (byte === 34) {
        return true;
      }
      if (byte === 92) {
        this.at++;
      }
    }
    return false;
  }
};
function isWhitespace(byte) {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

// src/host/json.ts
var JsonProblem = class extends Error {
  constructor(message, pointer = "") {
    super(message);
    this.pointer = pointer;
  }
  pointer;
  name = "JsonProblem";
};
var MAX_NUMBER_DIGITS = 1e3;
var MAX_NAME_BYTES2 = 5e4;
var STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var JsonReader = class {
  /**
   * @param bytes UTF-8
   * @param maxDepth how deep arrays and objects may be nested
   */
  constructor(bytes, maxDepth) {
    this.bytes = bytes;
    this.maxDepth = maxDepth;
  }
  bytes;
  maxDepth;
  at = 0;
  depth = 0;
  /** The kind of the value that begins here, after whitespace. */
  kind() {
    this.skipWhitespace();
    switch (this.bytes[this.at]) {
      case 123:
        return "object";
      case 91:
        return "array";
      case 34:
        return "string";
      case 116:
        return "true";
      case 102:
        return "false";
      case 110:
        return "null";
      default:
        return "number";
    }
  }
  /** Reads an object; each value has to be read by the one that is told its name. */
  object(member) {
    this.enter(123);
    this.skipWhitespace();
    if (this.bytes[this.at] !== 125) {
      do {
        this.skipWhitespace();
        const name = this.string();
        if (name.length > MAX_NAME_BYTES2 / 3) {
          const length = new TextEncoder().encode(name).length;
          if (length > MAX_NAME_BYTES2) {
            throw this.malformed(`a name has ${length} bytes, the maximum is ${MAX_NAME_BYTES2}`);
          }
        }
        this.skipWhitespace();
        this.expect(58, ":");
        this.skipWhitespace();
        member(name);
        this.skipWhitespace();
      } while (this.takeComma());
    }
    this.expect(125, "}");
    this.depth--;
  }
  /** Reads an array; each element has to be read by the one that is called for it. */
  array(element) {
    this.enter(91);
    this.skipWhitespace();
    if (this.bytes[this.at] !== 93) {
      do {
        this.skipWhitespace();
        element();
        this.skipWhitespace();
      } while (this.takeComma());
    }
    this.expect(93, "]");
    this.depth--;
  }
  /** Reads a string. */
  string() {
    const start = this.at;
    this.expect(34, '"');
    while (true) {
      const byte = this.bytes[this.at];
      if (byte === void 0) {
        throw this.malformed("a string does not end");
      }
      this.at++;
      if (byte === 34) {
        break;
      }
      if (byte < 32) {
        throw this.malformed("a control character in a string");
      }
      if (byte === 92) {
        this.escape();
      }
    }
    return JSON.parse(this.text(start));
  }
  /** Reads any value, and returns its bytes as they stand. */
  value() {
    this.skipWhitespace();
    const start = this.at;
    this.skip();
    return this.bytes.slice(start, this.at);
  }
  /** Reads a number, and returns its text. */
  number() {
    const start = this.at;
    let digits = 1;
    if (this.bytes[this.at] === 45) {
      this.at++;
    }
    if (this.bytes[this.at] === 48) {
      this.at++;
    } else {
      digits = this.digits();
    }
    if (this.bytes[this.at] === 46) {
      this.at++;
      digits += this.digits();
    }
    if (this.bytes[this.at] === 101 || this.bytes[this.at] === 69) {
      this.at++;
      if (this.bytes[this.at] === 43 || this.bytes[this.at] === 45) {
        this.at++;
      }
      digits += this.digits();
    }
    if (digits > MAX_NUMBER_DIGITS) {
      throw this.malformed(`a number has ${digits} digits, the maximum is ${MAX_NUMBER_DIGITS}`);
    }
    const next = this.bytes[this.at];
    if (next !== void 0 && ![32, 10, 13, 9, 44, 93, 125].includes(next)) {
      throw this.malformed("a number is followed by something else");
    }
    return this.text(start);
  }
  /** Reads true, false or null. */
  word(expected) {
    for (let i = 0; i < expected.length; i++) {
      this.expect(expected.charCodeAt(i), expected);
    }
  }
  /** Reads what may come after the document. */
  end() {
    this.skipWhitespace();
    if (this.at < this.bytes.length) {
      throw new JsonProblem("has content after its end");
    }
  }
  malformed(what) {
    return new JsonProblem(`is not valid JSON: ${what} (byte ${this.at})`);
  }
  skip() {
    switch (this.kind()) {
      case "object":
        return this.object(() => this.skip());
      case "array":
        return this.array(() => this.skip());
      case "string":
        this.string();
        return;
      case "number":
        this.number();
        return;
      case "true":
        return this.word("true");
      case "false":
        return this.word("false");
      case "null":
        return this.word("null");
    }
  }
  enter(bracket) {
    this.expect(bracket, String.fromCharCode(bracket));
    if (++this.depth > this.maxDepth) {
      throw this.malformed(`it is nested more than ${this.maxDepth} levels deep`);
    }
  }
  escape() {
    const escaped = this.bytes[this.at++];
    if (escaped === 117) {
      for (let i = 0; i < 4; i++) {
        const digit = this.bytes[this.at++];
        if (digit === void 0 || !/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
          throw this.malformed("an escape without four hexadecimal digits");
        }
      }
    } else if (escaped === void 0 || !'"\\/bfnrt'.includes(String.fromCharCode(escaped))) {
      throw this.malformed("an unknown escape");
    }
  }
  /** How many there are, at least one. */
  digits() {
    const start = this.at;
    while (this.bytes[this.at] >= 48 && this.bytes[this.at] <= 57) {
      this.at++;
    }
    if (this.at === start) {
      throw this.malformed("a digit is missing");
    }
    return this.at - start;
  }
  takeComma() {
    if (this.bytes[this.at] !== 44) {
      return false;
    }
    this.at++;
    return true;
  }
  expect(byte, what) {
    if (this.bytes[this.at] !== byte) {
      throw this.malformed(`expected ${what}`);
    }
    this.at++;
  }
  skipWhitespace() {
    while (true) {
      const byte = this.bytes[this.at];
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) {
        return;
      }
      this.at++;
    }
  }
  text(start) {
    try {
      return STRICT_UTF8.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw new JsonProblem("is not UTF-8");
    }
  }
};
function refuseDuplicates(reader) {
  switch (reader.kind()) {
    case "object": {
      const names = /* @__PURE__ */ new Set();
      return reader.object((name) => {
        if (names.has(name)) {
          throw new JsonProblem(`has the member ${quote(name)} twice`);
        }
        names.add(name);
        refuseDuplicates(reader);
      });
    }
    case "array":
      return reader.array(() => refuseDuplicates(reader));
    default:
      reader.value();
  }
}
function fromBase64(text) {
  try {
    return /^[A-Za-z0-9+/=]*$/.test(text) ? Uint8Array.from(atob(text), (one) => one.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}
function isJsonObject(bytes) {
  try {
    const reader = new JsonReader(bytes, 500);
    if (reader.kind() !== "object") {
      return false;
    }
    reader.value();
    reader.end();
    return true;
  } catch (problem2) {
    if (problem2 instanceof JsonProblem) {
      return false;
    }
    throw problem2;
  }
}
function notStorable(json) {
  for (let i = 0; i < json.length; i++) {
    if (json[i] !== 92) {
      continue;
    }
    if (json[i + 1] !== 117) {
      i++;
      continue;
    }
    const unit = escapedUnit(json, i);
    if (unit === 0) {
      return `contains the character \\u0000 at byte ${i}, which cannot be stored`;
    }
    if (isLow(unit) || isHigh(unit) && !(json[i + 6] === 92 && json[i + 7] === 117 && isLow(escapedUnit(json, i + 6)))) {
      return `contains an unpaired surrogate at byte ${i}`;
    }
    i += isHigh(unit) ? 11 : 5;
  }
  return null;
}
function escapedUnit(json, at) {
  return Number.parseInt(String.fromCharCode(...json.subarray(at + 2, at + 6)), 16);
}
function isHigh(unit) {
  return unit >= 55296 && unit <= 56319;
}
function isLow(unit) {
  return unit >= 56320 && unit <= 57343;
}
function quote(text) {
  return JSON.stringify(text).replace(
    /(\\\\)|\\u([0-9a-f]{4})/g,
    (all, escaped, digits) => escaped === void 0 ? `\\u${digits.toUpperCase()}` : all
  );
}

// src/host/text.ts
var UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
function sanitize(text, maxChars) {
  const cut = text.length > maxChars;
  let kept = cut ? text.slice(0, maxChars) : text;
  if (cut && /[\ud800-\udbff]$/.test(kept)) {
    kept += text[maxChars] ?? "";
  }
  return kept.replace(UNPRINTABLE, " ") + (cut ? "…" : "");
}
function rawText(bytes, truncated) {
  const length = truncated ? lengthOfWholeCharacters(bytes) : bytes.length;
  return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length)), truncated };
}
function lengthOfWholeCharacters(bytes) {
  let start = bytes.length - 1;
  const first = Math.max(0, bytes.length - 4);
  while (start > first && (bytes[start] & 192) === 128) {
    start--;
  }
  if (start < 0 || bytes[start] < 128) {
    return bytes.length;
  }
  const lead = bytes[start];
  const needed = lead >= 240 ? 4 : lead >= 224 ? 3 : lead >= 192 ? 2 : 1;
  return bytes.length - start < needed ? start : bytes.length;
}
var LineBuffer = class {
  constructor(maxLineBytes, lines) {
    this.lines = lines;
    this.line = new Uint8Array(maxLineBytes);
  }
  lines;
  line;
  length = 0;
  truncated = false;
  append(bytes) {
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      this.add(bytes.subarray(from, at));
      this.flush();
      from = at + 1;
    }
    this.add(bytes.subarray(from));
  }
  /** Hands over the unfinished last line, if any. */
  flush() {
    const end = this.length > 0 && this.line[this.length - 1] === 13 ? this.length - 1 : this.length;
    const whole = this.line.slice(0, end);
    const truncated = this.truncated;
    this.length = 0;
    this.truncated = false;
    if (whole.length > 0) {
      this.lines(whole, truncated);
    }
  }
  add(bytes) {
    const count = Math.min(this.line.length - this.length, bytes.length);
    this.line.set(bytes.subarray(0, count), this.length);
    this.length += count;
    this.truncated ||= count < bytes.length;
  }
};
var Bytes = class {
  bytes = new Uint8Array(256);
  size = 0;
  append(more) {
    if (this.size + more.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.size + more.length, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
    this.bytes.set(more, this.size);
    this.size += more.length;
  }
  toBytes() {
    return this.bytes.slice(0, this.size);
  }
  clear() {
    this.bytes = new Uint8Array(256);
    this.size = 0;
  }
};

// src/host/run.ts
var LEVELS = ["trace", "debug", "info", "warn", "error"];
var RunStopped = class extends Error {
  name = "RunStopped";
};
var CLOCK_RESOLUTION = 100000n;
var PROGRESS_MS = 100;
var STDERR_TAIL_LINES = 3;
var BACKTRACE_HINT = "note: run with `RUST_BACKTRACE";
var Clocks = class {
  started = performance.now();
  wallOrigin = performance.timeOrigin;
  /** Milliseconds since the run started. */
  elapsedMs() {
    return performance.now() - this.started;
  }
  elapsed() {
    return rounded(this.elapsedMs());
  }
  wall() {
    const whole = Math.floor(this.wallOrigin);
    return roundDown(BigInt(whole) * 1000000n + nanos(this.wallOrigin - whole + performance.now()));
  }
  remaining(limits) {
    return rounded(Math.max(0, limits.time - this.elapsedMs()));
  }
};
function nanos(millis) {
  return BigInt(Math.floor(millis * 1e6));
}
function rounded(millis) {
  return roundDown(nanos(millis));
}
function roundDown(time2) {
  return time2 - time2 % CLOCK_RESOLUTION;
}
var RunState = class {
  /**
   * @param preparing whether the guest is in `prepare`, or in `_initialize` before it
   */
  constructor(given, clocks, preparing) {
    this.given = given;
    this.clocks = clocks;
    this.preparing = preparing;
    this.remainingLog = given.granted.has("log") ? given.limits.log : 0;
    this.streams = new StandardStreams(this);
  }
  given;
  clocks;
  preparing;
  calls = /* @__PURE__ */ new Map();
  streams;
  stopReason = null;
  logLinesDropped = 0;
  /** Of the guest's last refused growth, in bytes; 0 if the limit refused nothing. */
  refusedMemory = 0;
  hostCalls = 0;
  reportedAt = 0;
  remainingLog;
  written = null;
  pieces = new Bytes();
  get limits() {
    return this.given.limits;
  }
  get isCommand() {
    return this.given.kind === "command";
  }
  /** Before each host call. A guest that was stopped stays stopped, whatever it does with what is thrown. */
  enter() {
    this.throwIfStopped();
    this.hostCalls++;
    if (this.hostCalls > this.limits.hostCalls) {
      throw this.exceeded("host_calls", this.limits.hostCalls, this.hostCalls);
    }
    const elapsed = this.clocks.elapsedMs();
    if (elapsed - this.reportedAt >= PROGRESS_MS) {
      this.reportedAt = elapsed;
      this.given.progress(this.hostCalls);
    }
  }
  throwIfStopped() {
    const elapsed = this.clocks.elapsedMs();
    if (this.stopReason === null && elapsed >= this.limits.time) {
      this.stopReason = { kind: "limit", limit: "time", allowed: this.limits.time, used: Math.floor(elapsed) };
    }
    if (this.stopReason !== null) {
      throw new RunStopped("the run is over");
    }
  }
  exceeded(limit, allowed, used) {
    this.stopReason = { kind: "limit", limit, allowed, used };
    return new RunStopped(`the limit of ${limit} is exceeded`);
  }
  exited(code) {
    this.stopReason = { kind: "exited", code };
    return new RunStopped("proc_exit");
  }
  /** The guest gave up. Its text is cut as a log line is. */
  aborted(text) {
    const bytes = new TextEncoder().encode(text);
    const length = Math.min(bytes.length, this.limits.logLine);
    const message = rawText(bytes.subarray(0, length), length < bytes.length);
    this.stopReason = { kind: "trapped", trap: "aborted", message };
    return new RunStopped("abort");
  }
  count(name, verdict) {
    let counts = this.calls.get(name);
    if (counts === void 0) {
      counts = { allowed: 0, denied: 0, failed: 0 };
      this.calls.set(name, counts);
    }
    counts[verdict]++;
  }
  /** Whether a line of this size is within the budget; counts it as dropped if not. */
  admits(bytes) {
    if (bytes + 1 <= this.remainingLog) {
      return true;
    }
    this.logLinesDropped++;
    return false;
  }
  /** Writes a line that was admitted; it costs its bytes and its line break. */
  writeLog(level, bytes, message, fields) {
    this.remainingLog -= bytes + 1;
    this.given.log({ level, message, fields });
  }
  get isOutputWritten() {
    return this.written !== null;
  }
  get appendedBytes() {
    return this.pieces.size;
  }
  /** Stores the result document, in place of what was appended. */
  writeOutput(document) {
    this.written = document;
    this.pieces.clear();
  }
  appendOutput(piece) {
    this.pieces.append(piece);
  }
  /** The result document, once the guest has ended; null if there is none. */
  output() {
    if (this.isCommand) {
      const output = this.streams.standardOutput();
      return output.length === 0 ? null : output;
    }
    return this.written ?? (this.pieces.size > 0 ? this.pieces.toBytes() : null);
  }
};
var StandardStreams = class {
  constructor(run2) {
    this.run = run2;
    const { logLine } = run2.limits;
    this.stdout = new LineBuffer(logLine, (line, truncated) => this.log("info", line, truncated));
    this.stderr = new LineBuffer(logLine, (line, truncated) => this.stderrLine(line, truncated));
    const { command, input } = run2.given;
    this.input = command !== null ? command.standardInput : run2.isCommand ? input : new Uint8Array(0);
  }
  run;
  stderrTail = [];
  output = new Bytes();
  errors = new Bytes();
  stdout;
  stderr;
  input;
  position = 0;
  open = 7;
  isOpen(fd) {
    return fd >= 0 && fd <= 2 && (this.open & 1 << fd) !== 0;
  }
  close(fd) {
    this.open &= ~(1 << fd);
  }
  get remainingInput() {
    return this.input.length - this.position;
  }
  read(max) {
    const bytes = this.input.subarray(this.position, this.position + max);
    this.position += bytes.length;
    return bytes;
  }
  /** Ends the run if what will be written exceeds the limit on output. */
  beforeWrite(fd, length) {
    if (this.run.isCommand && (fd === 1 || this.run.given.command !== null)) {
      const total = this.output.size + this.errors.size + length;
      if (total > this.run.limits.output) {
        throw this.run.exceeded("output", this.run.limits.output, total);
      }
    }
  }
  /** After {@link beforeWrite}, in pieces. */
  write(fd, bytes) {
    const command = this.run.given.command !== null;
    if (fd === 2) {
      this.stderr.append(bytes);
      if (command) {
        this.errors.append(bytes);
      }
    } else if (this.run.isCommand) {
      this.output.append(bytes);
    } else {
      this.stdout.append(bytes);
    }
  }
  /** Flushes the lines without a line break. */
  flush() {
    this.stdout.flush();
    this.stderr.flush();
  }
  standardOutput() {
    return this.output.toBytes();
  }
  standardError() {
    return this.errors.toBytes();
  }
  stderrLine(line, truncated) {
    const message = this.log("warn", line, truncated);
    if (!message.text.startsWith(BACKTRACE_HINT)) {
      if (this.stderrTail.length === STDERR_TAIL_LINES) {
        this.stderrTail.shift();
      }
      this.stderrTail.push(message);
    }
  }
  log(level, line, truncated) {
    const message = rawText(line, truncated);
    if (this.run.given.command === null && this.run.admits(line.length)) {
      this.run.writeLog(level, line.length, message, null);
    }
    return message;
  }
};

// src/host/abi.ts
var ABI = {
  read_input: (call) => copyWhole(call, inputOf(call)),
  read_input_at: readInputAt,
  read_content: (call) => {
    const { content } = call.run.given;
    return content === null ? AbiError.NotFound : copyWhole(call, content);
  },
  write_output: (call) => {
    const wrong = outputProblem(call, 0);
    if (wrong === 0) {
      call.run.writeOutput(call.memory.read(call.u32(0), call.u32(1)));
    }
    return wrong;
  },
  append_output: (call) => {
    const wrong = outputProblem(call, call.run.appendedBytes);
    if (wrong === 0) {
      call.run.appendOutput(call.memory.range(call.u32(0), call.u32(1)));
    }
    return wrong;
  },
  log,
  get_time: (call) => {
    const { clocks, limits } = call.run;
    switch (call.i32(0)) {
      case 0:
        return clocks.wall();
      case 1:
        return clocks.elapsed();
      case 2:
        return clocks.remaining(limits);
      default:
        return BigInt(AbiError.Invalid);
    }
  },
  http_request: (call) => call.run.given.http?.call(call) ?? AbiError.Denied,
  read_secret: readSecret,
  cache_get: () => AbiError.Denied,
  cache_put: () => AbiError.Denied,
  cache_delete: () => AbiError.Denied
};
var GRANTABLE = [
  "read_input",
  "read_input_at",
  "write_output",
  "append_output",
  "log",
  "get_time",
  "read_content"
];
var ABI_IN_PREPARE = /* @__PURE__ */ new Set(["read_input", "read_input_at", "read_content", "log"]);
function inputOf(call) {
  return call.run.preparing ? configurationOf(call.run.given.input) : call.run.given.input;
}
function copyWhole(call, bytes) {
  if (call.u32(1) >= bytes.length) {
    if (!call.memory.contains(call.u32(0), bytes.length)) {
      return AbiError.Fault;
    }
    call.memory.write(call.u32(0), bytes);
  }
  return bytes.length;
}
function readInputAt(call) {
  if (!call.memory.contains(call.u32(1), call.u32(2))) {
    return AbiError.Fault;
  }
  const piece = inputOf(call).subarray(call.u32(0), call.u32(0) + call.u32(2));
  call.memory.write(call.u32(1), piece);
  return piece.length;
}
function outputProblem(call, before) {
  const { run: run2 } = call;
  if (run2.isCommand || run2.isOutputWritten) {
    return AbiError.State;
  }
  if (!call.memory.contains(call.u32(0), call.u32(1))) {
    return AbiError.Fault;
  }
  const length = before + call.u32(1);
  if (length > run2.limits.output) {
    throw run2.exceeded("output", run2.limits.output, length);
  }
  return 0;
}
function log(call) {
  const { run: run2, memory: memory2 } = call;
  const level = LEVELS[call.i32(0)];
  const messageLength = call.u32(2);
  const fieldsLength = call.u32(4);
  if (!memory2.contains(call.u32(1), messageLength) || !memory2.contains(call.u32(3), fieldsLength)) {
    return AbiError.Fault;
  }
  if (level === void 0) {
    return AbiError.Invalid;
  }
  const max = run2.limits.logLine;
  if (fieldsLength > max) {
    return AbiError.TooLarge;
  }
  const kept = Math.min(messageLength, max);
  if (!run2.admits(kept + fieldsLength)) {
    return AbiError.Budget;
  }
  let fields = null;
  if (fieldsLength !== 0) {
    const written = memory2.read(call.u32(3), fieldsLength);
    if (!isJsonObject(written)) {
      return AbiError.Invalid;
    }
    fields = new TextDecoder("utf-8", { ignoreBOM: true }).decode(written);
  }
  run2.writeLog(level, kept + fieldsLength, rawText(memory2.read(call.u32(1), kept), kept < messageLength), fields);
  return 0;
}
var MAX_NAME_BYTES3 = 253;
function readSecret(call) {
  const { memory: memory2, run: run2 } = call;
  const room = call.u32(3);
  if (!memory2.contains(call.u32(0), call.u32(1)) || !memory2.contains(call.u32(2), room)) {
    return AbiError.Fault;
  }
  if (call.u32(1) === 0 || call.u32(1) > MAX_NAME_BYTES3) {
    return AbiError.Invalid;
  }
  const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(memory2.read(call.u32(0), call.u32(1)));
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
    return AbiError.Invalid;
  }
  const { code, value: value2 } = run2.given.readSecret?.(name) ?? { code: AbiError.Denied, value: new Uint8Array(0) };
  run2.throwIfStopped();
  if (code !== 0) {
    return code;
  }
  if (room >= value2.length) {
    memory2.write(call.u32(2), value2);
  }
  return value2.length;
}
var MAX_STRING_BYTES = 4e3;
var ENV = {
  abort: (call) => {
    const message = assemblyScriptText(call.memory, call.u32(0)) || "no message";
    const file = assemblyScriptText(call.memory, call.u32(1)) || "an unknown file";
    throw call.run.aborted(`abort: ${message} in ${file}:${call.u32(2)}:${call.u32(3)}`);
  }
};
function assemblyScriptText(memory2, pointer) {
  if (pointer < 4 || !memory2.contains(pointer - 4, 4)) {
    return "";
  }
  const length = memory2.u32(pointer - 4);
  if (!memory2.contains(pointer, length)) {
    return "";
  }
  return new TextDecoder("utf-16le").decode(memory2.read(pointer, Math.min(length, MAX_STRING_BYTES) & ~1));
}

// src/host/channel.ts
var READY = 0;
var LENGTH = 1;
var LEFT = 2;
var HEAD_BYTES = 16;
var PIECE_BYTES = 256 << 10;
var ChannelReader = class {
  head;
  data;
  constructor(shared) {
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
  ask(ask, more, waitMillis) {
    Atomics.store(this.head, READY, 0);
    ask();
    const pieces = [];
    for (; ; ) {
      while (Atomics.load(this.head, READY) === 0) {
        Atomics.wait(this.head, READY, 0, waitMillis());
      }
      pieces.push(this.data.slice(0, this.head[LENGTH]));
      if (this.head[LEFT] === 0) {
        return joined(pieces);
      }
      Atomics.store(this.head, READY, 0);
      more();
    }
  }
};
function joined(pieces) {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

// src/host/command.ts
var InvalidStep = class extends Error {
  constructor(type2, message) {
    super(message);
    this.type = type2;
  }
  type;
};
var MAX_ARGUMENTS = 1e4;
var MAX_OUTPUTS = 100;
var MAX_DEPTH = 20;
var MAX_PATH_CHARS = 4096;
var MEMBERS = ["args", "stdin", "env", "files", "outputs"];
function commandOf(config, program, variables) {
  const read2 = parse(config, "invalid_command");
  const unknown = Object.keys(read2).filter((name) => !MEMBERS.includes(name));
  if (unknown.length > 0) {
    throw problem(`config has the unknown member '${unknown[0]}'; known are ${MEMBERS.join(", ")}`);
  }
  if (read2["files"] !== void 0 && !isObject(read2["files"])) {
    throw problem("config/files must be an object");
  }
  return {
    arguments: [program, ...texts(read2["args"], "args", MAX_ARGUMENTS).map((text) => withoutZero(text, "args"))],
    environment: environment(read2["env"], variables),
    standardInput: read2["stdin"] === void 0 ? new Uint8Array(0) : bytesOf(read2["stdin"], "stdin", problem),
    outputs: texts(read2["outputs"], "outputs", MAX_OUTPUTS).map(outputPath)
  };
}
function filesOf(config) {
  const files2 = parse(config, "invalid_files")["files"];
  const wrong = (message) => new InvalidStep("invalid_files", message);
  if (files2 === void 0) {
    return /* @__PURE__ */ new Map();
  }
  if (!isObject(files2)) {
    throw wrong("config/files must be an object");
  }
  return new Map(Object.entries(files2).map(([path, value2]) => [path, bytesOf(value2, `files/${path}`, wrong)]));
}
function commandResult(code, standardOutput, standardError, files2, outputs, maxBytes) {
  const found = new Map((files2 === null ? [] : outputs.flatMap((names) => files2.below(names))).map((one) => one));
  let bytes = standardOutput.length + standardError.length;
  found.forEach((file) => bytes += file.size);
  if (bytes > maxBytes) {
    return { document: null, bytes };
  }
  const members = [
    `"exit_code":${code >>> 0}`,
    `"stdout":${value(standardOutput)}`,
    `"stderr":${value(standardError)}`
  ];
  if (outputs.length > 0) {
    members.push(`"files":{${[...found].map(([path, file]) => `${quote(path)}:${value(file.content())}`).join(",")}}`);
  }
  const document = new TextEncoder().encode(`{"status":"completed","result":{${members.join(",")}}}`);
  return document.length > maxBytes ? { document: null, bytes: document.length } : { document, bytes: document.length };
}
function value(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) {
      return quote(text);
    }
  } catch {
  }
  return `{"base64":"${toBase64(bytes)}"}`;
}
function toBase64(bytes) {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}
function parse(config, type2) {
  try {
    const reader = new JsonReader(config, MAX_DEPTH);
    if (reader.kind() !== "object") {
      throw new JsonProblem("must be an object");
    }
    refuseDuplicates(reader);
    reader.end();
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(config));
  } catch (failure) {
    if (failure instanceof JsonProblem) {
      throw new InvalidStep(type2, `config ${failure.message}`);
    }
    throw failure;
  }
}
function isObject(value2) {
  return typeof value2 === "object" && value2 !== null && !Array.isArray(value2);
}
function problem(message) {
  return new InvalidStep("invalid_command", message);
}
function texts(value2, name, max) {
  if (value2 === void 0) {
    return [];
  }
  if (!Array.isArray(value2) || value2.length > max || !value2.every((one) => typeof one === "string")) {
    throw problem(`config/${name} must be an array of at most ${max} texts`);
  }
  return value2;
}
function withoutZero(text, name) {
  if (text.includes("\0")) {
    throw problem(`config/${name} has a zero character`);
  }
  return text;
}
function environment(env, variables) {
  if (env === void 0) {
    return [];
  }
  if (!isObject(env)) {
    throw problem("config/env must be an object");
  }
  return Object.entries(env).map(([name, value2]) => {
    if (name !== "PWD" && !variables.includes(name)) {
      throw problem(`config/env/${name} is a variable that is not granted; granted are ${["PWD", ...variables].join(", ")}`);
    }
    if (typeof value2 !== "string") {
      throw problem(`config/env/${name} must be a text`);
    }
    return `${name}=${withoutZero(value2, `env/${name}`)}`;
  });
}
function bytesOf(value2, name, wrong) {
  if (typeof value2 === "string") {
    return new TextEncoder().encode(value2);
  }
  if (!isObject(value2) || typeof value2["base64"] !== "string" || Object.keys(value2).length !== 1) {
    throw wrong(`config/${name} must be a text or an object with base64`);
  }
  const bytes = fromBase64(value2["base64"]);
  if (bytes === null) {
    throw wrong(`config/${name}/base64 is not valid base64`);
  }
  return bytes;
}
function outputPath(text) {
  if (!text.startsWith("/") || text.length > MAX_PATH_CHARS || text.includes("\0")) {
    throw problem(`config/outputs must have absolute paths of at most ${MAX_PATH_CHARS} characters`);
  }
  const names = text.split("/").filter((name) => name !== "");
  if (names.includes(".") || names.includes("..")) {
    throw problem("config/outputs has a path with '.' or '..' in it");
  }
  return names;
}

// src/host/http.ts
function decodeAnswer(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = 8 + view.getUint32(4);
  return { code: view.getInt32(0), document: bytes.subarray(8, end), body: bytes.subarray(end) };
}
var REQUEST_BYTES = 16 << 20;
var BODY_BYTES = 64 << 20;
var SENT_BYTES = 8 << 20;
var PIECE_BYTES2 = 64 << 10;
var MAX_OPEN = 8;
var OVER_BUDGET = new TextEncoder().encode(
  '{"type":"budget_exceeded","message":"the bodies that are not sent yet exceed limits.http-sent","retryable":false,"sent":false}'
);
var GuestHttp = class {
  constructor(sender) {
    this.sender = sender;
  }
  sender;
  open = /* @__PURE__ */ new Map();
  unsent = /* @__PURE__ */ new Map();
  lastError = new Uint8Array(0);
  lastHandle = 0;
  call(call) {
    if (!call.memory.contains(call.u32(2), call.u32(3))) {
      return AbiError.Fault;
    }
    switch (call.i32(0)) {
      case 0:
        return this.send(call);
      case 1: {
        const response = this.open.get(call.i32(1));
        return response === void 0 ? AbiError.NotFound : copied(call, response.head);
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
  wrongStart(call) {
    if (call.i32(1) !== 0) {
      return AbiError.Invalid;
    }
    if (call.u32(3) > REQUEST_BYTES) {
      return AbiError.TooLarge;
    }
    return this.open.size + this.unsent.size >= MAX_OPEN ? AbiError.State : 0;
  }
  send(call) {
    const wrong = this.wrongStart(call);
    return wrong === 0 ? this.answered(call, ++this.lastHandle, read(call), null) : wrong;
  }
  begin(call) {
    const wrong = this.wrongStart(call);
    if (wrong !== 0) {
      return wrong;
    }
    this.unsent.set(++this.lastHandle, { document: read(call), body: new Bytes() });
    return this.lastHandle;
  }
  write(call) {
    const request = this.unsent.get(call.i32(1));
    if (request === void 0) {
      return AbiError.NotFound;
    }
    if (request.body.size + call.u32(3) > BODY_BYTES) {
      return AbiError.TooLarge;
    }
    let bytes = call.u32(3);
    this.unsent.forEach((one) => bytes += one.body.size);
    if (bytes > SENT_BYTES) {
      this.lastError = OVER_BUDGET;
      return AbiError.Budget;
    }
    request.body.append(call.memory.range(call.u32(2), call.u32(3)));
    return 0;
  }
  finish(call) {
    const handle = call.i32(1);
    const request = this.unsent.get(handle);
    if (request === void 0) {
      return AbiError.NotFound;
    }
    this.unsent.delete(handle);
    return this.answered(call, handle, request.document, request.body.toBytes());
  }
  answered(call, handle, document, body) {
    const answer = this.sender(document, body);
    call.run.throwIfStopped();
    if (answer.code !== 0) {
      this.lastError = answer.document;
      return answer.code;
    }
    this.open.set(handle, { head: answer.document, body: answer.body, position: 0 });
    return handle;
  }
  body(call) {
    const response = this.open.get(call.i32(1));
    if (response === void 0) {
      return AbiError.NotFound;
    }
    const count = Math.min(call.u32(3), PIECE_BYTES2);
    const piece = response.body.subarray(response.position, response.position + count);
    call.memory.write(call.u32(2), piece);
    response.position += piece.length;
    return piece.length;
  }
};
function read(call) {
  return call.memory.read(call.u32(2), call.u32(3));
}
function copied(call, document) {
  if (call.u32(3) >= document.length) {
    call.memory.write(call.u32(2), document);
  }
  return document.length;
}

// src/host/memory.ts
var GuestMemory = class {
  view;
  bytes;
  /**
   * @param buffer the whole memory, as large as it is now
   */
  constructor(buffer) {
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
  }
  /** Whether the range lies in the memory; an empty range may start at its very end. */
  contains(offset, length) {
    return (offset >>> 0) + length <= this.bytes.length;
  }
  /** A copy of a range that the caller has checked and capped. */
  read(offset, length) {
    const at = offset >>> 0;
    return this.bytes.slice(at, at + length);
  }
  /** The range itself, for bytes that are copied at once. */
  range(offset, length) {
    const at = offset >>> 0;
    return this.bytes.subarray(at, at + length);
  }
  /** Copies bytes into a range that the caller has checked. */
  write(offset, source) {
    this.bytes.set(source, offset >>> 0);
  }
  u8(offset) {
    return this.view.getUint8(offset >>> 0);
  }
  u32(offset) {
    return this.view.getUint32(offset >>> 0, true);
  }
  i64(offset) {
    return this.view.getBigInt64(offset >>> 0, true);
  }
  writeU32(offset, value2) {
    this.view.setUint32(offset >>> 0, value2, true);
  }
  writeI64(offset, value2) {
    this.view.setBigInt64(offset >>> 0, value2, true);
  }
};

// src/host/result.ts
var DEPTH = 100;
var TYPE_CHARS = 100;
var MESSAGE_CHARS = 4e3;
var MAX_RETRY_AFTER_MS = 365 * 24 * 60 * 60 * 1e3;
var BLANK = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/;
var MEMBERS2 = ["status", "result", "error", "cursor", "items_processed", "accumulated_results"];
var ERROR_MEMBERS = ["type", "message", "retryable", "code", "retry_after_ms", "context", "sent"];
function readResult(output) {
  try {
    if (output.length >= 2 && (output[0] === 0 || output[1] === 0 || output[0] > 127)) {
      throw new JsonProblem("is not UTF-8");
    }
    const reader = new JsonReader(output, DEPTH);
    const document = new DocumentReader(reader).read();
    const problem2 = notStorable(output);
    if (problem2 !== null) {
      throw new JsonProblem(problem2);
    }
    if (!isUtf8(output)) {
      throw new JsonProblem("is not UTF-8");
    }
    return document;
  } catch (problem2) {
    if (!(problem2 instanceof JsonProblem)) {
      throw problem2;
    }
    const place = problem2.pointer === "" ? "" : `:${problem2.pointer}`;
    return {
      status: "failed",
      error: {
        type: "bad_result_document",
        message: `the result document${place}: ${problem2.message}`,
        retryable: false
      }
    };
  }
}
function isUtf8(bytes) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
var Members = class {
  constructor(pointer, known) {
    this.pointer = pointer;
    this.known = known;
  }
  pointer;
  known;
  names = /* @__PURE__ */ new Set();
  next(name) {
    const at = `${this.pointer}/${sanitize(name, TYPE_CHARS)}`;
    if (this.names.has(name)) {
      throw new JsonProblem("appears twice", at);
    }
    if (!this.known.includes(name)) {
      throw new JsonProblem(`unknown member; known are ${this.known.join(", ")}`, at);
    }
    this.names.add(name);
  }
  requireOnly(status, ...allowed) {
    for (const name of this.names) {
      if (!allowed.includes(name)) {
        throw new JsonProblem(`is not allowed with status ${status}`, `${this.pointer}/${name}`);
      }
    }
  }
};
var DocumentReader = class {
  constructor(reader) {
    this.reader = reader;
  }
  reader;
  status;
  result;
  error;
  cursor;
  accumulated = null;
  itemsProcessed = 0;
  read() {
    if (this.reader.kind() !== "object") {
      this.reader.value();
      throw new JsonProblem("is not an object");
    }
    const seen = new Members("", MEMBERS2);
    this.reader.object((name) => {
      seen.next(name);
      switch (name) {
        case "status":
          this.status = this.string("/status", TYPE_CHARS);
          break;
        case "result":
          this.result = this.value();
          break;
        case "error":
          this.error = this.readError();
          break;
        case "cursor":
          this.cursor = this.value();
          break;
        case "items_processed":
          this.itemsProcessed = this.count("/items_processed");
          break;
        default:
          this.accumulated = this.orNull(() => this.value()) ?? null;
      }
    });
    this.reader.end();
    return this.document(seen);
  }
  document(seen) {
    switch (this.status) {
      case void 0:
        throw new JsonProblem("is missing", "/status");
      case "completed":
        seen.requireOnly("completed", "status", "result");
        return { status: "completed", result: required(this.result, "/result") };
      case "failed":
        seen.requireOnly("failed", "status", "error");
        return { status: "failed", error: required(this.error, "/error") };
      case "checkpoint":
        seen.requireOnly("checkpoint", "status", "cursor", "items_processed", "accumulated_results");
        return {
          status: "checkpoint",
          cursor: required(this.cursor, "/cursor"),
          itemsProcessed: this.itemsProcessed,
          accumulatedResults: this.accumulated
        };
      default:
        throw new JsonProblem(`must be one of completed, failed, checkpoint, was '${this.status}'`, "/status");
    }
  }
  readError() {
    if (this.reader.kind() !== "object") {
      throw new JsonProblem("is not an object", "/error");
    }
    let type2;
    let message;
    let retryable = false;
    let code;
    let retryAfterMs;
    let context;
    const seen = new Members("/error", ERROR_MEMBERS);
    this.reader.object((name) => {
      seen.next(name);
      switch (name) {
        case "type":
          type2 = this.string("/error/type", TYPE_CHARS);
          break;
        case "message":
          message = this.string("/error/message", MESSAGE_CHARS);
          break;
        case "retryable":
          retryable = this.bool("/error/retryable");
          break;
        case "code":
          code = this.orNull(() => this.string("/error/code", TYPE_CHARS));
          break;
        case "retry_after_ms":
          retryAfterMs = this.orNull(() => this.millis("/error/retry_after_ms"));
          break;
        case "context":
          context = this.orNull(() => this.object("/error/context"));
          break;
        default:
          this.bool("/error/sent");
      }
    });
    if (type2 === void 0 || BLANK.test(type2)) {
      throw new JsonProblem("is missing or blank", "/error/type");
    }
    if (message === void 0) {
      throw new JsonProblem("is missing", "/error/message");
    }
    return {
      type: type2,
      message,
      retryable,
      ...code === void 0 ? {} : { code },
      ...retryAfterMs === void 0 ? {} : { retryAfterMs },
      ...context === void 0 ? {} : { context }
    };
  }
  orNull(read2) {
    if (this.reader.kind() === "null") {
      this.reader.word("null");
      return void 0;
    }
    return read2();
  }
  string(pointer, maxChars) {
    if (this.reader.kind() !== "string") {
      throw new JsonProblem("is not a string", pointer);
    }
    return sanitize(this.reader.string(), maxChars);
  }
  bool(pointer) {
    const kind = this.reader.kind();
    if (kind !== "true" && kind !== "false") {
      throw new JsonProblem("is not true or false", pointer);
    }
    this.reader.word(kind);
    return kind === "true";
  }
  /** A server may have chosen the number: a large one must not make the document invalid. */
  millis(pointer) {
    return Math.min(Number(this.whole(pointer, "is not a whole number of milliseconds")), MAX_RETRY_AFTER_MS);
  }
  count(pointer) {
    const problem2 = "is not a whole number, 0 or more";
    const text = this.whole(pointer, problem2);
    if (BigInt(text) >= 2n ** 63n) {
      throw new JsonProblem(problem2, pointer);
    }
    return Number(text);
  }
  whole(pointer, problem2) {
    if (this.reader.kind() !== "number") {
      throw new JsonProblem(problem2, pointer);
    }
    const text = this.reader.number();
    if (!/^-?[0-9]+$/.test(text) || Number(text) < 0) {
      throw new JsonProblem(problem2, pointer);
    }
    return text;
  }
  object(pointer) {
    if (this.reader.kind() !== "object") {
      throw new JsonProblem("is not an object", pointer);
    }
    return this.value();
  }
  value() {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.reader.value());
  }
};
function required(value2, pointer) {
  if (value2 === void 0) {
    throw new JsonProblem("is missing", pointer);
  }
  return value2;
}

// src/host/signatures.ts
var ABI_MODULE = "wasm_broker_v1";
var WASI_MODULE = "wasi_snapshot_preview1";
var ENV_MODULE = "env";
var FUNCTIONS = {
  [ABI_MODULE]: {
    read_input: "ii:i",
    read_input_at: "iii:i",
    write_output: "ii:i",
    append_output: "ii:i",
    log: "iiiii:i",
    get_time: "i:I",
    http_request: "iiii:i",
    read_secret: "iiii:i",
    read_content: "ii:i",
    cache_get: "iiii:i",
    cache_put: "iiiiI:i",
    cache_delete: "ii:i"
  },
  [WASI_MODULE]: {
    args_get: "ii:i",
    args_sizes_get: "ii:i",
    environ_get: "ii:i",
    environ_sizes_get: "ii:i",
    clock_res_get: "ii:i",
    clock_time_get: "iIi:i",
    random_get: "ii:i",
    sched_yield: ":i",
    proc_exit: "i",
    fd_close: "i:i",
    fd_fdstat_get: "ii:i",
    fd_prestat_get: "ii:i",
    fd_prestat_dir_name: "iii:i",
    fd_read: "iiii:i",
    fd_seek: "iIii:i",
    fd_tell: "ii:i",
    fd_write: "iiii:i",
    poll_oneoff: "iiii:i",
    fd_advise: "iIIi:i",
    fd_allocate: "iII:i",
    fd_datasync: "i:i",
    fd_fdstat_set_flags: "ii:i",
    fd_fdstat_set_rights: "iII:i",
    fd_filestat_get: "ii:i",
    fd_filestat_set_size: "iI:i",
    fd_filestat_set_times: "iIIi:i",
    fd_pread: "iiiIi:i",
    fd_pwrite: "iiiIi:i",
    fd_readdir: "iiiIi:i",
    fd_renumber: "ii:i",
    fd_sync: "i:i",
    path_create_directory: "iii:i",
    path_filestat_get: "iiiii:i",
    path_filestat_set_times: "iiiiIIi:i",
    path_link: "iiiiiii:i",
    path_open: "iiiiiIIii:i",
    path_readlink: "iiiiii:i",
    path_remove_directory: "iii:i",
    path_rename: "iiiiii:i",
    path_symlink: "iiiii:i",
    path_unlink_file: "iii:i",
    proc_raise: "i:i",
    sock_accept: "iii:i",
    sock_recv: "iiiiii:i",
    sock_send: "iiiii:i",
    sock_shutdown: "ii:i"
  },
  [ENV_MODULE]: { abort: "iiii" }
};
var TYPES = new Map(
  Object.entries(FUNCTIONS).map(([module, functions]) => [
    module,
    new Map(Object.entries(functions).map(([name, letters]) => [name, type(letters)]))
  ])
);
function signatures(module) {
  return TYPES.get(module);
}
function returnsI64(name) {
  return name === "get_time";
}
function type(letters) {
  const [parameters = "", result] = letters.split(":");
  const names = [...parameters].map(valueType);
  return `(${names.join(", ")}) -> ${result === void 0 ? "()" : valueType(result)}`;
}
function valueType(letter) {
  return letter === "i" ? "i32" : "i64";
}

// src/host/pause.ts
var WAITED_ON = new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
function pause(millis) {
  Atomics.wait(WAITED_ON, 0, 0, millis);
}

// src/host/wasi.ts
var PIECE = 64 << 10;
var RIGHT_READ = 1n << 1n;
var RIGHT_WRITE = 1n << 6n;
var TYPE_DIRECTORY = 3;
var TYPE_FILE = 4;
var NONBLOCK = 4;
var MAX_ADVICE = 5;
var DIRECTORY_RIGHTS = rights(3, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 23, 24, 25, 26);
var FILE_RIGHTS = rights(0, 2, 3, 4, 5, 7, 8, 21, 22, 23, 27);
var SET_ACCESS = 1;
var ACCESS_NOW = 2;
var SET_MODIFICATION = 4;
var MODIFICATION_NOW = 8;
function rights(...bits) {
  return bits.reduce((all, bit) => all | 1n << BigInt(bit), 0n);
}
var WASI = {
  args_get: (call) => texts2(call, programArguments(call.run)),
  args_sizes_get: (call) => sizes(call, programArguments(call.run)),
  environ_get: (call) => texts2(call, environment2(call.run)),
  environ_sizes_get: (call) => sizes(call, environment2(call.run)),
  clock_res_get: (call) => isClock(call.i32(0)) ? store(call, 1, CLOCK_RESOLUTION) : Errno.Inval,
  clock_time_get: (call) => isClock(call.i32(0)) ? store(call, 2, now(call.run, call.i32(0))) : Errno.Inval,
  random_get: random,
  sched_yield: () => Errno.Success,
  proc_exit: (call) => {
    throw call.run.exited(call.i32(0));
  },
  fd_close: (call) => call.file() === void 0 ? closeStream(call) : close(call),
  fd_fdstat_get: (call) => call.file() === void 0 ? streamStatus(call) : fileStatus(call),
  fd_prestat_get: onFile(prestat),
  fd_prestat_dir_name: onFile(prestatName),
  fd_read: (call) => call.file() === void 0 ? readStream(call) : readFile(call),
  fd_seek: (call) => call.file() === void 0 ? noPosition(call) : seek(call),
  fd_tell: (call) => call.file() === void 0 ? noPosition(call) : tell(call),
  fd_write: (call) => call.file() === void 0 ? writeStream(call) : writeFile(call),
  poll_oneoff: poll,
  fd_advise: onFileOnly(
    (call, file) => file.node instanceof Directory ? Errno.BadF : call.i64(1) >= 0n && call.i64(2) >= 0n && call.i32(3) >= 0 && call.i32(3) <= MAX_ADVICE ? Errno.Success : Errno.Inval
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
  fd_filestat_set_times: onFileOnly(
    (call, file) => areTimeFlags(call.i32(3)) ? done(
      files(call).setTimes(
        file.mount,
        file.node,
        accessTime(call, 1, call.i32(3)),
        modificationTime(call, 2, call.i32(3))
      )
    ) : Errno.Inval
  ),
  fd_pread: onFileOnly(
    (call, file) => call.i64(3) < 0n ? Errno.Inval : transferIn(call, file, new Ranges(call, 4), call.i64(3))
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
    return areTimeFlags(flags) ? done(files(call).setTimesAt(from, path, accessTime(call, 4, flags), modificationTime(call, 5, flags))) : Errno.Inval;
  }),
  path_link: onFile(() => Errno.NotSup),
  path_open: onFile(open),
  path_readlink: onFile((call, from) => {
    const path = pathAt(call, 1);
    if (path === null) {
      return Errno.Fault;
    }
    files(call).stat(from, path);
    return Errno.Inval;
  }),
  path_remove_directory: changing((all, from, path) => all.removeDirectory(from, path)),
  path_rename: onFile((call, from) => {
    const path = pathAt(call, 1);
    const newPath = pathAt(call, 4);
    return path === null || newPath === null ? Errno.Fault : done(files(call).rename(from, path, files(call).get(call.i32(3)), newPath));
  }),
  path_symlink: (call) => call.run.given.files?.find(call.i32(2)) === void 0 ? Errno.BadF : Errno.NotSup,
  path_unlink_file: changing((all, from, path) => all.removeFile(from, path)),
  proc_raise: () => Errno.NoSys,
  sock_accept: onSocket,
  sock_recv: onSocket,
  sock_send: onSocket,
  sock_shutdown: onSocket
};
var IN_PREPARE = new Set(
  Object.keys(WASI).filter(
    (name) => ![
      "args_get",
      "args_sizes_get",
      "clock_res_get",
      "clock_time_get",
      "random_get",
      "poll_oneoff"
    ].includes(name)
  )
);
function done(_) {
  return Errno.Success;
}
function files(call) {
  const found = call.run.given.files;
  if (found === null) {
    throw new FileRefused(FileError.BadDescriptor);
  }
  return found;
}
function programArguments(run2) {
  return run2.given.command?.arguments ?? [run2.given.handler];
}
function environment2(run2) {
  return run2.given.command?.environment ?? [];
}
function zeroEnded(text) {
  return new TextEncoder().encode(`${text}\0`);
}
function sizes(call, all) {
  const { memory: memory2 } = call;
  if (!memory2.contains(call.u32(0), 4) || !memory2.contains(call.u32(1), 4)) {
    return Errno.Fault;
  }
  memory2.writeU32(call.u32(0), all.length);
  memory2.writeU32(
    call.u32(1),
    all.reduce((sum, text) => sum + zeroEnded(text).length, 0)
  );
  return Errno.Success;
}
function texts2(call, all) {
  const { memory: memory2 } = call;
  let pointer = call.u32(0);
  let at = call.u32(1);
  if (!memory2.contains(pointer, 4 * all.length)) {
    return Errno.Fault;
  }
  for (const text of all) {
    const bytes = zeroEnded(text);
    if (!memory2.contains(at, bytes.length)) {
      return Errno.Fault;
    }
    memory2.writeU32(pointer, at);
    memory2.write(at, bytes);
    pointer += 4;
    at += bytes.length;
  }
  return Errno.Success;
}
function isClock(id) {
  return id === 0 || id === 1;
}
function now(run2, clock) {
  return clock === 0 ? run2.clocks.wall() : run2.clocks.elapsed();
}
function store(call, argument, value2) {
  if (!call.memory.contains(call.u32(argument), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(argument), value2);
  return Errno.Success;
}
function random(call) {
  const { memory: memory2 } = call;
  let at = call.u32(0);
  let left = call.u32(1);
  if (!memory2.contains(at, left)) {
    return Errno.Fault;
  }
  while (left > 0) {
    call.run.throwIfStopped();
    const piece = crypto.getRandomValues(new Uint8Array(Math.min(left, PIECE)));
    memory2.write(at, piece);
    at += piece.length;
    left -= piece.length;
  }
  return Errno.Success;
}
function onSocket(call) {
  if (call.file() !== void 0) {
    return Errno.NotSock;
  }
  return call.run.streams.isOpen(call.i32(0)) ? Errno.NoSys : Errno.BadF;
}
function closeStream(call) {
  const { streams } = call.run;
  if (!streams.isOpen(call.i32(0))) {
    return Errno.BadF;
  }
  streams.close(call.i32(0));
  return Errno.Success;
}
function noPosition(call) {
  return call.run.streams.isOpen(call.i32(0)) ? Errno.SPipe : Errno.BadF;
}
function streamStatus(call) {
  const fd = call.i32(0);
  const at = call.u32(1);
  if (!call.run.streams.isOpen(fd)) {
    return Errno.BadF;
  }
  const { memory: memory2 } = call;
  if (!memory2.contains(at, 24)) {
    return Errno.Fault;
  }
  memory2.writeI64(at, 0n);
  memory2.writeI64(at + 8, fd === 0 ? RIGHT_READ : RIGHT_WRITE);
  memory2.writeI64(at + 16, 0n);
  return Errno.Success;
}
function readStream(call) {
  const { streams } = call.run;
  if (call.i32(0) !== 0 || !streams.isOpen(0)) {
    return Errno.BadF;
  }
  const ranges = new Ranges(call, 3);
  const error = ranges.check();
  if (error !== Errno.Success) {
    return error;
  }
  const { memory: memory2 } = call;
  let total = 0;
  for (let i = 0; i < ranges.count && streams.remainingInput > 0; i++) {
    ranges.stopIfOver(i);
    const pointer = ranges.pointer(i);
    const length = ranges.length(i);
    if (!memory2.contains(pointer, length)) {
      return Errno.Fault;
    }
    const bytes = streams.read(length);
    memory2.write(pointer, bytes);
    total += bytes.length;
  }
  ranges.writeResult(total);
  return Errno.Success;
}
function writeStream(call) {
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
function forEachPiece(call, ranges, take) {
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
var close = onFile((call) => done(files(call).close(call.i32(0))));
var seek = onFile((call, file) => {
  if (!call.memory.contains(call.u32(3), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(3), file.seek(call.i64(1), call.i32(2)));
  return Errno.Success;
});
var tell = onFile((call, file) => {
  if (!call.memory.contains(call.u32(1), 8)) {
    return Errno.Fault;
  }
  call.memory.writeI64(call.u32(1), file.tell());
  return Errno.Success;
});
var readFile = onFile((call, file) => transferIn(call, file, new Ranges(call, 3), null));
function transferIn(call, file, ranges, offset) {
  const error = ranges.check();
  if (error !== Errno.Success) {
    return error;
  }
  file.checkReadable();
  const { memory: memory2 } = call;
  let total = 0;
  let atEnd = false;
  for (let i = 0; i < ranges.count && !atEnd; i++) {
    ranges.stopIfOver(i);
    let pointer = ranges.pointer(i);
    let left = ranges.length(i);
    if (!memory2.contains(pointer, left)) {
      return Errno.Fault;
    }
    while (left > 0 && !atEnd) {
      call.run.throwIfStopped();
      const piece = Math.min(left, PIECE);
      const bytes = offset === null ? file.read(piece) : file.readAt(offset + BigInt(total), piece);
      memory2.write(pointer, bytes);
      atEnd = bytes.length < piece;
      pointer += bytes.length;
      left -= bytes.length;
      total += bytes.length;
    }
  }
  ranges.writeResult(total);
  return Errno.Success;
}
var writeFile = onFile((call, file) => {
  const ranges = new Ranges(call, 3);
  const error = ranges.check();
  return error === Errno.Success ? transferOut(call, file, ranges, file.beginWrite(ranges.total)) : error;
});
function writeAt(call, file) {
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
function transferOut(call, file, ranges, offset) {
  let at = offset;
  forEachPiece(call, ranges, (bytes) => {
    file.put(at, bytes);
    at += bytes.length;
  });
  ranges.writeResult(ranges.total);
  return Errno.Success;
}
var fileStatus = onFile((call, file) => {
  const { memory: memory2 } = call;
  const at = call.u32(1);
  if (!memory2.contains(at, 24)) {
    return Errno.Fault;
  }
  const isDirectory = file.node instanceof Directory;
  const own = FILE_RIGHTS | (file.reads ? RIGHT_READ : 0n) | (file.writes ? RIGHT_WRITE : 0n);
  memory2.writeI64(at, BigInt(typeOf(file.node) | file.flags << 16));
  memory2.writeI64(at + 8, isDirectory ? DIRECTORY_RIGHTS : own);
  memory2.writeI64(at + 16, isDirectory ? DIRECTORY_RIGHTS | FILE_RIGHTS | RIGHT_READ | RIGHT_WRITE : 0n);
  return Errno.Success;
});
function typeOf(node) {
  return node instanceof Directory ? TYPE_DIRECTORY : TYPE_FILE;
}
function writeStat(call, at, openedFrom, node) {
  const { memory: memory2 } = call;
  if (!memory2.contains(at, 64)) {
    return Errno.Fault;
  }
  memory2.writeI64(at, BigInt(openedFrom.device));
  memory2.writeI64(at + 8, node.inode);
  memory2.writeI64(at + 16, BigInt(typeOf(node)));
  memory2.writeI64(at + 24, node.removed ? 0n : 1n);
  memory2.writeI64(at + 32, BigInt(node.size));
  memory2.writeI64(at + 40, node.accessTime);
  memory2.writeI64(at + 48, node.modificationTime);
  memory2.writeI64(at + 56, node.changeTime);
  return Errno.Success;
}
function areTimeFlags(flags) {
  const access = SET_ACCESS | ACCESS_NOW;
  const modification = SET_MODIFICATION | MODIFICATION_NOW;
  return (flags & access) !== access && (flags & modification) !== modification && (flags & ~(access | modification)) === 0;
}
function accessTime(call, argument, flags) {
  return time(call, argument, flags & SET_ACCESS, flags & ACCESS_NOW);
}
function modificationTime(call, argument, flags) {
  return time(call, argument, flags & SET_MODIFICATION, flags & MODIFICATION_NOW);
}
function time(call, argument, set, setNow) {
  if (set !== 0) {
    return call.i64(argument);
  }
  return setNow !== 0 ? call.run.clocks.wall() : null;
}
function prestat(call, file) {
  if (file.preopenedAs === null) {
    return Errno.BadF;
  }
  if (!call.memory.contains(call.u32(1), 8)) {
    return Errno.Fault;
  }
  call.memory.writeU32(call.u32(1), 0);
  call.memory.writeU32(call.u32(1) + 4, new TextEncoder().encode(file.preopenedAs).length);
  return Errno.Success;
}
function prestatName(call, file) {
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
function list(call, file) {
  const directory2 = file.listed();
  const { memory: memory2 } = call;
  const at = call.u32(1);
  const room = call.u32(2);
  if (!memory2.contains(at, room) || !memory2.contains(call.u32(4), 4)) {
    return Errno.Fault;
  }
  const after = call.i64(3);
  if (after < 0n) {
    return Errno.Inval;
  }
  let used = 0;
  const add = (number, name, node) => {
    const text = new TextEncoder().encode(name);
    const entry = new Uint8Array(24 + text.length);
    const view = new DataView(entry.buffer);
    view.setBigInt64(0, BigInt(number), true);
    view.setBigInt64(8, node.inode, true);
    view.setUint32(16, text.length, true);
    view.setUint32(20, typeOf(node), true);
    entry.set(text, 24);
    const count = Math.min(entry.length, room - used);
    memory2.write(at + used, entry.subarray(0, count));
    used += count;
  };
  if (after < 1n) {
    add(1, ".", directory2);
  }
  if (after < 2n) {
    add(2, "..", directory2);
  }
  for (const next of directory2.after(after)) {
    if (used === room) {
      break;
    }
    call.run.throwIfStopped();
    add(next.number, next.name, next.node);
  }
  memory2.writeU32(call.u32(4), used);
  return Errno.Success;
}
function pathAt(call, argument) {
  const length = call.u32(argument + 1);
  return call.memory.contains(call.u32(argument), length) ? parsePath(call.memory.range(call.u32(argument), length)) : null;
}
function open(call, from) {
  const path = pathAt(call, 2);
  const result = call.u32(8);
  if (path === null || !call.memory.contains(result, 4)) {
    return Errno.Fault;
  }
  const how = call.i32(4);
  const flags = call.i32(7);
  if ((how & ~15) !== 0 || (flags & ~31) !== 0) {
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
    truncate: (how & 8) !== 0
  });
  opened.flags = flags;
  call.memory.writeU32(result, all.add(opened));
  return Errno.Success;
}
function changing(change) {
  return onFile((call, from) => {
    const path = pathAt(call, 1);
    return path === null ? Errno.Fault : done(change(files(call), from, path));
  });
}
var SUBSCRIPTION = 48;
var EVENT = 32;
var MAX_SUBSCRIPTIONS = 1024;
var CLOCK = 0;
var FD_READ = 1;
var FD_WRITE = 2;
var NEVER = 2n ** 63n;
function poll(call) {
  const count = call.i32(2);
  if (count < 1 || count > MAX_SUBSCRIPTIONS) {
    return Errno.Inval;
  }
  const { memory: memory2, run: run2 } = call;
  if (!memory2.contains(call.u32(0), count * SUBSCRIPTION) || !memory2.contains(call.u32(1), count * EVENT) || !memory2.contains(call.u32(3), 4)) {
    return Errno.Fault;
  }
  const began = run2.clocks.elapsed();
  const subscriptions = Array.from({ length: count }, (_, i) => call.u32(0) + i * SUBSCRIPTION);
  const due = subscriptions.map((at) => dueTime(call, at, began));
  const earliest = due.reduce((least, one) => one < least ? one : least);
  for (let left = earliest - run2.clocks.elapsed(); left > 0n; left = earliest - run2.clocks.elapsed()) {
    run2.throwIfStopped();
    pause(Math.min(Number(left) / 1e6, Math.max(1, run2.limits.time - run2.clocks.elapsedMs())));
  }
  run2.throwIfStopped();
  const ended = run2.clocks.elapsed();
  let written = 0;
  subscriptions.forEach((at, i) => {
    if (due[i] <= ended) {
      writeEvent(call, at, call.u32(1) + written * EVENT);
      written++;
    }
  });
  memory2.writeU32(call.u32(3), written);
  return Errno.Success;
}
function writeEvent(call, subscription, event) {
  const { memory: memory2 } = call;
  const kind = memory2.u8(subscription + 8);
  const error = pollError(call, subscription);
  const ready = kind === FD_READ && error === Errno.Success ? readable(call, memory2.u32(subscription + 16)) : 0n;
  memory2.writeI64(event, memory2.i64(subscription));
  memory2.writeI64(event + 8, BigInt(error | kind << 16));
  memory2.writeI64(event + 16, ready);
  memory2.writeI64(event + 24, 0n);
}
function pollError(call, subscription) {
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
function isReady(call, fd, streamFits) {
  return call.run.given.files?.find(fd) !== void 0 || streamFits && call.run.streams.isOpen(fd);
}
function readable(call, fd) {
  const file = call.run.given.files?.find(fd);
  if (file === void 0) {
    return BigInt(call.run.streams.remainingInput);
  }
  const left = BigInt(file.node.size) - file.position;
  return left > 0n ? left : 0n;
}
function dueTime(call, subscription, began) {
  const { memory: memory2, run: run2 } = call;
  if (memory2.u8(subscription + 8) !== CLOCK || pollError(call, subscription) !== Errno.Success) {
    return 0n;
  }
  const timeout = memory2.i64(subscription + 24);
  if (timeout < 0n) {
    return NEVER;
  }
  const isAbsolute = (memory2.u32(subscription + 40) & 1) !== 0;
  return isAbsolute ? timeout - now(run2, memory2.u32(subscription + 16)) + began : began + timeout;
}

// src/host/wasm.ts
var ModuleRefused = class extends Error {
  name = "ModuleRefused";
};
var PAGE_BYTES = 65536;
var CONTENT_SECTION = "wasm_broker.content";
var SECTION_ORDER = [
  1 /* Type */,
  2 /* Import */,
  3 /* Function */,
  4 /* Table */,
  5 /* Memory */,
  6 /* Global */,
  7 /* Export */,
  8 /* Start */,
  9 /* Element */,
  12 /* DataCount */,
  10 /* Code */,
  11 /* Data */
];
var MAX_SECTIONS = 1e3;
var MAX_TYPES = 1e5;
var MAX_IMPORTS = 1e4;
var MAX_FUNCTIONS = 1e6;
var MAX_TABLES_OR_MEMORIES = 100;
var MAX_GLOBALS = 1e5;
var MAX_EXPORTS = 1e5;
var MAX_VALUES = 1e3;
var MAX_MEMORY_PAGES = 65536;
var MAX_TABLE_ELEMENTS = 1e7;
var FUNCREF = 112;
var EXTERNREF = 111;
var VALUE_TYPES = /* @__PURE__ */ new Map([
  [127, "i32"],
  [126, "i64"],
  [125, "f32"],
  [124, "f64"],
  [123, "v128"],
  [FUNCREF, "funcref"]
]);
var KINDS = ["function", "table", "memory", "global"];
var Reader = class {
  constructor(bytes, start, end) {
    this.bytes = bytes;
    this.end = end;
    this.at = start;
  }
  bytes;
  end;
  at;
  hasMore() {
    return this.at < this.end;
  }
  u8(what) {
    if (this.at >= this.end) {
      throw invalid(`${what} is missing at byte ${this.at}`);
    }
    return this.bytes[this.at++];
  }
  u32(what) {
    let value2 = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8(what);
      if (shift === 28 && byte > 15) {
        throw invalid(`${what} has more than 32 bits at byte ${this.at}`);
      }
      value2 += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        break;
      }
    }
    return value2;
  }
  upTo(max, what) {
    const value2 = this.u32(what);
    if (value2 > max) {
      throw invalid(`${what} is ${value2}, the maximum is ${max}`);
    }
    return value2;
  }
  /** Of something of which there are that many. */
  index(count, what) {
    const value2 = this.u32(what);
    if (value2 >= count) {
      throw invalid(`${what} is ${value2}, there are ${count}`);
    }
    return value2;
  }
  skip(length, what) {
    if (length > this.end - this.at) {
      throw invalid(`${what} ends beyond its section at byte ${this.at}`);
    }
    this.at += length;
  }
  skipSigned(maxBytes, what) {
    for (let count = 0; count < maxBytes; count++) {
      if (this.u8(what) < 128) {
        return;
      }
    }
    throw invalid(`${what} is too long at byte ${this.at}`);
  }
  text(what) {
    const length = this.u32(`the length of ${what}`);
    const start = this.at;
    this.skip(length, what);
    try {
      return STRICT_UTF82.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw invalid(`${what} is not UTF-8`);
    }
  }
};
var STRICT_UTF82 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function invalid(message) {
  return new ModuleRefused(message);
}
var Writer = class {
  bytes = new Uint8Array(64);
  length = 0;
  u8(value2) {
    this.reserve(1);
    this.bytes[this.length++] = value2;
    return this;
  }
  u32(value2) {
    let left = value2;
    while (left > 127) {
      this.u8(left % 128 | 128);
      left = Math.floor(left / 128);
    }
    return this.u8(left);
  }
  raw(source) {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
    return this;
  }
  sized(content) {
    return this.u32(content.length).raw(content.toBytes());
  }
  text(value2) {
    const bytes = new TextEncoder().encode(value2);
    return this.u32(bytes.length).raw(bytes);
  }
  toBytes() {
    return this.bytes.slice(0, this.length);
  }
  reserve(more) {
    if (this.length + more > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length + more, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
  }
};
function writer(...bytes) {
  const written = new Writer();
  bytes.forEach((byte) => written.u8(byte));
  return written;
}
function parse2(bytes) {
  return new Parser(bytes).parse();
}
var Parser = class {
  constructor(bytes) {
    this.bytes = bytes;
  }
  bytes;
  types = [];
  imports = [];
  functions = [];
  tables = [];
  memories = [];
  exports = [];
  sections = [];
  globals = [];
  counts = { function: 0, table: 0, memory: 0, global: 0 };
  lastPosition = -1;
  start = null;
  bodies = 0;
  parse() {
    const head = [0, 97, 115, 109, 1, 0, 0, 0];
    if (this.bytes.length < head.length || head.some((byte, at) => this.bytes[at] !== byte)) {
      throw invalid("the file is not a WebAssembly module of version 1");
    }
    const file = new Reader(this.bytes, head.length, this.bytes.length);
    while (file.hasMore()) {
      if (this.sections.length === MAX_SECTIONS) {
        throw invalid(`the module has more than ${MAX_SECTIONS} sections`);
      }
      const section = this.section(file);
      this.sections.push(section);
      this.content(section);
    }
    if (this.bodies !== this.functions.length) {
      throw invalid(`${this.functions.length} functions are declared, ${this.bodies} have a body`);
    }
    return {
      imports: this.imports,
      functions: this.functions,
      tables: this.tables,
      memories: this.memories,
      exports: this.exports,
      start: this.start,
      sections: this.sections,
      globals: this.globals
    };
  }
  section(file) {
    const header = file.at;
    const id = file.u8("the id of a section");
    if (id !== 0 /* Custom */) {
      const position = SECTION_ORDER.indexOf(id);
      if (position < 0) {
        throw invalid(`section ${id} is unknown in this version`);
      }
      if (position <= this.lastPosition) {
        throw invalid(`section ${id} is out of order or repeated`);
      }
      this.lastPosition = position;
    }
    const length = file.u32(`the length of section ${id}`);
    const start = file.at;
    file.skip(length, `section ${id}`);
    return { id, header, start, end: file.at };
  }
  content(section) {
    const input = new Reader(this.bytes, section.start, section.end);
    switch (section.id) {
      case 0 /* Custom */:
        input.text("the name of a custom section");
        return;
      case 1 /* Type */:
        repeat(input, MAX_TYPES, "types", () => this.types.push(functionType(input)));
        break;
      case 2 /* Import */:
        repeat(input, MAX_IMPORTS, "imports", () => this.imports.push(this.importEntry(input)));
        break;
      case 3 /* Function */:
        repeat(input, MAX_FUNCTIONS, "functions", () => this.functions.push(this.typeByIndex(input)));
        break;
      case 4 /* Table */:
        repeat(input, MAX_TABLES_OR_MEMORIES, "tables", () => this.tables.push(table(input)));
        break;
      case 5 /* Memory */:
        repeat(input, MAX_TABLES_OR_MEMORIES, "memories", () => this.memories.push(memory(input)));
        break;
      case 6 /* Global */:
        repeat(input, MAX_GLOBALS, "globals", () => this.globals.push(global(input)));
        break;
      case 7 /* Export */:
        this.readExports(input);
        break;
      case 8 /* Start */:
        this.readStart(input);
        break;
      case 10 /* Code */:
        this.bodies = input.upTo(MAX_FUNCTIONS, "the number of function bodies");
        for (let body = 0; body < this.bodies; body++) {
          input.skip(input.u32("the length of a function body"), "a function body");
        }
        break;
      default:
        return;
    }
    if (input.hasMore()) {
      throw invalid(`section ${section.id} has trailing bytes`);
    }
  }
  typeByIndex(input) {
    return this.types[input.index(this.types.length, "the index of a type")];
  }
  importEntry(input) {
    const module = input.text("the module of an import");
    const name = input.text("the name of an import");
    const kind = readKind(input, "an import");
    this.counts[kind]++;
    switch (kind) {
      case "function":
        return { module, name, kind, type: this.typeByIndex(input) };
      case "table":
        table(input);
        break;
      case "memory":
        memory(input);
        break;
      case "global":
        valueType2(input);
        input.upTo(1, "whether a global is mutable");
        break;
    }
    return { module, name, kind, type: "" };
  }
  readExports(input) {
    const names = /* @__PURE__ */ new Set();
    repeat(input, MAX_EXPORTS, "exports", () => {
      const name = input.text("the name of an export");
      if (names.has(name)) {
        throw invalid("two exports have the same name");
      }
      names.add(name);
      const kind = readKind(input, "an export");
      const index = input.index(this.count(kind), `the index of an exported ${kind}`);
      this.exports.push({ name, kind, index });
    });
  }
  readStart(input) {
    const index = input.index(this.count("function"), "the index of the start function");
    const type2 = typeOf2(this, index);
    if (type2 !== "() -> ()") {
      throw invalid(`the start function is ${type2}, it must be () -> ()`);
    }
    this.start = index;
  }
  count(kind) {
    const defined = {
      function: this.functions.length,
      table: this.tables.length,
      memory: this.memories.length,
      global: this.globals.length
    };
    return this.counts[kind] + defined[kind];
  }
  /** For {@link typeOf}, while the module is being read. */
  typeOfFunction(index) {
    return functionTypeAt(this.imports, this.functions, index);
  }
};
function typeOf2(parser, index) {
  return parser.typeOfFunction(index);
}
function functionTypeAt(imports, functions, index) {
  const imported = imports.filter((one) => one.kind === "function");
  return index < imported.length ? imported[index].type : functions[index - imported.length];
}
function repeat(input, max, what, readEntry) {
  const count = input.upTo(max, `the number of ${what}`);
  for (let entry = 0; entry < count; entry++) {
    readEntry();
  }
}
function functionType(input) {
  const form = input.u8("the form of a type");
  if (form !== 96) {
    throw invalid(`a type has the form 0x${form.toString(16)}, only functions are supported`);
  }
  const parameters = valueTypes(input, "parameters");
  const results = valueTypes(input, "results");
  return `(${parameters.join(", ")}) -> ${results.length === 1 ? results[0] : `(${results.join(", ")})`}`;
}
function valueTypes(input, what) {
  const count = input.upTo(MAX_VALUES, `the number of ${what}`);
  return Array.from({ length: count }, () => VALUE_TYPES.get(valueType2(input)));
}
function valueType2(input) {
  const code = input.u8("a value type");
  if (code === EXTERNREF) {
    throw invalid("externref is not supported; the host has nothing to refer to");
  }
  if (!VALUE_TYPES.has(code)) {
    throw invalid(`0x${code.toString(16)} is not a supported value type`);
  }
  return code;
}
function readKind(input, of) {
  const code = input.u8(`the kind of ${of}`);
  const kind = KINDS[code];
  if (kind === void 0) {
    throw invalid(`${of} of kind ${code} is not supported`);
  }
  return kind;
}
function table(input) {
  const type2 = valueType2(input);
  if (type2 !== FUNCREF) {
    throw invalid(`a table of ${VALUE_TYPES.get(type2)} is not possible`);
  }
  return size(input, "a table", MAX_TABLE_ELEMENTS, 4294967295);
}
function memory(input) {
  return size(input, "a memory", MAX_MEMORY_PAGES, MAX_MEMORY_PAGES);
}
function size(input, of, maxMin, maxMax) {
  const flags = input.u8(`the flags of ${of}`);
  if (flags > 1) {
    throw invalid(
      `${of} has the flags 0x${flags.toString(16)}; it must use 32-bit addresses, be unshared and have standard pages`
    );
  }
  const min = input.upTo(maxMin, `the size of ${of}`);
  const max = flags === 1 ? input.upTo(maxMax, `the maximum of ${of}`) : null;
  if (max !== null && max < min) {
    throw invalid(`${of} of ${min} has a maximum of ${max}`);
  }
  return { min, max };
}
function global(input) {
  const type2 = valueType2(input);
  const mutable = input.upTo(1, "whether a global is mutable") === 1;
  while (true) {
    const opcode = input.u8("an instruction of a global's initial value");
    if (opcode === 11) {
      return mutable ? type2 : null;
    }
    skipImmediates(opcode, input);
  }
}
function contentOf(bytes, shape) {
  let found = null;
  for (const section of shape.sections) {
    if (section.id === 0 /* Custom */) {
      const input = new Reader(bytes, section.start, section.end);
      if (input.text("the name of a custom section") === CONTENT_SECTION) {
        if (found !== null) {
          throw invalid(`the module has two sections '${CONTENT_SECTION}'; its content is one`);
        }
        found = bytes.slice(input.at, section.end);
      }
    }
  }
  return found;
}
var Editor = class {
  constructor(bytes, shape) {
    this.bytes = bytes;
    this.shape = shape;
  }
  bytes;
  shape;
  edited = /* @__PURE__ */ new Map();
  replace(section, content) {
    this.edited.set(section, content.toBytes());
  }
  remove(section) {
    this.edited.set(section, new Uint8Array(0));
  }
  /** Appends an entry to a section, which is created if there is none; returns its index there. */
  append(section, entry) {
    const content = this.content(section);
    const input = new Reader(content, 0, content.length);
    const count = content.length === 0 ? 0 : input.u32("the number of entries");
    this.edited.set(
      section,
      new Writer().u32(count + 1).raw(content.subarray(input.at)).raw(entry.toBytes()).toBytes()
    );
    return count;
  }
  toBytes() {
    const copy = new Writer().raw(this.bytes.subarray(0, 8));
    for (const id of SECTION_ORDER) {
      const content = this.content(id);
      if (content.length > 0) {
        copy.u8(id).u32(content.length).raw(content);
      }
    }
    return copy.toBytes();
  }
  content(id) {
    const edited = this.edited.get(id);
    if (edited !== void 0) {
      return edited;
    }
    const section = this.shape.sections.find((one) => one.id === id);
    return section === void 0 ? new Uint8Array(0) : this.bytes.subarray(section.start, section.end);
  }
};
function rewriteCode(bytes, shape, replacement) {
  const section = shape.sections.find((one) => one.id === 10 /* Code */);
  if (section === void 0) {
    return null;
  }
  const input = new Reader(bytes, section.start, section.end);
  const bodies = input.u32("the number of function bodies");
  const content = new Writer().u32(bodies);
  let replaced = 0;
  for (let body = 0; body < bodies; body++) {
    const length = input.u32("the length of a function body");
    const start = input.at;
    input.skip(length, "a function body");
    const copy = new Writer();
    replaced += copyBody(bytes, new Reader(bytes, start, input.at), replacement, copy);
    content.sized(copy);
  }
  return { content, replaced };
}
function copyBody(bytes, input, replacement, copy) {
  let copied2 = input.at;
  let replaced = 0;
  const groups = input.u32("the number of local declarations");
  for (let group = 0; group < groups; group++) {
    input.u32("the number of locals");
    valueType2(input);
  }
  while (input.hasMore()) {
    const instruction = input.at;
    const opcode = input.u8("an opcode");
    const immediates = input.at;
    skipImmediates(opcode, input);
    const called = replacement(opcode, new Reader(bytes, immediates, input.end));
    if (called >= 0) {
      copy.raw(bytes.subarray(copied2, instruction)).u8(16).u32(called);
      copied2 = input.at;
      replaced++;
    }
  }
  copy.raw(bytes.subarray(copied2, input.end));
  return replaced;
}
function skipImmediates(opcode, input) {
  switch (opcode) {
    case 0:
    case 1:
    case 5:
    case 11:
    case 15:
    case 26:
    case 27:
    case 209:
      return;
    case 2:
    case 3:
    case 4:
      return skipBlockType(input);
    case 208:
      if (input.u8("a heap type") !== FUNCREF) {
        throw unsupported("a reference other than funcref");
      }
      return;
    case 12:
    case 13:
    case 16:
    case 210:
    case 32:
    case 33:
    case 34:
    case 35:
    case 36:
    case 37:
    case 38:
      input.u32("an index");
      return;
    case 14: {
      const labels = input.u32("the number of labels");
      for (let label = 0; label <= labels; label++) {
        input.u32("a label");
      }
      return;
    }
    case 17:
      input.u32("a type's index");
      input.u32("a table's index");
      return;
    case 28: {
      const types = input.u32("the number of types");
      for (let type2 = 0; type2 < types; type2++) {
        valueType2(input);
      }
      return;
    }
    case 63:
    case 64:
      if (input.u32("a memory's index") !== 0) {
        throw unsupported("more than one memory");
      }
      return;
    case 65:
      return input.skipSigned(5, "an i32");
    case 66:
      return input.skipSigned(10, "an i64");
    case 67:
      return input.skip(4, "an f32");
    case 68:
      return input.skip(8, "an f64");
    case 252:
      return skipMiscellaneous(input);
    case 253:
      return skipVector(input);
    default:
      if (opcode >= 40 && opcode <= 62) {
        return skipMemoryArgument(input);
      }
      if (opcode >= 69 && opcode <= 196) {
        return;
      }
      throw unsupported(
        opcode === 18 || opcode === 19 || opcode === 21 ? "tail calls" : opcode === 251 ? "garbage collection" : opcode === 254 ? "threads" : opcode >= 6 && opcode <= 10 || opcode === 24 || opcode === 25 || opcode === 31 ? "exceptions" : `the instruction 0x${opcode.toString(16)}`
      );
  }
}
function skipBlockType(input) {
  const next = input.bytes[input.at];
  if (next !== void 0 && next >= 64 && next < 128) {
    if (next === 64) {
      input.u8("a type");
    } else {
      valueType2(input);
    }
  } else {
    input.skipSigned(5, "a type");
  }
}
function skipMemoryArgument(input) {
  const align = input.u32("an alignment");
  input.u32("an offset");
  if ((align & 64) !== 0) {
    throw unsupported("more than one memory");
  }
}
function skipMiscellaneous(input) {
  const opcode = input.u32("an opcode");
  switch (opcode) {
    case 9:
    case 11:
    case 13:
    case 15:
    case 16:
    case 17:
      input.u32("an index");
      return;
    case 8:
    case 10:
    case 12:
    case 14:
      input.u32("an index");
      input.u32("an index");
      return;
    default:
      if (opcode > 7) {
        throw unsupported(`the instruction 0xfc ${opcode}`);
      }
  }
}
function skipVector(input) {
  const opcode = input.u32("an opcode");
  if (opcode <= 11 || opcode === 92 || opcode === 93) {
    skipMemoryArgument(input);
  } else if (opcode === 12 || opcode === 13) {
    input.skip(16, "16 lanes");
  } else if (opcode >= 21 && opcode <= 34) {
    input.u8("a lane");
  } else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(input);
    input.u8("a lane");
  } else if (opcode >= 256) {
    throw unsupported("relaxed SIMD");
  }
}
function unsupported(what) {
  return invalid(`the module uses ${what}, which handlers may not`);
}

// src/host/guest.ts
var UNITS = {
  memory: "bytes",
  table_elements: "elements",
  time: "milliseconds",
  input: "bytes",
  output: "bytes",
  host_calls: "calls"
};
var NO_OUTPUT = "the guest ended without an output: a reactor calls write_output, a command writes to standard output, and flushes it before it ends";
function limitExceeded(limit, allowed, used) {
  const unit = UNITS[limit];
  const remedy = limit === "memory" ? "; it is the least of the manifest's memory_bytes and the class that is granted" : "";
  return {
    type: "limit_exceeded",
    message: `the guest used ${used} ${unit} of ${limit}, the limit is ${allowed}${remedy}`,
    retryable: limit === "time",
    code: limit,
    context: JSON.stringify({ limit, unit, allowed, used })
  };
}
function runGuest(job, page) {
  return new Guest(job, page).run();
}
var Guest = class {
  constructor(job, page) {
    this.job = job;
    this.page = page;
  }
  job;
  page;
  clocks = new Clocks();
  state;
  channel = null;
  files = null;
  memory = null;
  seen = null;
  seenBuffer = null;
  instantiated = 0;
  run() {
    const { input, limits } = this.job;
    let command = null;
    try {
      const config = configurationOf(input);
      if (this.job.command !== null && this.job.plan.kind === "command") {
        command = commandOf(config, this.job.handler, this.job.command.environment);
      }
      this.files = this.beginFiles(config);
    } catch (refused) {
      if (refused instanceof InvalidStep || refused instanceof InvalidFiles) {
        const type2 = refused instanceof InvalidStep ? refused.type : "invalid_files";
        this.state = new RunState(this.given(null, null), this.clocks, false);
        return this.ended(failed({ type: type2, message: refused.message, retryable: false }), null);
      }
      throw refused;
    }
    const given = this.given(command, this.files);
    this.state = new RunState(given, this.clocks, false);
    if (input.length > limits.input) {
      return this.ended(failed(limitExceeded("input", limits.input, input.length)), null);
    }
    const reason = this.callAll(given);
    this.instantiated ||= this.clocks.elapsedMs();
    this.state.streams.flush();
    return this.summary(reason);
  }
  beginFiles(config) {
    const { files: files2 } = this.job;
    if (files2 === null) {
      return null;
    }
    const given = files2.directories.some((each) => each.from === "input") ? filesOf(config) : /* @__PURE__ */ new Map();
    return new FileSystem(files2, given, () => this.clocks.wall());
  }
  given(command, files2) {
    const { handler, input, content, limits, plan, functions } = this.job;
    return {
      handler,
      input,
      content,
      limits,
      kind: plan.kind,
      command,
      granted: new Set(
        functions.filter(
          (name) => GRANTABLE.includes(name) || name === "http_request" && this.job.http || name === "read_secret" && this.job.secrets
        )
      ),
      files: files2,
      http: this.job.http ? this.http() : null,
      readSecret: this.job.secrets ? (name) => this.readSecret(name) : null,
      log: (line) => this.page.log(line),
      progress: (hostCalls) => this.page.progress(hostCalls, this.memory?.buffer.byteLength ?? 0)
    };
  }
  http() {
    return new GuestHttp((document, body) => this.ask(() => this.page.request(document, body)));
  }
  readSecret(name) {
    const { code, document } = this.ask(() => this.page.secret(name));
    return { code, value: document };
  }
  /** Asks the page, and waits for its answer as long as the run may go on. */
  ask(question) {
    this.channel ??= new ChannelReader(this.job.channel);
    return decodeAnswer(
      this.channel.ask(
        question,
        () => this.page.more(),
        () => {
          this.state.throwIfStopped();
          return Math.max(1, this.job.limits.time - this.clocks.elapsedMs());
        }
      )
    );
  }
  /** Instantiates, and calls what the module exports; the state is that of the preparation if it ended there. */
  callAll(given) {
    const { plan, module } = this.job;
    try {
      const { exports } = new WebAssembly.Instance(module, this.imports());
      this.memory = exports["memory"];
      if (plan.probe !== null) {
        const probe = exports[plan.probe];
        this.refusedPages = () => probe() >>> 0;
      }
      const call = (name) => exports[name]();
      if (plan.start !== null) {
        call(plan.start);
      }
      this.instantiated = this.clocks.elapsedMs();
      const run2 = this.state;
      if (plan.prepares) {
        this.state = new RunState({ ...given, files: null }, this.clocks, true);
      }
      if (plan.initializes) {
        call("_initialize");
      }
      if (plan.prepares) {
        const code2 = Number(call("prepare") ?? 0);
        if (code2 !== 0) {
          return { kind: "returned", code: code2 };
        }
        this.state.streams.flush();
        this.state = run2;
      }
      const code = call(plan.kind === "command" ? "_start" : "run");
      return { kind: "returned", code: Number(code ?? 0) };
    } catch (thrown) {
      return this.state.stopReason ?? trapOf(thrown);
    } finally {
      this.lookAtRefusedGrowth();
    }
  }
  lookAtRefusedGrowth() {
    const { plan, limits } = this.job;
    if (this.memory === null) {
      return;
    }
    const refused = this.refusedPages() * PAGE_BYTES;
    const requested = this.memory.buffer.byteLength + refused;
    if (refused > 0 && requested > limits.memory && requested <= plan.declaredMaxPages * PAGE_BYTES) {
      this.state.refusedMemory = requested;
    }
  }
  /** Pages of the last growth, if that was refused. */
  refusedPages = () => 0;
  imports() {
    const imports = {};
    for (const { module, name } of this.job.plan.imports) {
      const body = module === ABI_MODULE ? ABI[name] : module === WASI_MODULE ? WASI[name] : ENV[name];
      (imports[module] ??= {})[name] = this.hostFunction(module, name, body);
    }
    return imports;
  }
  /** Handles one call: checks the deadline and the limit of calls, whether it is allowed here and granted, counts it. */
  hostFunction(module, name, body) {
    const inPrepare = (module === WASI_MODULE ? IN_PREPARE : ABI_IN_PREPARE).has(name) || name === "abort";
    return (...args) => {
      const run2 = this.state;
      run2.enter();
      let verdict = "failed";
      try {
        let result;
        if (run2.preparing && !inPrepare) {
          result = module === WASI_MODULE ? Errno.Perm : AbiError.State;
        } else if (module === ABI_MODULE && !run2.given.granted.has(name)) {
          result = AbiError.Denied;
        } else {
          result = body(new HostCall(run2, this.memoryNow(), args));
        }
        verdict = verdictOf(module, Number(result));
        return returnsI64(name) ? BigInt(result) : Number(result);
      } finally {
        run2.count(name, verdict);
      }
    };
  }
  /** A guest's memory has another buffer once it has grown. */
  memoryNow() {
    const buffer = this.memory.buffer;
    if (this.seen === null || buffer !== this.seenBuffer) {
      this.seen = new GuestMemory(buffer);
      this.seenBuffer = buffer;
    }
    return this.seen;
  }
  summary(reason) {
    const { state } = this;
    switch (reason.kind) {
      case "returned":
        return this.summaryOfCode(reason.code, "returned");
      case "exited":
        return this.summaryOfCode(reason.code, "exited with");
      case "limit":
        return this.ended(failed(limitExceeded(reason.limit, reason.allowed, reason.used)), null);
      case "trapped":
        if (state.refusedMemory > 0 && ["unreachable", "aborted", "memory_out_of_bounds"].includes(reason.trap)) {
          return this.memoryExceeded();
        }
        return this.failedSaying("trapped", reason.trap, reason.message);
    }
  }
  summaryOfCode(code, how) {
    const { state } = this;
    const { command } = state.given;
    const guestFailed = (text) => this.failedSaying("guest_failed", String(code), { text, truncated: false });
    if (state.preparing) {
      return state.refusedMemory > 0 && code !== 0 ? this.memoryExceeded() : guestFailed(`the guest ${how} code ${code}`);
    }
    if (command !== null && (code === 0 || state.refusedMemory === 0)) {
      const { output: max } = this.job.limits;
      const { streams } = state;
      const made = commandResult(
        code,
        streams.standardOutput(),
        streams.standardError(),
        this.files,
        command.outputs,
        max
      );
      return made.document === null ? this.ended(failed(limitExceeded("output", max, made.bytes)), null) : this.ended(readResult(made.document), made.document);
    }
    const output = state.output();
    if (output !== null && code === 0) {
      return this.ended(readResult(output), output);
    }
    if (code === 0) {
      return guestFailed(NO_OUTPUT);
    }
    return state.refusedMemory > 0 ? this.memoryExceeded() : guestFailed(`the guest ${how} code ${code}`);
  }
  memoryExceeded() {
    return this.ended(failed(limitExceeded("memory", this.job.limits.memory, this.state.refusedMemory)), null);
  }
  /** An error whose message the page writes, after it took secrets out of what the guest said. */
  failedSaying(type2, code, message) {
    const { preparing, streams } = this.state;
    const said = { inPrepare: preparing, message, tail: streams.stderrTail };
    return this.ended(failed({ type: type2, message: "", retryable: false, code }), null, said);
  }
  ended(document, output, said = null) {
    const calls = [...this.state.calls].sort(([one], [other]) => one < other ? -1 : 1);
    const elapsed = this.clocks.elapsedMs();
    return {
      document,
      output,
      said,
      usage: {
        instantiationMs: this.instantiated,
        executionMs: elapsed - this.instantiated,
        memoryHighWaterBytes: this.memory?.buffer.byteLength ?? 0,
        hostCalls: Object.fromEntries(calls),
        bytesOut: output?.length ?? 0,
        logLinesDropped: this.state.logLinesDropped,
        files: this.files?.usage ?? null
      }
    };
  }
};
function failed(error) {
  return { status: "failed", error };
}
function verdictOf(module, value2) {
  if (module === WASI_MODULE) {
    return value2 === Errno.Success ? "allowed" : "failed";
  }
  return value2 >= 0 ? "allowed" : value2 === AbiError.Denied ? "denied" : "failed";
}
var TRAPS = [
  [/call stack|too much recursion/i, "stack_overflow"],
  [/unreachable/i, "unreachable"],
  [/table|element segment/i, "table_out_of_bounds"],
  [/signature|indirect call/i, "bad_signature"],
  [/divi\w+ by zero|remainder by zero/i, "integer_division_by_zero"],
  [/unrepresentable in integer|invalid conversion/i, "bad_conversion_to_integer"],
  [/unrepresentable|integer overflow/i, "integer_overflow"],
  [/out of bounds|out-of-bounds/i, "memory_out_of_bounds"]
];
function trapOf(thrown) {
  if (thrown instanceof RunStopped || !(thrown instanceof Error)) {
    throw thrown;
  }
  const isTrap = thrown instanceof WebAssembly.RuntimeError || TRAPS[0][0].test(thrown.message);
  if (!isTrap) {
    throw thrown;
  }
  const trap = TRAPS.find(([text]) => text.test(thrown.message))?.[1] ?? "other";
  return { kind: "trapped", trap, message: { text: thrown.message, truncated: false } };
}

// src/host/leaks.ts
var MIN_LENGTH = 4;
var MIN_LINE_BYTES = 16;
var MIN_BASE64_DIGITS = 5;
var MAX_VIEWS = 8;
var MAX_DECODING_DEPTH = 3;
var MAX_POINTER_CHARS = 300;
var MAX_NAME_CHARS = 60;
var MAX_JSON_DEPTH = 1e3;
var UTF8 = new TextEncoder();
var BACKSLASH = 92;
var COMMA = 44;
var PERCENT = 37;
var PLUS = 43;
var SPACE = 32;
var View = class _View {
  constructor(bytes, length, starts, ends) {
    this.bytes = bytes;
    this.length = length;
    this.starts = starts;
    this.ends = ends;
  }
  bytes;
  length;
  starts;
  ends;
  static of(bytes) {
    return new _View(bytes, bytes.length, null, null);
  }
  static withOffsets(bytes) {
    const starts = Uint32Array.from(bytes, (_, at) => at);
    return new _View(bytes, bytes.length, starts, Uint32Array.from(bytes, (_, at) => at + 1));
  }
  /** The offset in the original text where the byte at this one begins. */
  sourceStart(at) {
    return this.starts === null ? at : this.starts[at];
  }
  /** The same, where it ends. */
  sourceEnd(at) {
    return this.ends === null ? at + 1 : this.ends[at];
  }
  writer(capacity) {
    return new ViewWriter(this, capacity, this.starts !== null);
  }
};
var ViewWriter = class {
  constructor(source, capacity, withOffsets) {
    this.source = source;
    this.to = new Uint8Array(capacity);
    this.starts = withOffsets ? new Uint32Array(capacity) : null;
    this.ends = withOffsets ? new Uint32Array(capacity) : null;
  }
  source;
  length = 0;
  to;
  starts;
  ends;
  put(value2, from, until) {
    this.to[this.length] = value2;
    if (this.starts !== null && this.ends !== null) {
      const { source } = this;
      this.starts[this.length] = from < source.length ? source.sourceStart(from) : source.sourceEnd(from - 1);
      this.ends[this.length] = until > from ? source.sourceEnd(until - 1) : this.starts[this.length];
    }
    this.length++;
  }
  /** Also of a surrogate by itself, as the broker writes it. */
  putUtf8(point, from, until) {
    const rest = (shift) => this.put(128 | point >> shift & 63, from, until);
    if (point < 128) {
      this.put(point, from, until);
    } else if (point < 2048) {
      this.put(192 | point >> 6, from, until);
      rest(0);
    } else if (point < 65536) {
      this.put(224 | point >> 12, from, until);
      rest(6);
      rest(0);
    } else {
      this.put(240 | point >> 18, from, until);
      rest(12);
      rest(6);
      rest(0);
    }
  }
  toView() {
    return new View(this.to, this.length, this.starts, this.ends);
  }
};
function has(view, byte) {
  const at = view.bytes.indexOf(byte);
  return at >= 0 && at < view.length;
}
function digitOf(byte) {
  if (byte === void 0) {
    return -1;
  }
  if (byte >= 48 && byte <= 57) {
    return byte - 48;
  }
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 97 + 10 : -1;
}
function hexAt({ bytes, length }, at, digits) {
  if (at + digits > length) {
    return -1;
  }
  let value2 = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = digitOf(bytes[i]);
    if (digit < 0) {
      return -1;
    }
    value2 = value2 << 4 | digit;
  }
  return value2;
}
var SIMPLE = new Map([
  ...['"', "\\", "/", "'"].map((one) => [one.charCodeAt(0), one.charCodeAt(0)]),
  ...Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9 }).map(([one, byte]) => [one.charCodeAt(0), byte])
]);
function escapeAt(view, at, out) {
  const { bytes, length } = view;
  if (at + 1 >= length) {
    return 0;
  }
  const kind = bytes[at + 1];
  const simple = SIMPLE.get(kind);
  if (simple !== void 0) {
    out.put(simple, at, at + 2);
    return at + 2;
  }
  if (kind === 120) {
    const value2 = hexAt(view, at + 2, 2);
    if (value2 < 0) {
      return 0;
    }
    out.put(value2, at, at + 4);
    return at + 4;
  }
  if (kind !== 117) {
    return 0;
  }
  const unit = hexAt(view, at + 2, 4);
  if (unit < 0) {
    return escapeInBraces(view, at, out);
  }
  const end = at + 6;
  if (unit >= 55296 && unit <= 56319 && end + 1 < length && bytes[end] === BACKSLASH && bytes[end + 1] === 117) {
    const low = hexAt(view, end + 2, 4);
    if (low >= 56320 && low <= 57343) {
      out.putUtf8(65536 + (unit - 55296 << 10) + (low - 56320), at, end + 6);
      return end + 6;
    }
  }
  out.putUtf8(unit, at, end);
  return end;
}
function escapeInBraces(view, at, out) {
  const { bytes, length } = view;
  if (at + 2 >= length || bytes[at + 2] !== 123) {
    return 0;
  }
  let close2 = at + 3;
  while (close2 < length && close2 < at + 9 && digitOf(bytes[close2]) >= 0) {
    close2++;
  }
  if (close2 === at + 3 || close2 >= length || bytes[close2] !== 125) {
    return 0;
  }
  const point = hexAt(view, at + 3, close2 - at - 3);
  if (point > 1114111) {
    return 0;
  }
  out.putUtf8(point, at, close2 + 1);
  return close2 + 1;
}
function unescaped(view) {
  if (!has(view, BACKSLASH)) {
    return null;
  }
  const out = view.writer(view.length);
  let changed = false;
  for (let i = 0; i < view.length; ) {
    const next = view.bytes[i] === BACKSLASH ? escapeAt(view, i, out) : 0;
    if (next === 0) {
      out.put(view.bytes[i], i, i + 1);
      i++;
    } else {
      changed = true;
      i = next;
    }
  }
  return changed ? out.toView() : null;
}
function percentDecoded(view) {
  if (!has(view, PERCENT)) {
    return null;
  }
  const out = view.writer(view.length);
  let changed = false;
  for (let i = 0; i < view.length; ) {
    const value2 = view.bytes[i] === PERCENT ? hexAt(view, i + 1, 2) : -1;
    if (value2 < 0) {
      out.put(view.bytes[i], i, i + 1);
      i++;
    } else {
      out.put(value2, i, i + 3);
      changed = true;
      i += 3;
    }
  }
  return changed ? out.toView() : null;
}
function spacesAsPlus(view) {
  if (!has(view, PLUS)) {
    return null;
  }
  const out = view.writer(view.length);
  for (let i = 0; i < view.length; i++) {
    out.put(view.bytes[i] === SPACE ? PLUS : view.bytes[i], i, i + 1);
  }
  return out.toView();
}
function hexDigits(view) {
  const { bytes, length } = view;
  const out = view.writer(length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === 48 && i + 1 < length && (bytes[i + 1] | 32) === 120) {
      i++;
    } else if (digitOf(byte) >= 0) {
      out.put(byte <= 57 ? byte : byte | 32, i, i + 1);
    }
  }
  return out.toView();
}
var BASE64 = new Uint8Array(256);
for (const each of UTF8.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
  BASE64[each] = each;
}
BASE64[45] = PLUS;
BASE64[95] = 47;
function base64Digits(view) {
  const out = view.writer(view.length);
  for (let i = 0; i < view.length; i++) {
    const digit = BASE64[view.bytes[i]];
    if (digit !== 0) {
      out.put(digit, i, i + 1);
    }
  }
  return out.toView();
}
function numbers(view) {
  const { bytes, length } = view;
  const out = view.writer(length + 2);
  let inNumber = false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte >= 48 && byte <= 57) {
      if (out.length === 0) {
        out.put(COMMA, i, i);
      }
      out.put(byte, i, i + 1);
      inNumber = true;
    } else if (inNumber) {
      out.put(COMMA, i, i);
      inNumber = false;
    }
  }
  if (inNumber) {
    out.put(COMMA, length, length);
  }
  return out.toView();
}
var FILTER_BITS = 14;
var PatternSet = class {
  filter = new Uint8Array(1 << FILTER_BITS);
  patterns = [];
  /** One that is too short is ignored. */
  add(owner, bytes) {
    if (bytes.length >= MIN_LENGTH) {
      this.filter[slot(bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3])] = 1;
      this.patterns.push({ owner, bytes });
    }
  }
  /** Reports every match, in the order of positions. */
  find({ bytes, length }, onMatch) {
    if (this.patterns.length === 0 || length < MIN_LENGTH) {
      return;
    }
    let word = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
    for (let i = 0; i + MIN_LENGTH <= length; i++) {
      word = word << 8 | bytes[i + 3];
      if (this.filter[slot(word)] === 1 && !this.report(bytes, i, length, onMatch)) {
        return;
      }
    }
  }
  report(text, at, length, onMatch) {
    return this.patterns.every(
      ({ owner, bytes }) => at + bytes.length > length || !isAt(text, at, bytes, bytes.length) || onMatch(owner, at, at + bytes.length)
    );
  }
  /** Reports the beginnings of patterns with which the text ends, the longest of each. */
  findBeginningsAtEnd({ bytes: text, length }, onMatch) {
    for (const { owner, bytes } of this.patterns) {
      for (let part = Math.min(bytes.length - 1, length); part >= MIN_LENGTH; part--) {
        if (isAt(text, length - part, bytes, part)) {
          onMatch(owner, length - part, length);
          break;
        }
      }
    }
  }
};
function slot(word) {
  return Math.imul(word, 2654435761) >>> 32 - FILTER_BITS;
}
function isAt(text, at, pattern, length) {
  for (let i = length - 1; i >= 0; i--) {
    if (text[at + i] !== pattern[i]) {
      return false;
    }
  }
  return true;
}
function isBlank(byte) {
  return byte === SPACE || byte === 9 || byte === 13 || byte === 10;
}
function stripped(value2) {
  let start = 0;
  let end = value2.length;
  while (start < end && isBlank(value2[start])) {
    start++;
  }
  while (end > start && isBlank(value2[end - 1])) {
    end--;
  }
  return value2.slice(start, end);
}
function piecesOf(value2) {
  const lines = [];
  let from = 0;
  for (let i = 0; i <= value2.length; i++) {
    if (i === value2.length || value2[i] === 10) {
      const line = stripped(value2.subarray(from, i));
      if (line.length >= MIN_LINE_BYTES && !(line[0] === 45 && line[1] === 45)) {
        lines.push(line);
      }
      from = i + 1;
    }
  }
  const whole = stripped(value2);
  const single = lines.length === 1 && lines[0].length === whole.length;
  return lines.length === 0 || single ? [whole] : lines;
}
var ALL = (patterns, view, onMatch) => patterns.find(view, onMatch);
var BEGINNINGS = (patterns, view, onMatch) => patterns.findBeginningsAtEnd(view, onMatch);
var LeakScanner = class {
  owners = [];
  plain = new PatternSet();
  spaced = new PatternSet();
  hex = new PatternSet();
  base64 = new PatternSet();
  numbers = new PatternSet();
  get isEmpty() {
    return this.owners.length === 0;
  }
  add(name, value2) {
    const owner = this.owners.push(name) - 1;
    for (const piece of piecesOf(value2)) {
      this.plain.add(owner, piece);
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece);
      this.plain.add(owner, UTF8.encode(sanitize(text, text.length)));
      this.spaced.add(owner, withPlus(piece));
      const decoded = percentDecoded(View.of(piece));
      if (decoded !== null) {
        this.spaced.add(owner, withPlus(decoded.bytes.slice(0, decoded.length)));
      }
      this.hex.add(owner, UTF8.encode(Array.from(piece, (byte) => byte.toString(16).padStart(2, "0")).join("")));
      this.addBase64(owner, piece);
      this.numbers.add(owner, UTF8.encode(`,${Array.from(piece).join(",")},`));
    }
  }
  /** At each of three offsets, the digits that depend on nothing but the value. */
  addBase64(owner, piece) {
    for (let offset = 0; offset < 3; offset++) {
      const binary = "\0".repeat(offset) + Array.from(piece, (byte) => String.fromCharCode(byte)).join("");
      const from = Math.floor((offset * 8 + 5) / 6);
      const to = Math.floor(binary.length * 8 / 6);
      if (to - from >= MIN_BASE64_DIGITS) {
        this.base64.add(owner, UTF8.encode(btoa(binary).slice(from, to)));
      }
    }
  }
  /** The first value that is found and where it is, or null. */
  leakIn(text) {
    const found = this.find(text);
    return found === null ? null : { ...found, pointer: this.locate(text) };
  }
  find(text) {
    let found = null;
    this.scan(View.of(text), ALL, (owner, form) => {
      found = { name: this.owners[owner], form };
      return false;
    });
    return found;
  }
  /**
   * The text with `[secret NAME]` in place of every value.
   *
   * @param truncated whether more text followed, so that it may end with the beginning of a value
   */
  redact(text, truncated) {
    if (this.isEmpty) {
      return text;
    }
    const bytes = UTF8.encode(text);
    const marked = new Uint32Array(bytes.length);
    let any = false;
    const mark = (owner, form, view, start, end) => {
      any = true;
      const first = form === "as numbers" ? start + 1 : start;
      marked.fill(owner + 1, view.sourceStart(first), view.sourceEnd(end - 1));
      return true;
    };
    this.scan(View.withOffsets(bytes), ALL, mark);
    if (truncated) {
      this.scan(View.withOffsets(bytes), BEGINNINGS, mark);
    }
    return any ? this.withoutMarked(bytes, marked) : text;
  }
  withoutMarked(bytes, marked) {
    const nameAt = (at) => marked[at] === 0 ? void 0 : this.owners[marked[at] - 1];
    let out = "";
    for (let from = 0; from < bytes.length; ) {
      let to = from + 1;
      while (to < bytes.length && nameAt(to) === nameAt(from)) {
        to++;
      }
      const name = nameAt(from);
      out += name === void 0 ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(from, to)) : `[secret ${name}]`;
      from = to;
    }
    return out;
  }
  scan(text, search2, onFinding) {
    if (!this.isEmpty) {
      decodedViews(text).every(({ view, form }) => this.scanView(view, form, search2, onFinding));
    }
  }
  scanView(view, form, search2, onFinding) {
    const scan = (patterns, of, as) => {
      let proceed = true;
      if (of !== null) {
        search2(patterns, of, (owner, start, end) => proceed = onFinding(owner, as, of, start, end));
      }
      return proceed;
    };
    return scan(this.plain, view, form) && scan(this.spaced, spacesAsPlus(view), "URL-encoded") && (form !== "URL-encoded" || scan(this.spaced, view, "URL-encoded")) && scan(this.hex, hexDigits(view), "in hex") && scan(this.base64, base64Digits(view), "in base64") && scan(this.numbers, numbers(view), "as numbers");
  }
  /** The JSON pointer of the first member or element that has a value; empty if it is in none, or the text no JSON. */
  locate(text) {
    const reader = new JsonReader(text, MAX_JSON_DEPTH);
    const segments = [];
    const contains = (value3) => {
      if (this.find(UTF8.encode(value3)) !== null) {
        throw new Located();
      }
    };
    const below = (segment) => {
      segments.push(segment);
      value2();
      segments.pop();
    };
    const value2 = () => {
      const kind = reader.kind();
      switch (kind) {
        case "object":
          return reader.object((name) => {
            contains(name);
            below(sanitize(name.replaceAll("~", "~0").replaceAll("/", "~1"), MAX_NAME_CHARS));
          });
        case "array": {
          let index = 0;
          return reader.array(() => below(String(index++)));
        }
        case "string":
          return contains(reader.string());
        case "number":
          return contains(reader.number());
        default:
          return reader.word(kind);
      }
    };
    try {
      value2();
      return "";
    } catch (thrown) {
      if (thrown instanceof Located) {
        return sanitize(this.redact(segments.map((one) => `/${one}`).join(""), true), MAX_POINTER_CHARS);
      }
      if (thrown instanceof JsonProblem) {
        return "";
      }
      throw thrown;
    }
  }
};
var Located = class extends Error {
};
function withPlus(bytes) {
  return bytes.map((byte) => byte === SPACE ? PLUS : byte);
}
function decodedViews(text) {
  const views = [{ view: text, form: "as plain text", depth: 0 }];
  for (let i = 0; i < views.length && views.length < MAX_VIEWS; i++) {
    const { view, form, depth } = views[i];
    if (depth === MAX_DECODING_DEPTH) {
      break;
    }
    const plain = unescaped(view);
    if (plain !== null) {
      views.push({ view: plain, form: form === "as plain text" ? "with escapes" : form, depth: depth + 1 });
    }
    const decoded = percentDecoded(view);
    if (decoded !== null) {
      views.push({ view: decoded, form: "URL-encoded", depth: depth + 1 });
    }
  }
  return views;
}

// src/host/limits.ts
var MIB = 1 << 20;
var CLASSES = {
  text: 32 * MIB,
  image: 128 * MIB,
  media: 512 * MIB
};
var DEFAULT_LIMITS = {
  memory: 32 * MIB,
  tableElements: 1e4,
  time: 3e4,
  input: 16 * MIB,
  output: 4 * MIB,
  log: 64 << 10,
  logLine: 8 << 10,
  hostCalls: 1e5
};
var MAX_MODULE_BYTES = 20 * MIB;
var BOUNDS = {
  memory: [64 << 10, 512 * MIB],
  tableElements: [0, 64 << 10],
  time: [1, 864e5],
  input: [2, 256 * MIB],
  output: [2, 64 * MIB],
  log: [0, 16 * MIB],
  logLine: [2, MIB],
  hostCalls: [1, 1e9]
};

// src/host/module.ts
var VOID = "() -> ()";
var EXIT_CODE = "() -> i32";
var MEMORY_GROW = 64;
function check(bytes, limits) {
  if (bytes.length > MAX_MODULE_BYTES) {
    throw invalid(`the module has ${bytes.length} bytes, the maximum is ${MAX_MODULE_BYTES}`);
  }
  const shape = parse2(bytes);
  const content = contentOf(bytes, shape);
  checkImports(shape);
  checkMemory(shape, limits);
  const kind = kindOf(shape);
  const initializes = hasInitializer(shape, kind);
  const prepares = hasPreparation(shape, kind);
  const declared = shape.memories[0];
  const probed = insertProbe(bytes, shape, prepares);
  if (prepares) {
    requireKnownState(shape);
  }
  const started = exportStart(probed.bytes);
  return {
    code: clamp(started.bytes, limits),
    content,
    plan: {
      kind,
      initializes,
      prepares,
      start: started.name,
      probe: probed.name,
      declaredMaxPages: declared.max ?? 65536,
      imports: shape.imports.map(({ module, name }) => ({ module, name }))
    }
  };
}
function checkImports(shape) {
  for (const wanted of shape.imports) {
    const name = `'${wanted.module}.${wanted.name}'`;
    if (wanted.kind !== "function") {
      const own = wanted.kind === "memory" ? " and defines its own memory" : "";
      throw invalid(`the module imports the ${wanted.kind} ${name}; a handler may import functions only${own}`);
    }
    const expected = signatures(wanted.module)?.get(wanted.name);
    if (expected === void 0) {
      throw invalid(
        signatures(wanted.module) === void 0 ? `the module imports ${name} from an unknown module; a handler may import from wasm_broker_v1 and wasi_snapshot_preview1` : `the module imports the unknown function ${name}`
      );
    }
    if (expected !== wanted.type) {
      throw invalid(`the module imports ${name} as ${wanted.type}, but it is ${expected}`);
    }
  }
}
function checkMemory(shape, limits) {
  if (exported(shape, "memory")?.kind !== "memory") {
    throw invalid("the module exports no memory named 'memory'");
  }
  if (shape.memories.length !== 1) {
    throw invalid(`the module defines ${shape.memories.length} memories, the maximum is 1`);
  }
  if (shape.tables.length > 1) {
    throw invalid(`the module defines ${shape.tables.length} tables, the maximum is 1`);
  }
  const initial = shape.memories[0].min * PAGE_BYTES;
  if (initial > limits.memory) {
    throw invalid(`the module's memory starts with ${initial} bytes, the limit is ${limits.memory}`);
  }
  for (const table2 of shape.tables) {
    if (table2.min > limits.tableElements) {
      throw invalid(`the module's table starts with ${table2.min} elements, the limit is ${limits.tableElements}`);
    }
  }
}
function kindOf(shape) {
  const run2 = exported(shape, "run");
  const start = exported(shape, "_start");
  if (run2 !== void 0 && start !== void 0) {
    throw invalid("the module exports both 'run' and '_start'; it is either a reactor or a WASI command");
  }
  if (start !== void 0) {
    requireType(shape, "_start", VOID);
    return "command";
  }
  if (run2 === void 0) {
    throw invalid("the module exports neither the function 'run' nor, as a WASI command, '_start'");
  }
  requireType(shape, "run", VOID, EXIT_CODE);
  return "reactor";
}
function hasInitializer(shape, kind) {
  if (exported(shape, "_initialize") === void 0) {
    return false;
  }
  if (kind === "command") {
    throw invalid("the module exports both '_initialize' and '_start'; a WASI command has no initialiser");
  }
  requireType(shape, "_initialize", VOID);
  return true;
}
function hasPreparation(shape, kind) {
  if (exported(shape, "prepare") === void 0) {
    return false;
  }
  if (kind === "command") {
    throw invalid("the module exports both 'prepare' and '_start'; a WASI command cannot be prepared");
  }
  requireType(shape, "prepare", VOID, EXIT_CODE);
  return true;
}
function requireType(shape, name, ...allowed) {
  const found = exported(shape, name);
  if (found.kind !== "function") {
    throw invalid(`the export '${name}' is a ${found.kind}, it must be a function ${allowed.join(" or ")}`);
  }
  const type2 = functionTypeAt(shape.imports, shape.functions, found.index);
  if (!allowed.includes(type2)) {
    throw invalid(`the exported function '${name}' is ${type2}, it must be ${allowed.join(" or ")}`);
  }
}
function requireKnownState(shape) {
  if (shape.start !== null) {
    throw refusedState("has a start function; what it does at instantiation has to be in '_initialize'");
  }
  if (shape.globals.includes(FUNCREF)) {
    throw refusedState("has a mutable global of type funcref");
  }
}
function refusedState(what) {
  return invalid(`the module exports 'prepare', but what it leaves could not be put back: it ${what}`);
}
function stateChange(opcode, immediates) {
  if (opcode === 38) {
    return "table.set";
  }
  if (opcode !== 252) {
    return void 0;
  }
  return (/* @__PURE__ */ new Map([
    [9, "data.drop"],
    [12, "table.init"],
    [13, "elem.drop"],
    [14, "table.copy"],
    [15, "table.grow"],
    [17, "table.fill"]
  ])).get(immediates.u32("an opcode"));
}
function insertProbe(bytes, shape, prepares) {
  const grow = shape.imports.length + shape.functions.length;
  const code = rewriteCode(bytes, shape, (opcode, immediates) => {
    const change = prepares ? stateChange(opcode, immediates) : void 0;
    if (change !== void 0) {
      throw refusedState(`uses ${change}`);
    }
    return opcode === MEMORY_GROW ? grow : -1;
  });
  if (code === null || code.replaced === 0) {
    return { bytes, name: null };
  }
  const name = unusedName(shape, "wasm_broker:refused_pages");
  const editor = new Editor(bytes, shape);
  const growType = editor.append(1 /* Type */, writer(96, 1, 127, 1, 127));
  const queryType = editor.append(1 /* Type */, writer(96, 0, 1, 127));
  editor.append(3 /* Function */, new Writer().u32(growType));
  editor.append(3 /* Function */, new Writer().u32(queryType));
  const global2 = editor.append(6 /* Global */, writer(127, 1, 65, 0, 11));
  editor.append(7 /* Export */, new Writer().text(name).u8(0).u32(grow + 1));
  editor.replace(10 /* Code */, code.content);
  const growBody = writer(1, 1, 127, 32, 0, MEMORY_GROW, 0, 34, 1, 65, 127, 70).raw(writer(4, 127, 32, 0, 5, 65, 0, 11, 36).u32(global2).toBytes()).raw(writer(32, 1, 11).toBytes());
  editor.append(10 /* Code */, new Writer().sized(growBody));
  editor.append(10 /* Code */, new Writer().sized(writer(0, 35).u32(global2).u8(11)));
  return { bytes: editor.toBytes(), name };
}
function exportStart(bytes) {
  const shape = parse2(bytes);
  if (shape.start === null) {
    return { bytes, name: null };
  }
  const name = unusedName(shape, "wasm_broker:start");
  const editor = new Editor(bytes, shape);
  editor.remove(8 /* Start */);
  editor.append(7 /* Export */, new Writer().text(name).u8(0).u32(shape.start));
  return { bytes: editor.toBytes(), name };
}
function clamp(bytes, limits) {
  const shape = parse2(bytes);
  const editor = new Editor(bytes, shape);
  const memories = new Writer().u32(shape.memories.length);
  for (const memory2 of shape.memories) {
    writeSize(memories, memory2, Math.floor(limits.memory / PAGE_BYTES));
  }
  editor.replace(5 /* Memory */, memories);
  if (shape.tables.length > 0) {
    const tables = new Writer().u32(shape.tables.length);
    for (const table2 of shape.tables) {
      writeSize(tables.u8(FUNCREF), table2, limits.tableElements);
    }
    editor.replace(4 /* Table */, tables);
  }
  return editor.toBytes();
}
function writeSize(content, size2, limit) {
  content.u8(1).u32(size2.min).u32(Math.min(size2.max ?? limit, limit));
}
function exported(shape, name) {
  return shape.exports.find((one) => one.name === name);
}
function unusedName(shape, wanted) {
  let name = wanted;
  while (exported(shape, name) !== void 0) {
    name += "'";
  }
  return name;
}

// src/host/worker.ts
var scope = self;
scope.onmessage = ({ data }) => {
  scope.onmessage = null;
  try {
    if (data.kind === "load") {
      load(data.bytes, data.limits);
    } else if (data.kind === "run") {
      run(data.job);
    } else {
      search(data.text, data.values);
    }
  } catch (failure) {
    scope.postMessage(
      failure instanceof ModuleRefused ? { kind: "refused", message: failure.message } : { kind: "fault", message: String(failure) }
    );
  }
};
function load(bytes, limits) {
  const checked = check(bytes, limits);
  let module;
  try {
    module = new WebAssembly.Module(checked.code);
  } catch (failure) {
    if (failure instanceof WebAssembly.CompileError) {
      throw new ModuleRefused(`the module is invalid: ${failure.message}`);
    }
    throw failure;
  }
  scope.postMessage({ kind: "loaded", module, content: checked.content, plan: checked.plan });
}
function search(text, values) {
  const scanner = new LeakScanner();
  values.forEach((value2, name) => scanner.add(name, value2));
  scope.postMessage({ kind: "searched", leak: scanner.leakIn(text) });
}
function run(job) {
  scope.postMessage({ kind: "started" });
  const end = runGuest(job, {
    log: (line) => scope.postMessage({ kind: "log", line }),
    progress: (hostCalls, memoryBytes) => scope.postMessage({ kind: "progress", hostCalls, memoryBytes }),
    request: (document, body) => scope.postMessage({ kind: "request", document, body }),
    secret: (name) => scope.postMessage({ kind: "secret", name }),
    more: () => scope.postMessage({ kind: "more" })
  });
  scope.postMessage({ kind: "ended", end }, end.output === null ? [] : [end.output.buffer]);
}
