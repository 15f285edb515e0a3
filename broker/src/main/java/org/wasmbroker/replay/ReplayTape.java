package org.wasmbroker.replay;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.RunTape;
import org.wasmbroker.sandbox.host.StopReason;

/** The recorded clocks and random bytes, and the recorded end of a run's time. */
final class ReplayTape implements RunTape {
  private final Answers answers;
  private final StopReason.@Nullable LimitExceeded timeUp;
  private final Map<Clock, Long> last = new EnumMap<>(Clock.class);
  private final SplittableRandom random;
  private boolean endedRun;

  /**
   * @param timeUp how the recorded step ended if it ran out of time, or null
   * @param seed of the bytes for a guest that asks for more than were recorded
   */
  ReplayTape(Answers answers, StopReason.@Nullable LimitExceeded timeUp, long seed) {
    this.answers = answers;
    this.timeUp = timeUp;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void runStarted() {
    var _ = answers.take("run", "for another run", _ -> true);
  }

  /** A clock of which no reading is left stands still. */
  @Override
  public long time(Clock clock, long reading) {
    var entry = answers.take(Answers.clock(clock), "for the clock " + clock, _ -> true);
    if (entry instanceof TapeEntry.TimeRead(var _, var nanos)) {
      last.put(clock, nanos);
    }
    return last.getOrDefault(clock, 0L);
  }

  @Override
  public void random(byte[] bytes, int count) {
    Arrays.fill(bytes, 0, count, (byte) 0);
    var entry =
        answers.take(
            "random",
            "for %d random bytes".formatted(count),
            one -> one instanceof TapeEntry.RandomBytes(var known) && known.size() == count);
    int from = 0;
    if (entry instanceof TapeEntry.RandomBytes(var known)) {
      from = Math.min(count, known.size());
      System.arraycopy(known.bytes(), 0, bytes, 0, from);
    }
    for (int i = from; i < count; i++) {
      bytes[i] = (byte) random.nextInt();
    }
  }

  @Override
  public boolean timePasses() {
    return false;
  }

  /**
   * A run whose time was up in a call of the host ends in the same call. One whose time was up
   * while its own code ran ends at the first call that it had not come to.
   */
  @Override
  public @Nullable StopReason check(long hostCall, boolean entering, @Nullable StopReason stop) {
    if (stop != null) {
      return stop;
    }
    if (answers.peek() instanceof TapeEntry.TimeUp up
        && up.hostCall() == hostCall
        && up.entering() == entering) {
      var _ = answers.take("time up", "", _ -> true);
      endedRun = true;
      return new StopReason.LimitExceeded(LimitKind.TIME, up.allowedMillis(), up.usedMillis());
    }
    if (!answers.isExhausted() || timeUp == null) {
      return null;
    }
    endedRun = true;
    return timeUp;
  }

  /** Whether the run was ended because the recorded one was, and not by a clock of its own. */
  boolean endedRun() {
    return endedRun;
  }
}
