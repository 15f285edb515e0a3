package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TestSecrets;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An egress with its own DNS, and guests that send requests through it. */
final class EgressRig implements AutoCloseable, EventSink {
  static final StepId STEP = new StepId(UUID.fromString("00000000-0000-7000-8000-000000000001"));
  static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  static final JsonMapper JSON = new JsonMapper();

  final Map<String, List<InetAddress>> names = new ConcurrentHashMap<>();
  final Map<String, List<InetAddress>> laterNames = new ConcurrentHashMap<>();
  final List<String> lookedUp = new CopyOnWriteArrayList<>();
  final List<String> reported = new CopyOnWriteArrayList<>();
  final Cancellation cancellation = new Cancellation();
  final Egress egress;
  private final Duration runTime;

  /** Far away: no guest runs so long. */
  private static final Duration RUN_TIME = Duration.ofMinutes(5);

  EgressRig() {
    this(EgressConfig.DEFAULTS);
  }

  EgressRig(EgressConfig config) {
    this(config, RUN_TIME);
  }

  /** Whose time is the test's. */
  EgressRig(TimeSource time) {
    this.runTime = RUN_TIME;
    this.egress = new Egress(EgressConfig.DEFAULTS, this::resolve, time, this);
    egress.start();
  }

  EgressRig(EgressConfig config, Duration runTime) {
    this.runTime = runTime;
    this.egress = new Egress(config, this::resolve, TimeSource.SYSTEM, this);
    egress.start();
  }

  /** Whose requests are traced. */
  EgressRig(Tracing tracing) {
    this.runTime = RUN_TIME;
    this.egress =
        new Egress(EgressConfig.DEFAULTS, this::resolve, TimeSource.SYSTEM, this, tracing);
    egress.start();
  }

  EgressRig(Egress egress, Duration runTime) {
    this.runTime = runTime;
    this.egress = egress;
  }

  private List<InetAddress> resolve(String name) throws UnknownHostException {
    lookedUp.add(name);
    var found = found(name);
    if (laterNames.containsKey(name)) {
      names.put(name, laterNames.get(name));
    }
    return found;
  }

  private List<InetAddress> found(String name) throws UnknownHostException {
    return Optional.ofNullable(names.get(name)).orElseThrow(() -> new UnknownHostException(name));
  }

  void addName(String name, String... addresses) {
    names.put(name, List.of(addresses).stream().map(InetAddress::ofLiteral).toList());
  }

  /** Sets the addresses of a name from its second lookup on. */
  void changeNameAfterLookup(String name, String... addresses) {
    laterNames.put(name, List.of(addresses).stream().map(InetAddress::ofLiteral).toList());
  }

  /** Grants everything, loopback included, without redirects. */
  static DestinationGrant anything() {
    return grant("* *://*:*", 0);
  }

  static DestinationGrant grant(String destination, int redirects) {
    return new DestinationGrant(
        Destination.parse(destination),
        Mode.ENFORCE,
        List.of(Network.parse("127.0.0.0/8")),
        redirects,
        null,
        "handlers[0].http[0]");
  }

  static DestinationGrant rated(String destination, String rate) {
    return new DestinationGrant(
        Destination.parse(destination),
        Mode.ENFORCE,
        List.of(Network.parse("127.0.0.0/8")),
        0,
        Rate.parse(rate),
        "handlers[0].http[0]");
  }

  static Limits limits(LimitKind kind, long value) {
    return Limits.DEFAULTS.with(kind, value);
  }

  Guest guest() {
    return guest(anything());
  }

  Guest guest(DestinationGrant... grants) {
    return guest(HttpGrants.of(grants), Limits.DEFAULTS, TestSecrets.none(), "transform");
  }

  Guest guest(Limits limits) {
    return guest(HttpGrants.of(anything()), limits, TestSecrets.none(), "transform");
  }

  Guest guest(HttpGrants grants, Limits limits, StepSecrets secrets, String handler) {
    return new Guest(
        egress.open(
            new Caller(
                Outcomes.step(STEP, handler, new TraceContext(TRACE, null)),
                Outcomes.module(handler)),
            grants,
            limits,
            secrets));
  }

