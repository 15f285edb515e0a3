package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.FileTypes.ADVICE;
import static org.wasmbroker.sandbox.component.FileTypes.DESCRIPTOR_FLAGS;
import static org.wasmbroker.sandbox.component.FileTypes.FDSTAT_BYTES;
import static org.wasmbroker.sandbox.component.FileTypes.HASH;
import static org.wasmbroker.sandbox.component.FileTypes.NEW_TIMESTAMP;
import static org.wasmbroker.sandbox.component.FileTypes.STAT;
import static org.wasmbroker.sandbox.component.FileTypes.STAT_BYTES;
import static org.wasmbroker.sandbox.component.FileTypes.TYPE;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.ComponentFunction.Body;
import org.wasmbroker.sandbox.component.FileTypes.FdStat;
import org.wasmbroker.sandbox.component.FileTypes.Identity;
import org.wasmbroker.sandbox.component.FileTypes.NewTimes;
import org.wasmbroker.sandbox.component.Streams.Input;
import org.wasmbroker.sandbox.component.Streams.IoError;
import org.wasmbroker.sandbox.component.Streams.Output;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * {@code wasi:filesystem}: the directories that a run begins with, and what is done with an open
 * descriptor, over the functions of preview 1. What is done by path is {@link FilesystemPaths}'.
 */
final class Filesystem {
  static final String TYPES = "wasi:filesystem/types";

  private static final int FIRST_FD = 3;
  private static final int PRESTAT_BYTES = 8;

  private final ComponentFunctions functions;
  private final Entry close;
  private final Entry fdstat;
  private final Entry filestat;
  private final Entry list;
  private final Entry read;
  private final Entry setFlags;
  private final Entry write;
  private final Entry writeNext;

  private Filesystem(ComponentFunctions functions) {
    this.functions = functions;
    this.close = functions.entry("fd_close");
    this.fdstat = functions.entry("fd_fdstat_get");
    this.filestat = functions.entry("fd_filestat_get");
    this.list = functions.entry("fd_readdir");
    this.read = functions.entry("fd_pread");
    this.setFlags = functions.entry("fd_fdstat_set_flags");
    this.write = functions.entry("fd_pwrite");
    this.writeNext = functions.entry("fd_write");
  }

  static void define(ComponentFunctions functions) {
    new Filesystem(functions).define();
    FilesystemPaths.define(functions);
  }

  private void define() {
    preopens();
    streams();
    transfers();
    changes();
    questions();
    new DirectoryListing(list, close).define(functions);
    functions
        .droppers()
        .add("descriptor", (call, value) -> ((Descriptor) value).release(call, close));
    functions.define(
        TYPES,
        "filesystem-error-code",
        "func(borrow<error>) -> option<" + FileErrorCode.TYPE + ">",
        (call, arguments) -> {
          call.count();
          var code = ((IoError) arguments[0]).file();
          return code == null ? Choice.NONE : Choice.some(Choice.of(code.index()));
        });
  }

  /** A method of a descriptor that may fail. */
  private void method(String name, String params, String ok, Body body) {
    functions.define(
        TYPES,
        "[method]descriptor." + name,
        "func(borrow<descriptor>%s) -> result<%s, %s>".formatted(params, ok, FileErrorCode.TYPE),
        body);
  }

  private static int fd(Object[] arguments) {
    return ((Descriptor) arguments[0]).fd();
  }

  private void preopens() {
    var prestat = functions.entry("fd_prestat_get");
    var name = functions.entry("fd_prestat_dir_name");
    functions.define(
        "wasi:filesystem/preopens",
        "get-directories",
        "func() -> list<tuple<own<descriptor>, string>>",
        (call, _) -> {
          var directories = new ArrayList<Object[]>();
          for (int fd = FIRST_FD; ; fd++) {
            var given = new byte[PRESTAT_BYTES];
            if (call.callOn(given, prestat, fd, 0) != 0) {
              return directories; // a run has those of its grant, without gaps
            }
            var path = new byte[ComponentCall.memory(given).readI32(4)];
            call.callOn(path, name, fd, 0, path.length);
            directories.add(new Object[] {Descriptor.preopened(fd), path});
          }
        });
  }

