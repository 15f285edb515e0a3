package org.wasmbroker.app;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import org.wasmbroker.app.HealthCheck.Finding;
import org.wasmbroker.app.TaskerPages.TaskerWorker;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.TemplateStore;
import org.wasmbroker.step.TimeSource;

/** Makes the pages of a broker, as its protocol wants them, and the metrics of its queues. */
final class PageSetup {
  private static final WatchedCheck.Limits COUNTING =
      new WatchedCheck.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1));
  private static final TimeSource TIME = TimeSource.SYSTEM;

  private final Surroundings around;
  private final Executor threads;
  private final QueueDepths depths;
  private final MetricsPage metricsPage;

  private PageSetup(Surroundings around, Executor threads) {
    this.around = around;
    this.threads = threads;
    var pgmq = new Pgmq(around.queues());
    this.depths = new QueueDepths(Protocols.counted(around.config()), pgmq::metrics);
    for (var queue : depths.queues()) {
      around
          .metrics()
          .watchQueue(queue.value(), () -> depths.depth(queue), () -> depths.oldestSeconds(queue));
    }
    this.metricsPage =
        new MetricsPage(
            around.metrics(),
            new WatchedCheck(
                new HealthCheck(TaskerPages.QUEUES, depths::look), COUNTING, TIME, threads));
  }

  /**
   * Makes them.
   *
   * @param threads where checks run
   */
  static Pages pages(Surroundings around, Executor threads) {
    var setup = new PageSetup(around, threads);
    return switch (around.config().protocol()) {
      case STANDALONE -> setup.own();
      case TASKER -> setup.tasker();
    };
  }

  private Pages own() {
    return new OwnPages(
        metricsPage,
        health(new HealthCheck("broker", around.phase()::get), database(), engine(), policy()));
  }

  private Pages tasker() {
    var config = around.config().tasker();
    var environment = System.getenv().getOrDefault("TASKER_ENV", "development");
    var metrics = taskerMetrics();
    around.metrics().watch(metrics.series());
    return new TaskerPages(
        new TaskerWorker(
            around.worker().id(),
            around.about().version(),
            environment,
            around.config().database().poolSize(),
            config.namespaces(),
            () -> around.phase().get().ok(),
            around.pulse(),
            metrics),
        metricsPage,
        health(
            database(),
            new HealthCheck(TaskerPages.PROCESSOR, around.phase()::get),
            new HealthCheck(TaskerPages.QUEUES, depths::look),
            new HealthCheck(TaskerPages.INTAKE, around.pulse()::intake),
            new HealthCheck(TaskerPages.STEPS, around.pulse()::steps),
            new HealthCheck(TaskerPages.BREAKERS, () -> Finding.ok("none are used")),
            engine(),
            policy()),
        new TemplatePages(
            new TemplateStore(around.database()),
            config.namespaces(),
            new TemplateCheck(around.registry()),
            environment));
  }

  private TaskerMetrics taskerMetrics() {
    var queues = new LinkedHashMap<String, QueueName>();
    around
        .config()
        .tasker()
        .namespaces()
        .forEach(namespace -> queues.put(namespace.value(), namespace.queue()));
    long started = TIME.nanos();
    return new TaskerMetrics(
        around.worker().id(),
        around.about().version(),
        around.config().database().poolSize(),
        () -> Duration.ofNanos(TIME.nanos() - started).toSeconds(),
        around.backlog(),
        depths,
        queues);
  }

  private Health health(HealthCheck... checks) {
    return new Health(around.about(), List.of(checks), TIME, threads);
  }

  private HealthCheck database() {
    return new HealthCheck(
        TaskerPages.DATABASE,
        () -> {
          around.database().ping();
          return Finding.ok("reachable");
        });
  }

  private HealthCheck policy() {
    return new HealthCheck("policy", around.pulse()::policy);
  }

  private HealthCheck engine() {
    return new HealthCheck("engine", () -> Finding.ok(around.about().engine().toString()));
  }
}
