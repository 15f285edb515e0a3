package org.wasmbroker.observed;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.app.Broker;
import org.wasmbroker.config.ConfigSources;
import org.wasmbroker.config.Configuration;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TestDatabase;

/**
 * Three standalone brokers and a worker of Tasker under load, in rounds of one scrape each. In its
 * course happens what panels and alerts are about: failures of every kind, a burst, files that
 * change and break, a candidate that is rolled back, a module that is published, a broken one, lost
 * leases, and a broker that stops.
 */
final class ObservedRun implements AutoCloseable {
  private static final String TEMPLATE =
      """
      {"name":"plus","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform","initialization":{"filter":".context.n + 1"}}}]}\
      """;
  private static final Path RULES = Path.of("..", "deploy", "prometheus", "rules.yaml");

  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final CountDownLatch leaseLost = new CountDownLatch(1);
  private final CountDownLatch slowAnswers = new CountDownLatch(1);
  private volatile Instant began = Instant.now();
  private final ObservedFiles files;
  private final ObservedSteps steps;
  private final BrokerQueue queue;
  private final TestDatabase database;
  private final FakeOrchestrator orchestrator;
  private final Broker leaving;
  private final PrometheusServer prometheus;

  /**
   * Starts everything.
   *
   * @param folder an empty one
   */
  ObservedRun(Path folder) throws IOException {
    database = register(TestDatabase.create());
    queue = new BrokerQueue(database);
    var tasker = register(TaskerDatabase.create());
    orchestrator = new FakeOrchestrator(tasker);
    var shop = register(RawServer.start(this::serve));
    files = new ObservedFiles(Files.createDirectory(folder.resolve("files")), shop.url());
    steps = new ObservedSteps(register(Database.open(database.config(), "run")), shop.url());

    var addresses = new LinkedHashMap<String, InetSocketAddress>();
    addresses.put("broker-1", start(standalone()).httpAddress());
    addresses.put("broker-2", start(standalone()).httpAddress());
    leaving = start(standalone());
    addresses.put("broker-3", leaving.httpAddress());
    addresses.put("tasker-1", start(worker(tasker.workerConfig())).httpAddress());
    prometheus =
        register(
            PrometheusServer.start(
                Files.createDirectory(folder.resolve("prometheus")), addresses, RULES));
  }

  PrometheusServer prometheus() {
    return prometheus;
  }

  /** When the load began. */
  Instant began() {
    return began;
  }

  /**
   * Lets everything happen, and waits until every step has ended.
   *
   * @param rounds how many, of a second each
   */
  void run(int rounds) throws IOException, InterruptedException {
    began = Instant.now();
    for (int round = 0; round < rounds; round++) {
      load(round, rounds);
      events(round * 20 / rounds, (round - 1) * 20 / rounds);
      prometheus.awaitScrapes("broker-1", 1);
    }
    slowAnswers.countDown();
    while (queue.queued() > 0) {
      prometheus.awaitScrapes("broker-1", 1);
    }
    database.execute("vacuum analyze");
    leaving.close();
    prometheus.awaitScrapes("broker-1", 5);
  }

  /** What arrives in a round: more and less of it, and a burst of heavy steps in the middle. */
  private void load(int round, int rounds) {
    steps.good(60 + (int) (40 * Math.sin(round / 6.0)));
    steps.ofHandler("resize", 40);
    steps.requests(4);
    if (round % 3 == 0) {
      steps.failing();
    }
    if (round > rounds * 0.4 && round < rounds * 0.55) {
      steps.heavy(60);
    }
    steps.send();
    orchestrator.submit(TEMPLATE, "{\"n\":1}", 5);
  }

