package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.files.Directory;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.Node;
import org.wasmbroker.sandbox.files.OpenFile;

/**
 * The descriptors from 3 on: the directories of the grant, which the guest finds open, and what it
 * opens. Of rights only reading and writing count. Bytes are transferred in pieces, with a look at
 * the deadline before each.
 */
final class WasiFiles {
  static final long RIGHT_READ = 1 << 1;
  static final long RIGHT_WRITE = 1 << 6;

  private static final int PIECE = 64 << 10;
  private static final int FDSTAT = 24;
  private static final int FILESTAT = 64;
  private static final int DIRENT = 24;
  private static final int PRESTAT = 8;

  private static final int TYPE_DIRECTORY = 3;
  private static final int TYPE_FILE = 4;

  private static final int NONBLOCK = 4;

  private static final int SET_ACCESS = 1;
  private static final int ACCESS_NOW = 2;
  private static final int SET_MODIFICATION = 4;
  private static final int MODIFICATION_NOW = 8;

  private static final int MAX_ADVICE = 5;

  /** What directories have: everything but setting the size of a file by its path. */
  private static final long DIRECTORY_RIGHTS =
      1 << 3 // fd_fdstat_set_flags
          | 1 << 9 // path_create_directory
          | 1 << 10 // path_create_file
          | 1 << 11 // path_link_source
          | 1 << 12 // path_link_target
          | 1 << 13 // path_open
          | 1 << 14 // fd_readdir
          | 1 << 15 // path_readlink
          | 1 << 16 // path_rename_source
          | 1 << 17 // path_rename_target
          | 1 << 18 // path_filestat_get
          | 1 << 20 // path_filestat_set_times
          | 1 << 21 // fd_filestat_get
          | 1 << 23 // fd_filestat_set_times
          | 1 << 24 // path_symlink
          | 1 << 25 // path_remove_directory
          | 1 << 26; // path_unlink_file

  /** What files have besides reading and writing. */
  private static final long FILE_RIGHTS =
      1 // fd_datasync
          | 1 << 2 // fd_seek
          | 1 << 3 // fd_fdstat_set_flags
          | 1 << 4 // fd_sync
          | 1 << 5 // fd_tell
          | 1 << 7 // fd_advise
          | 1 << 8 // fd_allocate
          | 1 << 21 // fd_filestat_get
          | 1 << 22 // fd_filestat_set_size
          | 1 << 23 // fd_filestat_set_times
          | 1 << 27; // poll_fd_readwrite

  private WasiFiles() {}

  /** What works on an open file. */
  @FunctionalInterface
  interface FileBody {
    long call(HostCall call, OpenFile file) throws FileException, GuestStoppedException;
  }

  static List<HostFunction> functions() {
    return Stream.of(
            onFileOnly("fd_advise", "iIIi", WasiFiles::advise),
            onFileOnly("fd_allocate", "iII", WasiFiles::allocate),
            onFileOnly("fd_datasync", "i", (call, file) -> Errno.SUCCESS),
            onFileOnly("fd_fdstat_set_flags", "ii", WasiFiles::setFlags),
            onFileOnly("fd_fdstat_set_rights", "iII", (call, file) -> Errno.NOTSUP),
            onFileOnly("fd_filestat_get", "ii", WasiFiles::stat),
            onFileOnly("fd_filestat_set_size", "iI", WasiFiles::setSize),
            onFileOnly("fd_filestat_set_times", "iIIi", WasiFiles::setTimes),
            onFileOnly("fd_pread", "iiiIi", WasiFiles::readAt),
            onFileOnly("fd_pwrite", "iiiIi", WasiFiles::writeAt),
            onFileOnly("fd_readdir", "iiiIi", WasiFiles::list),
            onFileOnly("fd_renumber", "ii", WasiFiles::renumber),
            onFileOnly("fd_sync", "i", (call, file) -> Errno.SUCCESS))
        .map(HostFunction::callableInPrepare)
        .toList();
  }

  /** Whether the first argument is the descriptor of an open file or directory. */
  static boolean isFile(HostCall call) {
    return isAfterStreams(call) && call.run().descriptors().find(call.i32(0)) != null;
  }

  private static boolean isAfterStreams(HostCall call) {
    return call.i32(0) > 2;
  }

