package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.served;

import java.util.List;

/**
 * The descriptors 0, 1 and 2. A read or write may move fewer bytes than were asked for, as WASI
 * allows: what one call costs the host has a bound.
 */
final class WasiStreams {
  private static final int IOVEC = 8;
  private static final int MOST_IOVECS = 1024;
  private static final int MOST_BYTES = 64 << 10;
  private static final int FDSTAT = 24;
  private static final long RIGHT_TO_READ = 1 << 1;
  private static final long RIGHT_TO_WRITE = 1 << 6;

  private WasiStreams() {}

  static List<HostFunction> functions() {
    return List.of(
        served("fd_close", "i", WasiStreams::close),
        served("fd_fdstat_get", "ii", WasiStreams::fdstat),
        served("fd_prestat_get", "ii", call -> Errno.BADF),
        served("fd_prestat_dir_name", "iii", call -> Errno.BADF),
        served("fd_read", "iiii", WasiStreams::read),
        served("fd_seek", "iIii", WasiStreams::seek),
        served("fd_tell", "ii", WasiStreams::seek),
        served("fd_write", "iiii", WasiStreams::write));
  }

  private static long close(HostCall call) {
    var streams = call.run().streams();
    if (!streams.isOpen(call.i32(0))) {
      return Errno.BADF;
    }
    streams.close(call.i32(0));
    return Errno.SUCCESS;
  }

  private static long seek(HostCall call) {
    return call.run().streams().isOpen(call.i32(0)) ? Errno.SPIPE : Errno.BADF;
  }

  /** File type 0, unknown: neither a file to seek in nor a terminal. */
  private static long fdstat(HostCall call) {
    int fd = call.i32(0);
    int at = call.i32(1);
    if (!call.run().streams().isOpen(fd)) {
      return Errno.BADF;
    }
    var memory = call.memory();
    if (!memory.holds(at, FDSTAT)) {
      return Errno.FAULT;
    }
    memory.writeI64(at, 0);
    memory.writeI64(at + 8, fd == 0 ? RIGHT_TO_READ : RIGHT_TO_WRITE);
    memory.writeI64(at + 16, 0);
    return Errno.SUCCESS;
  }

  private static long read(HostCall call) {
    var streams = call.run().streams();
    if (call.i32(0) != 0 || !streams.isOpen(0)) {
      return Errno.BADF;
    }
    var memory = call.memory();
    int error = check(call, memory);
    if (error != Errno.SUCCESS) {
      return error;
    }
    int total = 0;
    for (int i = 0; i < call.i32(2) && streams.inputLeft() > 0; i++) {
      int iovec = call.i32(1) + i * IOVEC;
      int pointer = memory.readI32(iovec);
      int length = memory.readI32(iovec + 4);
      if (!memory.holds(pointer, length)) {
        return Errno.FAULT;
      }
      total += streams.read(memory, pointer, Integer.toUnsignedLong(length));
    }
    memory.writeI32(call.i32(3), total);
    return Errno.SUCCESS;
  }

  private static long write(HostCall call) throws RunEnded {
    int fd = call.i32(0);
    var streams = call.run().streams();
    if (fd < 1 || !streams.isOpen(fd)) {
      return Errno.BADF;
    }
    var memory = call.memory();
    int error = check(call, memory);
    if (error != Errno.SUCCESS) {
      return error;
    }
    int total = 0;
    for (int i = 0; i < call.i32(2) && total < MOST_BYTES; i++) {
      int iovec = call.i32(1) + i * IOVEC;
      int pointer = memory.readI32(iovec);
      int length = memory.readI32(iovec + 4);
      if (!memory.holds(pointer, length)) {
        return Errno.FAULT;
      }
      int count = (int) Math.min(Integer.toUnsignedLong(length), MOST_BYTES - total);
      streams.write(fd, memory.read(pointer, count));
      total += count;
    }
    memory.writeI32(call.i32(3), total);
    return Errno.SUCCESS;
  }

  /** Checks the array of iovecs and the place of the count. */
  private static int check(HostCall call, GuestMemory memory) {
    int count = call.i32(2);
    if (count < 0 || count > MOST_IOVECS) {
      return Errno.INVAL;
    }
    return memory.holds(call.i32(1), count * IOVEC) && memory.holds(call.i32(3), 4)
        ? Errno.SUCCESS
        : Errno.FAULT;
  }
}
