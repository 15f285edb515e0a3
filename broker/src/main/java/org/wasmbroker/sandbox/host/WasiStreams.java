package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.util.List;

/**
 * The descriptors 0, 1 and 2. WASI allows a write to take fewer bytes than it is given, but many
 * guests do not look: a write takes everything, or ends the run at a limit. It happens in pieces,
 * with a look at the deadline before each, so that neither the host's memory nor the time of a call
 * depends on what the guest asks for.
 */
final class WasiStreams {
  private static final int IOVEC = 8;
  private static final int PIECE = 64 << 10;

  /** A look at the deadline after this many ranges, which may all be empty. */
  private static final int RANGES_PER_CHECK = 4096;

  private static final long MAX_TOTAL = 0xFFFF_FFFFL;
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

  private static long read(HostCall call) throws GuestStoppedException {
    var streams = call.run().streams();
    if (call.i32(0) != 0 || !streams.isOpen(0)) {
      return Errno.BADF;
    }
    var ranges = new Ranges(call);
    int error = ranges.check();
    if (error != Errno.SUCCESS) {
      return error;
    }
    var memory = call.memory();
    int total = 0;
    for (long i = 0; i < ranges.count && streams.remainingInput() > 0; i++) {
      ranges.stopIfOver(i);
      int pointer = ranges.pointer(i);
      long length = ranges.length(i);
      // Again, as what was read may have replaced the ranges themselves.
      if (!memory.contains(pointer, length)) {
        return Errno.FAULT;
      }
      total += streams.read(memory, pointer, length);
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
    var ranges = new Ranges(call);
    int error = ranges.check();
    if (error != Errno.SUCCESS) {
      return error;
    }
    streams.beforeWrite(fd, ranges.total);
    var memory = call.memory();
    for (long i = 0; i < ranges.count; i++) {
      ranges.stopIfOver(i);
      int pointer = ranges.pointer(i);
      long left = ranges.length(i);
      while (left > 0) {
        call.run().throwIfStopped();
        int count = (int) Math.min(left, PIECE);
        streams.write(fd, memory.read(pointer, count));
        pointer += count;
        left -= count;
      }
    }
    memory.writeI32(call.i32(3), (int) ranges.total);
    return Errno.SUCCESS;
  }

  /** The ranges of a call ({@code iovec}): 8 bytes each, a pointer and a length. */
  private static final class Ranges {
    private final RunState run;
    private final GuestMemory memory;
    private final int at;
    private final int result;
    private final long count;
    private long total;

    Ranges(HostCall call) {
      this.run = call.run();
      this.memory = call.memory();
      this.at = call.i32(1);
      this.count = Integer.toUnsignedLong(call.i32(2));
      this.result = call.i32(3);
    }

    /** Checks all of them before anything is transferred. */
    int check() throws GuestStoppedException {
      if (count * IOVEC > MAX_TOTAL) {
        return Errno.INVAL; // no memory holds such a list
      }
      if (!memory.contains(at, count * IOVEC) || !memory.contains(result, 4)) {
        return Errno.FAULT;
      }
      for (long i = 0; i < count; i++) {
        stopIfOver(i);
        if (!memory.contains(pointer(i), length(i))) {
          return Errno.FAULT;
        }
        total += length(i);
      }
      return total > MAX_TOTAL ? Errno.INVAL : Errno.SUCCESS; // the result has 32 bits
    }

    void stopIfOver(long i) throws GuestStoppedException {
      if (i % RANGES_PER_CHECK == 0) {
        run.throwIfStopped();
      }
    }

    int pointer(long i) {
      return memory.readI32((int) (at + i * IOVEC));
    }

    long length(long i) {
      return Integer.toUnsignedLong(memory.readI32((int) (at + i * IOVEC + 4)));
    }
  }
}
