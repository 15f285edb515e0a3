package org.wasmbroker.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.CacheGrant;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.TestSecrets;
import org.wasmbroker.url.Destination;

final class GuestCachesTest {
  private static final CacheGrant GRANT = new CacheGrant(64 << 10, 1000, Duration.ofMinutes(1));
  private static final Document KEY = Document.of("key");
  private static final Document VALUE = Document.of("value");

  private final ManualTime time = new ManualTime();
  private final List<BrokerEvent> events = new ArrayList<>();
  private final GuestCaches caches = new GuestCaches(new CacheConfig(1 << 20), time, events::add);

  private record ById(UUID id) implements Claim {}

  @Test
  void aValueIsFoundByLaterStepsOfTheSameModuleAndNamespace() throws CallRefusedException {
    open("a", "acme").put(KEY, VALUE, 1000);

    assertThat(open("a", "acme").get(KEY)).isEqualTo(VALUE);
    assertThat(open("a", "acme").delete(KEY)).isTrue();
    assertThat(open("a", "acme").get(KEY)).isNull();
    assertThat(open("a", "acme").delete(KEY)).isFalse();
  }

  @Test
  void anotherHandlerModuleOrNamespaceFindsAndDeletesNothing() throws CallRefusedException {
    open("a", "acme").put(KEY, VALUE, 1000);

    for (var other :
        List.of(
            open("b", "acme"),
            open("a", "beta"),
            caches.open(GRANT, step("acme", Map.of()), module("a", "another module"), none()),
            caches.open(GRANT, step(null, Map.of()), module("a", "m"), none()))) {
      assertThat(other.get(KEY)).isNull();
      assertThat(other.delete(KEY)).isFalse();
    }
    assertThat(open("a", "acme").get(KEY)).isEqualTo(VALUE);
  }

  @Test
  void aStandaloneStepIsOfTheNamespaceThatItsMessageHasInAHeader() throws CallRefusedException {
    var module = module("a", "m");
    caches
        .open(GRANT, step(null, Map.of("namespace", "acme")), module, none())
        .put(KEY, VALUE, 1000);

    assertThat(caches.open(GRANT, step(null, Map.of()), module, none()).get(KEY)).isNull();
    assertThat(caches.open(GRANT, step(null, Map.of("namespace", "acme")), module, none()).get(KEY))
        .isEqualTo(VALUE);
  }

  @Test
  void anEntryEndsWithItsTimeWhichIsNoLongerThanIsGranted() throws CallRefusedException {
    open("a", "acme").put(KEY, VALUE, 1000);
    open("a", "acme").put(Document.of("long"), VALUE, Long.MAX_VALUE);

    time.advance(Duration.ofMillis(999));
    assertThat(open("a", "acme").get(KEY)).isEqualTo(VALUE);
    time.advance(Duration.ofMillis(1));
    assertThat(open("a", "acme").get(KEY)).isNull();
    assertThat(open("a", "acme").get(Document.of("long"))).isEqualTo(VALUE);
    time.advance(GRANT.ttl());
    assertThat(open("a", "acme").get(Document.of("long"))).isNull();
  }

  @Test
  void bytesAndEntriesOfANamespaceAreBoundedAndOthersKeepTheirs() throws CallRefusedException {
    open("b", "acme").put(KEY, VALUE, 1000);
    open("a", "beta").put(KEY, VALUE, 1000);
    for (int i = 0; i < 3000; i++) {
      open("a", "acme").put(Document.of("k" + i), Document.of(new byte[1000]), 1000);
    }
    assertThat(caches.bytes())
        .isLessThanOrEqualTo(GRANT.bytes() + 3 * GuestCaches.PARTITION_BYTES + 1000);
    assertThat(caches.dropped()).isPositive();

    var few = new CacheGrant(64 << 10, 10, Duration.ofMinutes(1));
    for (int i = 0; i < 1000; i++) {
      caches
          .open(few, step("acme", Map.of()), module("few", "m"), none())
          .put(Document.of("k" + i), VALUE, 1000);
    }
    assertThat(present("few", 1000)).isPositive().isLessThanOrEqualTo(10);
    assertThat(open("b", "acme").get(KEY)).isEqualTo(VALUE);
    assertThat(open("a", "beta").get(KEY)).isEqualTo(VALUE);
  }

