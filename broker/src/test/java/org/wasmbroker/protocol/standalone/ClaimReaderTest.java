package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.pgmq.LeasedMessage;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Step;

/** Whatever a batch of claimed messages contains, each of them ends in exactly one way. */
class ClaimReaderTest {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "\"\"",
          "\"3\"",
          "[]",
          "{}",
          "0",
          "1",
          "-1",
          "2",
          "100",
          "1.0",
          "1.5",
          "1e2",
          "1e-2",
          "1e400",
          "-0",
          "2147483646",
          "2147483647",
          "2147483648",
          "-2147483648",
          "-2147483649",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775809",
          "1".repeat(2000),
          "0." + "1".repeat(2000),
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b\"",
          "\"transform\"",
          "\"" + "n".repeat(300) + "\"",
          "[".repeat(600) + "]".repeat(600),
          "{\"a\":".repeat(600) + "1" + "}".repeat(600));

  private static final List<String> MEMBERS =
      List.of(
          "step_uuid",
          "task_uuid",
          "correlation_id",
          "handler",
          "version",
          "name",
          "config",
          "input",
          "deps",
          "max_attempts",
          "timeout_ms",
          "unknown");

  private static final List<String> HEADERS =
      List.of(
          "traceparent", "tracestate", "x-wasm-broker-failures", "x-wasm-broker-started", "mine");

  private static final List<String> NO_OBJECTS =
      List.of("", "{", "null", "[]", "17", "\"text\"", "{\"a\":}", "\ufeff{}", "{}{}");

  private static final List<Integer> READ_COUNTS =
      List.of(1, 2, 3, 4, 1000, Integer.MAX_VALUE, 0, -1, Integer.MIN_VALUE);

  private static final List<Instant> TIMES =
      List.of(Instant.EPOCH, Instant.MIN, Instant.MAX, Instant.parse("0001-01-01T00:00:00Z"));

  private final ClaimReader reader =
      new ClaimReader(StandaloneConfig.DEFAULTS, new WorkerIdentity("worker-1", "here"));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noMessageHarmsTheOthersOfItsBatch(long seed) {
    var random = new Random(seed);
    var batch = new ArrayList<LeasedMessage>();
    var good = new HashSet<UUID>();
    for (int id = 0; id < 3_000; id++) {
      if (id % 3 == 0) {
        var step = UUID.randomUUID();
        good.add(step);
        batch.add(message(id, 1, Instant.EPOCH, Document.of(valid("\"" + step + "\"")), null));
      } else {
        batch.add(
            message(
                id,
                pick(random, READ_COUNTS),
                pick(random, TIMES),
                random.nextInt(20) == 0 ? null : Document.of(anyMessage(random)),
                random.nextInt(20) == 0 ? null : Document.of(anyHeaders(random))));
      }
    }

    var claimed = reader.read(batch);

    assertThat(claimed.steps()).extracting(step -> step.id().value()).containsAll(good);
    assertThat(claimed.unread()).isEmpty();
    var ended = new ArrayList<Lease>();
    claimed.steps().forEach(step -> ended.add(((MessageClaim) step.claim()).lease()));
    claimed.rejected().forEach(rejected -> ended.add(rejected.claim().lease()));
    assertThat(ended)
        .containsExactlyInAnyOrderElementsOf(batch.stream().map(LeasedMessage::lease).toList());
    assertThat(claimed.steps()).allSatisfy(ClaimReaderTest::requireSane);
  }

  private static void requireSane(Step step) {
    assertThat(step.attempt().number()).isBetween(1, MessageHeaders.MAX_COUNT + 1);
    assertThat(step.attempt().max()).isBetween(1, StepMessage.MAX_ATTEMPTS);
    assertThat(step.timeout()).isPositive().isLessThanOrEqualTo(StepMessage.MAX_TIMEOUT);
  }

  private static LeasedMessage message(
      int id, int read, Instant since, @Nullable Document message, @Nullable Document headers) {
    return new LeasedMessage(new Lease(id, read), id % 2 == 0, since, message, headers);
  }

  private static String valid(String id) {
    return "{\"step_uuid\":" + id + ",\"handler\":\"echo\"}";
  }

  /** Mostly a valid message with some of its members replaced. */
  private static String anyMessage(Random random) {
    if (random.nextInt(10) == 0) {
      return pick(random, NO_OBJECTS);
    }
    var message = new StringBuilder(valid("\"" + UUID.randomUUID() + "\""));
    for (int i = random.nextInt(3); i > 0; i--) {
      message.setLength(message.length() - 1);
      message.append(",\"").append(pick(random, MEMBERS)).append("\":");
      message.append(pick(random, VALUES)).append('}');
    }
    return message.toString();
  }

  private static String anyHeaders(Random random) {
    if (random.nextInt(10) == 0) {
      return pick(random, NO_OBJECTS);
    }
    var headers = new StringBuilder("{\"x-wasm-broker-failures\":");
    headers.append(pick(random, VALUES));
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.append(",\"").append(pick(random, HEADERS)).append("\":");
      headers.append(pick(random, VALUES));
    }
    return headers.append('}').toString();
  }

  private static <T> T pick(Random random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
