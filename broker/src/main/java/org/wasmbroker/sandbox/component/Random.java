package org.wasmbroker.sandbox.component;

import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/** {@code wasi:random}, over {@code random_get}; what may be insecure is not. */
final class Random {
  private static final int MAX_BYTES = 64 << 10;

  private Random() {}

  static void define(ComponentFunctions functions) {
    var random = functions.entry("random_get");
    bytes(functions, random, "wasi:random/random", "get-random-bytes", "get-random-u64");
    bytes(
        functions,
        random,
        "wasi:random/insecure",
        "get-insecure-random-bytes",
        "get-insecure-random-u64");
    functions.define(
        "wasi:random/insecure-seed",
        "insecure-seed",
        "func() -> tuple<u64, u64>",
        (call, _) -> {
          var seed = ComponentCall.memory(random(call, random, 2 * Long.BYTES));
          return new Object[] {seed.readI64(0), seed.readI64(Long.BYTES)};
        });
  }

  private static void bytes(
      ComponentFunctions functions, Entry random, String instance, String bytes, String number) {
    functions.define(
        instance,
        bytes,
        "func(u64) -> list<u8>",
        (call, arguments) -> {
          long length = (long) arguments[0];
          if (length < 0 || length > MAX_BYTES) {
            throw call.run()
                .violated("it asks for more than %d random bytes at once".formatted(MAX_BYTES));
          }
          return random(call, random, (int) length);
        });
    functions.define(
        instance,
        number,
        "func() -> u64",
        (call, _) -> ComponentCall.memory(random(call, random, Long.BYTES)).readI64(0));
  }

  private static byte[] random(ComponentCall call, Entry random, int length)
      throws GuestStoppedException {
    var bytes = new byte[length];
    call.callOn(bytes, random, 0, length);
    return bytes;
  }
}