  private long present(String handler, int keys) {
    long found = 0;
    for (int i = 0; i < keys; i++) {
      if (open(handler, "acme").get(Document.of("k" + i)) != null) {
        found++;
      }
    }
    return found;
  }

  @Test
  void whoPutsIntoAFullCacheMakesRoomAmongItsOwnEntriesOrIsRefused() throws CallRefusedException {
    var large = new CacheGrant(4 << 20, 1000, Duration.ofMinutes(1));
    var value = Document.of(new byte[10_000]);
    var greedy = module("greedy", "m");
    open("modest", "acme").put(KEY, VALUE, 60_000);
    for (int i = 0; i < 300 || caches.bytes() < (1 << 20) - 20_000; i++) {
      caches.open(large, step("acme", Map.of()), greedy, none()).put(key(i), value, 60_000);
    }

    assertThat(caches.bytes()).isLessThanOrEqualTo(1 << 20);
    assertThat(open("modest", "acme").get(KEY)).isEqualTo(VALUE);
    assertThatThrownBy(() -> open("late", "acme").put(KEY, Document.of(new byte[20_000]), 1000))
        .isInstanceOfSatisfying(
            CallRefusedException.class,
            refused -> assertThat(refused.error()).isEqualTo(AbiError.BUDGET));
  }

  @Test
  void whatHasExpiredMakesRoomAndIsForgotten() throws CallRefusedException {
    for (int namespace = 0; namespace < 15; namespace++) {
      open("a", "n" + namespace).put(KEY, Document.of(new byte[60_000]), 1000);
    }
    long before = caches.bytes();
    time.advance(Duration.ofSeconds(2));
    open("b", "acme").put(KEY, VALUE, 1000);

    assertThat(before).isGreaterThan(900_000);
    assertThat(caches.bytes()).isLessThan(GuestCaches.PARTITION_BYTES + 1000);
    assertThat(caches.count()).isEqualTo(1);
    assertThat(caches.dropped()).isZero();
  }

  @Test
  void aSmallerGrantHoldsFromTheNextEntryOn() throws CallRefusedException {
    for (int i = 0; i < 50; i++) {
      open("a", "acme").put(key(i), Document.of(new byte[1000]), 60_000);
    }
    var smaller = new CacheGrant(4 << 10, 1000, Duration.ofMinutes(1));
    caches.open(smaller, step("acme", Map.of()), module("a", "m"), none()).put(KEY, VALUE, 60_000);

    assertThat(caches.bytes()).isLessThanOrEqualTo((4 << 10) + GuestCaches.PARTITION_BYTES);
  }

  @Test
  void aStepPutsAtMostAsManyBytesAsAreGranted() throws CallRefusedException {
    var step = open("a", "acme");
    for (int i = 0; i < 6; i++) {
      step.put(KEY, Document.of(new byte[10_000]), 1000);
    }

    assertThat(refusal(step, KEY, Document.of(new byte[10_000]))).isEqualTo(AbiError.BUDGET);
    assertThat(refusal(open("a", "acme"), KEY, Document.of(new byte[64 << 10])))
        .isEqualTo(AbiError.TOO_LARGE);
    assertThat(step.get(KEY)).isNotNull();
  }

  @Test
  void theValueOfASecretIsKeptNeitherAsKeyNorAsValue() throws CallRefusedException {
    var secrets =
        TestSecrets.of(Map.of("TOKEN", "k3y-of-the-shop"), Destination.parse("* *://*:*"));
    var step = caches.open(GRANT, step("acme", Map.of()), module("a", "m"), secrets);
    step.put(KEY, Document.of("k3y-of-the-shop"), 1000); // it was given no value yet
    var value = new String(secrets.read("TOKEN"), StandardCharsets.UTF_8);

    assertThat(refusal(step, Document.of("x"), Document.of("a" + value)))
        .isEqualTo(AbiError.DENIED);
    assertThat(refusal(step, Document.of("a" + value), VALUE)).isEqualTo(AbiError.DENIED);
    assertThat(refusal(step, Document.of("x"), Document.of("azN5LW9mLXRoZS1zaG9w")))
        .isEqualTo(AbiError.DENIED);
    assertThat(step.get(Document.of("x"))).isNull();
    step.put(Document.of("x"), VALUE, 1000);
  }

