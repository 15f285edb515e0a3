package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.FileTypes.DESCRIPTOR_FLAGS;
import static org.wasmbroker.sandbox.component.FileTypes.HASH;
import static org.wasmbroker.sandbox.component.FileTypes.NEW_TIMESTAMP;
import static org.wasmbroker.sandbox.component.FileTypes.OPEN_FLAGS;
import static org.wasmbroker.sandbox.component.FileTypes.PATH_FLAGS;
import static org.wasmbroker.sandbox.component.FileTypes.STAT;
import static org.wasmbroker.sandbox.component.FileTypes.STAT_BYTES;

import java.util.Arrays;
import java.util.function.Function;
import org.wasmbroker.sandbox.component.ComponentFunction.Body;
import org.wasmbroker.sandbox.component.FileTypes.Identity;
import org.wasmbroker.sandbox.component.FileTypes.NewTimes;
import org.wasmbroker.sandbox.component.FileTypes.Paths;
import org.wasmbroker.sandbox.component.Values.Choice;

/**
 * What {@code wasi:filesystem} does by path from an open directory on, over the functions of
 * preview 1.
 */
final class FilesystemPaths {
  /** The room for what a link leads to. */
  private static final int LINK_BYTES = 4096;

  private final ComponentFunctions functions;

  private FilesystemPaths(ComponentFunctions functions) {
    this.functions = functions;
  }

  static void define(ComponentFunctions functions) {
    new FilesystemPaths(functions).define();
  }

  private void define() {
    open();
    stat("stat-at", STAT, bytes -> FileTypes.stat(bytes, 0));
    stat("metadata-hash-at", HASH, bytes -> Identity.of(bytes, 0).hash());
    setTimes();
    entry("create-directory-at", "path_create_directory");
    entry("remove-directory-at", "path_remove_directory");
    entry("unlink-file-at", "path_unlink_file");
    rename();
    links();
  }

  private void method(String name, String params, String ok, Body body) {
    functions.define(
        Filesystem.TYPES,
        "[method]descriptor." + name,
        "func(borrow<descriptor>, %s) -> result<%s, %s>".formatted(params, ok, FileErrorCode.TYPE),
        body);
  }

  private static int fd(Object descriptor) {
    return ((Descriptor) descriptor).fd();
  }

  private void open() {
    var open = functions.entry("path_open");
    method(
        "open-at",
        PATH_FLAGS + ", string, " + OPEN_FLAGS + ", " + DESCRIPTOR_FLAGS,
        "own<descriptor>",
        (call, arguments) -> {
          var path = Paths.of(call, Integer.BYTES, arguments[2]);
          long flags = (long) arguments[4];
          int errno =
              (int)
                  call.callOn(
                      path.memory(),
                      open,
                      fd(arguments[0]),
                      (long) arguments[1],
                      path.at(),
                      path.length(),
                      (long) arguments[3],
                      FileTypes.rights(flags),
                      0,
                      FileTypes.fdFlags(flags),
                      0);
          if (errno != 0) {
            return FileTypes.error(errno);
          }
          int opened = ComponentCall.memory(path.memory()).readI32(0);
          return Choice.ok(Descriptor.opened(opened, FileTypes.syncFlags(flags)));
        });
  }

  private void stat(String name, String ok, Function<byte[], Object> answer) {
    var stat = functions.entry("path_filestat_get");
    method(
        name,
        PATH_FLAGS + ", string",
        ok,
        (call, arguments) -> {
          var path = Paths.of(call, STAT_BYTES, arguments[2]);
          int errno =
              (int)
                  call.callOn(
                      path.memory(),
                      stat,
                      fd(arguments[0]),
                      (long) arguments[1],
                      path.at(),
                      path.length(),
                      0);
          return errno == 0 ? Choice.ok(answer.apply(path.memory())) : FileTypes.error(errno);
        });
  }

  private void setTimes() {
    var setTimes = functions.entry("path_filestat_set_times");
    method(
        "set-times-at",
        PATH_FLAGS + ", string, " + NEW_TIMESTAMP + ", " + NEW_TIMESTAMP,
        "_",
        (call, arguments) -> {
          var times = NewTimes.of(arguments[3], arguments[4]);
          if (times.refused() != null) {
            call.count();
            return FileTypes.error(times.refused());
          }
          var path = Paths.of(call, 0, arguments[2]);
          return FileTypes.result(
              (int)
                  call.callOn(
                      path.memory(),
                      setTimes,
                      fd(arguments[0]),
                      (long) arguments[1],
                      path.at(),
                      path.length(),
                      times.access(),
                      times.modification(),
                      times.flags()));
        });
  }

  /** What changes the entry that a path names. */
  private void entry(String name, String function) {
    var change = functions.entry(function);
    method(
        name,
        "string",
        "_",
        (call, arguments) -> {
          var path = Paths.of(call, 0, arguments[1]);
          return FileTypes.result(
              (int) call.callOn(path.memory(), change, fd(arguments[0]), path.at(), path.length()));
        });
  }

  private void rename() {
    var rename = functions.entry("path_rename");
    method(
        "rename-at",
        "string, borrow<descriptor>, string",
        "_",
        (call, arguments) -> {
          var paths = Paths.of(call, arguments[1], arguments[3]);
          return FileTypes.result(
              (int)
                  call.callOn(
                      paths.memory(),
                      rename,
                      fd(arguments[0]),
                      paths.at(),
                      paths.length(),
                      fd(arguments[2]),
                      paths.secondAt(),
                      paths.secondLength()));
        });
  }

  private void links() {
    var link = functions.entry("path_link");
    method(
        "link-at",
        PATH_FLAGS + ", string, borrow<descriptor>, string",
        "_",
        (call, arguments) -> {
          var paths = Paths.of(call, arguments[2], arguments[4]);
          return FileTypes.result(
              (int)
                  call.callOn(
                      paths.memory(),
                      link,
                      fd(arguments[0]),
                      (long) arguments[1],
                      paths.at(),
                      paths.length(),
                      fd(arguments[3]),
                      paths.secondAt(),
                      paths.secondLength()));
        });
    var symlink = functions.entry("path_symlink");
    method(
        "symlink-at",
        "string, string",
        "_",
        (call, arguments) -> {
          var paths = Paths.of(call, arguments[1], arguments[2]);
          return FileTypes.result(
              (int)
                  call.callOn(
                      paths.memory(),
                      symlink,
                      paths.at(),
                      paths.length(),
                      fd(arguments[0]),
                      paths.secondAt(),
                      paths.secondLength()));
        });
    var readLink = functions.entry("path_readlink");
    method(
        "readlink-at",
        "string",
        "string",
        (call, arguments) -> {
          var path = Paths.of(call, Integer.BYTES + LINK_BYTES, arguments[1]);
          int errno =
              (int)
                  call.callOn(
                      path.memory(),
                      readLink,
                      fd(arguments[0]),
                      path.at(),
                      path.length(),
                      Integer.BYTES,
                      LINK_BYTES,
                      0);
          if (errno != 0) {
            return FileTypes.error(errno);
          }
          int length = ComponentCall.memory(path.memory()).readI32(0);
          return Choice.ok(
              Arrays.copyOfRange(path.memory(), Integer.BYTES, Integer.BYTES + length));
        });
  }
}
