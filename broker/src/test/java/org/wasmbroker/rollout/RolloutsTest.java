package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.registry.route.Choice;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.Version;

class RolloutsTest {
  private static final HandlerRef STABLE = HandlerRef.parse("h@1.0.0");
  private static final HandlerRef CANDIDATE = HandlerRef.parse("h@1.1.0");

  private record Facts(StepId id, StepOrigin origin) implements RoutingFacts {
    @Override
    public @Nullable ModulePin pin() {
      return null;
    }
  }

  @Test
  void theWeightIsTheShareOfTheStepsThatGetTheCandidate() {
    assertThat(share("0%")).isZero();
    assertThat(share("10%")).isBetween(9_700, 10_300);
    assertThat(share("0.25%")).isBetween(200, 300);
    assertThat(share("100%")).isEqualTo(100_000);
  }

  private static int share(String weight) {
    return ofCandidate(new Rollouts(RolloutTexts.candidate(weight))).size();
  }

  @Test
  void aLargerWeightOnlyMovesStepsToTheCandidate() {
    var before = Set.<UUID>of();
    for (var weight : List.of("1%", "10%", "10.01%", "55%", "100%")) {
      var now = ofCandidate(new Rollouts(RolloutTexts.candidate(weight)));
      assertThat(now.containsAll(before)).as(weight).isTrue(); // AssertJ compares each with each
      before = now;
    }
  }

  /** Another broker, another attempt, after a restart: nothing but the id and the file matter. */
  @Test
  void theSameStepGetsTheSameVersionEverywhere() {
    assertThat(ofCandidate(new Rollouts(RolloutTexts.candidate("30%"))))
        .isEqualTo(ofCandidate(new Rollouts(RolloutTexts.candidate("30%"))));
  }

  @Test
  void theStableVersionServesWhileTheCandidateCannot() {
    var rollouts = new Rollouts(RolloutTexts.candidate("100%"));
    assertThat(rollouts.choose("h", step(StepOrigin.NONE)))
        .isEqualTo(new Choice(CANDIDATE, STABLE));
    assertThat(rollouts.choose("other", step(StepOrigin.NONE))).isNull();
  }

  @Test
  void aRolledBackCandidateGetsNoSteps() {
    var rollouts = new Rollouts(RolloutTexts.candidate("100%"));
    rollouts.withdraw(Map.of(new ReleaseName("h", "1.1.0"), rollback()));

    assertThat(rollouts.choose("h", step(StepOrigin.NONE))).isEqualTo(new Choice(STABLE, null));
    assertThat(rollouts.isWithdrawn("h", Version.parse("1.1.0"))).isTrue();
    assertThat(rollouts.isWithdrawn("h", Version.parse("1.0.0"))).isFalse();

    rollouts.apply(RolloutTexts.candidate("50%"));
    assertThat(ofCandidate(rollouts)).as("another file ends no rollback").isEmpty();

    rollouts.withdraw(Map.of());
    assertThat(ofCandidate(rollouts)).isNotEmpty();
  }

  @Test
  void aConditionChoosesByNamespaceTaskAndHeader() {
    var rollouts =
        new Rollouts(
            RolloutTexts.rollout(
                """
                handlers:
                  h:
                    stable: 1.0.0
                    candidate: 1.1.0
                    weight: 100%
                    when: {namespace: [acme, b-*], task: "*-nightly", header: {X-Canary: ["1", "yes"]}}
                """));
    var header = Map.of("x-canary", "yes");

    assertThat(version(rollouts, new StepOrigin("acme", "a-nightly", header))).isEqualTo(CANDIDATE);
    assertThat(version(rollouts, new StepOrigin("b-1", "a-nightly", header))).isEqualTo(CANDIDATE);
    assertThat(version(rollouts, new StepOrigin("c", "a-nightly", header))).isEqualTo(STABLE);
    assertThat(version(rollouts, new StepOrigin("acme", "a", header))).isEqualTo(STABLE);
    assertThat(version(rollouts, new StepOrigin("acme", "a-nightly", Map.of("x-canary", "2"))))
        .isEqualTo(STABLE);
    assertThat(version(rollouts, StepOrigin.NONE)).isEqualTo(STABLE);
  }

  @Test
  void aChannelIsAnExactVersionAndTheDefaultOneServesPlainReferences() {
    var rollouts = new Rollouts(RolloutTexts.rollout(channels("blue")));
    assertThat(rollouts.channel("h", "green")).isEqualTo(HandlerRef.parse("h@2.0.0-rc.1"));
    assertThat(version(rollouts, StepOrigin.NONE)).isEqualTo(STABLE);

    rollouts.apply(RolloutTexts.rollout(channels("green")));
    assertThat(version(rollouts, StepOrigin.NONE)).isEqualTo(HandlerRef.parse("h@2.0.0-rc.1"));
    assertThat(rollouts.channel("h", "blue")).isEqualTo(STABLE);
  }

  private static String channels(String inService) {
    return "{channels: {blue: {h: 1.0.0}, green: {h: 2.0.0-rc.1}}, default-channel: %s}"
        .formatted(inService);
  }

  @Test
  void whatAChannelLacksIsSaid() {
    var rollouts = new Rollouts(RolloutTexts.rollout(channels("blue")));
    assertThat(rollouts.channel("h", "greed")).isNull();
    assertThat(rollouts.channelProblem(HandlerRef.parse("h@greed")))
        .isEqualTo("no channel is named 'greed'; did you mean 'green'? (available: blue, green)");
    assertThat(rollouts.channelProblem(HandlerRef.parse("transform@green")))
        .isEqualTo("channel 'green' has no version of handler 'transform'; available: h");
    assertThat(new Rollouts(Rollout.NONE).channelProblem(HandlerRef.parse("h@green")))
        .isEqualTo("there is no channel 'green': rollout.file defines none");
  }

  private static @Nullable HandlerRef version(Rollouts rollouts, StepOrigin origin) {
    var choice = rollouts.choose("h", step(origin));
    return choice == null ? null : choice.version();
  }

  private static RoutingFacts step(StepOrigin origin) {
    return new Facts(new StepId(new UUID(1, 2)), origin);
  }

  /** The steps of 100,000 that get the candidate. */
  private static Set<UUID> ofCandidate(Rollouts rollouts) {
    var random = new Random(7);
    return Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()))
        .limit(100_000)
        .filter(
            id -> {
              var choice = rollouts.choose("h", new Facts(new StepId(id), StepOrigin.NONE));
              return choice != null && choice.version().equals(CANDIDATE);
            })
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Rollback rollback() {
    return new Rollback(
        new ReleaseName("h", "1.1.0"), 1, Instant.EPOCH, "here", "1.0.0", 20, 20, 0, 0, "all trap");
  }
}
