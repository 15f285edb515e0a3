package org.wasmbroker.rollout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Version;

class RolloutReaderTest {
  @Test
  void aHandlerHasAStableVersionAndACandidateForAShareOfItsSteps() {
    var rollout =
        valid(
            """
            handlers:
              transform:
                stable: 1.2.0
                candidate: 1.3.0
                weight: 0.25%
                when: {namespace: [acme, beta], task: nightly-*, header: {X-Canary: "1"}}
                rollback: {threshold: 2.5%, window: 90s, min-steps: 20, on: [traps, limits]}
            """);

    var handler = handler(rollout, "transform");
    assertThat(handler.stable()).isEqualTo(new Version(1, 2, 0));
    assertThat(handler.candidate())
        .isEqualTo(
            new Candidate(
                new Version(1, 3, 0),
                new Percent(25),
                new Condition(
                    List.of(new Glob("acme"), new Glob("beta")),
                    List.of(new Glob("nightly-*")),
                    Map.of("x-canary", List.of(new Glob("1")))),
                new RollbackRule(
                    new Percent(250),
                    Duration.ofSeconds(90),
                    20,
                    Set.of(BadEnd.TRAPS, BadEnd.LIMITS))));
  }

  @Test
  void aCandidateIsRolledBackByDefault() {
    var candidate = candidate("handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 10}}");
    assertThat(candidate.weight()).isEqualTo(new Percent(1000));
    assertThat(candidate.rollback()).isEqualTo(RollbackRule.DEFAULTS);
    assertThat(candidate.when()).isSameAs(Condition.ANY);
  }

  @Test
  void theDefaultChannelSaysTheStableVersionOfTheHandlersThatItLists() {
    var rollout =
        valid(
            """
            channels:
              blue: {transform: 1.2.0, validate: 1.0.0}
              green: {transform: 2.0.0-rc.1}
            default-channel: blue
            handlers:
              transform: {candidate: 1.3.0, weight: 5%}
              other: {stable: 0.1.0}
            """);

    assertThat(rollout.handlers().keySet()).containsExactly("other", "transform", "validate");
    assertThat(rollout.handlers().get("transform"))
        .extracting(HandlerRollout::stable, HandlerRollout::fromChannel)
        .containsExactly(new Version(1, 2, 0), true);
    assertThat(handler(rollout, "other").fromChannel()).isFalse();
    assertThat(rollout.candidates()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "handlers:", "channels: {}", "{}"})
  void anEmptyFileIsARollout(String text) {
    assertThat(valid(text).handlers()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{handler: {}} | /handler: is unknown; did you mean 'handlers'? (available: channels,"
            + " default-channel, handlers)",
        "{handlers: {h: {}}} | /handlers/h: has no stable version; set stable, or list the handler"
            + " in the default channel",
        "{handlers: {h: {stable: '1.2'}}} | /handlers/h/stable: a module's version is like 1.2.3 or"
            + " 1.2.3-rc.1, was '1.2'",
        "{handlers: {H: {stable: 1.0.0}}} | /handlers/H: a handler's name has 1 to 64 of a-z, 0-9,"
            + " '_' and '-', was 'H'",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0}}} | /handlers/h: has a candidate but no"
            + " weight, the share of the steps that get it, such as weight: 10%",
        "{handlers: {h: {stable: 1.0.0, weight: 5}}} | /handlers/h/weight: needs a candidate",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.0.0, weight: 5}}} | /handlers/h/candidate: is"
            + " the stable version, 1.0.0",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 101}}} | /handlers/h/weight: must"
            + " be 0% to 100%, was 101",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 0.001%}}} | /handlers/h/weight:"
            + " must be a share with at most two decimals, such as 10% or 0.25%, was '0.001%'",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 5, when: {}}}} |"
            + " /handlers/h/when: is empty; leave it out for all steps",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 5, when: {task: y, tasks: x}}}} |"
            + " /handlers/h/when/tasks: is unknown; did you mean 'task'? (available: namespace,"
            + " task, header)",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 5, when: {header: {a: x, A:"
            + " y}}}}} | /handlers/h/when/header/A: is there twice; upper and lower case make no"
            + " difference",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 5, rollback: {on: [trap]}}}} |"
            + " /handlers/h/rollback/on/0: must be one of traps, limits, permanent-failures, was"
            + " 'trap'; did you mean 'traps'?",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 5, rollback: {window: 1s}}}} |"
            + " /handlers/h/rollback: window must be 10s to 1d, was PT1S",
        "{handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 5, rollback: {min-steps: many}}}}"
            + " | /handlers/h/rollback/min-steps: must be a whole number, was 'many'",
        "{default-channel: blue} | /default-channel: must be one of none, was 'blue'",
        "{channels: {Blue: {}}} | /channels/Blue: a channel's name has 1 to 32 of a-z, 0-9 and '-',"
            + " and begins with a letter; was 'Blue'",
        "{channels: {blue: {h: x}}} | /channels/blue/h: a module's version is like 1.2.3 or"
            + " 1.2.3-rc.1, was 'x'",
        "{channels: {blue: {h: 1.0.0}}, default-channel: blue, handlers: {h: {stable: 1.0.0}}} |"
            + " /handlers/h/stable: is said twice: the default channel blue has h 1.0.0 already;"
            + " leave it out here, or the handler out there",
      })
  void aWrongFileIsRefusedAsAWhole(String text, String expected) {
    assertThat(problems(text)).singleElement().asString().endsWith(expected);
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    assertThat(
            problems("{handlers: {a: {stable: x}, b: {stable: 1.0.0, candidate: y, weight: z}}}"))
        .hasSize(3);
  }

  /** No candidate is rolled back on no kind of end. */
  @Test
  void rollbackIsSwitchedOffByNamingNoKindOfEnd() {
    var candidate =
        candidate(
            "handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 10, rollback: {on: []}}}");
    assertThat(candidate.rollback().isExceeded(new RunCounts(1000, 1000, 0, 0), RunCounts.NONE))
        .isFalse();
  }

  private static Candidate candidate(String text) {
    return Objects.requireNonNull(handler(valid(text), "h").candidate());
  }

  private static HandlerRollout handler(Rollout rollout, String name) {
    return Objects.requireNonNull(rollout.handlers().get(name));
  }

  private static Rollout valid(String text) {
    return switch (RolloutReader.read("", text.getBytes(UTF_8))) {
      case RolloutReadResult.Valid(var rollout) -> rollout;
      case RolloutReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  private static List<Problem> problems(String text) {
    return switch (RolloutReader.read("", text.getBytes(UTF_8))) {
      case RolloutReadResult.Valid(var rollout) -> throw new AssertionError(rollout);
      case RolloutReadResult.Invalid(var problems) -> problems;
    };
  }
}
