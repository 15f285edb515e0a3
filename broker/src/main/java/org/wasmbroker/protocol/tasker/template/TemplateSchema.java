package org.wasmbroker.protocol.tasker.template;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.wasmbroker.step.WireName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The structure of a template as Tasker 0.1.8 stores it: its members, their types, and the defaults
 * for absent ones. The maximum lengths of names are those of the columns that store them, if these
 * are shorter than Tasker's own rules.
 */
final class TemplateSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final long MAX_UINT32 = 0xFFFF_FFFFL;

  private static final FieldType NAME = FieldTypes.name(255);

  /** PGMQ folds queue names to lower case, so capital letters would be lost. */
  private static final FieldType NAMESPACE =
      FieldTypes.matching(
          Pattern.compile("[a-z_][a-z0-9_]{0,28}"),
          "be 1 to 29 of a-z, 0-9 and '_', not starting with a digit");

  private static final FieldType EVENT_NAME =
      FieldTypes.matching(
          Pattern.compile("(?=.{3,255}$)[a-z0-9_]+(\\.[a-z0-9_]+)+"),
          "consist of two or more words of a-z, 0-9 and '_' separated by dots, such as order.paid");

  private static final FieldType PUBLISHER =
      FieldTypes.matching(
          Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*((::|\\.)[a-zA-Z_][a-zA-Z0-9_]*)*"),
          "be a name such as module.Publisher");
  private static final FieldType DESCRIPTION = FieldTypes.TEXT;
  private static final FieldType TEXTS = FieldTypes.listOf(FieldTypes.TEXT);

  /** An empty retry block has no delays; an absent one has default delays. */
  private static final ObjectType RETRY =
      new ObjectType()
          .withDefault("retryable", FieldTypes.FLAG, JSON.booleanNode(true))
          .withDefault("max_attempts", FieldTypes.number(1, 100), JSON.numberNode(3))
          .withDefault(
              "backoff",
              FieldTypes.oneOf(List.of("none", "linear", "exponential", "fibonacci")),
              JSON.stringNode("exponential"))
          .optional("backoff_base_ms", FieldTypes.number(0, 3_600_000))
          .optional("max_backoff_ms", FieldTypes.number(0, 3_600_000));

  private static final ObjectType HANDLER =
      new ObjectType()
          .required("callable", FieldTypes.text(1, 500))
          .optional("method", FieldTypes.TEXT)
          .optional("resolver", FieldTypes.TEXT)
          .withDefault("initialization", FieldTypes.OBJECT, JSON.objectNode());

  private static final ObjectType EVENT_DECLARATION =
      new ObjectType()
          .required("name", EVENT_NAME)
          .required("description", FieldTypes.TEXT)
          .withDefault(
              "condition",
              FieldTypes.oneOf(wireNames(EventDeclaration.Condition.values())),
              JSON.stringNode(EventDeclaration.Condition.SUCCESS.wireName()))
          .required("schema", FieldTypes.SCHEMA)
          .withDefault(
              "delivery_mode",
              FieldTypes.oneOf(wireNames(EventDeclaration.DeliveryMode.values())),
              JSON.stringNode(EventDeclaration.DeliveryMode.DURABLE.wireName()))
          .optional("publisher", PUBLISHER);

  private static final ObjectType BATCH =
      new ObjectType()
          .required("batch_size", FieldTypes.number(1, 100_000))
          .required("parallelism", FieldTypes.number(1, 1_000))
          .required("cursor_field", NAME)
          .required("worker_template", NAME)
          .required(
              "failure_strategy",
              FieldTypes.oneOf(List.of("continue_on_failure", "fail_fast", "isolate")));

  private static final ObjectType STEP =
      new ObjectType()
          .required("name", FieldTypes.name(128))
          .optional("description", DESCRIPTION)
          .required("handler", HANDLER)
          .withDefault(
              List.of("type", "step_type"),
              FieldTypes.oneOf(Arrays.stream(StepType.values()).map(StepType::wireName).toList()),
              JSON.stringNode(StepType.STANDARD.wireName()))
          .optional("system_dependency", FieldTypes.TEXT)
          .withDefault(List.of("dependencies", "depends_on"), TEXTS, JSON.arrayNode())
          .withDefault("retry", RETRY, defaultRetry())
          .optional("timeout_seconds", FieldTypes.number(1, MAX_UINT32))
          .withDefault("publishes_events", FieldTypes.listOf(EVENT_DECLARATION), JSON.arrayNode())
          .optional("batch_config", BATCH)
          .omitted("result_schema", FieldTypes.SCHEMA)
          .omitted("composition", FieldTypes.ANYTHING);

  private static final ObjectType STEP_OVERRIDE =
      new ObjectType()
          .required("name", NAME)
          .optional("handler", new ObjectType().optional("initialization", FieldTypes.OBJECT))
          .optional("timeout_seconds", FieldTypes.number(1, MAX_UINT32))
          .optional("retry", RETRY);

  static final ObjectType TEMPLATE =
      new ObjectType()
          .required("name", FieldTypes.name(64))
          .required("namespace_name", NAMESPACE)
          .required("version", FieldTypes.name(16))
          .optional("description", FieldTypes.text(0, 255))
          .optional(
              "metadata",
              new ObjectType()
                  .optional("author", FieldTypes.TEXT)
                  .withDefault("tags", TEXTS, JSON.arrayNode())
                  .optional("documentation_url", FieldTypes.TEXT)
                  .optional("created_at", FieldTypes.TEXT)
                  .optional("updated_at", FieldTypes.TEXT)
                  .open())
          .withDefault(
              "system_dependencies",
              new ObjectType()
                  .withDefault("primary", NAME, JSON.stringNode("default"))
                  .withDefault("secondary", TEXTS, JSON.arrayNode()),
              JSON.objectNode().put("primary", "default").set("secondary", JSON.arrayNode()))
          .withDefault(
              "domain_events",
              FieldTypes.listOf(
                  new ObjectType()
                      .required("name", NAME)
                      .optional("description", FieldTypes.TEXT)
                      .optional("schema", FieldTypes.SCHEMA)),
              JSON.arrayNode())
          .optional("input_schema", FieldTypes.SCHEMA)
          .withDefault("steps", FieldTypes.listOf(STEP), JSON.arrayNode())
          .withDefault(
              "environments",
              FieldTypes.mapOf(
                  new ObjectType()
                      .withDefault("steps", FieldTypes.listOf(STEP_OVERRIDE), JSON.arrayNode())),
              JSON.objectNode())
          .optional("lifecycle", lifecycle());

  private TemplateSchema() {}

  private static ObjectType lifecycle() {
    return new ObjectType()
        .optional("max_duration_minutes", FieldTypes.number(1, 43_200))
        .optional("max_waiting_for_dependencies_minutes", FieldTypes.number(1, 10_080))
        .optional("max_waiting_for_retry_minutes", FieldTypes.number(1, 10_080))
        .optional("max_steps_in_process_minutes", FieldTypes.number(1, 10_080))
        .withDefault("staleness_action", FieldTypes.text(1, 50), JSON.stringNode("dlq"))
        .optional("auto_fail_on_timeout", FieldTypes.FLAG)
        .optional("auto_dlq_on_timeout", FieldTypes.FLAG);
  }

  private static JsonNode defaultRetry() {
    return JSON.objectNode()
        .put("retryable", true)
        .put("max_attempts", 3)
        .put("backoff", "exponential")
        .put("backoff_base_ms", 1_000)
        .put("max_backoff_ms", 30_000);
  }

  private static List<String> wireNames(Enum<?>[] values) {
    return Stream.of(values).map(value -> WireName.of(value)).toList();
  }
}
