package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/**
 * Arguments (only the program's name, which is the handler's), the environment (empty), clocks,
 * random bytes, and the end of the process.
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
        returningErrno("args_get", "ii", WasiSystem::arguments),
        returningErrno("args_sizes_get", "ii", call -> sizes(call, 1, programName(call).length)),
        returningErrno("environ_get", "ii", call -> Errno.SUCCESS),
        returningErrno("environ_sizes_get", "ii", call -> sizes(call, 0, 0)),
        returningErrno("clock_res_get", "ii", WasiSystem::clockResolution),
        returningErrno("clock_time_get", "iIi", WasiSystem::clockTime),
        returningErrno("random_get", "ii", WasiSystem::random),
        returningErrno("sched_yield", "", call -> Errno.SUCCESS),
        Wasi.function(
            "proc_exit",
            "i",
            null,
            call -> {
              throw call.run().exited(call.i32(0));
            }));
  }

  private static long sizes(HostCall call, int count, int bytes) {
    var memory = call.memory();
    if (!memory.contains(call.i32(0), 4) || !memory.contains(call.i32(1), 4)) {
      return Errno.FAULT;
    }
    memory.writeI32(call.i32(0), count);
    memory.writeI32(call.i32(1), bytes);
    return Errno.SUCCESS;
  }

  /** Writes a pointer to the one argument, and the argument. */
  private static long arguments(HostCall call) {
    var memory = call.memory();
    var name = programName(call);
    if (!memory.contains(call.i32(0), 4) || !memory.contains(call.i32(1), name.length)) {
      return Errno.FAULT;
    }
    memory.writeI32(call.i32(0), call.i32(1));
    memory.write(call.i32(1), name, 0, name.length);
    return Errno.SUCCESS;
  }

  /** In UTF-8, ending in a zero byte. */
  private static byte[] programName(HostCall call) {
    return (call.run().invocation().handler() + '\0').getBytes(StandardCharsets.UTF_8);
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
      memory.write(at, piece, 0, count);
      left -= count;
    }
    return Errno.SUCCESS;
  }
}
