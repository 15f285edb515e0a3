package org.wasmbroker.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.PolicyEvent;

class PolicyWatcherTest {
  private static final long ENGINE = 512 << 20;

  private final List<Policy> applied = new ArrayList<>();
  private final List<String> reported = new ArrayList<>();
  private final EventSink events =
      event -> {
        if (event instanceof PolicyEvent.Applied(_, int rules)) {
          reported.add("applied " + rules);
        } else if (event instanceof PolicyEvent.Refused(String reason)) {
          reported.add("refused " + reason);
        }
      };

  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("policy.yaml");
    write(rules(1));
  }

  @Test
  void aChangedFileIsAppliedAtTheNextPoll() throws IOException {
    try (var watch = watch(applied::add)) {
      watch.pollOnce();
      assertThat(applied).isEmpty();

      write(rules(2));
      watch.pollOnce();
      watch.pollOnce();

      assertThat(applied).extracting(Policy::rules).containsExactly(2);
      assertThat(reported).containsExactly("applied 2");
    }
  }

  @Test
  void anInvalidFileKeepsTheLastValidPolicyAndIsReportedOnce() throws IOException {
    try (var watch = watch(applied::add)) {
      write("handlers: [{handler: h, clas: text}]");
      watch.pollOnce();
      watch.pollOnce();

      assertThat(applied).isEmpty();
      assertThat(reported)
          .singleElement()
          .asString()
          .startsWith(
              "refused "
                  + file
                  + ":1:25: /handlers/0/clas: is unknown; did you mean 'class'? (available: ");

      Files.delete(file);
      watch.pollOnce();
      assertThat(reported).hasSize(2).last().isEqualTo("refused " + file + ": no such file");
    }
  }

  @Test
  void repairingAnInvalidFileIsReported() throws IOException {
    try (var watch = watch(applied::add)) {
      write("{");
      watch.pollOnce();
      write(rules(1));
      watch.pollOnce();
      write("{");
      watch.pollOnce();
      write(rules(3));
      watch.pollOnce();

      assertThat(applied).extracting(Policy::rules).containsExactly(3);
      assertThat(reported).hasSize(4).element(1).isEqualTo("applied 1");
      assertThat(reported.get(3)).isEqualTo("applied 3");
    }
  }

  @Test
  void aClassLargerThanTheEnginesMemoryIsRejected() throws IOException {
    try (var watch = watch(applied::add)) {
      write("classes: {text: {memory: 32MiB}, huge: {memory: 1GiB}}");
      watch.pollOnce();

      assertThat(applied).isEmpty();
      assertThat(reported).singleElement().asString().contains("1073741824", "restart the broker");
    }
  }

  @Test
  void aPolicyThatCouldNotBeAppliedIsRetried() throws IOException {
    var attempts = new ArrayList<Policy>();
    try (var watch =
        watch(
            policy -> {
              attempts.add(policy);
              if (attempts.size() == 1) {
                throw new IllegalStateException("the engine is busy");
              }
            })) {
      write(rules(2));
      assertThat(catchThrowable(watch::pollOnce)).hasMessage("the engine is busy");
      watch.pollOnce();

      assertThat(attempts).hasSize(2);
      assertThat(reported).containsExactly("applied 2");
    }
  }

  @Test
  void theThreadPollsUntilClosed() throws Exception {
    var seen = new ArrayBlockingQueue<Policy>(10);
    try (var watch = watch(seen::add)) {
      watch.start();
      assertThat(reported).containsExactly("applied 1");

      write(rules(4));
      var policy = seen.poll(5, TimeUnit.MINUTES);

      assertThat(policy).extracting(Policy::rules).isEqualTo(4);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("policy"));
  }

  private PolicyWatcher watch(Consumer<Policy> apply) {
    return switch (PolicyWatcher.read(file, Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) ->
          new PolicyWatcher(
              new PolicyConfig(file, Duration.ofMillis(100), policy),
              Limits.DEFAULTS,
              ENGINE,
              apply,
              events);
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  private void write(String text) throws IOException {
    var next = Files.writeString(directory.resolve("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String rules(int count) {
    return "handlers:\n" + "  - handler: h\n".repeat(count);
  }
}
