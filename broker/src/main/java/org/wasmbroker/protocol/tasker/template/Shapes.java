package org.wasmbroker.protocol.tasker.template;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a template is made of, as Tasker 0.1.8 stores it: which members there are, what may stand in
 * them, and what stands for those that are absent. The lengths of names are those of the columns
 * that they are written to, where those are shorter than Tasker's own rules.
 */
final class Shapes {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final long MOST_UNSIGNED = 0xFFFF_FFFFL;

  private static final Kind NAME = Kinds.name(255);

  /** PGMQ folds the names of queues to lower case, so that capitals would be lost in them. */
  private static final Kind NAMESPACE =
      Kinds.matching(
          Pattern.compile("[a-z_][a-z0-9_]{0,28}"),
          "have 1 to 29 of a-z, 0-9 and '_', and no digit first");

  private static final Kind EVENT_NAME =
      Kinds.matching(
          Pattern.compile("(?=.{3,255}$)[a-z0-9_]+(\\.[a-z0-9_]+)+"),
          "have two or more words of a-z, 0-9 and '_' with dots between, such as order.paid");

  private static final Kind PUBLISHER =
      Kinds.matching(
          Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*((::|\\.)[a-zA-Z_][a-zA-Z0-9_]*)*"),
          "be a name such as module.Publisher");
  private static final Kind DESCRIPTION = Kinds.TEXT;
  private static final Kind WORDS = Kinds.listOf(Kinds.TEXT);

  /** A retry block that says nothing but is there has no delays; one that is absent has some. */
  private static final Shape RETRY =
      new Shape()
          .withDefault("retryable", Kinds.FLAG, JSON.booleanNode(true))
          .withDefault("max_attempts", Kinds.number(1, 100), JSON.numberNode(3))
          .withDefault(
              "backoff",
              Kinds.word(List.of("none", "linear", "exponential", "fibonacci")),
              JSON.stringNode("exponential"))
          .optional("backoff_base_ms", Kinds.number(0, 3_600_000))
          .optional("max_backoff_ms", Kinds.number(0, 3_600_000));

  private static final Shape HANDLER =
      new Shape()
          .required("callable", Kinds.text(1, 500))
          .optional("method", Kinds.TEXT)
          .optional("resolver", Kinds.TEXT)
          .withDefault("initialization", Kinds.OBJECT, JSON.objectNode());

  private static final Shape EVENT_DECLARATION =
      new Shape()
          .required("name", EVENT_NAME)
          .required("description", Kinds.TEXT)
          .withDefault(
              "condition",
              Kinds.word(words(EventDeclaration.Condition.values())),
              JSON.stringNode(EventDeclaration.Condition.SUCCESS.word()))
          .required("schema", Kinds.SCHEMA)
          .withDefault(
              "delivery_mode",
              Kinds.word(words(EventDeclaration.DeliveryMode.values())),
              JSON.stringNode(EventDeclaration.DeliveryMode.DURABLE.word()))
          .optional("publisher", PUBLISHER);

  private static final Shape BATCH =
      new Shape()
          .required("batch_size", Kinds.number(1, 100_000))
          .required("parallelism", Kinds.number(1, 1_000))
          .required("cursor_field", NAME)
          .required("worker_template", NAME)
          .required(
              "failure_strategy",
              Kinds.word(List.of("continue_on_failure", "fail_fast", "isolate")));

  private static final Shape STEP =
      new Shape()
          .required("name", Kinds.name(128))
          .optional("description", DESCRIPTION)
          .required("handler", HANDLER)
          .withDefault(
              List.of("type", "step_type"),
              Kinds.word(Arrays.stream(StepType.values()).map(StepType::word).toList()),
              JSON.stringNode(StepType.STANDARD.word()))
          .optional("system_dependency", Kinds.TEXT)
          .withDefault(List.of("dependencies", "depends_on"), WORDS, JSON.arrayNode())
          .withDefault("retry", RETRY, defaultRetry())
          .optional("timeout_seconds", Kinds.number(1, MOST_UNSIGNED))
          .withDefault("publishes_events", Kinds.listOf(EVENT_DECLARATION), JSON.arrayNode())
          .optional("batch_config", BATCH)
          .omitted("result_schema", Kinds.SCHEMA)
          .omitted("composition", Kinds.ANYTHING);

  private static final Shape STEP_OVERRIDE =
      new Shape()
          .required("name", NAME)
          .optional("handler", new Shape().optional("initialization", Kinds.OBJECT))
          .optional("timeout_seconds", Kinds.number(1, MOST_UNSIGNED))
          .optional("retry", RETRY);

  static final Shape TEMPLATE =
      new Shape()
          .required("name", Kinds.name(64))
          .required("namespace_name", NAMESPACE)
          .required("version", Kinds.name(16))
          .optional("description", Kinds.text(0, 255))
          .optional(
              "metadata",
              new Shape()
                  .optional("author", Kinds.TEXT)
                  .withDefault("tags", WORDS, JSON.arrayNode())
                  .optional("documentation_url", Kinds.TEXT)
                  .optional("created_at", Kinds.TEXT)
                  .optional("updated_at", Kinds.TEXT)
                  .open())
          .withDefault(
              "system_dependencies",
              new Shape()
                  .withDefault("primary", NAME, JSON.stringNode("default"))
                  .withDefault("secondary", WORDS, JSON.arrayNode()),
              JSON.objectNode().put("primary", "default").set("secondary", JSON.arrayNode()))
          .withDefault(
              "domain_events",
              Kinds.listOf(
                  new Shape()
                      .required("name", NAME)
                      .optional("description", Kinds.TEXT)
                      .optional("schema", Kinds.SCHEMA)),
              JSON.arrayNode())
          .optional("input_schema", Kinds.SCHEMA)
          .withDefault("steps", Kinds.listOf(STEP), JSON.arrayNode())
          .withDefault(
              "environments",
              Kinds.mapOf(
                  new Shape().withDefault("steps", Kinds.listOf(STEP_OVERRIDE), JSON.arrayNode())),
              JSON.objectNode())
          .optional("lifecycle", lifecycle());

  private Shapes() {}

  private static Shape lifecycle() {
    return new Shape()
        .optional("max_duration_minutes", Kinds.number(1, 43_200))
        .optional("max_waiting_for_dependencies_minutes", Kinds.number(1, 10_080))
        .optional("max_waiting_for_retry_minutes", Kinds.number(1, 10_080))
        .optional("max_steps_in_process_minutes", Kinds.number(1, 10_080))
        .withDefault("staleness_action", Kinds.text(1, 50), JSON.stringNode("dlq"))
        .optional("auto_fail_on_timeout", Kinds.FLAG)
        .optional("auto_dlq_on_timeout", Kinds.FLAG);
  }

  private static JsonNode defaultRetry() {
    return JSON.objectNode()
        .put("retryable", RetryDefinition.DEFAULTS.retryable())
        .put("max_attempts", RetryDefinition.DEFAULTS.maxAttempts())
        .put("backoff", "exponential")
        .put("backoff_base_ms", 1_000)
        .put("max_backoff_ms", 30_000);
  }

  private static List<String> words(Enum<?>[] values) {
    return Stream.of(values).map(value -> value.name().toLowerCase(java.util.Locale.ROOT)).toList();
  }
}
