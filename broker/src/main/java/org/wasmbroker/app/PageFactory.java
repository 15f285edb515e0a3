package org.wasmbroker.app;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.app.TaskerPages.TaskerWorker;
import org.wasmbroker.concurrent.ServiceThread;
import org.wasmbroker.dispatch.Progress;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.registration.TemplateStore;
import org.wasmbroker.step.TimeSource;

/** Creates the pages of a broker for its protocol. */
final class PageFactory {
  private static final CachedCheck.Limits QUEUE_COUNT_LIMITS =
      new CachedCheck.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1));
  private static final TimeSource TIME = TimeSource.SYSTEM;

  private final EndpointContext context;
  private final Executor threads;
  private final QueueDepths depths;
  private final MetricsPage metricsPage;

  private PageFactory(EndpointContext context, Executor threads) {
    this.context = context;
    this.threads = threads;
    this.depths = context.depths();
    this.metricsPage =
        new MetricsPage(
            context.metrics(),
            new CachedCheck(
                new HealthCheck(TaskerPages.QUEUES, depths::refresh),
                QUEUE_COUNT_LIMITS,
                TIME,
                threads));
  }

  /**
   * Creates the pages.
   *
   * @param threads runs the checks
   */
  static Pages create(EndpointContext context, Executor threads) {
    var factory = new PageFactory(context, threads);
    return switch (context.config().protocol()) {
      case STANDALONE -> factory.standalone();
      case TASKER -> factory.tasker();
    };
  }

  private Pages standalone() {
    return new StandalonePages(
        metricsPage,
        health(
            new HealthCheck("broker", context.phase()::get),
            database(),
            new HealthCheck("claims", context.stageHealth()::intake),
            new HealthCheck("results", context.stageHealth()::steps),
            progress(),
            threads(),
            engine(),
            policy(),
            rollout(),
            trust()));
  }

  private Pages tasker() {
    var config = context.config().tasker();
    var environment = ProcessText.environment().getOrDefault("TASKER_ENV", "development");
    var metrics = taskerMetrics();
    context.metrics().register(metrics.series());
    return new TaskerPages(
        new TaskerWorker(
            context.worker().id(),
            context.info().version(),
            environment,
            context.config().database().poolSize(),
            config.namespaces(),
            () -> context.phase().get().ok(),
            context.stageHealth(),
            metrics),
        metricsPage,
        health(
            database(),
            new HealthCheck(TaskerPages.PROCESSOR, context.phase()::get),
            new HealthCheck(TaskerPages.QUEUES, depths::refresh),
            new HealthCheck(TaskerPages.INTAKE, context.stageHealth()::intake),
            new HealthCheck(TaskerPages.STEPS, context.stageHealth()::steps),
            new HealthCheck(TaskerPages.BREAKERS, () -> Result.ok("not used")),
            progress(),
            threads(),
            engine(),
            policy(),
            rollout(),
            trust()),
        new TemplatePages(
            new TemplateStore(context.database()),
            config.namespaces(),
            new TemplateCheck(context.registry()),
            environment));
  }

  private TaskerMetrics taskerMetrics() {
    var queues = new LinkedHashMap<String, QueueName>();
    context
        .config()
        .tasker()
        .namespaces()
        .forEach(namespace -> queues.put(namespace.value(), namespace.queue()));
    long started = TIME.nanos();
    return new TaskerMetrics(
        context.worker().id(),
        context.info().version(),
        context.config().database().poolSize(),
        () -> Duration.ofNanos(TIME.nanos() - started).toSeconds(),
        context.backlog(),
        depths,
        queues);
  }

  private Health health(HealthCheck... checks) {
    return new Health(context.info(), List.of(checks), TIME, threads);
  }

  private HealthCheck database() {
    return new HealthCheck(
        TaskerPages.DATABASE,
        () -> {
          context.database().ping();
          return Result.ok("reachable");
        });
  }

  private HealthCheck progress() {
    return progress(context.progress());
  }

  /**
   * Whether steps start.
   *
   * @param progresses has null as long as no step can start
   */
  static HealthCheck progress(Supplier<@Nullable Progress> progresses) {
    return new HealthCheck(
        "progress",
        () -> {
          var progress = progresses.get();
          if (progress == null) {
            return Result.ok("no step can start yet");
          }
          if (progress.isStalled()) {
            return Result.failing(progress.describe());
          }
          return progress.overrunning() == 0
              ? Result.ok(progress.describe())
              : Result.degraded(progress.describe());
        });
  }

  static HealthCheck threads() {
    return new HealthCheck(
        "threads",
        () -> {
          var problems = ServiceThread.problems();
          return problems.isEmpty()
              ? Result.ok(ServiceThread.count() + " threads work")
              : Result.failing(String.join("; ", problems));
        });
  }

  private HealthCheck policy() {
    return new HealthCheck("policy", context.stageHealth()::policy);
  }

  private HealthCheck trust() {
    return new HealthCheck(
        "trust",
        () -> ReleaseTrust.health(context.stageHealth().trust(), context.registry().describe()));
  }

  private HealthCheck rollout() {
    return new HealthCheck("rollout", context.rollout()::get);
  }

  private HealthCheck engine() {
    return new HealthCheck("engine", () -> Result.ok(context.info().engine().toString()));
  }
}
