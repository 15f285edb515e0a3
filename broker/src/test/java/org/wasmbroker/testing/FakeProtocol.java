package org.wasmbroker.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@link StepProtocol} in memory that passes the same contract test as the real one. Several
 * workers share one queue by sharing the object. Time comes from the given clock, and the database
 * can be taken down and brought up.
 */
public final class FakeProtocol implements StepProtocol {
  /** The ownership of message {@code message} by its {@code read}-th read. */
  public record FakeClaim(long message, int read) implements Claim {}

  /** A dead-lettered message, and why: {@code invalid} or {@code exhausted}. */
  public record DeadLetter(String message, String reason) {}

  private static final class Message {
    private final String text;
    private final Instant sentAt;
    private Instant visibleAt;
    private int reads;
    private int failures;
    private boolean claimed;

    private Message(String text, Instant now) {
      this.text = text;
      this.sentAt = now;
      this.visibleAt = now;
    }
  }

  private static final JsonMapper JSON = JsonMapper.shared();

  private final InstantSource clock;
  private final Duration lease;
  private volatile Duration renewEvery;
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();

  // All below is guarded by this.
  private final SortedMap<Long, Message> queue = new TreeMap<>();
  private final Map<Long, Integer> endedReads = new TreeMap<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final List<Integer> claimSizes = new ArrayList<>();
  private final List<Step> released = new ArrayList<>();
  private long lastMessage;
  private int renewals;
  private boolean prepared;
  private boolean closed;
  private @Nullable ProtocolException outage;

  public FakeProtocol() {
    this(InstantSource.system(), Duration.ofSeconds(30));
  }

  public FakeProtocol(InstantSource clock, Duration lease) {
    this.clock = clock;
    this.lease = lease;
    this.renewEvery = lease.dividedBy(3);
  }

  /** From now on leases are extended at this interval, instead of a third of the lease. */
  public void renewEvery(Duration interval) {
    renewEvery = interval;
  }

  /** Enqueues a step of this handler with defaults, and returns its id. */
  public StepId enqueue(String handler) {
    var id = new StepId(UUID.randomUUID());
    send("{\"step_uuid\":\"%s\",\"handler\":\"%s\"}".formatted(id, handler));
    return id;
  }

  /** Enqueues a message of the standalone protocol, which may be invalid. */
  public void send(String message) {
    synchronized (this) {
      queue.put(++lastMessage, new Message(message, clock.instant()));
    }
    listeners.forEach(Runnable::run);
  }

  /** From now on every call throws this, until {@link #bringUp}. */
  public synchronized void takeDown(ProtocolException with) {
    outage = with;
  }

  public void takeDown() {
    takeDown(
        new ProtocolException(
            "the database cannot be reached", ProtocolException.Kind.TRANSIENT, null));
  }

  public synchronized void bringUp() {
    outage = null;
  }

  /** Another worker reads the step's message: the claim is lost. */
  public synchronized void stealClaim(Step step) {
    var message = queue.get(claimOf(step).message());
    if (message != null) {
      message.reads++;
    }
  }

  /** The step's message becomes visible again. */
  public synchronized void expireLease(Step step) {
    var message = claimedMessage(step);
    if (message != null) {
      message.visibleAt = clock.instant();
    }
  }

  /** Every outcome that was written, retries included, in order of writing. */
  public synchronized List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  public synchronized List<DeadLetter> deadLetters() {
    return List.copyOf(deadLetters);
  }

  /** How many messages each claim asked for, in order. */
  public synchronized List<Integer> claimSizes() {
    return List.copyOf(claimSizes);
  }

  public synchronized List<Step> released() {
    return List.copyOf(released);
  }

  /** Messages in the queue, visible or not. */
  public synchronized int queued() {
    return queue.size();
  }

  /** How many calls renewed leases. */
  public synchronized int renewals() {
    return renewals;
  }

