package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.util.List;
import java.util.stream.Stream;
import org.wasmbroker.sandbox.files.FileException;

/**
 * The functions of descriptors, for 0, 1 and 2; those of files are {@link WasiFiles}'. WASI allows
 * a write to take fewer bytes than it is given, but many guests do not look: a write takes
 * everything, or ends the run at a limit. It happens in pieces, with a look at the deadline before
 * each, so that neither the host's memory nor the time of a call depends on what the guest asks
 * for.
 */
final class WasiStreams {
  private static final int PIECE = 64 << 10;
  private static final int FDSTAT = 24;
  private static final long RIGHTS_FD_READ = 1 << 1;
  private static final long RIGHTS_FD_WRITE = 1 << 6;

  private WasiStreams() {}

  static List<HostFunction> functions() {
    return Stream.of(
            returningErrno("fd_close", "i", WasiStreams::close),
            returningErrno("fd_fdstat_get", "ii", WasiStreams::fdstat),
            returningErrno("fd_prestat_get", "ii", WasiFiles.onFile(WasiFiles::prestat)),
            returningErrno("fd_prestat_dir_name", "iii", WasiFiles.onFile(WasiFiles::prestatName)),
            returningErrno("fd_read", "iiii", WasiStreams::read),
            returningErrno("fd_seek", "iIii", WasiStreams::seek),
            returningErrno("fd_tell", "ii", WasiStreams::tell),
            returningErrno("fd_write", "iiii", WasiStreams::write))
        .map(HostFunction::callableInPrepare)
        .toList();
  }

  private static long close(HostCall call) throws GuestStoppedException {
    if (WasiFiles.isFile(call)) {
      return WasiFiles.close(call);
    }
    var streams = call.run().streams();
    if (!streams.isOpen(call.i32(0))) {
      return Errno.BADF;
    }
    streams.close(call.i32(0));
    return Errno.SUCCESS;
  }

  private static long seek(HostCall call) throws GuestStoppedException {
    if (WasiFiles.isFile(call)) {
      return WasiFiles.seek(call);
    }
    return call.run().streams().isOpen(call.i32(0)) ? Errno.SPIPE : Errno.BADF;
  }

  private static long tell(HostCall call) throws GuestStoppedException {
    return WasiFiles.isFile(call) ? WasiFiles.tell(call) : seek(call);
  }

  /** File type 0, unknown: neither a file to seek in nor a terminal. */
  private static long fdstat(HostCall call) {
    if (WasiFiles.isFile(call)) {
      return WasiFiles.fdstat(call);
    }
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
    if (WasiFiles.isFile(call)) {
      return WasiFiles.read(call);
    }
    var streams = call.run().streams();
    if (call.i32(0) != 0 || !streams.isOpen(0)) {
      return Errno.BADF;
    }
    var ranges = new Ranges(call, 3);
    int error = ranges.check();
    if (error != Errno.SUCCESS) {
      return error;
    }
    var memory = call.memory();
    int total = 0;
    for (long i = 0; i < ranges.count() && streams.remainingInput() > 0; i++) {
      ranges.stopIfOver(i);
      int pointer = ranges.pointer(i);
      long length = ranges.length(i);
      // Again, as what was read may have replaced the ranges themselves.
      if (!memory.contains(pointer, length)) {
        return Errno.FAULT;
      }
      total += streams.read(memory, pointer, length);
    }
    ranges.writeResult(total);
    return Errno.SUCCESS;
  }

  private static long write(HostCall call) throws GuestStoppedException {
    if (WasiFiles.isFile(call)) {
      return WasiFiles.write(call);
    }
    int fd = call.i32(0);
    var streams = call.run().streams();
    if (fd < 1 || !streams.isOpen(fd)) {
      return Errno.BADF;
    }
    var ranges = new Ranges(call, 3);
    int error = ranges.check();
    if (error != Errno.SUCCESS) {
      return error;
    }
    streams.beforeWrite(fd, ranges.total());
    var memory = call.memory();
    for (long i = 0; i < ranges.count(); i++) {
      ranges.stopIfOver(i);
      int pointer = ranges.pointer(i);
      long left = ranges.length(i);
      while (left > 0) {
        call.run().throwIfStopped();
        int count = (int) Math.min(left, PIECE);
        try {
          streams.write(fd, memory.read(pointer, count));
        } catch (FileException refused) {
          return refused.error().errno();
        }
        pointer += count;
        left -= count;
      }
    }
    ranges.writeResult(ranges.total());
    return Errno.SUCCESS;
  }
}
