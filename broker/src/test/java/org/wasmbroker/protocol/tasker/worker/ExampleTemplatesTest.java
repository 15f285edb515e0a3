package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.protocol.tasker.template.ResultRules;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.StepType;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.protocol.tasker.template.TemplateDirectory;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.protocol.tasker.template.TemplateWarnings;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The templates of docs/examples/tasker and tasker-granted, run with the real handlers in the order
 * in which Tasker would create and run their steps.
 */
class ExampleTemplatesTest {
  private static final Path EXAMPLES = Path.of("..", "docs", "examples", "tasker");
  private static final Path GRANTED = EXAMPLES.resolveSibling("tasker-granted");
  private static final JsonMapper JSON = new JsonMapper();

  private static final List<String> HANDLERS =
      List.of(
          "aggregate",
          "decide",
          "fan_out",
          "gate",
          "http_request",
          "notify",
          "transform",
          "validate");

  /** What those handlers give that would ask somebody else. */
  private static final Map<String, String> REMOTE =
      Map.of(
          "http_request",
          "{\"status_code\":200,\"response_body\":{\"EUR\":1,\"CHF\":0.95}}",
          "notify",
          "{\"status\":\"delivered\"}");

  private static Engine engine;
  private static Map<String, CompiledModule> modules;

  @BeforeAll
  static void start() {
    engine = WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
    modules =
        HANDLERS.stream()
            .filter(handler -> !REMOTE.containsKey(handler))
            .collect(
                Collectors.toMap(
                    handler -> handler,
                    handler -> engine.compile(PrebuiltHandlers.module(handler), Limits.DEFAULTS)));
  }

  @AfterAll
  static void stop() {
    modules.values().forEach(CompiledModule::close);
    engine.close();
  }

  @Test
  void everyExampleIsAValidTemplateWithAContext() {
    var granted = TemplateDirectory.read(GRANTED);
    var loaded = TemplateDirectory.read(EXAMPLES);

    assertThat(loaded.problems()).isEmpty();
    assertThat(granted.problems()).isEmpty();
    assertThat(loaded.entries()).hasSizeGreaterThanOrEqualTo(4);
    assertThat(Stream.concat(loaded.entries().stream(), granted.entries().stream()))
        .allSatisfy(
            entry -> {
              assertThat(entry.template().namespace()).isEqualTo("catalog");
              assertThat(
                      TemplateWarnings.of(
                          entry.template(), handler -> HANDLERS.contains(handler.name()), HANDLERS))
                  .isEmpty();
              assertThat(contextOf(entry.file())).exists();
            });
  }

  @Test
  void theTemplateAndOutcomesInTheDocumentationAreValid() throws IOException {
    var template = blocks("yaml").getFirst();
    var outcomes = String.join("", blocks("json"));
    var refund = template("refund-approval");
    var sales = template("sales-report");

    assertThat(
            TemplateReader.readFile("task-templates.md", template.getBytes(StandardCharsets.UTF_8)))
        .hasToString("catalog/order_pricing/1.0.0");
    try (var each = JSON.readerFor(JsonNode.class).<JsonNode>readValues(outcomes)) {
      var all = each.readAll();
      assertThat(all).hasSize(4);
      for (var outcome : all) {
        boolean decision = outcome.has("decision_point_outcome");
        assertThat(
                new ResultRules(
                        decision ? refund : sales,
                        Objects.requireNonNull(
                            decision ? refund.step("refund_route") : sales.step("sales_split")))
                    .problem(Document.of(outcome.toString()), 100))
            .isNull();
      }
    }
  }