  /** What happens in this twentieth of the run, once. */
  private void events(int now, int before) throws IOException, InterruptedException {
    if (now == before) {
      return;
    }
    switch (now) {
      case 2 -> {
        awaitSeriesOfRequests();
        steps.invalid();
        steps.refusedRequests();
        steps.send();
      }
      case 3 -> files.writeCandidate();
      case 4 -> files.writePolicy("  - {handler: transform, limits: {time: 20s}}\n");
      case 6 -> files.writePolicy("nonsense: 1\n");
      case 8 -> {
        files.writePolicy("");
        files.addModule("late", "1.0.0", false);
        files.addModule("broken", "1.0.0", new byte[] {0, 'a', 's', 'm', 9, 9, 9, 9});
      }
      case 11 -> {
        steps.ofHandler("late", 20);
        steps.send();
      }
      case 13 -> loseALease();
      case 14 -> files.writeRollout("    weight: much\n");
      case 16 -> files.writeCandidate();
      default -> {}
    }
  }

  /**
   * An increase is one only after a scrape of the handler's series with 0, which are there when a
   * broker has loaded it: on a busy machine that may be later than any number of rounds.
   */
  private void awaitSeriesOfRequests() throws IOException, InterruptedException {
    prometheus.awaitAtLeast(
        3, "count(count by (instance) (wasm_broker_secrets_used_total{handler=\"http_request\"}))");
  }

  /** A step is taken away from a broker while it waits for an answer. */
  private void loseALease() throws InterruptedException {
    steps.slowRequest();
    steps.send();
    queue.awaitMessage("message->'config'->>'url' like '%/slow' and read_ct > 0");
    // Another claim, as far as its owner can see; to wait for a real one would be a race with the
    // extension.
    database.execute(
        """
        update pgmq.q_catalog_queue set read_ct = read_ct + 1, vt = clock_timestamp() + interval '1 s'
        where message->'config'->>'url' like '%/slow'\
        """);
    if (!leaseLost.await(5, TimeUnit.MINUTES)) {
      throw new AssertionError("no broker noticed that it lost a lease");
    }
    slowAnswers.countDown();
  }

  private void serve(RawServer.Client client) throws IOException {
    while (client.readRequest()) {
      if (client.lastRequest().contains(" /slow ")) {
        awaitSlowAnswers();
      }
      client.write(
          client.lastRequest().contains(" /busy ")
              ? "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
              : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    }
  }

  private void awaitSlowAnswers() {
    try {
      slowAnswers.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, String> standalone() {
    var settings = connection(database.config());
    settings.put("policy.file", files.policy().toString());
    settings.put("policy.reload", "200ms");
    settings.put("registry.directory", files.modules().toString());
    settings.put("registry.rescan", "500ms");
    settings.put("rollout.file", files.rollout().toString());
    settings.put("rollout.reload", "200ms");
    settings.put("secrets.directory", files.secrets().toString());
    settings.put("queue.lease", "15s");
    settings.put("database.query-timeout", "9s");
    return settings;
  }

  private static Map<String, String> worker(DatabaseConfig database) {
    var settings = connection(database);
    settings.put("protocol", "tasker");
    return settings;
  }

  private static Map<String, String> connection(DatabaseConfig database) {
    var settings = new HashMap<String, String>();
    settings.put("database.url", database.url());
    settings.put("database.user", Objects.requireNonNull(database.user()));
    if (database.password() != null) {
      settings.put("database.password", database.password().reveal());
    }
    settings.put("dispatch.slots", "2");
    settings.put("dispatch.drain-grace", "10s");
    settings.put("http.port", "0");
    settings.put("metrics.queue-interval", "1s");
    settings.put(
        "engine.compile-cache", Path.of("target", "compiled-modules").toAbsolutePath().toString());
    return settings;
  }

  private Broker start(Map<String, String> settings) {
    EventSink events =
        event -> {
          if (event instanceof StepEvent.LeaseLost) {
            leaseLost.countDown();
          }
        };
    var config = Configuration.load(new ConfigSources(null, Map.of(), settings)).broker();
    return register(Broker.start(config, events));
  }

  private <T extends AutoCloseable> T register(T resource) {
    resources.push(resource);
    return resource;
  }

  /** Everything that was started, in reverse order. */
  @Override
  public void close() {
    slowAnswers.countDown();
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception failure) {
        throw new AssertionError(failure);
      }
    }
  }
}
