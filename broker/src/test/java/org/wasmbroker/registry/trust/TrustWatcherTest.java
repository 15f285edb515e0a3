package org.wasmbroker.registry.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.trust.TrustRules;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.signature.TestKeys;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.Version;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.TrustEvent;
import org.wasmbroker.testing.CapturedLog;

class TrustWatcherTest {
  private static final Instant END = Instant.parse("2027-04-01T00:00:00Z");
  private static final Approval APPROVAL =
      new Approval(
          Digest.of(new byte[0]),
          new ReleaseId("hello", Version.parse("1.0.0")),
          "someone",
          END,
          null);

  @TempDir private Path directory;
  private final List<BrokerEvent> events = new ArrayList<>();
  private final AtomicInteger changes = new AtomicInteger();
  private Instant now = END.minus(Duration.ofDays(15));

  @Test
  void anApprovalCountsOnceItIsInTheFileAndUntilItIsTakenOut() throws IOException {
    var policy = policy(TrustRules.NONE);
    try (var watcher = watcher(policy)) {
      watcher.pollOnce();
      assertThat(policy.approvals()).isEqualTo(Approvals.NONE);
      new ApprovalsFile(file()).add(APPROVAL);
      watcher.pollOnce();
      assertThat(policy.approvals().of(APPROVAL.digest())).contains(APPROVAL);
      assertThat(changes).hasValue(1);
      watcher.pollOnce();
      assertThat(changes).as("nothing changed").hasValue(1);
      Files.writeString(file(), "approvals: []");
      watcher.pollOnce();
      assertThat(policy.approvals().list()).isEmpty();
      assertThat(changes).hasValue(2);
    }
    assertThat(events)
        .containsExactly(
            new TrustEvent.ApprovalsApplied(0),
            new TrustEvent.ApprovalsApplied(1),
            new TrustEvent.ApprovalsApplied(0));
  }

  @Test
  void anInvalidOrMissingFileIsToldOnceAndTheLastValidApprovalsStay() throws IOException {
    var policy = policy(TrustRules.NONE);
    new ApprovalsFile(file()).add(APPROVAL);
    try (var log = CapturedLog.of(TrustWatcher.class, Level.INFO);
        var watcher = watcher(policy)) {
      watcher.pollOnce();
      Files.writeString(file(), "approvals: [{digest: 7}]");
      watcher.pollOnce();
      watcher.pollOnce();
      assertThat(policy.approvals().list()).containsExactly(APPROVAL);
      Files.delete(file());
      watcher.pollOnce();
      assertThat(policy.approvals().list()).containsExactly(APPROVAL);
      assertThat(events.stream().filter(TrustEvent.ApprovalsRefused.class::isInstance)).hasSize(2);
      new ApprovalsFile(file()).add(APPROVAL);
      watcher.pollOnce();
      assertThat(events.getLast()).isEqualTo(new TrustEvent.ApprovalsApplied(1));
      assertThat(messages(log)).anyMatch(line -> line.contains("those that were in force stay so"));
    }
  }

  @Test
  void aFileThatIsInvalidAtTheStartApprovesNothing() throws IOException {
    var policy = policy(TrustRules.NONE);
    Files.writeString(file(), "approvals: x");
    try (var watcher = watcher(policy)) {
      watcher.pollOnce();
    }
    assertThat(policy.approvals().list()).isEmpty();
    assertThat(events).singleElement().isInstanceOf(TrustEvent.ApprovalsRefused.class);
  }

  @Test
  void aKeyThatEndsIsToldFourteenDaysBeforeAndItsEndChangesVerdictsWithoutAnyFileChanging() {
    try (var log = CapturedLog.of(TrustWatcher.class, Level.INFO);
        var watcher = watcher(policy(rules()))) {
      watcher.pollOnce();
      assertThat(events).containsExactly(new TrustEvent.KeysChanged(Map.of("old", END), ""));
      assertThat(changes).as("the key is accepted from the first look on").hasValue(1);
      events.clear();

      now = END.minus(Duration.ofDays(14));
      watcher.pollOnce();
      watcher.pollOnce();
      assertThat(messages(log).stream().filter(line -> line.contains("is accepted until")))
          .hasSize(1);
      assertThat(changes).hasValue(1);

      now = END;
      watcher.pollOnce();
      assertThat(messages(log)).anyMatch(line -> line.contains("is not accepted any more since"));
      assertThat(changes).hasValue(2);
      assertThat(events.getLast())
          .isInstanceOfSatisfying(
              TrustEvent.KeysChanged.class,
              change ->
                  assertThat(change.warn()).contains("modules that only it signed do not run"));
    }
  }

  @Test
  void otherDemandsAreInForceBeforeVerdictsAreGivenAnew() {
    var policy = policy(TrustRules.NONE);
    var seen = new ArrayList<TrustRules>();
    try (var watcher =
        new TrustWatcher(
            policy,
            null,
            Duration.ofHours(1),
            time(),
            () -> seen.add(policy.rules()),
            events::add)) {
      watcher.apply(rules());
    }
    assertThat(seen).containsExactly(policy.rules()).doesNotContain(TrustRules.NONE);
  }

  private static List<String> messages(CapturedLog log) {
    return log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private TrustPolicy policy(TrustRules rules) {
    return new TrustPolicy(rules, time());
  }

  private TrustWatcher watcher(TrustPolicy policy) {
    return new TrustWatcher(
        policy,
        file(),
        Duration.ofHours(1),
        time(),
        changes::incrementAndGet,
        event -> {
          if (!(event instanceof TrustEvent.ApprovalsApplied(int count))
              || count > 0
              || policy.rules().keys().isEmpty()) {
            events.add(event);
          }
        });
  }

  private Path file() {
    return directory.resolve("approvals.yaml");
  }

  private TimeSource time() {
    return new TimeSource() {
      @Override
      public Instant now() {
        return now;
      }

      @Override
      public long nanos() {
        return 0;
      }
    };
  }

  private static TrustRules rules() {
    var text =
        "signatures: {keys: {old: {pem: \"%s\", not-after: 2027-03-31}}, rules: {handlers: '*', any-of: old}}"
            .formatted(TestKeys.publicPem(TestKeys.p256()).replace("\n", "\\n"));
    return switch (Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy.trust();
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
