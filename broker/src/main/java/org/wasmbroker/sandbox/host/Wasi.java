package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;

/**
 * WASI preview 1: every function can be imported. Files are those of the step's grant; there are no
 * links and no sockets.
 */
final class Wasi {
  static final List<HostFunction> FUNCTIONS =
      Stream.of(
              WasiSystem.functions(),
              WasiStreams.functions(),
              WasiPoll.functions(),
              WasiFiles.functions(),
              WasiPaths.functions(),
              unsupported())
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
        returningErrno("proc_raise", "i", call -> Errno.NOSYS).callableInPrepare(),
        onSocket("sock_accept", "iii"),
        onSocket("sock_recv", "iiiiii"),
        onSocket("sock_send", "iiiii"),
        onSocket("sock_shutdown", "ii"));
  }

  private static HostFunction onSocket(String name, String params) {
    return returningErrno(
            name,
            params,
            call ->
                WasiFiles.isFile(call)
                    ? Errno.NOTSOCK
                    : call.run().streams().isOpen(call.i32(0)) ? Errno.NOSYS : Errno.BADF)
        .callableInPrepare();
  }
}
