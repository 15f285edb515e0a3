package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RolloutEvent;

class RolloutWatcherTest {
  private final List<String> reported = new ArrayList<>();
  private final EventSink events =
      event -> {
        if (event instanceof RolloutEvent.Applied(_, int handlers, int candidates)) {
          reported.add("applied " + handlers + " " + candidates);
        } else if (event instanceof RolloutEvent.Refused(var reason)) {
          reported.add("refused " + reason);
        }
      };
  private final Map<String, String> problems = new HashMap<>();
  private final List<String> prepared = new ArrayList<>();
  private final List<HandlerRef> ahead = new ArrayList<>();

  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("rollout.yaml");
    write("handlers: {h: {stable: 1.0.0}}");
  }

  @Test
  void aChangedFileIsAppliedAfterItsModulesAreLoaded() throws IOException {
    var rollouts = new Rollouts(read());
    try (var watcher = watcher(rollouts)) {
      watcher.pollOnce();
      assertThat(prepared).isEmpty();

      write("handlers: {h: {stable: 1.1.0, candidate: 1.2.0, weight: 5%}}");
      watcher.pollOnce();
      watcher.pollOnce();

      assertThat(prepared).containsExactly("h@1.1.0", "h@1.2.0");
      assertThat(ahead)
          .as("both, before either is waited for")
          .extracting(HandlerRef::toString)
          .containsExactlyInAnyOrder("h@1.1.0", "h@1.2.0");
      assertThat(rollouts.stable("h")).hasToString("h@1.1.0");
      assertThat(reported).containsExactly("applied 1 1");
    }
  }

  @Test
  void theFirstFilesCandidatesAreLoadedBeforeStepsAskForThem() throws IOException {
    write("handlers: {h: {stable: 1.0.0, candidate: 1.2.0, weight: 5%}}");
    try (var watcher = watcher(new Rollouts(read()))) {
      watcher.start();
      assertThat(prepared).containsExactly("h@1.2.0");
    }
  }

  @Test
  void aStableVersionThatCannotServeChangesNothingUntilItCan() throws IOException {
    var rollouts = new Rollouts(read());
    try (var watcher = watcher(rollouts)) {
      problems.put("h@1.1.0", "no source offers it");
      write("handlers: {h: {stable: 1.1.0}, other: {stable: 1.0.0}}");
      watcher.pollOnce();
      watcher.pollOnce();
      assertThat(reported)
          .containsExactly("refused " + file + ": h@1.1.0 cannot serve: no source offers it");
      assertThat(rollouts.stable("h")).hasToString("h@1.0.0");
      assertThat(rollouts.stable("other")).as("all or nothing").isNull();

      problems.clear();
      watcher.pollOnce();
      assertThat(reported).hasSize(2).last().isEqualTo("applied 2 0");
      assertThat(rollouts.stable("h")).hasToString("h@1.1.0");
    }
  }

  @Test
  void aCandidateThatCannotServeKeepsNobodyFromTheRest() throws IOException {
    var rollouts = new Rollouts(read());
    try (var watcher = watcher(rollouts)) {
      problems.put("h@1.2.0", "refused");
      write("handlers: {h: {stable: 1.0.0, candidate: 1.2.0, weight: 5%}}");
      watcher.pollOnce();
      assertThat(reported).containsExactly("applied 1 1");
    }
  }

  @Test
  void anInvalidOrMissingFileKeepsTheLastOneAndIsReportedOnce() throws IOException {
    var rollouts = new Rollouts(read());
    try (var watcher = watcher(rollouts)) {
      write("handlers: {h: {stable: 1}}");
      watcher.pollOnce();
      watcher.pollOnce();
      Files.delete(file);
      watcher.pollOnce();
      write("handlers: {h: {stable: 1.0.0}}");
      watcher.pollOnce();

      assertThat(reported).hasSize(3);
      assertThat(reported.get(0))
          .isEqualTo(
              "refused "
                  + file
                  + ":1:16: /handlers/h/stable: a module's version is like 1.2.3 or 1.2.3-rc.1, was"
                  + " '1'");
      assertThat(reported.get(1)).isEqualTo("refused " + file + ": no such file");
      assertThat(reported.get(2)).isEqualTo("applied 1 0");
      assertThat(rollouts.stable("h")).hasToString("h@1.0.0");
    }
  }

  private RolloutWatcher watcher(Rollouts rollouts) {
    return new RolloutWatcher(
        new RolloutConfig(file, Duration.ofMillis(100), rollouts.rollout()),
        rollouts,
        ahead::addAll,
        this::prepare,
        () -> {},
        events);
  }

  private @Nullable String prepare(HandlerRef exact) {
    prepared.add(exact.toString());
    return problems.get(exact.toString());
  }

  private Rollout read() {
    return switch (RolloutReader.read(file)) {
      case RolloutReadResult.Valid(var rollout) -> rollout;
      case RolloutReadResult.Invalid(var found) -> throw new AssertionError(found);
    };
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }
}