  /** BADF for what is not an open file. */
  static HostFunction.Body onFile(FileBody body) {
    return call -> {
      if (!isAfterStreams(call)) {
        return Errno.BADF;
      }
      var descriptors = call.run().descriptors();
      descriptors.lock();
      try {
        return body.call(call, descriptors.get(call.i32(0)));
      } catch (FileException refused) {
        return refused.error().errno();
      } finally {
        descriptors.unlock();
      }
    };
  }

  /** The same, for what the standard streams do not have. */
  private static HostFunction onFileOnly(String name, String params, FileBody body) {
    var onFile = onFile(body);
    return returningErrno(
        name,
        params,
        call -> call.run().streams().isOpen(call.i32(0)) ? Errno.NOSYS : onFile.call(call));
  }

  private static long with(HostCall call, FileBody body) throws GuestStoppedException {
    return onFile(body).call(call);
  }

  static long close(HostCall call) throws GuestStoppedException {
    return with(
        call,
        (_, _) -> {
          call.run().descriptors().close(call.i32(0));
          return Errno.SUCCESS;
        });
  }

  private static long renumber(HostCall call, OpenFile file) throws FileException {
    call.run().descriptors().renumber(call.i32(0), call.i32(1));
    return Errno.SUCCESS;
  }

  static long seek(HostCall call) throws GuestStoppedException {
    return with(
        call,
        (_, file) -> {
          var memory = call.memory();
          if (!memory.contains(call.i32(3), 8)) {
            return Errno.FAULT;
          }
          memory.writeI64(call.i32(3), file.seek(call.i64(1), call.i32(2)));
          return Errno.SUCCESS;
        });
  }

  static long tell(HostCall call) throws GuestStoppedException {
    return with(
        call,
        (_, file) -> {
          var memory = call.memory();
          if (!memory.contains(call.i32(1), 8)) {
            return Errno.FAULT;
          }
          memory.writeI64(call.i32(1), file.tell());
          return Errno.SUCCESS;
        });
  }

  static long read(HostCall call) throws GuestStoppedException {
    return with(call, (_, file) -> transferIn(call, file, new Ranges(call, 3), -1));
  }

  private static long readAt(HostCall call, OpenFile file)
      throws FileException, GuestStoppedException {
    return call.i64(3) < 0 ? Errno.INVAL : transferIn(call, file, new Ranges(call, 4), call.i64(3));
  }

  /**
   * Into the guest's memory.
   *
   * @param offset in the file, or negative for its position
   */
  private static long transferIn(HostCall call, OpenFile file, Ranges ranges, long offset)
      throws FileException, GuestStoppedException {
    int error = ranges.check();
    if (error != Errno.SUCCESS) {
      return error;
    }
    file.checkReadable();
    var memory = call.memory();
    long total = 0;
    boolean atEnd = false;
    for (long i = 0; i < ranges.count() && !atEnd; i++) {
      ranges.stopIfOver(i);
      int pointer = ranges.pointer(i);
      long left = ranges.length(i);
      // Again, as what was read may have replaced the ranges themselves.
      if (!memory.contains(pointer, left)) {
        return Errno.FAULT;
      }
      while (left > 0 && !atEnd) {
        call.run().throwIfStopped();
        int target = pointer;
        long piece = Math.min(left, PIECE);
        int count =
            offset < 0
                ? file.read(piece, (bytes, from, n) -> memory.write(target, bytes, from, n))
                : file.readAt(
                    offset + total,
                    piece,
                    (bytes, from, n) -> memory.write(target, bytes, from, n));
        atEnd = count < piece;
        pointer += count;
        left -= count;
        total += count;
      }
    }
    ranges.writeResult(total);
    return Errno.SUCCESS;
  }

  static long write(HostCall call) throws GuestStoppedException {
    return with(
        call,
        (_, file) -> {
          var ranges = new Ranges(call, 3);
          int error = ranges.check();
          return error != Errno.SUCCESS
              ? error
              : transferOut(call, file, ranges, file.beginWrite(ranges.total()));
        });
  }

