package org.wasmbroker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.report.CompletionReporter;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.FakeModules;
import org.wasmbroker.testing.FakeProtocol;

/**
 * All stages together on an in-memory queue, with failing guests, lost leases, an unreliable
 * database, and a drain in the middle: every claim ends in exactly one way.
 */
class EveryStepEndsOnceTest {
  private static final int STEPS = 5_000;
  private static final int DRAIN_AFTER = 3_500;

  private final FakeProtocol queue = new FakeProtocol();
  private final Ends ends = new Ends();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyClaimEndsInExactlyOneWay(long seed) throws Exception {
    queue.renewEvery(Duration.ofMillis(20));
    var random = new SplittableRandom(seed);
    var protocol = new UnreliableProtocol(queue, random.split());
    var handlers = List.of("good", "good", "good", "good", "retry", "bad", "trap", "missing");
    queue.enqueue("stubborn");
    var ids = new HashSet<StepId>();
    for (int i = 0; i < STEPS; i++) {
      ids.add(queue.enqueue(handlers.get(random.nextInt(handlers.size()))));
    }

    var engine = engine();
    var registry =
        new ModuleRegistry(
            engine,
            Policy.none(Limits.DEFAULTS),
            List.of(modules()),
            Duration.ofHours(1),
            EventSink.NONE);
    var reporter =
        new CompletionReporter(
            new ReportConfig(2, 100, 2_000, 64 << 20), protocol, TimeSource.SYSTEM, () -> 0, ends);
    var dispatcher =
        new Dispatcher(
            config(),
            1 << 20,
            registry,
            new StepRunner(
                StepAccessFactory.BASIC,
                protocol,
                config().retryPolicy(),
                TimeSource.SYSTEM,
                () -> 0,
                ends),
            reporter,
            TimeSource.SYSTEM,
            ends);
    var keeper = new LeaseKeeper(protocol, dispatcher, TimeSource.SYSTEM, () -> 0, ends);
    var poller =
        new QueuePoller(
            IntakeConfig.DEFAULTS, protocol, dispatcher, TimeSource.SYSTEM, () -> 0, ends);
    registry.start();
    reporter.start();
    dispatcher.start();
    keeper.start();
    poller.start();

    assertThat(ends.enough.await(5, TimeUnit.MINUTES)).isTrue();
    poller.close();
    Await.until("the end of all guests", () -> dispatcher.drain(Duration.ofMillis(50)));
    protocol.mend();
    // The poller may still be in a claim, whose steps are released.
    Await.until(
        "the end of all claims",
        () -> protocol.ways(ends).values().stream().noneMatch(List::isEmpty));
    assertThat(reporter.flush(Duration.ofMinutes(5))).isTrue();
    keeper.close();
    dispatcher.close();
    reporter.close();
    registry.close();

    assertThat(dispatcher.owned()).isEmpty();
    assertThat(ends.dropped).isEmpty();
    assertThat(protocol.ways(ends)).allSatisfy((claim, ways) -> assertThat(ways).hasSize(1));
    assertThat(finalOutcomesOf(ids)).doesNotHaveDuplicates();
    assertThat(protocol.outages.get()).isPositive();
    assertThat(ends.lost.size() + ends.late.size()).isPositive();
    assertThat(queue.released()).extracting(Step::name).contains("stubborn");
  }

  private List<StepId> finalOutcomesOf(Set<StepId> ids) {
    return queue.outcomes().stream()
        .filter(outcome -> !(outcome instanceof Outcome.Retry))
        .map(outcome -> outcome.step().id())
        .filter(ids::contains)
        .toList();
  }

  private static DispatchConfig config() {
    return new DispatchConfig(
        4,
        DispatchConfig.DEFAULTS.memoryBytes(),
        Duration.ofMillis(50),
        200,
        Duration.ofSeconds(1),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(2),
        Duration.ofMinutes(1));
  }

  private static FakeModules modules() {
    return new FakeModules("memory")
        .with("good", "1.0.0", "good")
        .with("retry", "1.0.0", "retry")
        .with("bad", "1.0.0", "bad")
        .with("trap", "1.0.0", "trap")
        .with("stubborn", "1.0.0", "stubborn");
  }

