package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/**
 * Arguments and the environment, which are those of a {@link GuestCommand}, or only the program's
 * name, which is the handler's, and nothing; clocks, random bytes, and the end of the process.
 *
 * <p>Clocks are 0, the time since 1970, and 1, the time since the run started; both in nanoseconds.
 * Others return EINVAL.
 */
final class WasiSystem {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int RANDOM_CHUNK = 4 << 10;

  private WasiSystem() {}

  static List<HostFunction> functions() {
    return List.of(
        returningErrno("args_get", "ii", call -> texts(call, arguments(call))),
        returningErrno("args_sizes_get", "ii", call -> sizes(call, arguments(call))),
        returningErrno("environ_get", "ii", call -> texts(call, environment(call)))
            .callableInPrepare(),
        returningErrno("environ_sizes_get", "ii", call -> sizes(call, environment(call)))
            .callableInPrepare(),
        returningErrno("clock_res_get", "ii", WasiSystem::clockResolution),
        returningErrno("clock_time_get", "iIi", WasiSystem::clockTime),
        returningErrno("random_get", "ii", WasiSystem::random),
        returningErrno("sched_yield", "", call -> Errno.SUCCESS).callableInPrepare(),
        Wasi.function(
                "proc_exit",
                "i",
                null,
                call -> {
                  throw call.run().exited(call.i32(0));
                })
            .callableInPrepare());
  }

  private static List<String> arguments(HostCall call) {
    var command = call.run().command();
    return command == null ? List.of(call.run().invocation().handler()) : command.arguments();
  }

  private static List<String> environment(HostCall call) {
    var command = call.run().command();
    return command == null ? List.of() : command.environment();
  }

  /** Writes how many texts there are, and how many bytes they have. */
  private static long sizes(HostCall call, List<String> texts) {
    var memory = call.memory();
    int bytes = 0;
    for (var text : texts) {
      bytes += bytes(text).length;
    }
    if (!memory.contains(call.i32(0), 4) || !memory.contains(call.i32(1), 4)) {
      return Errno.FAULT;
    }
    memory.writeI32(call.i32(0), texts.size());
    memory.writeI32(call.i32(1), bytes);
    return Errno.SUCCESS;
  }

  /** Writes a pointer to each text, and the texts one after another. */
  private static long texts(HostCall call, List<String> texts) {
    var memory = call.memory();
    int pointer = call.i32(0);
    int at = call.i32(1);
    if (!memory.contains(pointer, 4L * texts.size())) {
      return Errno.FAULT;
    }
    for (var text : texts) {
      var bytes = bytes(text);
      if (!memory.contains(at, bytes.length)) {
        return Errno.FAULT;
      }
      memory.writeI32(pointer, at);
      memory.write(at, bytes, 0, bytes.length);
      pointer += 4;
      at += bytes.length;
    }
    return Errno.SUCCESS;
  }

  /** In UTF-8, ending in a zero byte. */
  private static byte[] bytes(String text) {
    return (text + '\0').getBytes(StandardCharsets.UTF_8);
  }

  private static long clockResolution(HostCall call) {
    return isClock(call.i32(0)) ? store(call, 1, call.run().guestTimeResolution()) : Errno.INVAL;
  }

  private static long clockTime(HostCall call) {
    return isClock(call.i32(0)) ? store(call, 2, now(call.run(), call.i32(0))) : Errno.INVAL;
  }

  static boolean isClock(int id) {
    return id == 0 || id == 1;
  }

  static long now(RunState run, int clock) {
    return clock == 0 ? run.guestWallTime() : run.guestElapsedTime();
  }

  private static long store(HostCall call, int pointer, long value) {
    var memory = call.memory();
    if (!memory.contains(call.i32(pointer), 8)) {
      return Errno.FAULT;
    }
    memory.writeI64(call.i32(pointer), value);
    return Errno.SUCCESS;
  }

  /** In pieces, so that neither the host's memory nor the deadline depends on the length. */
  private static long random(HostCall call) throws GuestStoppedException {
    var memory = call.memory();
    if (!memory.contains(call.i32(0), call.i32(1))) {
      return Errno.FAULT;
    }
    long left = Integer.toUnsignedLong(call.i32(1));
    var piece = new byte[(int) Math.min(left, RANDOM_CHUNK)];
    for (int at = call.i32(0); left > 0; at += piece.length) {
      call.run().throwIfStopped();
      RANDOM.nextBytes(piece);
      int count = (int) Math.min(left, piece.length);
      call.run().tapeRandom(piece, count);
      memory.write(at, piece, 0, count);
      left -= count;
    }
    return Errno.SUCCESS;
  }
}
