package org.wasmbroker.sandbox.component;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.wasmbroker.sandbox.component.Streams.Input;
import org.wasmbroker.sandbox.component.Streams.Output;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * {@code wasi:cli}: arguments, environment, standard streams and the end, over the functions of
 * preview 1. There are no terminals.
 */
final class Cli {
  private static final String ENVIRONMENT = "wasi:cli/environment";

  private Cli() {}

  static void define(ComponentFunctions functions) {
    var exit = functions.entry("proc_exit");
    functions.define(
        "wasi:cli/exit",
        "exit",
        "func(result)",
        (call, arguments) -> call.call(exit, ((Choice) arguments[0]).index()));
    functions.define(
        "wasi:cli/exit",
        "exit-with-code",
        "func(u8)",
        (call, arguments) -> call.call(exit, (long) arguments[0]));
    var argumentSizes = functions.entry("args_sizes_get");
    var arguments = functions.entry("args_get");
    functions.define(
        ENVIRONMENT,
        "get-arguments",
        "func() -> list<string>",
        (call, _) -> texts(call, argumentSizes, arguments));
    var variableSizes = functions.entry("environ_sizes_get");
    var variables = functions.entry("environ_get");
    functions.define(
        ENVIRONMENT,
        "get-environment",
        "func() -> list<tuple<string, string>>",
        (call, _) ->
            texts(call, variableSizes, variables).stream().map(Cli::nameAndValue).toList());
    functions.define(
        ENVIRONMENT,
        "initial-cwd",
        "func() -> option<string>",
        (call, _) -> {
          call.count();
          return Choice.NONE;
        });
    stream(functions, "stdin", "input-stream", input(functions.entry("fd_read"), 0));
    var write = functions.entry("fd_write");
    stream(functions, "stdout", "output-stream", output(write, 1));
    stream(functions, "stderr", "output-stream", output(write, 2));
  }

  private static Input input(Entry read, int fd) {
    return (call, count) -> {
      var piece = new Piece(count);
      int errno = piece.callOn(call, read, fd);
      return errno == 0 ? Streams.read(piece.transferred(), count) : Streams.failed(errno);
    };
  }

  private static Output output(Entry write, int fd) {
    return (call, piece) -> {
      int errno = piece.callOn(call, write, fd);
      return errno == 0 ? Choice.OK : Streams.failed(errno);
    };
  }

  private static void stream(
      ComponentFunctions functions, String name, String type, Object stream) {
    functions.define(
        "wasi:cli/" + name,
        "get-" + name,
        "func() -> own<" + type + ">",
        (call, _) -> {
          call.count();
          return stream;
        });
    functions.define(
        "wasi:cli/terminal-" + name,
        "get-terminal-" + name,
        "func() -> option<own<terminal-" + (name.equals("stdin") ? "input" : "output") + ">>",
        (call, _) -> {
          call.count();
          return Choice.NONE;
        });
  }

  /** The texts of two functions: the one says how many there are, and their size, the other all. */
  private static List<byte[]> texts(ComponentCall call, Entry sizes, Entry texts)
      throws GuestStoppedException {
    var counts = new byte[2 * Integer.BYTES];
    call.callOn(counts, sizes, 0, Integer.BYTES);
    int count = ComponentCall.memory(counts).readI32(0);
    int length = ComponentCall.memory(counts).readI32(Integer.BYTES);
    var bytes = new byte[count * Integer.BYTES + length];
    call.callOn(bytes, texts, 0, (long) count * Integer.BYTES);
    var memory = ComponentCall.memory(bytes);
    var all = new ArrayList<byte[]>();
    for (int i = 0; i < count; i++) {
      int from = memory.readI32(i * Integer.BYTES);
      int to = i + 1 < count ? memory.readI32((i + 1) * Integer.BYTES) : bytes.length;
      all.add(Arrays.copyOfRange(bytes, from, to - 1)); // without the zero
    }
    return all;
  }

  private static Object[] nameAndValue(byte[] variable) {
    int sign = 0;
    while (sign < variable.length && variable[sign] != '=') {
      sign++;
    }
    return new Object[] {
      Arrays.copyOf(variable, sign),
      Arrays.copyOfRange(variable, Math.min(sign + 1, variable.length), variable.length)
    };
  }
}
