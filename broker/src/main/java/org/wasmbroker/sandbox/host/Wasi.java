package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.ValueType.I32;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * WASI preview 1: every function can be imported, a few are served, the rest answer an error
 * number. No arguments, no environment, no files, no sockets.
 */
final class Wasi {
  static final List<HostFunction> FUNCTIONS =
      Stream.of(WasiSystem.functions(), WasiStreams.functions(), WasiPoll.functions(), unserved())
          .flatMap(List::stream)
          .toList();

  private Wasi() {}

  /**
   * @param params the types as letters: i for i32, I for i64
   */
  static HostFunction served(String name, String params, HostFunction.Body body) {
    return function(name, params, I32, body);
  }

  static HostFunction function(
      String name, String params, @Nullable ValueType result, HostFunction.Body body) {
    var types = params.chars().mapToObj(letter -> letter == 'i' ? I32 : ValueType.I64).toList();
    return new HostFunction(HostFunctions.WASI, name, types, result, body);
  }

  private static List<HostFunction> unserved() {
    return List.of(
        ofDescriptor("fd_advise", "iIIi"),
        ofDescriptor("fd_allocate", "iII"),
        ofDescriptor("fd_datasync", "i"),
        ofDescriptor("fd_fdstat_set_flags", "ii"),
        ofDescriptor("fd_fdstat_set_rights", "iII"),
        ofDescriptor("fd_filestat_get", "ii"),
        ofDescriptor("fd_filestat_set_size", "iI"),
        ofDescriptor("fd_filestat_set_times", "iIIi"),
        ofDescriptor("fd_pread", "iiiIi"),
        ofDescriptor("fd_pwrite", "iiiIi"),
        ofDescriptor("fd_readdir", "iiiIi"),
        ofDescriptor("fd_renumber", "ii"),
        ofDescriptor("fd_sync", "i"),
        ofDirectory("path_create_directory", "iii"),
        ofDirectory("path_filestat_get", "iiiii"),
        ofDirectory("path_filestat_set_times", "iiiiIIi"),
        ofDirectory("path_link", "iiiiiii"),
        ofDirectory("path_open", "iiiiiIIii"),
        ofDirectory("path_readlink", "iiiiii"),
        ofDirectory("path_remove_directory", "iii"),
        ofDirectory("path_rename", "iiiiii"),
        ofDirectory("path_symlink", "iiiii"),
        ofDirectory("path_unlink_file", "iii"),
        served("proc_raise", "i", call -> Errno.NOSYS),
        ofDescriptor("sock_accept", "iii"),
        ofDescriptor("sock_recv", "iiiiii"),
        ofDescriptor("sock_send", "iiiii"),
        ofDescriptor("sock_shutdown", "ii"));
  }

  private static HostFunction ofDescriptor(String name, String params) {
    return served(
        name, params, call -> call.run().streams().isOpen(call.i32(0)) ? Errno.NOSYS : Errno.BADF);
  }

  /** No descriptor of a directory is ever open. */
  private static HostFunction ofDirectory(String name, String params) {
    return served(name, params, call -> Errno.BADF);
  }
}
