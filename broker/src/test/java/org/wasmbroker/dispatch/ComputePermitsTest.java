package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.Cancellation;

class ComputePermitsTest {
  private static final long MILLI = 1_000_000;
  private static final Duration SLICE = Duration.ofMillis(5);

  private final MemoryBudget memory = new MemoryBudget(1000);
  private final ComputePermits permits = new ComputePermits(1, SLICE, 0);
  private long now;

  @Test
  void shortGuestsGoOnInOrderOfArrivalAndBeforeThoseThatHaveComputedForLong() {
    var endless = waiting(100 * MILLI);
    var second = waiting(2 * MILLI);
    var third = waiting(MILLI);

    assertThat(first()).isSameAs(second);
    assertThat(first()).isSameAs(third);
    assertThat(first()).as("a step may start before it").isNull();
    assertThat(permits.takeLast(memory)).isSameAs(endless);
  }

  @Test
  void ofThoseThatHaveComputedForLongTheLeastComputedGoesOn() {
    var longer = waiting(100 * MILLI);
    var shorter = waiting(50 * MILLI);

    assertThat(permits.takeLast(memory)).isSameAs(shorter);
    assertThat(permits.takeLast(memory)).isSameAs(longer);
  }

  @Test
  void eachEighthSliceIsForTheOneThatHasWaitedLongest() {
    var endless = waiting(100 * MILLI);
    now += 39 * MILLI;
    var brief = waiting(MILLI);
    assertThat(first()).isSameAs(brief);

    now += MILLI;
    waiting(MILLI);
    assertThat(first()).isSameAs(endless);
    granted(endless);
    now += 4 * MILLI;
    assertThat(permits.givesWay(endless, true, memory, now)).as("within its slice").isFalse();
    now += MILLI;
    assertThat(permits.givesWay(endless, true, memory, now)).isTrue();
  }

  @Test
  void eachOfThemHasItsSliceThoughAnotherOnesBeginsWithinIt() {
    var many = new ComputePermits(16, SLICE, 0);
    var endless = List.of(waiting(many, 100 * MILLI), waiting(many, 100 * MILLI));
    now += 40 * MILLI;
    for (var guest : endless) {
      assertThat(many.takeFirst(memory, now)).isSameAs(guest);
      many.take();
      guest.granted(now);
      now += 2_500_000;
    }

    now -= MILLI;
    for (var guest : endless) {
      assertThat(many.givesWay(guest, true, memory, now)).as("within its slice").isFalse();
    }
    now += 2 * MILLI;
    assertThat(many.givesWay(endless.getFirst(), true, memory, now)).isTrue();
    assertThat(many.givesWay(endless.getLast(), true, memory, now)).isFalse();
  }

  @Test
  void aGuestGivesWayOnlyAfterASliceAndOnlyToSomebody() {
    var guest = QueuedSteps.permit(new Cancellation());
    guest.start(0, now);
    now += 4 * MILLI;
    assertThat(permits.givesWay(guest, true, memory, now)).isFalse();
    now += MILLI;
    assertThat(permits.givesWay(guest, false, memory, now)).isFalse();
    assertThat(permits.givesWay(guest, true, memory, now)).as("to a step").isTrue();

    waiting(MILLI);
    assertThat(permits.givesWay(guest, false, memory, now)).as("to a short one").isTrue();
  }

  @Test
  void endlessGuestsTakeTurns() {
    var one = QueuedSteps.permit(new Cancellation());
    one.start(0, now);
    now += 10 * MILLI;
    var other = waiting(6 * MILLI);
    assertThat(permits.givesWay(one, false, memory, now)).isTrue();
    one.returned(now, 0);

    permits.addWaiting(one);
    one.waits(now);
    assertThat(permits.takeLast(memory)).isSameAs(other);
    granted(other);
    now += 4 * MILLI;
    assertThat(permits.givesWay(other, false, memory, now)).as("within its slice").isFalse();
    now += MILLI;
    assertThat(permits.givesWay(other, false, memory, now)).isTrue();
  }

  @Test
  void aGuestWhoseMemoryIsReservedForOthersIsPassedAndKeepsStepsFromStarting() {
    memory.reserve(900);
    var large = QueuedSteps.permit(new Cancellation());
    large.start(500, now);
    large.returned(now, 0);
    large.shrink(100);
    large.waits(now);
    permits.addWaiting(large);
    var small = waiting(MILLI);

    assertThat(permits.isShortOfMemory(memory)).isTrue();
    assertThat(first()).isSameAs(small);
    assertThat(first()).isNull();

    memory.release(500);
    assertThat(permits.isShortOfMemory(memory)).isFalse();
    assertThat(first()).isSameAs(large);
  }

  private @Nullable GuestPermit first() {
    return permits.takeFirst(memory, now);
  }

  /** A guest that has computed for so long waits from now on. */
  private GuestPermit waiting(long computed) {
    return waiting(permits, computed);
  }

  private GuestPermit waiting(ComputePermits queue, long computed) {
    var permit = QueuedSteps.permit(new Cancellation());
    permit.start(0, now - computed);
    permit.returned(now, 0);
    permit.waits(now);
    queue.addWaiting(permit);
    return permit;
  }

  private void granted(GuestPermit permit) {
    permits.take();
    permit.granted(now);
  }
}
