package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class RollbackMonitorTest {
  private static final ReleaseName CANDIDATE = new ReleaseName("h", "1.1.0");
  private static final StepError TRAP = StepError.permanent("trapped", "unreachable");

  private final Fleet fleet = new Fleet();
  private final ManualTime time = new ManualTime();

  @Test
  void aCandidateThatTrapsMoreOftenIsRolledBackByEveryBroker() {
    var one = new Broker(fleet);
    var other = new Broker(fleet);
    one.runs("1.0.0", 500, 5);
    one.runs("1.1.0", 100, 10);
    tick(one, other);

    assertThat(one.rollouts.rolledBack()).containsOnlyKeys(CANDIDATE);
    assertThat(other.rollouts.rolledBack()).isEqualTo(one.rollouts.rolledBack());
    assertThat(one.events).contains("rolled back h@1.1.0", "weight 0.0");
    assertThat(fleet.rollbacks.values())
        .singleElement()
        .satisfies(
            rollback -> {
              assertThat(rollback.candidateBad()).isEqualTo(10);
              assertThat(rollback.candidateRuns()).isEqualTo(100);
              assertThat(rollback.stableBad()).isEqualTo(5);
              assertThat(rollback.reason())
                  .startsWith(
                      "10 of 100 runs of the candidate ended badly (10%; 10 traps, 0 limits, 0"
                          + " permanent failures), of the stable version 1.0.0 5 of 500 (1%)");
            });
  }

  @Test
  void tooFewRunsDecideNothing() {
    var broker = new Broker(fleet);
    broker.runs("1.1.0", 19, 19);
    tick(broker);
    assertThat(broker.rollouts.rolledBack()).isEmpty();

    broker.runs("1.1.0", 1, 0);
    tick(broker);
    assertThat(broker.rollouts.rolledBack()).isNotEmpty();
  }

  @Test
  void theCountsOfAllBrokersDecideTogether() {
    var one = new Broker(fleet);
    var other = new Broker(fleet);
    one.runs("1.1.0", 10, 5);
    other.runs("1.1.0", 10, 5);
    tick(one, other, one);

    assertThat(one.rollouts.rolledBack()).isNotEmpty();
    assertThat(fleet.rollbacks).hasSize(1);
  }

  @Test
  void aCandidateThatFailsAsOftenAsTheStableVersionStays() {
    var broker = new Broker(fleet);
    broker.runs("1.0.0", 1000, 300);
    broker.runs("1.1.0", 100, 34);
    tick(broker);
    assertThat(broker.rollouts.rolledBack()).isEmpty();
  }

  @Test
  void whatIsOlderThanTheWindowDoesNotCount() {
    var broker = new Broker(fleet);
    broker.runs("1.1.0", 19, 19);
    for (int i = 0; i < 70; i++) {
      tick(broker);
      time.advance(Duration.ofSeconds(1));
    }
    broker.runs("1.1.0", 200, 0);
    broker.runs("1.1.0", 1, 1);
    tick(broker);
    assertThat(broker.rollouts.rolledBack()).isEmpty();
  }

  @Test
  void onlyRunsOfGuestsCount() {
    var broker = new Broker(fleet);
    for (int i = 0; i < 100; i++) {
      broker.end(Outcomes.failed(Outcomes.step("h"))); // without a module
    }
    tick(broker);
    assertThat(broker.rollouts.rolledBack()).isEmpty();
  }

  @Test
  void aRollbackStaysUntilItIsResetAndThenCountsAnew() {
    var one = new Broker(fleet);
    var other = new Broker(fleet);
    one.runs("1.1.0", 100, 100);
    tick(one, other);
    for (int i = 0; i < 200; i++) {
      time.advance(Duration.ofSeconds(1));
      other.runs("1.1.0", 10, 0);
      tick(one, other);
    }
    assertThat(one.rollouts.rolledBack()).as("never flaps").isNotEmpty();

    fleet.reset();
    tick(one, other, one, other);
    assertThat(one.rollouts.rolledBack()).isEmpty();
    assertThat(other.rollouts.rolledBack()).isEmpty();
    assertThat(one.events).endsWith("reset h@1.1.0", "weight 10.0");

    one.runs("1.1.0", 20, 20);
    tick(one, other);
    assertThat(other.rollouts.rolledBack().values())
        .extracting(Rollback::episode)
        .containsExactly(2);
  }

  @Test
  void aBrokerThatStartsFollowsWhatWasRolledBackBefore() {
    var one = new Broker(fleet);
    one.runs("1.1.0", 100, 100);
    tick(one);

    var later = new Broker(fleet);
    later.monitor.tick();
    assertThat(later.rollouts.rolledBack()).containsOnlyKeys(CANDIDATE);
  }

  @Test
  void withoutTheDatabaseEachBrokerDecidesAtOnceAndTellsLater() {
    var one = new Broker(fleet);
    var other = new Broker(fleet);
    tick(one, other);
    fleet.down = true;
    one.runs("1.1.0", 100, 100);
    tick(one, other);

    assertThat(one.rollouts.rolledBack()).isNotEmpty();
    assertThat(one.monitor.isSharing()).isFalse();
    assertThat(other.rollouts.rolledBack()).isEmpty();

    fleet.down = false;
    tick(one, other);
    assertThat(other.rollouts.rolledBack()).isNotEmpty();
    assertThat(one.monitor.isSharing()).isTrue();
  }

  @Test
  void anOutageEndsNoRollback() {
    var broker = new Broker(fleet);
    broker.runs("1.1.0", 100, 100);
    tick(broker);
    fleet.down = true;
    tick(broker);
    tick(broker);
    assertThat(broker.rollouts.rolledBack()).isNotEmpty();
  }

  @Test
  void aBrokerAloneRollsBackForItselfUntilTheFileNamesAnotherCandidate() {
    var alone = new Broker(null);
    alone.runs("1.1.0", 100, 100);
    tick(alone);
    assertThat(alone.rollouts.rolledBack()).containsOnlyKeys(CANDIDATE);
    assertThat(alone.monitor.isSharing()).isFalse();

    alone.rollouts.apply(RolloutTexts.candidate("90%"));
    tick(alone);
    assertThat(alone.rollouts.rolledBack()).isNotEmpty();

    alone.rollouts.apply(
        RolloutTexts.rollout("handlers: {h: {stable: 1.0.0, candidate: 1.2.0, weight: 5%}}"));
    tick(alone);
    assertThat(alone.rollouts.rolledBack()).isEmpty();
  }

  @Test
  void handlersWithoutACandidateAreNotCounted() {
    var broker = new Broker(fleet);
    broker.rollouts.apply(RolloutTexts.rollout("handlers: {h: {stable: 1.0.0}}"));
    tick(broker);
    fleet.exchanges = 0;
    broker.runs("1.0.0", 100, 100);
    tick(broker);
    assertThat(fleet.exchanges).isZero();
  }

  private static void tick(Broker... brokers) {
    for (var broker : brokers) {
      broker.monitor.tick();
    }
  }

  /** The part of a broker that is tested. */
  private final class Broker {
    private final Rollouts rollouts = new Rollouts(RolloutTexts.candidate("10%"));
    private final Comparisons comparisons = new Comparisons();
    private final List<String> events = new ArrayList<>();
    private final RollbackMonitor monitor;

    Broker(@Nullable Fleet fleet) {
      monitor =
          new RollbackMonitor(
              rollouts,
              comparisons,
              fleet == null ? null : fleet.member(),
              "here",
              time,
              event -> {
                switch (event) {
                  case RolloutEvent.RolledBack(var handler, var version, _) ->
                      events.add("rolled back " + handler + "@" + version);
                  case RolloutEvent.Reset(var handler, var version) ->
                      events.add("reset " + handler + "@" + version);
                  case RolloutEvent.Weighted(_, double percent) -> events.add("weight " + percent);
                  default -> {}
                }
              });
      monitor.tick();
    }

    /** So many runs of a version, some of which trap. */
    void runs(String version, int count, int traps) {
      var receipt =
          Outcomes.receipt("h")
              .withModule(
                  new ModuleId("h", version, Digest.of(Document.of(version).bytes())),
                  Duration.ZERO);
      for (int i = 0; i < count; i++) {
        end(
            i < traps
                ? new Outcome.Failed(Outcomes.step("h"), TRAP, false, Instant.EPOCH, receipt)
                : Outcomes.completed(receipt));
      }
    }

    void end(Outcome outcome) {
      comparisons.on(new StepEvent.Ended(outcome));
    }
  }

  /** What brokers share, in memory. */
  private static final class Fleet {
    private final Map<Object, List<SharedState.Counted>> counts = new HashMap<>();
    private final Map<ReleaseName, Rollback> rollbacks = new HashMap<>();
    private final Map<ReleaseName, Integer> episodes = new HashMap<>();
    private boolean down;
    private int exchanges;

    void reset() {
      rollbacks.forEach((name, rollback) -> episodes.put(name, rollback.episode() + 1));
      rollbacks.clear();
    }

    SharedState member() {
      return new SharedState() {
        @Override
        public Known exchange(Set<ReleaseName> candidates, List<Counted> own) {
          exchanges++;
          requireUp();
          counts.put(this, own);
          var others = new ArrayList<Counted>();
          counts.forEach(
              (member, counted) -> {
                if (!member.equals(this)) {
                  others.addAll(counted);
                }
              });
          return new Known(List.copyOf(rollbacks.values()), Map.copyOf(episodes), others);
        }

        @Override
        public void record(Rollback rollback) {
          requireUp();
          rollbacks.putIfAbsent(rollback.release(), rollback);
          episodes.put(rollback.release(), rollback.episode());
        }

        private void requireUp() {
          if (down) {
            throw new SharedStateException("down", false, new IllegalStateException("down"));
          }
        }
      };
    }
  }
}