  private static long writeAt(HostCall call, OpenFile file)
      throws FileException, GuestStoppedException {
    var ranges = new Ranges(call, 4);
    int error = ranges.check();
    if (error != Errno.SUCCESS) {
      return error;
    }
    long offset = file.appends() ? file.node().size() : call.i64(3);
    if (offset < 0) {
      return Errno.INVAL;
    }
    file.beginWriteAt(offset, ranges.total());
    return transferOut(call, file, ranges, offset);
  }

  /** Out of the guest's memory, to where there is room. */
  private static long transferOut(HostCall call, OpenFile file, Ranges ranges, long offset)
      throws FileException, GuestStoppedException {
    var memory = call.memory();
    long at = offset;
    for (long i = 0; i < ranges.count(); i++) {
      ranges.stopIfOver(i);
      int pointer = ranges.pointer(i);
      long left = ranges.length(i);
      while (left > 0) {
        call.run().throwIfStopped();
        int source = pointer;
        int piece = (int) Math.min(left, PIECE);
        file.put(at, piece, (bytes, to, n) -> memory.readInto(source, bytes, to, n));
        pointer += piece;
        left -= piece;
        at += piece;
      }
    }
    ranges.writeResult(ranges.total());
    return Errno.SUCCESS;
  }

  static long fdstat(HostCall call) throws GuestStoppedException {
    return with(call, WasiFiles::fdstat);
  }

  private static long fdstat(HostCall call, OpenFile file) {
    var memory = call.memory();
    int at = call.i32(1);
    if (!memory.contains(at, FDSTAT)) {
      return Errno.FAULT;
    }
    boolean directory = file.node() instanceof Directory;
    memory.writeI64(at, type(file.node()) | file.flags() << 16);
    memory.writeI64(at + 8, directory ? DIRECTORY_RIGHTS : rightsOf(file));
    memory.writeI64(
        at + 16, directory ? DIRECTORY_RIGHTS | FILE_RIGHTS | RIGHT_READ | RIGHT_WRITE : 0);
    return Errno.SUCCESS;
  }

  private static long rightsOf(OpenFile file) {
    return FILE_RIGHTS | (file.reads() ? RIGHT_READ : 0) | (file.writes() ? RIGHT_WRITE : 0);
  }

  private static int type(Node node) {
    return node instanceof Directory ? TYPE_DIRECTORY : TYPE_FILE;
  }

  private static long setFlags(HostCall call, OpenFile file) {
    int flags = call.i32(1);
    if ((flags & ~(OpenFile.APPEND | NONBLOCK)) != 0) {
      return Errno.INVAL;
    }
    file.setFlags(flags);
    return Errno.SUCCESS;
  }

  private static long advise(HostCall call, OpenFile file) {
    boolean valid =
        call.i64(1) >= 0 && call.i64(2) >= 0 && call.i32(3) >= 0 && call.i32(3) <= MAX_ADVICE;
    return file.node() instanceof Directory ? Errno.BADF : valid ? Errno.SUCCESS : Errno.INVAL;
  }

  private static long allocate(HostCall call, OpenFile file) throws FileException {
    file.allocate(call.i64(1), call.i64(2));
    return Errno.SUCCESS;
  }

  private static long setSize(HostCall call, OpenFile file) throws FileException {
    file.resize(call.i64(1));
    return Errno.SUCCESS;
  }

  private static long stat(HostCall call, OpenFile file) {
    return writeStat(call, call.i32(1), file, file.node());
  }

  /** What is known of a file. */
  static long writeStat(HostCall call, int at, OpenFile openedFrom, Node node) {
    var memory = call.memory();
    if (!memory.contains(at, FILESTAT)) {
      return Errno.FAULT;
    }
    memory.writeI64(at, openedFrom.device());
    memory.writeI64(at + 8, node.inode());
    memory.writeI64(at + 16, type(node));
    memory.writeI64(at + 24, node.links());
    memory.writeI64(at + 32, node.size());
    memory.writeI64(at + 40, node.accessTime());
    memory.writeI64(at + 48, node.modificationTime());
    memory.writeI64(at + 56, node.changeTime());
    return Errno.SUCCESS;
  }

  private static long setTimes(HostCall call, OpenFile file) throws FileException {
    int flags = call.i32(3);
    if (!areTimeFlags(flags)) {
      return Errno.INVAL;
    }
    file.setTimes(accessTime(call, 1, flags), modificationTime(call, 2, flags));
    return Errno.SUCCESS;
  }

