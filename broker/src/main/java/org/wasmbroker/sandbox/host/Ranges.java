package org.wasmbroker.sandbox.host;

/**
 * The ranges of a call that transfers bytes ({@code iovec}): 8 bytes each, a pointer and a length.
 */
final class Ranges {
  private static final int IOVEC = 8;

  /** A look at the deadline after this many ranges, which may all be empty. */
  private static final int RANGES_PER_CHECK = 4096;

  private static final long MAX_TOTAL = 0xFFFF_FFFFL;

  private final RunState run;
  private final GuestMemory memory;
  private final int at;
  private final int result;
  private final long count;
  private long total;

  /** Of a call whose second and third argument are the list, and this one where its result goes. */
  Ranges(HostCall call, int resultArgument) {
    this.run = call.run();
    this.memory = call.memory();
    this.at = call.i32(1);
    this.count = Integer.toUnsignedLong(call.i32(2));
    this.result = call.i32(resultArgument);
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

  long count() {
    return count;
  }

  /** All lengths together, once they are checked. */
  long total() {
    return total;
  }

  int pointer(long i) {
    return memory.readI32((int) (at + i * IOVEC));
  }

  long length(long i) {
    return Integer.toUnsignedLong(memory.readI32((int) (at + i * IOVEC + 4)));
  }

  /** How many bytes were transferred. */
  void writeResult(long bytes) {
    memory.writeI32(result, (int) bytes);
  }
}
