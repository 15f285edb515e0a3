package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.util.List;

/**
 * The descriptors 0, 1 and 2. A read or write may transfer fewer bytes than requested, as WASI
 * allows, which bounds the cost of one call.
 */
final class WasiStreams {
  private static final int IOVEC = 8;
  private static final int MAX_IOVECS = 1024;
  private static final int MAX_BYTES_PER_CALL = 64 << 10;
  private static final int FDSTAT = 24;
  private static final long RIGHTS_FD_READ = 1 << 1;
  private static final long RIGHTS_FD_WRITE = 1 << 6;

  private WasiStreams() {}

  static List<HostFunction> functions() {
    return List.of(
        returningErrno("fd_close", "i", WasiStreams::close),
        returningErrno("fd_fdstat_get", "ii", WasiStreams::fdstat),
        returningErrno("fd_prestat_get", "ii", call -> Errno.BADF),
        returningErrno("fd_prestat_dir_name", "iii", call -> Errno.BADF),
        returningErrno("fd_read", "iiii", WasiStreams::read),
        returningErrno("fd_seek", "iIii", WasiStreams::seek),
        returningErrno("fd_tell", "ii", WasiStreams::seek),
        returningErrno("fd_write", "iiii", WasiStreams::write));
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
    if (!memory.contains(at, FDSTAT)) {
      return Errno.FAULT;
    }
    memory.writeI64(at, 0);
    memory.writeI64(at + 8, fd == 0 ? RIGHTS_FD_READ : RIGHTS_FD_WRITE);
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
    for (int i = 0; i < call.i32(2) && streams.remainingInput() > 0; i++) {
      int iovec = call.i32(1) + i * IOVEC;
      int pointer = memory.readI32(iovec);
      int length = memory.readI32(iovec + 4);
      if (!memory.contains(pointer, length)) {
        return Errno.FAULT;
      }
      total += streams.read(memory, pointer, Integer.toUnsignedLong(length));
    }
    memory.writeI32(call.i32(3), total);
    return Errno.SUCCESS;
  }

  private static long write(HostCall call) throws GuestStoppedException {
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
    for (int i = 0; i < call.i32(2) && total < MAX_BYTES_PER_CALL; i++) {
      int iovec = call.i32(1) + i * IOVEC;
      int pointer = memory.readI32(iovec);
      int length = memory.readI32(iovec + 4);
      if (!memory.contains(pointer, length)) {
        return Errno.FAULT;
      }
      int count = (int) Math.min(Integer.toUnsignedLong(length), MAX_BYTES_PER_CALL - total);
      streams.write(fd, memory.read(pointer, count));
      total += count;
    }
    memory.writeI32(call.i32(3), total);
    return Errno.SUCCESS;
  }

  /** Checks the ranges of the iovecs and of the count. */
  private static int check(HostCall call, GuestMemory memory) {
    int count = call.i32(2);
    if (count < 0 || count > MAX_IOVECS) {
      return Errno.INVAL;
    }
    return memory.contains(call.i32(1), count * IOVEC) && memory.contains(call.i32(3), 4)
        ? Errno.SUCCESS
        : Errno.FAULT;
  }
}