  private static FakeEngine engine() {
    return new FakeEngine()
        .with("good", FakeEngine.writing("{\"status\":\"completed\",\"result\":{}}"))
        .with(
            "retry",
            FakeEngine.writing(
                "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retryable\":true}}"))
        .with("bad", FakeEngine.writing("not a document"))
        .with(
            "trap",
            invocation ->
                new InvocationResult.Trapped(
                    TrapKind.UNREACHABLE, "trap", List.of(), FakeEngine.receipt()))
        .with("stubborn", FakeEngine::untilCancelled);
  }

  /** The queue behind a network that fails now and then, with another worker that takes claims. */
  private static final class UnreliableProtocol implements StepProtocol {
    final Set<Claim> claimed = ConcurrentHashMap.newKeySet();
    final AtomicInteger outages = new AtomicInteger();
    private final Set<Claim> returned = ConcurrentHashMap.newKeySet();
    private final Set<Claim> answerLost = ConcurrentHashMap.newKeySet();
    private final FakeProtocol queue;
    private final SplittableRandom random; // guarded by this
    private volatile boolean mended;

    UnreliableProtocol(FakeProtocol queue, SplittableRandom random) {
      this.queue = queue;
      this.random = random;
    }

    void mend() {
      mended = true;
    }

    @Override
    public Duration renewEvery() {
      return queue.renewEvery();
    }

    /** How each claim ended; in one way each if all is well. */
    Map<Claim, List<String>> ways(Ends ends) {
      var ways = new HashMap<Claim, List<String>>();
      claimed.forEach(claim -> ways.put(claim, new ArrayList<>()));
      for (var outcome : queue.outcomes()) {
        way(ways, outcome.step().claim()).add(outcome.getClass().getSimpleName());
      }
      returned.forEach(claim -> way(ways, claim).add("released"));
      ends.lost.forEach(claim -> way(ways, claim).add("lost"));
      for (var claim : ends.late) {
        // Written, then the response was lost and the step claimed again: the second try is late.
        if (!answerLost.contains(claim) || way(ways, claim).isEmpty()) {
          way(ways, claim).add("late");
        }
      }
      return ways;
    }

    private static List<String> way(Map<Claim, List<String>> ways, Claim claim) {
      return ways.computeIfAbsent(claim, unclaimed -> new ArrayList<>(List.of("never claimed")));
    }

    private synchronized boolean happens(int inHundred) {
      return random.nextInt(100) < inHundred;
    }

    private void fail(String when) {
      outages.incrementAndGet();
      throw new ProtocolException(
          "the connection broke " + when, ProtocolException.Kind.TRANSIENT, null);
    }

    @Override
    public ClaimResult claim(int atMost) {
      if (happens(5)) {
        fail("before the claim");
      }
      var read = queue.claim(atMost);
      for (var step : read.steps()) {
        claimed.add(step.claim());
        if (!step.name().equals("stubborn") && happens(1)) {
          queue.stealClaim(step);
        }
      }
      return read;
    }

    @Override
    public Set<Claim> renew(Collection<Step> steps) {
      if (happens(20)) {
        fail("before the renewal");
      }
      return queue.renew(steps);
    }

    @Override
    public Set<Claim> complete(List<Outcome> outcomes) {
      if (!mended && happens(10)) {
        fail("before the transaction");
      }
      var late = queue.complete(outcomes);
      if (!mended && happens(10)) {
        outcomes.forEach(outcome -> answerLost.add(outcome.step().claim()));
        fail("after the transaction");
      }
      return late;
    }

    @Override
    public void release(Collection<Step> steps) {
      if (!mended && happens(20)) {
        fail("before the return");
      }
      queue.release(steps);
      steps.forEach(step -> returned.add(step.claim()));
    }

    @Override
    public Subscription subscribe(Runnable wakeUp) {
      return queue.subscribe(wakeUp);
    }

    @Override
    public void prepare() {}

    @Override
    public void close() {}
  }

  private static final class Ends implements EventSink {
    final ConcurrentLinkedQueue<Claim> lost = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Claim> late = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Claim> dropped = new ConcurrentLinkedQueue<>();
    final CountDownLatch enough = new CountDownLatch(DRAIN_AFTER);

    @Override
    public void on(BrokerEvent event) {
      if (event instanceof StepEvent.Ended) {
        enough.countDown();
      } else if (event instanceof StepEvent.LeaseLost(Step step)) {
        lost.add(step.claim());
      } else if (event instanceof StepEvent.OutcomeLate(Outcome outcome)) {
        late.add(outcome.step().claim());
      } else if (event instanceof StepEvent.OutcomeDropped(Outcome outcome, _)) {
        dropped.add(outcome.step().claim());
      }
    }
  }
}
