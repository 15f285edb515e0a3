package org.wasmbroker.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.OutageLog.Severity;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.rollout.SharedState.Counted;
import org.wasmbroker.rollout.SharedState.Known;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RolloutEvent;

/**
 * Compares each candidate with its stable version, and takes away its steps when it ends badly too
 * often. The thread {@code rollout} compares their runs every second, together with those of the
 * other brokers, and learns what those decided. A decision applies here at once, is stored for the
 * others, and stays until a person resets it: that makes another episode, in which nothing counts
 * that was before.
 *
 * <p>Without shared state each broker decides for itself, by its own counts, and a decision stays
 * until the file names another candidate or the broker ends.
 */
public final class RollbackMonitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RollbackMonitor.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Known NOTHING = new Known(List.of(), Map.of(), List.of());

  private final Rollouts rollouts;
  private final Comparisons comparisons;
  private final @Nullable SharedState shared;
  private final String hostname;
  private final TimeSource time;
  private final EventSink events;
  private final OutageLog outage;
  private final TaskLoop loop;

  private volatile boolean sharing;

  // All below is of the loop's thread; before its start, of the one that starts it.
  private Known known = NOTHING;
  private final Map<ReleaseName, Rollback> unstored = new TreeMap<>();
  private final Map<String, Percent> weights = new HashMap<>();

  /**
   * @param shared null if this broker cannot share anything
   */
  public RollbackMonitor(
      Rollouts rollouts,
      Comparisons comparisons,
      @Nullable SharedState shared,
      String hostname,
      TimeSource time,
      EventSink events) {
    this.rollouts = rollouts;
    this.comparisons = comparisons;
    this.shared = shared;
    this.hostname = hostname;
    this.time = time;
    this.events = events;
    this.sharing = shared != null;
    this.outage =
        new OutageLog(
            log,
            time,
            "rollbacks cannot be shared with the other brokers",
            "rollbacks are shared again");
    this.loop = new TaskLoop("rollout", INTERVAL, this::run);
  }

  /**
   * Learns what was rolled back already, so that the first step follows it, and starts to watch.
   */
  public void start() {
    events.on(new RolloutEvent.Shared(sharing));
    tick();
    loop.start();
  }

  /** Looks again soon: the file has changed. */
  public void wake() {
    loop.wake();
  }

  /** Whether the rollbacks are those of all brokers. */
  public boolean isSharing() {
    return sharing;
  }

  private Duration run() {
    tick();
    return INTERVAL;
  }

  /** One look at everything. */
  void tick() {
    follow(rollouts.rollout());
    exchange();
    decide();
    withdraw();
    report();
  }

  /** Compares what the file says now. */
  private void follow(Rollout rollout) {
    var next = new HashMap<String, Comparison>();
    for (var handler : rollout.handlers().values()) {
      if (handler.candidate() != null) {
        var current = compared().get(handler.handler());
        next.put(
            handler.handler(), current == null ? Comparison.of(handler, 1) : current.with(handler));
      }
    }
    comparisons.replace(next);
    unstored.keySet().retainAll(candidates());
  }

  private Map<String, Comparison> compared() {
    return comparisons.byHandler();
  }

  private Set<ReleaseName> candidates() {
    return compared().values().stream().map(Comparison::candidateName).collect(Collectors.toSet());
  }

  /** Stores what is decided and counted here, and learns what is from the others. */
  private void exchange() {
    if (shared == null || compared().isEmpty()) {
      return;
    }
    try {
      for (var rollback : List.copyOf(unstored.values())) {
        shared.record(rollback);
        unstored.remove(rollback.release());
      }
      known = shared.exchange(candidates(), counted());
      outage.succeeded();
      sharing(true);
    } catch (SharedStateException unavailable) {
      outage.failed(
          unavailable.isPermanent() ? Severity.PERMANENT : Severity.TRANSIENT, unavailable);
      sharing(false);
    }
    restart();
  }

  private void sharing(boolean now) {
    if (sharing != now) {
      sharing = now;
      events.on(new RolloutEvent.Shared(now));
    }
  }

  private List<Counted> counted() {
    long now = time.nanos();
    var counted = new ArrayList<Counted>();
    for (var each : compared().values()) {
      counted.add(new Counted(each.candidateName(), each.episode(), each.candidateWindow(now)));
      counted.add(new Counted(each.stableName(), each.episode(), each.stableWindow(now)));
    }
    return counted;
  }

  /** Counts anew what was reset. */
  private void restart() {
    var next = new HashMap<>(compared());
    next.replaceAll(
        (_, comparison) -> {
          int episode = known.episodes().getOrDefault(comparison.candidateName(), 1);
          return episode == comparison.episode() ? comparison : comparison.restarted(episode);
        });
    comparisons.replace(next);
  }

  private void decide() {
    for (var comparison : compared().values()) {
      if (!isRolledBack(comparison)) {
        decide(comparison);
      }
    }
  }

  private boolean isRolledBack(Comparison comparison) {
    var name = comparison.candidateName();
    return unstored.containsKey(name)
        || known.rolledBack().stream().anyMatch(rollback -> rollback.release().equals(name));
  }

  private void decide(Comparison comparison) {
    long now = time.nanos();
    var candidate =
        comparison
            .candidateWindow(now)
            .plus(others(comparison.candidateName(), comparison.episode()));
    var stable =
        comparison.stableWindow(now).plus(others(comparison.stableName(), comparison.episode()));
    if (!comparison.candidate().rollback().isExceeded(candidate, stable)) {
      return;
    }
    var rollback =
        Rollback.of(
            comparison.handler(),
            comparison.candidate(),
            comparison.episode(),
            hostname,
            Instant.now(),
            candidate,
            stable);
    unstored.put(rollback.release(), rollback);
    store();
  }

  private RunCounts others(ReleaseName release, int episode) {
    return known.others().stream()
        .filter(other -> other.release().equals(release) && other.episode() == episode)
        .map(Counted::counts)
        .reduce(RunCounts.NONE, RunCounts::plus);
  }

  /** So that the others know soon; if that fails, at the next look. It applies here anyway. */
  private void store() {
    if (shared == null) {
      return;
    }
    withdraw();
    exchange();
  }

  private void withdraw() {
    var rolledBack = new TreeMap<ReleaseName, Rollback>();
    for (var rollback : known.rolledBack()) {
      rolledBack.put(rollback.release(), rollback);
    }
    rolledBack.putAll(unstored);
    var before = rollouts.rolledBack();
    rollouts.withdraw(rolledBack);
    rolledBack.forEach(
        (name, rollback) -> {
          if (!before.containsKey(name)) {
            tellRolledBack(rollback);
          }
        });
    before.forEach(
        (name, rollback) -> {
          if (!rolledBack.containsKey(name)) {
            tellReset(name);
          }
        });
  }

  private void tellRolledBack(Rollback rollback) {
    var name = rollback.release();
    log.atError()
        .addKeyValue("handler", name.handler())
        .addKeyValue("candidate", name.version())
        .addKeyValue("stable", rollback.stableVersion())
        .addKeyValue("decided_by", rollback.decidedBy())
        .addKeyValue("decided_at", rollback.decidedAt())
        .addKeyValue("shared", shared != null)
        .log(
            "a candidate is rolled back and gets no more steps until someone runs wasm-broker"
                + " rollout reset: {}",
            rollback.reason());
    events.on(new RolloutEvent.RolledBack(name.handler(), name.version(), rollback.reason()));
  }

  private void tellReset(ReleaseName name) {
    log.atInfo()
        .addKeyValue("handler", name.handler())
        .addKeyValue("candidate", name.version())
        .log("a rollback is no longer in force here");
    events.on(new RolloutEvent.Reset(name.handler(), name.version()));
  }

  private void report() {
    for (var comparison : compared().values()) {
      var handler = comparison.handler().handler();
      report(handler, true, comparison.newCandidateRuns());
      report(handler, false, comparison.newStableRuns());
    }
    reportWeights();
  }

  private void report(String handler, boolean candidate, RunCounts more) {
    if (more.runs() > 0) {
      events.on(
          new RolloutEvent.RunsCounted(
              handler, candidate, more.runs(), more.traps(), more.limits(), more.failures()));
    }
  }

  private void reportWeights() {
    var now = new HashMap<String, Percent>();
    weights.keySet().forEach(handler -> now.put(handler, Percent.ZERO));
    for (var comparison : compared().values()) {
      boolean gone = rollouts.rolledBack().containsKey(comparison.candidateName());
      now.put(
          comparison.handler().handler(), gone ? Percent.ZERO : comparison.candidate().weight());
    }
    now.forEach(
        (handler, weight) -> {
          if (!weight.equals(weights.put(handler, weight))) {
            events.on(new RolloutEvent.Weighted(handler, weight.hundredths() / 100.0));
          }
        });
  }

  @Override
  public void close() {
    loop.close();
  }
}
