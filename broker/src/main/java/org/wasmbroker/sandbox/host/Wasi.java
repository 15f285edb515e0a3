package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;

/**
 * WASI preview 1: every function can be imported, a few are implemented, the rest return an error
 * number. No arguments, no environment, no files, no sockets.
 */
final class Wasi {
  static final List<HostFunction> FUNCTIONS =
      Stream.of(
              WasiSystem.functions(), WasiStreams.functions(), WasiPoll.functions(), unsupported())
          .flatMap(List::stream)
          .toList();

  private Wasi() {}

  /**
   * @param params the types as letters: i for i32, I for i64
   */
  static HostFunction returningErrno(String name, String params, HostFunction.Body body) {
    return function(name, params, I32, body);
  }

  static HostFunction function(
      String name, String params, @Nullable ValueType result, HostFunction.Body body) {
    var types = params.chars().mapToObj(letter -> letter == 'i' ? I32 : ValueType.I64).toList();
    return new HostFunction(HostFunctionTable.WASI_MODULE, name, types, result, body);
  }

  private static List<HostFunction> unsupported() {
    return List.of(
        unsupportedOnDescriptor("fd_advise", "iIIi"),
        unsupportedOnDescriptor("fd_allocate", "iII"),
        unsupportedOnDescriptor("fd_datasync", "i"),
        unsupportedOnDescriptor("fd_fdstat_set_flags", "ii"),
        unsupportedOnDescriptor("fd_fdstat_set_rights", "iII"),
        unsupportedOnDescriptor("fd_filestat_get", "ii"),
        unsupportedOnDescriptor("fd_filestat_set_size", "iI"),
        unsupportedOnDescriptor("fd_filestat_set_times", "iIIi"),
        unsupportedOnDescriptor("fd_pread", "iiiIi"),
        unsupportedOnDescriptor("fd_pwrite", "iiiIi"),
        unsupportedOnDescriptor("fd_readdir", "iiiIi"),
        unsupportedOnDescriptor("fd_renumber", "ii"),
        unsupportedOnDescriptor("fd_sync", "i"),
        unsupportedOnDirectory("path_create_directory", "iii"),
        unsupportedOnDirectory("path_filestat_get", "iiiii"),
        unsupportedOnDirectory("path_filestat_set_times", "iiiiIIi"),
        unsupportedOnDirectory("path_link", "iiiiiii"),
        unsupportedOnDirectory("path_open", "iiiiiIIii"),
        unsupportedOnDirectory("path_readlink", "iiiiii"),
        unsupportedOnDirectory("path_remove_directory", "iii"),
        unsupportedOnDirectory("path_rename", "iiiiii"),
        unsupportedOnDirectory("path_symlink", "iiiii"),
        unsupportedOnDirectory("path_unlink_file", "iii"),
        returningErrno("proc_raise", "i", call -> Errno.NOSYS),
        unsupportedOnDescriptor("sock_accept", "iii"),
        unsupportedOnDescriptor("sock_recv", "iiiiii"),
        unsupportedOnDescriptor("sock_send", "iiiii"),
        unsupportedOnDescriptor("sock_shutdown", "ii"));
  }

  private static HostFunction unsupportedOnDescriptor(String name, String params) {
    return returningErrno(
        name, params, call -> call.run().streams().isOpen(call.i32(0)) ? Errno.NOSYS : Errno.BADF);
  }

  /** No descriptor of a directory is ever open. */
  private static HostFunction unsupportedOnDirectory(String name, String params) {
    return returningErrno(name, params, call -> Errno.BADF);
  }
}