  private void streams() {
    method(
        "read-via-stream",
        ", u64",
        "own<input-stream>",
        (call, arguments) -> {
          var file = (Descriptor) arguments[0];
          var stat = fdstat(call, file);
          return stat != null && stat.isFile() && stat.reads()
              ? Choice.ok(new FileInput(file, (long) arguments[1]))
              : FileTypes.error(FileErrorCode.BAD_DESCRIPTOR);
        });
    method(
        "write-via-stream",
        ", u64",
        "own<output-stream>",
        (call, arguments) -> {
          var file = (Descriptor) arguments[0];
          return isWritable(call, file)
              ? Choice.ok(new FileOutput(file, (long) arguments[1]))
              : FileTypes.error(FileErrorCode.BAD_DESCRIPTOR);
        });
    method(
        "append-via-stream",
        "",
        "own<output-stream>",
        (call, arguments) -> {
          var file = (Descriptor) arguments[0];
          return isWritable(call, file)
              ? Choice.ok(new AppendingOutput(file))
              : FileTypes.error(FileErrorCode.BAD_DESCRIPTOR);
        });
  }

  private @Nullable FdStat fdstat(ComponentCall call, Descriptor file)
      throws GuestStoppedException {
    var stat = new byte[FDSTAT_BYTES];
    return call.callOn(stat, fdstat, file.fd(), 0) == 0 ? FdStat.of(stat) : null;
  }

  private boolean isWritable(ComponentCall call, Descriptor file) throws GuestStoppedException {
    var stat = fdstat(call, file);
    return stat != null && stat.isFile() && stat.writes();
  }

  private void transfers() {
    method(
        "read",
        ", u64, u64",
        "tuple<list<u8>, bool>",
        (call, arguments) -> {
          long wanted = (long) arguments[1];
          var piece =
              new Piece((int) (wanted < 0 ? Piece.MAX_BYTES : Math.min(wanted, Piece.MAX_BYTES)));
          int errno = piece.callOn(call, read, fd(arguments), (long) arguments[2]);
          if (errno != 0) {
            return FileTypes.error(errno);
          }
          var bytes = piece.transferred();
          return Choice.ok(new Object[] {bytes, bytes.length < piece.count()});
        });
    method(
        "write",
        ", list<u8>, u64",
        "u64",
        (call, arguments) -> {
          var file = (Descriptor) arguments[0];
          var bytes = (Span) arguments[1];
          file.append(call, setFlags, false);
          long done = 0;
          do {
            var piece = Piece.from(call, bytes, (int) done);
            int errno = piece.callOn(call, write, file.fd(), (long) arguments[2] + done);
            if (errno != 0) {
              return done == 0 ? FileTypes.error(errno) : Choice.ok(done);
            }
            done += piece.count();
          } while (done != Integer.toUnsignedLong(bytes.length()));
          return Choice.ok(done);
        });
  }

  private void changes() {
    var advise = functions.entry("fd_advise");
    method(
        "advise",
        ", u64, u64, " + ADVICE,
        "_",
        (call, arguments) ->
            FileTypes.result(
                (int)
                    call.call(
                        advise,
                        fd(arguments),
                        (long) arguments[1],
                        (long) arguments[2],
                        ((Choice) arguments[3]).index())));
    var setSize = functions.entry("fd_filestat_set_size");
    method(
        "set-size",
        ", u64",
        "_",
        (call, arguments) ->
            FileTypes.result((int) call.call(setSize, fd(arguments), (long) arguments[1])));
    var setTimes = functions.entry("fd_filestat_set_times");
    method(
        "set-times",
        ", " + NEW_TIMESTAMP + ", " + NEW_TIMESTAMP,
        "_",
        (call, arguments) -> {
          var times = NewTimes.of(arguments[1], arguments[2]);
          if (times.refused() != null) {
            call.count();
            return FileTypes.error(times.refused());
          }
          return FileTypes.result(
              (int)
                  call.call(
                      setTimes,
                      fd(arguments),
                      times.access(),
                      times.modification(),
                      times.flags()));
        });
    simple("sync", functions.entry("fd_sync"));
    simple("sync-data", functions.entry("fd_datasync"));
  }

  private void simple(String name, Entry entry) {
    method(
        name,
        "",
        "_",
        (call, arguments) -> FileTypes.result((int) call.call(entry, fd(arguments))));
  }

