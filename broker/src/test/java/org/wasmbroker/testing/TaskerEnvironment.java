package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.embedded.TaskerClient;
import org.wasmbroker.embedded.TaskerOrchestrator;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.sandbox.Limits;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the tests with the real orchestrator share: one database and one orchestrator per JVM, and
 * brokers for a directory of workflows in a namespace.
 *
 * <p>Workflows may call {@code transform}, {@code scripted} (see the guest of that name) and the
 * modules in {@link #modules} when a broker starts.
 */
public final class TaskerEnvironment {
  /** Longer than anything takes here; a test that waits this long has failed. */
  public static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration GUEST_TIME_LIMIT = Duration.ofSeconds(90);

  private static final class Shared {
    private static final TaskerDatabase DATABASE = TaskerDatabase.create();
    private static final TaskerOrchestrator ORCHESTRATOR = TaskerServer.start(DATABASE);
  }

  private final String namespace;
  private final Path workflows;
  private final Path modules;
  private final TaskerRows rows = new TaskerRows(Shared.DATABASE);

  /**
   * @param namespace used by this test class only, so that test classes do not affect each other
   * @param workflows a directory of the test resources with task templates of the namespace {@code
   *     e2e}, which becomes this one
   * @param directory for the files that the brokers read
   */
  public TaskerEnvironment(String namespace, String workflows, Path directory) {
    this.namespace = namespace;
    this.workflows = directory.resolve("workflows");
    this.modules = directory.resolve("modules");
    copyWorkflows(workflows);
    TestModules.addGuest(modules, "scripted");
  }

  private void copyWorkflows(String resource) {
    try {
      Files.createDirectories(workflows);
      var from =
          Path.of(Objects.requireNonNull(TaskerEnvironment.class.getResource(resource)).toURI());
      try (var files = Files.list(from)) {
        for (var file : files.toList()) {
          var text =
              Files.readString(file).replace("namespace_name: e2e", "namespace_name: " + namespace);
          Files.writeString(workflows.resolve(file.getFileName()), text);
        }
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalArgumentException(resource, e);
    }
  }

  /** Adds a task template to those of the namespace, which becomes its own. */
  public void addWorkflow(Path file) {
    try {
      var text =
          Files.readString(file)
              .replaceFirst("namespace_name: \\w+", "namespace_name: " + namespace);
      Files.writeString(workflows.resolve(file.getFileName()), text);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The directory of the brokers' modules. */
  public Path modules() {
    return modules;
  }

  /** A broker in this JVM that serves the namespace with this many slots. */
  public Broker startBroker(int slots) {
    return Broker.start(config(slots, Policy.none(limits())));
  }

  /** The same with a policy. */
  public Broker startBroker(int slots, Policy policy) {
    return Broker.start(config(slots, policy));
  }

  private static Limits limits() {
    return Limits.DEFAULTS.withTime(GUEST_TIME_LIMIT);
  }

  private BrokerConfig config(int slots, Policy policy) {
    var defaults = TaskerConfig.DEFAULTS;
    var tasker =
        new TaskerConfig(
            List.of(new Namespace(namespace)),
            List.of(),
            workflows,
            defaults.defaultTimeout(),
            Duration.ofMillis(300),
            new RecoveryConfig(Duration.ofMillis(500), Duration.ofSeconds(3)),
            null,
            defaults.visibility());
    return BrokerConfigs.with(
        BrokerConfigs.tasker(Shared.DATABASE.config(), tasker),
        DispatchConfigs.of(slots, Duration.ofMillis(300)),
        EngineConfigs.cached(slots),
        limits(),
        new PolicyConfig(null, PolicyConfig.DEFAULT_RELOAD, policy),
        new RegistryConfig(
            modules,
            RegistryConfig.DEFAULTS.rescan(),
            RegistryConfig.DEFAULTS.store(),
            null,
            RegistryConfig.DEFAULTS.oci()));
  }

  /** A broker with the same settings in a separate process. */
  public BrokerProcess startBrokerProcess(int slots) {
    var arguments = new ArrayList<>(List.of("run"));
    for (var setting :
        List.of(
            "protocol=tasker",
            "tasker.namespaces=" + namespace,
            "tasker.templates=" + workflows,
            "tasker.watch=300ms",
            "tasker.recovery.heartbeat=500ms",
            "tasker.recovery.dead-after=3s",
            "database.query-timeout=1s",
            "dispatch.slots=" + slots,
            "dispatch.drain-grace=300ms",
            "limits.time=" + GUEST_TIME_LIMIT.toSeconds() + "s",
            "registry.directory=" + modules)) {
      arguments.addAll(List.of("--set", setting));
    }
    return BrokerProcess.start(Shared.DATABASE.config(), arguments.toArray(String[]::new));
  }

  /** Submits a task; its context gets a member {@code _n} that makes it unique. */
  public UUID submit(String workflow, String context) {
    var unique = (ObjectNode) JSON.readTree(context);
    unique.put("_n", UUID.randomUUID().toString());
    return client()
        .submit(new TaskerClient.TaskRequest(namespace, workflow, "1.0.0", unique.toString()));
  }

  /** Waits until a task has ended in this state and the orchestrator has processed its results. */
  public void awaitTask(UUID task, String state) {
    try {
      rows.await(
          "task %s has ended".formatted(task),
          TIMEOUT,
          """
          select exists (select from task_transitions t where t.task_uuid = ? and t.most_recent
            and t.to_state in ('complete', 'error', 'cancelled', 'blocked_by_failures', 'resolved_manually')
            and not exists (select from pgmq.q_orchestration_step_results m
              where m.message->>'task_uuid' = t.task_uuid::text))\
          """,
          task);
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + "\n" + describe(task), late);
    }
    if (!rows.taskState(task).equals(state)) {
      throw new AssertionError("the task should be %s:%n%s".formatted(state, describe(task)));
    }
  }

  /** What happened to a task, for people. */
  private String describe(UUID task) {
    var text = new StringBuilder("task: " + rows.taskTransitions(task));
    steps(task)
        .forEach(
            (name, step) ->
                text.append("\n%s: %s %s".formatted(name, rows.states(step), rows.results(step))));
    return text + "\norchestrator:\n" + Shared.ORCHESTRATOR.logTail();
  }

  /** Waits until a step has this state. */
  public void awaitStep(UUID step, String state) {
    rows.await(
        "step %s is %s".formatted(step, state),
        TIMEOUT,
        """
        select exists (select from workflow_step_transitions
          where workflow_step_uuid = ? and most_recent and to_state = '%s')\
        """
            .formatted(state),
        step);
  }

  /** The steps of a task by name. */
  public Map<String, UUID> steps(UUID task) {
    return rows.steps(task);
  }

  public UUID step(UUID task, String name) {
    return Objects.requireNonNull(steps(task).get(name), () -> "no step " + name);
  }

  public TaskerRows rows() {
    return rows;
  }

  public TaskerClient client() {
    return Shared.ORCHESTRATOR.client();
  }

  /** The queue on which the namespace's steps arrive. */
  public String queue() {
    return FakeOrchestrator.queueOf(namespace);
  }
}
