package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;
import static org.wasmbroker.sandbox.host.WasiFiles.onFile;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.OpenFile;

/**
 * What is done by path from an open directory on. There are no links: creating one returns NOTSUP,
 * and reading one says that it is none.
 */
final class WasiPaths {
  private static final int CREATE = 1;
  private static final int DIRECTORY = 2;
  private static final int EXCLUSIVE = 4;
  private static final int TRUNCATE = 8;

  private static final int KNOWN_FLAGS = 0x1F;

  private WasiPaths() {}

  static List<HostFunction> functions() {
    return Stream.of(
            changing("path_create_directory", FileSystem::createDirectory),
            returningErrno("path_filestat_get", "iiiii", onFile(WasiPaths::stat)),
            returningErrno("path_filestat_set_times", "iiiiIIi", onFile(WasiPaths::setTimes)),
            returningErrno("path_link", "iiiiiii", onFile((call, file) -> Errno.NOTSUP)),
            returningErrno("path_open", "iiiiiIIii", onFile(WasiPaths::open)),
            returningErrno("path_readlink", "iiiiii", onFile(WasiPaths::readLink)),
            changing("path_remove_directory", FileSystem::removeDirectory),
            returningErrno("path_rename", "iiiiii", onFile(WasiPaths::rename)),
            returningErrno("path_symlink", "iiiii", WasiPaths::symlink),
            changing("path_unlink_file", FileSystem::removeFile))
        .map(HostFunction::callableInPrepare)
        .toList();
  }

  /** The path whose pointer is that argument and its length the next; null outside the memory. */
  private static @Nullable FilePath path(HostCall call, int argument) throws FileException {
    int length = call.i32(argument + 1);
    if (!call.memory().contains(call.i32(argument), length)) {
      return null;
    }
    if (Integer.toUnsignedLong(length) > FilePath.MAX_BYTES) {
      throw new FileException(FileError.NAME_TOO_LONG);
    }
    return FilePath.parse(call.memory().read(call.i32(argument), length));
  }

  private static FileSystem files(HostCall call) throws FileException {
    return call.run().descriptors().files();
  }

  private static long open(HostCall call, OpenFile from) throws FileException {
    var path = path(call, 2);
    int result = call.i32(8);
    if (path == null || !call.memory().contains(result, 4)) {
      return Errno.FAULT;
    }
    int how = call.i32(4);
    int flags = call.i32(7);
    if ((how & ~(CREATE | DIRECTORY | EXCLUSIVE | TRUNCATE)) != 0 || (flags & ~KNOWN_FLAGS) != 0) {
      return Errno.INVAL;
    }
    long rights = call.i64(5);
    var descriptors = call.run().descriptors();
    descriptors.checkFree();
    var opened =
        files(call)
            .open(
                from,
                path,
                new FileSystem.OpenMode(
                    (rights & WasiFiles.RIGHT_READ) != 0,
                    (rights & WasiFiles.RIGHT_WRITE) != 0,
                    (how & CREATE) != 0,
                    (how & EXCLUSIVE) != 0,
                    (how & DIRECTORY) != 0,
                    (how & TRUNCATE) != 0));
    opened.setFlags(flags);
    call.memory().writeI32(result, descriptors.add(opened));
    return Errno.SUCCESS;
  }

  private static long stat(HostCall call, OpenFile from) throws FileException {
    var path = path(call, 2);
    return path == null
        ? Errno.FAULT
        : WasiFiles.writeStat(call, call.i32(4), from, files(call).stat(from, path));
  }

  private static long setTimes(HostCall call, OpenFile from) throws FileException {
    var path = path(call, 2);
    if (path == null) {
      return Errno.FAULT;
    }
    int flags = call.i32(6);
    if (!WasiFiles.areTimeFlags(flags)) {
      return Errno.INVAL;
    }
    files(call)
        .setTimes(
            from,
            path,
            WasiFiles.accessTime(call, 4, flags),
            WasiFiles.modificationTime(call, 5, flags));
    return Errno.SUCCESS;
  }

  /** What changes the entry at the path that the second argument begins. */
  @FunctionalInterface
  private interface EntryChange {
    void apply(FileSystem files, OpenFile from, FilePath path) throws FileException;
  }

  private static HostFunction changing(String name, EntryChange change) {
    return returningErrno(
        name,
        "iii",
        onFile(
            (call, from) -> {
              var path = path(call, 1);
              if (path == null) {
                return Errno.FAULT;
              }
              change.apply(files(call), from, path);
              return Errno.SUCCESS;
            }));
  }

  private static long rename(HostCall call, OpenFile from) throws FileException {
    var path = path(call, 1);
    var newPath = path(call, 4);
    if (path == null || newPath == null) {
      return Errno.FAULT;
    }
    var to = call.run().descriptors().get(call.i32(3));
    files(call).rename(from, path, to, newPath);
    return Errno.SUCCESS;
  }

  /** Whatever there is, it is no link. */
  private static long readLink(HostCall call, OpenFile from) throws FileException {
    var path = path(call, 1);
    if (path == null) {
      return Errno.FAULT;
    }
    var _ = files(call).stat(from, path);
    return Errno.INVAL;
  }

  /** The directory is the third argument. */
  private static long symlink(HostCall call) {
    return call.run().descriptors().find(call.i32(2)) == null ? Errno.BADF : Errno.NOTSUP;
  }
}