  public synchronized boolean isPrepared() {
    return prepared;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  public int listeners() {
    return listeners.size();
  }

  @Override
  public synchronized void prepare() {
    requireAvailable();
    prepared = true;
  }

  @Override
  public synchronized ClaimResult claim(int max) {
    if (max < 1) {
      throw new IllegalArgumentException("a claim must request at least 1 message, was " + max);
    }
    requireAvailable();
    claimSizes.add(max);
    var now = clock.instant();
    var ready =
        queue.entrySet().stream()
            .filter(entry -> !entry.getValue().visibleAt.isAfter(now))
            .limit(max)
            .toList();
    var steps = new ArrayList<Step>();
    for (var entry : ready) {
      long id = entry.getKey();
      var message = entry.getValue();
      var readyAt = message.visibleAt;
      message.reads++;
      message.claimed = true;
      message.visibleAt = now.plus(lease);
      try {
        steps.add(step(id, message, readyAt));
      } catch (JacksonException | IllegalArgumentException invalid) {
        queue.remove(id);
        deadLetters.add(new DeadLetter(message.text, "invalid"));
      }
    }
    return new ClaimResult(List.copyOf(steps), ready.size());
  }

  @Override
  public Duration renewEvery() {
    return renewEvery;
  }

  @Override
  public synchronized Set<Claim> renew(Collection<Step> steps) {
    requireAvailable();
    renewals++;
    var lost = new HashSet<Claim>();
    for (var step : steps) {
      var message = claimedMessage(step);
      if (message == null) {
        lost.add(step.claim());
      } else if (message.claimed) {
        message.visibleAt = clock.instant().plus(lease);
      }
    }
    return Set.copyOf(lost);
  }

  @Override
  public synchronized Set<Claim> complete(List<Outcome> written) {
    requireAvailable();
    var lost = new HashSet<Claim>();
    for (var outcome : written) {
      var claim = claimOf(outcome.step());
      var message = claimedMessage(outcome.step());
      if (message == null || !message.claimed) {
        boolean alreadyWritten =
            outcome instanceof Outcome.Retry
                ? message != null
                : Integer.valueOf(claim.read()).equals(endedReads.get(claim.message()));
        if (!alreadyWritten) {
          lost.add(claim);
        }
        continue;
      }
      outcomes.add(outcome);
      switch (outcome) {
        case Outcome.Completed completed -> remove(claim);
        case Outcome.Failed failed -> {
          remove(claim);
          if (failed.exhausted()) {
            deadLetters.add(new DeadLetter(message.text, "exhausted"));
          }
        }
        case Outcome.Retry retry -> {
          message.failures++;
          message.claimed = false;
          message.visibleAt = clock.instant().plus(retry.delay());
        }
      }
    }
    return Set.copyOf(lost);
  }

  @Override
  public void release(Collection<Step> steps) {
    synchronized (this) {
      requireAvailable();
      for (var step : steps) {
        var message = claimedMessage(step);
        if (message != null && message.claimed) {
          message.claimed = false;
          message.visibleAt = clock.instant();
          released.add(step);
        }
      }
    }
    listeners.forEach(Runnable::run);
  }

  /** Calls back on the thread of the sender. */
  @Override
  public Subscription subscribe(Runnable wakeUp) {
    listeners.add(wakeUp);
    return () -> listeners.remove(wakeUp);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void requireAvailable() {
    if (outage != null) {
      throw new ProtocolException(
          outage.getMessage() == null ? "down" : outage.getMessage(), outage.kind(), outage);
    }
  }

  private void remove(FakeClaim claim) {
    queue.remove(claim.message());
    endedReads.put(claim.message(), claim.read());
  }

  private @Nullable Message claimedMessage(Step step) {
    var claim = claimOf(step);
    var message = queue.get(claim.message());
    return message != null && message.reads == claim.read() ? message : null;
  }

  private static FakeClaim claimOf(Step step) {
    return (FakeClaim) step.claim();
  }

  private static Step step(long id, Message message, Instant readyAt) {
    var json = JSON.readTree(message.text);
    var handler = new HandlerRef(required(json, "handler"), text(json, "version"));
    var name = text(json, "name");
    return new Step(
        new StepIds(
            new StepId(UUID.fromString(required(json, "step_uuid"))),
            uuid(text(json, "task_uuid")),
            uuid(text(json, "correlation_id"))),
        name == null ? handler.name() : name,
        handler,
        new Attempt(message.failures + 1, json.path("max_attempts").asInt(3)),
        Duration.ofMillis(json.path("timeout_ms").asInt(30_000)),
        document(json),
        new FakeClaim(id, message.reads),
        readyAt.isBefore(message.sentAt) ? message.sentAt : readyAt,
        TraceContext.NONE);
  }

  private static Document document(JsonNode message) {
    var document = JSON.createObjectNode();
    document.set("step", message);
    document.set(
        "config",
        message.path("config").isObject() ? message.get("config") : JSON.createObjectNode());
    document.set(
        "context",
        message.path("input").isMissingNode() ? JSON.createObjectNode() : message.get("input"));
    document.set(
        "deps", message.path("deps").isObject() ? message.get("deps") : JSON.createObjectNode());
    return Document.of(JSON.writeValueAsBytes(document));
  }

  private static String required(JsonNode json, String member) {
    var text = text(json, member);
    if (text == null) {
      throw new IllegalArgumentException(member + " is missing");
    }
    return text;
  }

  private static @Nullable String text(JsonNode json, String member) {
    var value = json.path(member);
    return value.isString() ? value.stringValue() : null;
  }

  private static @Nullable UUID uuid(@Nullable String text) {
    return text == null ? null : UUID.fromString(text);
  }
}