  @Override
  public void on(BrokerEvent event) {
    if (event
        instanceof CallEvent.HttpCompleted(_, var module, String rule, String outcome, _, _, _)) {
      reported.add("ended " + module.handler() + " " + rule + " " + outcome);
    } else if (event instanceof CallEvent.HttpRefused(_, var module, String error, String reason)) {
      reported.add("refused " + module.handler() + " " + error + " " + reason);
    } else if (event instanceof StepEvent.LimitExceeded(_, String limit)) {
      reported.add("limit " + limit);
    } else if (event instanceof CallEvent.HttpAudited(_, var module, String rule)) {
      reported.add("audited " + module.handler() + " " + rule);
    }
  }

  @Override
  public void close() {
    egress.close();
  }

  /** The deadline of the run. */
  private final class Clock implements RunDeadline {
    private final long end = System.nanoTime() + runTime.toNanos();
    private final Semaphore waits = new Semaphore(0);

    @Override
    public void beginWait() {
      waits.release();
    }

    @Override
    public long remainingNanos() {
      return Math.max(0, end - System.nanoTime());
    }

    @Override
    public Cancellation cancellation() {
      return cancellation;
    }
  }

  /** Sends requests as a guest does. */
  final class Guest {
    final StepHttp http;
    private final Clock clock = new Clock();

    private Guest(StepHttp http) {
      this.http = http;
    }

    /** Returns when the guest has given its processor back so many times since this was called. */
    void awaitWaits(int count) {
      try {
        assertThat(clock.waits.tryAcquire(count, 2, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException stop) {
        throw new IllegalStateException(stop);
      }
    }

    GuestHttpResponse send(String document) throws CallRefusedException {
      return http.send(document.getBytes(StandardCharsets.UTF_8), clock);
    }

    /** With a body that was written in pieces. */
    GuestHttpResponse send(String document, String body) throws CallRefusedException {
      return http.send(document.getBytes(StandardCharsets.UTF_8), Document.of(body), clock);
    }

    GuestHttpResponse get(String url) throws CallRefusedException {
      return send(JSON.writeValueAsString(Map.of("url", url)));
    }

    /** The complete response. */
    Reply reply(String document) throws CallRefusedException {
      try (var response = send(document)) {
        return new Reply(head(response), text(response));
      }
    }

    Reply replyOf(String url) throws CallRefusedException {
      return reply(JSON.writeValueAsString(Map.of("url", url)));
    }

    String text(GuestHttpResponse response) throws CallRefusedException {
      var text = new ByteArrayOutputStream();
      var piece = new byte[1000];
      for (int n = read(response, piece); n > 0; n = read(response, piece)) {
        text.write(piece, 0, n);
      }
      return text.toString(StandardCharsets.UTF_8);
    }

    int read(GuestHttpResponse response, byte[] into) throws CallRefusedException {
      return response.read(into, clock);
    }

    /** Sends a request that must be refused, and returns why. */
    Refusal refusal(String document) {
      return refused(() -> reply(document));
    }

    Refusal refusalOf(String url) {
      return refused(() -> replyOf(url));
    }
  }

  @FunctionalInterface
  interface Call {
    void run() throws CallRefusedException;
  }

  static Refusal refused(Call call) {
    var refused = catchThrowableOfType(CallRefusedException.class, call::run);
    assertThat(refused).as("a refusal").isNotNull();
    return new Refusal(refused.error().name(), JSON.readTree(refused.document().bytes()));
  }

  static JsonNode head(GuestHttpResponse response) {
    return JSON.readTree(response.head().bytes());
  }

  record Reply(JsonNode head, String body) {
    int status() {
      return head.get("status").intValue();
    }
  }

  record Refusal(String error, JsonNode document) {
    String type() {
      return document.get("type").stringValue();
    }

    String message() {
      return document.get("message").stringValue();
    }

    boolean retryable() {
      return document.get("retryable").booleanValue();
    }
  }

  /** A secret {@code key} that is bound to one host. */
  static StepSecrets secret(String value, String host) {
    return TestSecrets.of(Map.of("key", value), Destination.parse("* *://" + host + ":*"));
  }
}