  @Test
  void theReceiptAndOneEventTellWhatAStepDid() throws CallRefusedException {
    var step = open("a", "acme");
    assertThat(step.usage()).isNull();
    step.put(KEY, VALUE, 1000);
    step.get(KEY);
    step.get(Document.of("none"));
    step.delete(KEY);
    refusal(step, KEY, Document.of(new byte[64 << 10]));
    step.close();

    var usage = Objects.requireNonNull(step.usage());
    assertThat(usage.capability()).isEqualTo("cache");
    assertThat(usage.counts())
        .hasToString(
            "{hits=1, misses=1, puts=1, refused=1, deletes=1, bytes_read=5, bytes_written=5}");
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            CallEvent.CacheUsed.class,
            used ->
                assertThat(
                        List.of(
                            used.hits(),
                            used.misses(),
                            used.puts(),
                            used.refused(),
                            used.deletes()))
                    .containsOnly(1L));
  }

  @Test
  void withoutAGrantOrRoomNothingIsKept() {
    var none = caches.open(CacheGrant.NONE, step("acme", Map.of()), module("a", "m"), none());
    assertThat(refusal(none, KEY, VALUE)).isEqualTo(AbiError.DENIED);
    assertThat(none.get(KEY)).isNull();

    var off = new GuestCaches(new CacheConfig(0), time, events::add);
    var step = off.open(GRANT, step("acme", Map.of()), module("a", "m"), none());
    assertThat(refusal(step, KEY, VALUE)).isEqualTo(AbiError.BUDGET);
    assertThat(off.bytes()).isZero();
  }

  @Test
  void manyThreadsNeverExceedTheBoundAndNothingIsCountedTwice() {
    try (var threads = Executors.newFixedThreadPool(4)) {
      var work = new ArrayList<CompletableFuture<Void>>();
      for (int thread = 0; thread < 4; thread++) {
        int number = thread;
        work.add(CompletableFuture.runAsync(() -> putMany(number), threads));
      }
      work.forEach(CompletableFuture::join);
    }
    assertThat(caches.bytes()).isPositive().isLessThanOrEqualTo(1 << 20);

    time.advance(GRANT.ttl().plusSeconds(2));
    assertThat(refusal(open("late", "acme"), KEY, Document.of(new byte[64 << 10])))
        .isEqualTo(AbiError.TOO_LARGE);
    assertThat(
            catchThrowableOfType(
                CallRefusedException.class, () -> open("late", "acme").put(KEY, VALUE, 1000)))
        .isNull();
    assertThat(caches.bytes())
        .isEqualTo(GuestCaches.PARTITION_BYTES + GuestCaches.cost(KEY, VALUE));
  }

  private void putMany(int number) {
    for (int i = 0; i < 2000; i++) {
      try {
        open("h" + number, "n" + i % 40).put(key(i), Document.of(new byte[2000]), 60_000);
      } catch (CallRefusedException full) {
        assertThat(full.error()).isEqualTo(AbiError.BUDGET);
      }
      if (caches.bytes() > 1 << 20) {
        throw new AssertionError(caches.bytes() + " bytes");
      }
    }
  }

  private static AbiError refusal(GuestCache step, Document key, Document value) {
    return catchThrowableOfType(
            CallRefusedException.class, () -> step.put(key, value, Duration.ofHours(1).toMillis()))
        .error();
  }

  private static Document key(int number) {
    return Document.of("k" + number);
  }

  private static StepSecrets none() {
    return TestSecrets.none();
  }

  private GuestCache open(String handler, String namespace) {
    return caches.open(GRANT, step(namespace, Map.of()), module(handler, "m"), none());
  }

  private static ModuleId module(String handler, String bytes) {
    return new ModuleId(handler, "1.0.0", Digest.of(Document.of(bytes).bytes()));
  }

  private static Step step(@Nullable String namespace, Map<String, String> headers) {
    return new Step(
        new StepIds(new StepId(UUID.randomUUID()), null, null),
        "a",
        new HandlerRef("a", null),
        new Attempt(1, 3),
        Duration.ofSeconds(30),
        Document.EMPTY,
        new ById(UUID.randomUUID()),
        Instant.EPOCH,
        TraceContext.NONE,
        new StepOrigin(namespace, null, headers),
        null);
  }
}