  /** The code blocks of the document in one language. */
  private static List<String> blocks(String language) throws IOException {
    var document = Files.readString(Path.of("..", "docs", "task-templates.md"));
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(document)
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  @Test
  void anOrderIsPricedStepByStep() throws IOException {
    var results = run("order-pricing");

    assertThat(results.keySet())
        .containsExactly("pricing_check", "pricing_discount", "pricing_tax", "pricing_confirm");
    assertThat(results.get("pricing_confirm"))
        .isEqualTo(
            JSON.readTree(
                """
                {"order":"A-1001","total":14137,
                 "message":"Dear Zoë, your order of 141.37 is on its way."}"""));
  }

  @Test
  void aQuoteCombinesBothBranches() throws IOException {
    var results = run("shipping-quote");

    assertThat(results.keySet())
        .containsExactly("quote_weigh", "quote_freight", "quote_insurance", "quote_total");
    assertThat(results.get("quote_total"))
        .isEqualTo(JSON.readTree("{\"freight\":1190,\"insurance\":53,\"total\":1243}"));
  }

  @Test
  void aRefundFollowsTheBranchChosenByTheDecision() throws IOException {
    var large = run("refund-approval");
    var small = run("refund-approval", "{\"refund\":\"R-1\",\"amount\":5,\"previous_refunds\":0}");

    assertThat(large.keySet())
        .containsExactly(
            "refund_assess", "refund_route", "refund_review", "refund_reserve", "refund_settle");
    assertThat(large.get("refund_settle"))
        .isEqualTo(
            JSON.readTree(
                "{\"refund\":\"R-77\",\"approved\":true,\"by\":\"review\",\"paid\":25900}"));
    assertThat(small.keySet())
        .containsExactly("refund_assess", "refund_route", "refund_approve", "refund_settle");
    assertThat(small.get("refund_settle"))
        .isEqualTo(
            JSON.readTree("{\"refund\":\"R-1\",\"approved\":true,\"by\":\"rule\",\"paid\":5}"));
  }

  @Test
  void salesAreAggregatedInBatches() throws IOException {
    var results = run("sales-report");
    var none = run("sales-report", "{\"sales\":[]}");

    assertThat(results.keySet())
        .containsExactly(
            "sales_split",
            "sales_batch_from_0",
            "sales_batch_from_4",
            "sales_batch_from_8",
            "sales_total");
    assertThat(results.get("sales_total"))
        .isEqualTo(JSON.readTree("{\"batches\":3,\"sales\":10,\"cents\":27480}"));
    assertThat(none.keySet()).containsExactly("sales_split", "sales_batch_000", "sales_total");
    assertThat(none.get("sales_total"))
        .isEqualTo(JSON.readTree("{\"batches\":0,\"sales\":0,\"cents\":0}"));
  }

  @Test
  void anOrderIsSettledByAllHandlersTogether() throws IOException {
    var settled = run("order-settlement");

    assertThat(settled.keySet())
        .containsExactly(
            "settle_check",
            "settle_approval",
            "settle_rates",
            "settle_route",
            "settle_split",
            "settle_lines_001",
            "settle_lines_002",
            "settle_total",
            "settle_tell");
    assertThat(Objects.requireNonNull(settled.get("settle_total")).path("value"))
        .isEqualTo(JSON.readTree("{\"lines\":3,\"cents\":9310}"));
    assertThat(template("order-settlement").steps().stream().map(StepDefinition::callable))
        .containsExactlyInAnyOrderElementsOf(HANDLERS);
  }

  @Test
  void anOrderThatIsRejectedIsToldOnly() throws IOException {
    var context =
        (ObjectNode)
            JSON.readTree(Files.readString(contextOf(GRANTED.resolve("order-settlement.yaml"))));
    context.putObject("approval").put("status", "rejected");

    assertThat(run("order-settlement", context.toString()).keySet())
        .containsExactly(
            "settle_check", "settle_approval", "settle_rates", "settle_route", "settle_tell");
  }

  private static Map<String, JsonNode> run(String example) throws IOException {
    return run(example, Files.readString(contextOf(entry(example).file())));
  }

  /** The results of all steps of a task with this context, in the order of the template. */
  private static Map<String, JsonNode> run(String example, String context) {
    var template = template(example);
    var task = new Task(template, JSON.readTree(context));
    template.steps().forEach(task::run);
    return task.results;
  }

  private static TaskTemplate template(String example) {
    return entry(example).template();
  }

  private static TemplateDirectory.Entry entry(String example) {
    return Stream.of(EXAMPLES, GRANTED)
        .flatMap(directory -> TemplateDirectory.read(directory).entries().stream())
        .filter(entry -> entry.file().endsWith(example + ".yaml"))
        .findFirst()
        .orElseThrow();
  }

  /** The name of the handler in {@code wasm:transform@1}. */
  private static String handler(StepDefinition step) {
    return step.callable().replaceFirst("^wasm:", "").replaceFirst("@.*$", "");
  }

  private static Path contextOf(Path template) {
    var name = template.getFileName().toString();
    return template.resolveSibling("contexts").resolve(name.replaceFirst("yaml$", "json"));
  }

  /** One task; steps follow those that they depend on in the template. */
  private static final class Task {
    private final TaskTemplate template;
    private final JsonNode context;
    private final Map<String, JsonNode> results = new LinkedHashMap<>();
    private final List<String> chosen = new ArrayList<>();

    private Task(TaskTemplate template, JsonNode context) {
      this.template = template;
      this.context = context;
    }

    private void run(StepDefinition step) {
      switch (step.type()) {
        case BATCH_WORKER -> batches(step);
        case DEFERRED_CONVERGENCE -> {
          if (hasDependency(step)) {
            run(step, step.name(), JSON.createObjectNode());
          }
        }
        case STANDARD, DECISION, BATCHABLE -> {
          if (isCreated(step)) {
            run(step, step.name(), JSON.createObjectNode());
          }
        }
      }
    }

    private boolean isCreated(StepDefinition step) {
      boolean choice =
          step.dependencies().stream()
              .map(template::step)
              .anyMatch(on -> Objects.requireNonNull(on).type() == StepType.DECISION);
      return !choice || chosen.contains(step.name());
    }

    /** Whether one of its dependencies, or a worker of one, was created. */
    private boolean hasDependency(StepDefinition step) {
      return step.dependencies().stream()
          .anyMatch(
              on ->
                  results.keySet().stream()
                      .anyMatch(name -> name.equals(on) || name.startsWith(on + "_")));
    }

    private void batches(StepDefinition worker) {
      var split = results.get(worker.dependencies().getFirst());
      if (split == null) {
        return;
      }
      var outcome = split.path("batch_processing_outcome");
      for (var cursor : outcome.path("cursor_configs")) {
        var inputs = JSON.createObjectNode();
        inputs.set("cursor", cursor);
        run(worker, worker.name() + "_" + cursor.path("batch_id").asString(), inputs);
      }
      if (outcome.path("cursor_configs").isMissingNode()) {
        results.put(worker.name() + "_000", JSON.createObjectNode().put("no_op", true));
      }
    }

    private void run(StepDefinition step, String name, ObjectNode inputs) {
      var remote = REMOTE.get(handler(step));
      if (remote != null) {
        results.put(name, JSON.readTree(remote));
        return;
      }
      var document = JSON.createObjectNode();
      document.putObject("step").put("name", name).put("attempt", 1).set("inputs", inputs);
      document.set("config", JSON.readTree(step.initialization().bytes()));
      document.set("context", context);
      var deps = document.putObject("deps");
      results.forEach(deps::set);
      var ended =
          Objects.requireNonNull(modules.get(handler(step)), step.callable())
              .run(
                  Invocations.basic(
                      Document.of(document.toString()),
                      Limits.DEFAULTS,
                      new Cancellation(),
                      GuestLog.NONE));
      assertThat(ended).as(name).isInstanceOf(InvocationResult.Completed.class);
      var output = JSON.readTree(((InvocationResult.Completed) ended).output().bytes());
      var result = output.path("result");
      assertThat(output.path("status").asString()).as(output.toString()).isEqualTo("completed");
      assertThat(new ResultRules(template, step).problem(Document.of(result.toString()), 100))
          .as(name)
          .isNull();
      result
          .path("decision_point_outcome")
          .path("step_names")
          .forEach(chose -> chosen.add(chose.asString()));
      results.put(name, result);
    }
  }
}
