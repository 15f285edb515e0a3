package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.host.Wasi.returningErrno;

import java.util.Arrays;
import java.util.List;

/**
 * {@code poll_oneoff}: waits for clocks. The standard streams are always ready. A wait ends with
 * the run at the deadline or at cancellation.
 *
 * <p>A subscription has 48 bytes: userdata at 0, its kind at 8 (0 clock, 1 read, 2 write), then a
 * clock's id at 16, timeout at 24 and flags at 40 (1: the timeout is a point in time), or a
 * descriptor at 16. An event has 32: userdata at 0, error at 8, kind at 10, bytes ready at 16.
 */
final class WasiPoll {
  private static final int SUBSCRIPTION = 48;
  private static final int EVENT = 32;
  private static final int MAX_SUBSCRIPTIONS = 1024;
  private static final int CLOCK = 0;
  private static final int FD_READ = 1;
  private static final int FD_WRITE = 2;

  /** A shorter wait is over before another guest would have begun to use the processor. */
  private static final long BRIEF_NANOS = 100_000;

  private final RunState run;
  private final GuestMemory memory;
  private final int subscriptions;

  /** When each subscription is ready, in the run's elapsed nanoseconds. */
  private final long[] dueTimes;

  private final long began;

  private WasiPoll(RunState run, GuestMemory memory, int subscriptions, int count) {
    this.run = run;
    this.memory = memory;
    this.subscriptions = subscriptions;
    this.dueTimes = new long[count];
    this.began = run.waitTime();
    for (int i = 0; i < count; i++) {
      dueTimes[i] = dueTime(subscriptions + i * SUBSCRIPTION);
    }
  }

  static List<HostFunction> functions() {
    return List.of(returningErrno("poll_oneoff", "iiii", WasiPoll::poll));
  }

  private static long poll(HostCall call) throws GuestStoppedException {
    int count = call.i32(2);
    if (count < 1 || count > MAX_SUBSCRIPTIONS) {
      return Errno.INVAL;
    }
    var memory = call.memory();
    if (!memory.contains(call.i32(0), count * SUBSCRIPTION)
        || !memory.contains(call.i32(1), count * EVENT)
        || !memory.contains(call.i32(3), 4)) {
      return Errno.FAULT;
    }
    var poll = new WasiPoll(call.run(), memory, call.i32(0), count);
    poll.await();
    memory.writeI32(call.i32(3), poll.writeEvents(call.i32(1)));
    return Errno.SUCCESS;
  }

  private void await() throws GuestStoppedException {
    if (!run.timePasses()) {
      run.throwIfStopped();
      return;
    }
    long earliest = Arrays.stream(dueTimes).min().orElseThrow();
    if (earliest - run.elapsed() < BRIEF_NANOS) {
      awaitUntil(earliest);
      return;
    }
    run.beginWait();
    try {
      awaitUntil(earliest);
    } finally {
      run.endWait();
    }
    run.throwIfStopped();
  }

  private void awaitUntil(long earliest) throws GuestStoppedException {
    for (long remaining = earliest - run.elapsed();
        remaining > 0;
        remaining = earliest - run.elapsed()) {
      run.throwIfStopped();
      if (Thread.currentThread().isInterrupted()) {
        throw run.cancelled("the thread of the run was interrupted");
      }
      run.invocation().cancellation().await(Math.min(remaining, Math.max(1, run.remainingNanos())));
    }
  }

  /** Writes the events of all subscriptions that are ready; returns how many. */
  private int writeEvents(int events) throws GuestStoppedException {
    long now = run.waitTime();
    int written = 0;
    for (int i = 0; i < dueTimes.length; i++) {
      if (dueTimes[i] <= now) {
        writeEvent(subscriptions + i * SUBSCRIPTION, events + written * EVENT);
        written++;
      }
    }
    return written;
  }

  private void writeEvent(int subscription, int event) throws GuestStoppedException {
    long userdata = memory.readI64(subscription);
    int kind = kind(subscription);
    int error = error(subscription);
    boolean readable = kind == FD_READ && error == Errno.SUCCESS;
    long ready = readable ? readableBytes(memory.readI32(subscription + 16)) : 0;
    memory.writeI64(event, userdata);
    memory.writeI64(event + 8, error | kind << 16);
    memory.writeI64(event + 16, ready);
    memory.writeI64(event + 24, 0);
  }

  private int kind(int subscription) {
    return memory.readI32(subscription + 8) & 0xFF;
  }

  private int error(int subscription) {
    int id = memory.readI32(subscription + 16);
    return switch (kind(subscription)) {
      case CLOCK -> WasiSystem.isClock(id) ? Errno.SUCCESS : Errno.INVAL;
      case FD_READ -> isReady(id, id == 0) ? Errno.SUCCESS : Errno.BADF;
      case FD_WRITE -> isReady(id, id != 0) ? Errno.SUCCESS : Errno.BADF;
      default -> Errno.INVAL;
    };
  }

  /** Files are always ready. */
  private boolean isReady(int fd, boolean streamFits) {
    return run.descriptors().find(fd) != null || (streamFits && run.streams().isOpen(fd));
  }

  private long readableBytes(int fd) throws GuestStoppedException {
    var file = run.descriptors().find(fd);
    return file == null
        ? run.streams().remainingInput()
        : Math.max(0, file.node().size() - file.position());
  }

  private long dueTime(int subscription) {
    if (kind(subscription) != CLOCK || error(subscription) != Errno.SUCCESS) {
      return 0;
    }
    long timeout = memory.readI64(subscription + 24);
    if (timeout < 0) {
      return Long.MAX_VALUE; // an unsigned number of centuries
    }
    boolean absolute = (memory.readI32(subscription + 40) & 1) != 0;
    if (absolute) {
      long sinceClock = WasiSystem.now(run, memory.readI32(subscription + 16));
      return timeout - sinceClock + began;
    }
    return timeout > Long.MAX_VALUE - began ? Long.MAX_VALUE : began + timeout;
  }
}
