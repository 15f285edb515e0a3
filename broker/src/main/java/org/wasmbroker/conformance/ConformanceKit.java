package org.wasmbroker.conformance;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.conformance.CaseOutcome.Verdict;
import org.wasmbroker.conformance.ConformanceCase.End;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.example.JsonDifferences;
import org.wasmbroker.example.LogLine;
import org.wasmbroker.example.OutcomeComparison;
import org.wasmbroker.execution.RetryPolicy;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the cases with a module. Each attempt is a step like one of a queue, in a fresh instance,
 * with a protocol that saves checkpoints.
 */
public final class ConformanceKit {
  /** The name of the secret that is granted, and its value. */
  public static final String SECRET = "CONFORMANCE";

  public static final String SECRET_VALUE = "conformance-secret-value";

  private static final HandlerRef HANDLER = new HandlerRef("conformance", null);
  private static final Duration NO_TIMEOUT = Duration.ofDays(1);
  private static final String NO_CHECKPOINT = "null";
  private static final int MAX_SHOWN_CHARS = 500;
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, 1000).withoutPositions();

  private final RetryPolicy retries;
  private final long threadStackBytes;
  private final StepAccessFactory accesses;
  private final int port;

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   * @param accesses opens HTTP, and the secret {@link #SECRET}
   * @param port of the {@link ConformanceServer}
   */
  public ConformanceKit(
      RetryPolicy retries, long threadStackBytes, StepAccessFactory accesses, int port) {
    this.retries = retries;
    this.threadStackBytes = threadStackBytes;
    this.accesses = accesses;
    this.port = port;
  }

  /** The names of all cases, in the order in which they run. */
  public static List<String> names() {
    return ConformanceCases.read().stream().map(ConformanceCase::name).toList();
  }

  /** The manifest with which a module is run. */
  public static Document manifest() {
    return Document.of(ConformanceCases.resource("manifest.json"));
  }

  /** The policy under which a module is run. */
  public static byte[] policy(int port) {
    var text = new String(ConformanceCases.resource("policy.yaml"), StandardCharsets.UTF_8);
    return text.replace("@PORT@", String.valueOf(port)).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Runs the cases whose names are wanted.
   *
   * @param component whether it is a component that is a handler, which cannot do everything
   * @param repeat how often each runs; all runs have to end as they should
   */
  public List<CaseOutcome> run(
      Resolved module, boolean component, Predicate<String> wanted, int repeat) {
    return ConformanceCases.read().stream()
        .filter(each -> wanted.test(each.name()))
        .map(
            each -> {
              var reason = component ? each.notInComponents() : null;
              return reason == null ? run(each, module, repeat) : unsupported(each, reason);
            })
        .toList();
  }

  private static CaseOutcome unsupported(ConformanceCase each, String reason) {
    return new CaseOutcome(
        each.name(), Verdict.UNSUPPORTED, List.of(), reason, Duration.ZERO, Duration.ZERO, 0);
  }

  private CaseOutcome run(ConformanceCase each, Resolved module, int repeat) {
    var receipts = new ArrayList<Receipt>();
    var problems = new ArrayList<String>();
    @Nullable String reason = null;
    for (int i = 0; i < repeat && problems.isEmpty() && reason == null; i++) {
      reason = runOnce(each, module, receipts, problems);
    }
    boolean supported = reason == null;
    return new CaseOutcome(
        each.name(),
        supported ? problems.isEmpty() ? Verdict.PASSED : Verdict.FAILED : Verdict.UNSUPPORTED,
        supported ? problems : List.of(),
        reason,
        median(receipts.stream().map(Receipt::instantiation).toList()),
        median(receipts.stream().map(Receipt::execution).toList()),
        receipts.stream().mapToLong(Receipt::memoryHighWaterBytes).max().orElse(0));
  }

  /** Why the guest does not support what the case asks for; null if it does. */
  private @Nullable String runOnce(
      ConformanceCase each, Resolved module, List<Receipt> receipts, List<String> problems) {
    var log = new ArrayList<LogLine>();
    int attempts = each.ends().size();
    for (int number = 1; number <= attempts; number++) {
      var attempt = new Attempt(number, attempts);
      var outcome = run(each, attempt, module, log);
      var error = error(outcome);
      if (error != null && error.type().equals("unsupported")) {
        return error.message();
      }
      var at = attempts == 1 ? "" : "attempt %d of %d: ".formatted(number, attempts);
      problems(each, attempt, outcome).forEach(problem -> problems.add(at + problem));
      if (number == attempts) {
        receipts.add(outcome.receipt());
      }
    }
    compareLogs(each.log(), log, problems);
    return null;
  }

  private Outcome run(ConformanceCase each, Attempt attempt, Resolved module, List<LogLine> log) {
    var invoker =
        new StepInvoker(
            retries,
            threadStackBytes,
            accesses,
            new KeptCheckpoints(checkpoint -> each.document(attempt, port, checkpoint)),
            _ -> (level, message, fields) -> log.add(new LogLine(level, message, fields)),
            StepRecorder.NONE);
    var step =
        StepInvoker.step(
            new StepIds(new StepId(UUID.randomUUID()), null, null),
            HANDLER.name(),
            HANDLER,
            attempt,
            each.timeout() == null ? NO_TIMEOUT : each.timeout(),
            each.document(attempt, port, NO_CHECKPOINT));
    return invoker.run(step, module);
  }

  private static @Nullable StepError error(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> null;
      case Outcome.Failed failed -> failed.error();
      case Outcome.Retry retry -> retry.error();
    };
  }

  private List<String> problems(ConformanceCase each, Attempt attempt, Outcome outcome) {
    var actual = actual(outcome);
    var end = each.ends().get(attempt.number() - 1);
    if (wantsResult(end) && actual.has("error")) {
      return List.of("expected a result, was " + shortened(actual));
    }
    return switch (end) {
      case End.Echo _ -> differences(echo(each.document(attempt, port, NO_CHECKPOINT)), actual);
      case End.Exactly(var expected) -> differences(expected, retained(expected, actual));
      case End.Matching(var schema) ->
          schema.validate(Document.of(actual.toString())).stream()
              .map(problem -> problem + ", was " + shortened(actual))
              .toList();
    };
  }

  private static boolean wantsResult(End end) {
    return switch (end) {
      case End.Echo _ -> true;
      case End.Exactly(var expected) -> expected.has("result");
      case End.Matching _ -> false;
    };
  }

  private static String shortened(JsonNode json) {
    return SafeText.sanitize(json.toString(), MAX_SHOWN_CHARS);
  }

  private static List<String> differences(JsonNode expected, JsonNode actual) {
    return JsonDifferences.between(JsonPointer.ROOT, expected, actual).stream()
        .map(Object::toString)
        .toList();
  }

  private static JsonNode echo(Document document) {
    var context = JSON.read("", document.bytes()).root().get("context");
    return JsonMapper.shared().createObjectNode().set("result", context);
  }

  private static ObjectNode actual(Outcome outcome) {
    var actual = OutcomeComparison.actual(outcome);
    var error = error(outcome);
    var after = error == null ? null : error.retryAfter();
    if (after != null) {
      actual.withObject("error").put("retry_after_ms", after.toMillis());
    }
    return actual;
  }

  /**
   * Of an error that was expected, what is compared; its message stays if the type is another one,
   * since it says why.
   */
  private static ObjectNode retained(JsonNode expected, ObjectNode actual) {
    var wanted = expected.get("error");
    var error = actual.get("error");
    if (wanted != null && error != null && wanted.get("type").equals(error.get("type"))) {
      actual.withObject("error").retain(wanted.propertyNames());
    }
    return actual;
  }

  private static void compareLogs(
      List<LogLine> expected, List<LogLine> actual, List<String> problems) {
    if (expected.isEmpty()) {
      return;
    }
    var found = actual.iterator();
    for (var line : expected) {
      boolean logged = false;
      while (!logged && found.hasNext()) {
        logged = isSame(line, found.next());
      }
      if (!logged) {
        problems.add("does not log '%s', but %s".formatted(line, actual));
        return;
      }
    }
  }

  private static boolean isSame(LogLine expected, LogLine actual) {
    var fields = expected.fields();
    var other = actual.fields();
    boolean same =
        expected.level() == actual.level() && expected.message().equals(actual.message());
    if (fields == null || other == null) {
      return same && fields == null && other == null;
    }
    return same
        && JsonDifferences.between(
                JsonPointer.ROOT,
                JsonMapper.shared().readTree(fields),
                JsonMapper.shared().readTree(other))
            .isEmpty();
  }

  private static Duration median(List<Duration> durations) {
    return durations.isEmpty()
        ? Duration.ZERO
        : durations.stream().sorted(Comparator.naturalOrder()).toList().get(durations.size() / 2);
  }
}