  private void questions() {
    method(
        "get-flags",
        "",
        DESCRIPTOR_FLAGS,
        (call, arguments) -> {
          var file = (Descriptor) arguments[0];
          var stat = fdstat(call, file);
          return stat == null
              ? FileTypes.error(FileErrorCode.BAD_DESCRIPTOR)
              : Choice.ok(flags(stat) | file.syncFlags());
        });
    method(
        "get-type",
        "",
        TYPE,
        (call, arguments) -> {
          var stat = fdstat(call, (Descriptor) arguments[0]);
          return stat == null
              ? FileTypes.error(FileErrorCode.BAD_DESCRIPTOR)
              : Choice.ok(FileTypes.type(stat.type()));
        });
    method(
        "stat",
        "",
        STAT,
        (call, arguments) -> {
          var stat = new byte[STAT_BYTES];
          int errno = (int) call.callOn(stat, filestat, fd(arguments), 0);
          return errno == 0 ? Choice.ok(FileTypes.stat(stat, 0)) : FileTypes.error(errno);
        });
    method(
        "metadata-hash",
        "",
        HASH,
        (call, arguments) -> {
          var stat = new byte[STAT_BYTES];
          int errno = (int) call.callOn(stat, filestat, fd(arguments), 0);
          return errno == 0 ? Choice.ok(Identity.of(stat, 0).hash()) : FileTypes.error(errno);
        });
    functions.define(
        TYPES,
        "[method]descriptor.is-same-object",
        "func(borrow<descriptor>, borrow<descriptor>) -> bool",
        (call, arguments) -> {
          var one = new byte[STAT_BYTES];
          var other = new byte[STAT_BYTES];
          return call.callOn(one, filestat, fd(arguments), 0) == 0
              && call.callOn(other, filestat, ((Descriptor) arguments[1]).fd(), 0) == 0
              && Identity.of(one, 0).equals(Identity.of(other, 0));
        });
  }

  /** What is granted of a directory decides what may be done in it, as in preview 1. */
  private static long flags(FdStat stat) {
    if (!stat.isFile()) {
      return FileTypes.READ | FileTypes.MUTATE_DIRECTORY;
    }
    return (stat.reads() ? FileTypes.READ : 0) | (stat.writes() ? FileTypes.WRITE : 0);
  }

  /** Reads a file from a place on. */
  private final class FileInput implements Input {
    private final Descriptor file;
    private long position;

    FileInput(Descriptor file, long position) {
      this.file = file;
      this.position = position;
      file.hold();
    }

    @Override
    public Choice read(ComponentCall call, int count) throws GuestStoppedException {
      var piece = new Piece(count);
      int errno = piece.callOn(call, read, file.fd(), position);
      if (errno != 0) {
        return Streams.failed(errno);
      }
      var bytes = piece.transferred();
      position += bytes.length;
      return Streams.read(bytes, count);
    }

    @Override
    public void drop(ComponentCall call) throws GuestStoppedException {
      file.release(call, close);
    }
  }

  /** Writes a file from a place on. */
  private final class FileOutput implements Output {
    private final Descriptor file;
    private long position;

    FileOutput(Descriptor file, long position) {
      this.file = file;
      this.position = position;
      file.hold();
    }

    @Override
    public Choice write(ComponentCall call, Piece piece) throws GuestStoppedException {
      file.append(call, setFlags, false);
      int errno = piece.callOn(call, write, file.fd(), position);
      if (errno != 0) {
        return Streams.failed(errno);
      }
      position += piece.count();
      return Choice.OK;
    }

    @Override
    public void drop(ComponentCall call) throws GuestStoppedException {
      file.release(call, close);
    }
  }

  /** Writes to the end of a file, wherever that is. */
  private final class AppendingOutput implements Output {
    private final Descriptor file;

    AppendingOutput(Descriptor file) {
      this.file = file;
      file.hold();
    }

    @Override
    public Choice write(ComponentCall call, Piece piece) throws GuestStoppedException {
      file.append(call, setFlags, true);
      int errno = piece.callOn(call, writeNext, file.fd());
      return errno == 0 ? Choice.OK : Streams.failed(errno);
    }

    @Override
    public void drop(ComponentCall call) throws GuestStoppedException {
      file.release(call, close);
    }
  }
}