  /** Whether a time is to be set to one thing at most. */
  static boolean areTimeFlags(int flags) {
    int access = flags & (SET_ACCESS | ACCESS_NOW);
    int modification = flags & (SET_MODIFICATION | MODIFICATION_NOW);
    return access != (SET_ACCESS | ACCESS_NOW)
        && modification != (SET_MODIFICATION | MODIFICATION_NOW)
        && (flags & ~(SET_ACCESS | ACCESS_NOW | SET_MODIFICATION | MODIFICATION_NOW)) == 0;
  }

  static @Nullable Long accessTime(HostCall call, int argument, int flags) {
    return time(call, argument, flags & SET_ACCESS, flags & ACCESS_NOW);
  }

  static @Nullable Long modificationTime(HostCall call, int argument, int flags) {
    return time(call, argument, flags & SET_MODIFICATION, flags & MODIFICATION_NOW);
  }

  private static @Nullable Long time(HostCall call, int argument, int set, int now) {
    if (set != 0) {
      return call.i64(argument);
    }
    return now != 0 ? call.run().guestWallTime() : null;
  }

  static long prestat(HostCall call, OpenFile file) {
    var name = file.preopenedAs();
    if (name == null) {
      return Errno.BADF;
    }
    if (!call.memory().contains(call.i32(1), PRESTAT)) {
      return Errno.FAULT;
    }
    call.memory().writeI32(call.i32(1), 0); // a directory
    call.memory().writeI32(call.i32(1) + 4, bytes(name).length);
    return Errno.SUCCESS;
  }

  static long prestatName(HostCall call, OpenFile file) {
    if (file.preopenedAs() == null) {
      return Errno.BADF;
    }
    var name = bytes(file.preopenedAs());
    if (Integer.toUnsignedLong(call.i32(2)) < name.length) {
      return Errno.NAMETOOLONG;
    }
    if (!call.memory().contains(call.i32(1), name.length)) {
      return Errno.FAULT;
    }
    call.memory().write(call.i32(1), name, 0, name.length);
    return Errno.SUCCESS;
  }

  /**
   * The entries after a number, as far as they fit; the last one may be cut off, which tells the
   * guest that there is more. Each has 24 bytes (its number, inode, length of the name, type), and
   * its name.
   */
  private static long list(HostCall call, OpenFile file)
      throws FileException, GuestStoppedException {
    var directory = file.listed();
    var memory = call.memory();
    int at = call.i32(1);
    long room = Integer.toUnsignedLong(call.i32(2));
    if (!memory.contains(at, room) || !memory.contains(call.i32(4), 4)) {
      return Errno.FAULT;
    }
    long after = call.i64(3);
    if (after < 0) {
      return Errno.INVAL;
    }
    var listing = new Listing(memory, at, room);
    if (after < 1) {
      listing.add(1, ".", directory);
    }
    if (after < 2) {
      listing.add(2, "..", directory);
    }
    for (var next = directory.after(after);
        next != null && !listing.isFull();
        next = directory.after(next.getKey())) {
      call.run().throwIfStopped();
      listing.add(next.getKey(), next.getValue().name(), next.getValue().node());
    }
    memory.writeI32(call.i32(4), (int) listing.used);
    return Errno.SUCCESS;
  }

  /** Writes entries into a buffer until it is full. */
  private static final class Listing {
    private final GuestMemory memory;
    private final int at;
    private final long room;
    private long used;

    Listing(GuestMemory memory, int at, long room) {
      this.memory = memory;
      this.at = at;
      this.room = room;
    }

    boolean isFull() {
      return used == room;
    }

    void add(long number, String name, Node node) {
      var text = bytes(name);
      var entry = new byte[DIRENT + text.length];
      putLong(entry, 0, number);
      putLong(entry, 8, node.inode());
      putLong(entry, 16, (long) text.length | (long) type(node) << 32);
      System.arraycopy(text, 0, entry, DIRENT, text.length);
      int count = (int) Math.min(entry.length, room - used);
      memory.write((int) (at + used), entry, 0, count);
      used += count;
    }

    private static void putLong(byte[] target, int from, long value) {
      for (int i = 0; i < 8; i++) {
        target[from + i] = (byte) (value >>> (8 * i));
      }
    }
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
