package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

class FileTemplateTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String HEAD =
      """
      name: orders
      namespace_name: shop
      version: 1.0.0
      """;

  @Test
  void aYamlFileIsStoredLikeTaskersOwnWorkersStoreIt() {
    var template =
        TemplateReader.readFile(
            "orders.yaml",
            bytes(
                """
                # A comment.
                ---
                name: orders
                namespace_name: shop
                version: 1.0.0
                metadata:
                  author: Zoë
                  notes: Tasker drops what it does not know here.
                  documentation_url:
                steps:
                  - name: price
                    step_type: standard
                    depends_on: []
                    handler:
                      callable: wasm:transform@1
                      initialization: {filter: ".context | {total}"}
                    retry: {max_attempts: 5}
                """));

    assertThat(JSON.readTree(template.json().bytes()))
        .isEqualTo(
            JSON.readTree(
                """
                {"name":"orders","namespace_name":"shop","version":"1.0.0","description":null,
                 "metadata":{"author":"Zoë","tags":[],"documentation_url":null,
                   "created_at":null,"updated_at":null},
                 "system_dependencies":{"primary":"default","secondary":[]},
                 "domain_events":[],"input_schema":null,
                 "steps":[{"name":"price","description":null,
                   "handler":{"callable":"wasm:transform@1","method":null,"resolver":null,
                     "initialization":{"filter":".context | {total}"}},
                   "type":"standard","system_dependency":null,"dependencies":[],
                   "retry":{"retryable":true,"max_attempts":5,"backoff":"exponential",
                     "backoff_base_ms":null,"max_backoff_ms":null},
                   "timeout_seconds":null,"publishes_events":[],"batch_config":null}],
                 "environments":{},"lifecycle":null}
                """));
    assertThat(template).isEqualTo(TemplateReader.readStored(template.json()));
  }

  @Test
  void aJsonFileIsReadAsJson() {
    assertThat(
            TemplateReader.readFile(
                "orders.json",
                bytes(
                    """
                    {"name":"orders","namespace_name":"shop","version":"1",
                    \t"steps":[{"name":"price","handler":{"callable":"transform"}}]}
                    """)))
        .hasToString("shop/orders/1");
    problems("orders.json", "{\"name\":\n1,}")
        .singleElement()
        .asString()
        .startsWith("orders.json: line 2: cannot be read: ");
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of("", List.of("orders.yaml: is empty")),
        Arguments.of("- a", List.of("orders.yaml: the document (line 1): must be an object")),
        Arguments.of(
            "a: [1\nb: 2",
            List.of("orders.yaml: line 2: cannot be read: while parsing a flow sequence")),
        Arguments.of(
            HEAD + "---\na: 1",
            List.of(
                "orders.yaml: the document (line 1): is followed by a second one; a file has one"
                    + " template")),
        Arguments.of(
            "name: a\nname: b", List.of("orders.yaml: /name (line 2): stands there twice")),
        Arguments.of(
            "name: &n a\nversion: *n",
            List.of(
                "orders.yaml: /version (line 2): is an alias (*), which is not followed here: write"
                    + " the value out")),
        Arguments.of(HEAD, List.of("orders.yaml: /steps (line 1): must have at least one step")),
        Arguments.of(
            "name: 'a '\nnamespace_name: Shop\nversion: 1.0\nlifecycles: 1",
            List.of(
                "orders.yaml: /name (line 1): must not begin or end with blanks, nor have control"
                    + " characters in it",
                "orders.yaml: /namespace_name (line 2): must have 1 to 29 of a-z, 0-9 and '_', and"
                    + " no digit first, was 'Shop'",
                "orders.yaml: /version (line 3): must be text, was 1.0: put it in quotes",
                "orders.yaml: /lifecycles (line 4): is unknown, did you mean 'lifecycle'?")),
        steps(
            """
              - name: price
                type: desision
                handler: {callable: transform, initialization: []}
                timeout_seconds: 0
                retry: {max_attempts: 101, retryable: maybe}
            """,
            "/steps/0/handler/initialization (line 7): must be an object, was a list",
            "/steps/0/type (line 6): must be one of standard, decision, deferred_convergence,"
                + " batchable, batch_worker, was 'desision'; did you mean 'decision'?",
            "/steps/0/retry/retryable (line 9): must be true or false, was 'maybe'",
            "/steps/0/retry/max_attempts (line 9): must be 1 to 100, was 101",
            "/steps/0/timeout_seconds (line 8): must be 1 to 4294967295, was 0"),
        steps(
            """
              - name: price
                handler: {callable: transform}
                depends_on: [weight]
                dependencies: [weight]
                result_schema: {type: strin}
                publishes_events:
                  - {name: Paid, description: Paid., schema: {$ref: "https://example.org/paid"}, publisher: "a b"}
            """,
            "/steps/0/depends_on (line 7): means the same as dependencies: keep one",
            "/steps/0/publishes_events/0/name (line 11): must have two or more words of a-z, 0-9"
                + " and '_' with dots between, such as order.paid, was 'Paid'",
            "/steps/0/publishes_events/0/schema (line 11): is no JSON Schema that can be used: it"
                + " refers to 'https://example.org/paid', and only references within it, such as"
                + " '#/$defs/x', are followed",
            "/steps/0/publishes_events/0/publisher (line 11): must be a name such as"
                + " module.Publisher, was 'a b'",
            "/steps/0/result_schema (line 9): is no JSON Schema that can be used: /type: does not"
                + " have a value in the enumeration [\"array\", \"boolean\", \"integer\", \"null\","
                + " \"number\", \"object\", \"string\"]"),
        steps(
            """
              - {name: weigh, handler: {callable: Orders::Weigh}}
              - {name: weigh, handler: {callable: transform, method: other}}
              - {name: price, handler: {callable: transform}, dependencies: [wiegh, weigh, weigh]}
            """,
            "/steps/1/name (line 6): is 'weigh', another step's",
            "/steps/0/handler (line 5): is none of this worker's: the callable 'Orders::Weigh'"
                + " names no handler of this worker (transform, wasm:transform and"
                + " wasm:transform@1.2 do): a handler's name has 1 to 64 of a-z, 0-9, '_' and '-',"
                + " was 'Orders::Weigh'",
            "/steps/1/handler (line 6): is none of this worker's: the handler's method must be"
                + " absent or 'call', was 'other'",
            "/steps/2/dependencies/0 (line 7): is 'wiegh', and no step has that name; did you mean"
                + " 'weigh'?",
            "/steps/2/dependencies/2 (line 7): is 'weigh' again"),
        steps(
            """
              - {name: a, handler: {callable: transform}}
              - {name: b, handler: {callable: transform}, dependencies: [a, d]}
              - {name: c, handler: {callable: transform}, dependencies: [b]}
              - {name: d, handler: {callable: transform}, dependencies: [c]}
            """,
            "/steps (line 4): must not wait in a circle, as these do: b > c > d > b"),
        steps(
            """
              - {name: a, handler: {callable: transform}, dependencies: [a]}
            """,
            "/steps (line 4): must not wait in a circle, as these do: a > a"),
        steps(
            """
              - {name: route, type: decision, handler: {callable: transform}}
            """,
            "/steps/0/dependencies (line 5): of a decision must name a step (Tasker wants it so)"),
        steps(
            """
              - {name: a, handler: {callable: transform}}
              - {name: join, type: deferred_convergence, handler: {callable: transform}, dependencies: [a]}
              - {name: after, handler: {callable: transform}, dependencies: [join]}
            """,
            "/steps/1 (line 6): is never created: a deferred_convergence step has to depend on a"
                + " batch worker, or on what a decision creates",
            "/steps/2/dependencies/0 (line 7): is 'join', which is created later than this step:"
                + " Tasker would not wait for it"),
        steps(
            """
              - {name: split, type: batchable, handler: {callable: transform}}
            """,
            "/steps/0 (line 5): is batchable, and the template has no step of type batch_worker"),
        steps(
            """
              - {name: split, type: batchable, handler: {callable: transform, initialization: {worker_template_name: word}}}
              - {name: work, type: batch_worker, handler: {callable: transform}, dependencies: [split]}
              - {name: sum, handler: {callable: transform}, dependencies: [work]}
            """,
            "/steps/0/handler/initialization/worker_template_name (line 5): does not serve: the"
                + " worker_template_name of the step's handler.initialization names 'word', which"
                + " is no step of type batch_worker in this template",
            "/steps/1/batch_config (line 6): is missing; Tasker takes it from the batch worker, not"
                + " from the batchable step",
            "/steps/2/dependencies/0 (line 7): is 'work', which is created later than this step:"
                + " Tasker would not wait for it; make this step deferred_convergence"),
        steps(
            """
              - name: work
                type: batch_worker
                handler: {callable: transform}
                batch_config: {batch_size: 0, parallelism: 5000, cursor_field: id, failure_strategy: stop}
            """,
            "/steps/0/batch_config/batch_size (line 8): must be 1 to 100000, was 0",
            "/steps/0/batch_config/parallelism (line 8): must be 1 to 1000, was 5000",
            "/steps/0/batch_config/worker_template (line 8): is missing",
            "/steps/0/batch_config/failure_strategy (line 8): must be one of continue_on_failure,"
                + " fail_fast, isolate, was 'stop'"),
        steps(
            """
              - name: work
                type: batch_worker
                handler: {callable: transform}
                batch_config: {batch_size: 1, parallelism: 5, cursor_field: id, worker_template: other, failure_strategy: isolate}
            """,
            "/steps/0 (line 5): is never created, since the template has no batchable step",
            "/steps/0/batch_config/worker_template (line 8): is 'other', and no step of type"
                + " batch_worker has that name"));
  }

  private static Arguments steps(String steps, String... problems) {
    return Arguments.of(
        HEAD + "steps:\n" + steps,
        Stream.of(problems).map(problem -> "orders.yaml: " + problem).toList());
  }

  @ParameterizedTest
  @MethodSource("broken")
  void everyProblemIsReportedWithItsLocation(String file, List<String> problems) {
    problems("orders.yaml", file).containsExactlyElementsOf(problems);
  }

  @Test
  void aConvergenceOfBatchesNextToADecisionIsRejected() {
    problems(
            "orders.yaml",
            HEAD
                + """
                steps:
                  - {name: a, handler: {callable: transform}}
                  - {name: route, type: decision, handler: {callable: transform}, dependencies: [a]}
                  - {name: split, type: batchable, handler: {callable: transform}, dependencies: [a]}
                  - name: work
                    type: batch_worker
                    handler: {callable: transform}
                    dependencies: [split]
                    batch_config: {batch_size: 1, parallelism: 5, cursor_field: id, worker_template: work, failure_strategy: isolate}
                  - {name: sum, type: deferred_convergence, handler: {callable: transform}, dependencies: [work]}
                """)
        .containsExactly(
            "orders.yaml: /steps/4/dependencies/0 (line 13): is 'work', which is created later"
                + " than this step: Tasker would not wait for it");
  }

  @Test
  void unsupportedYamlFeaturesAreRejected() {
    problems("orders.yaml", "\0\1\2").hasSize(1);
    problems("orders.yaml", "name: !!binary aGk=").hasSize(1);
    problems("orders.yaml", "[".repeat(100_000)).hasSize(1);
    problems("orders.json", "[".repeat(100_000)).hasSize(1);
    problems("orders.yaml", HEAD + "steps: [{name: .nan}]")
        .contains("orders.yaml: /steps/0/name (line 4): is no number that JSON has");
    problems("orders.json", "{\"version\":1.0e88888888888}")
        .contains("orders.json: /version (line 1): is a number with too large an exponent");
  }

  private static ListAssert<String> problems(String file, String content) {
    return assertThatThrownBy(() -> TemplateReader.readFile(file, bytes(content)))
        .isInstanceOf(TemplateException.class)
        .extracting(e -> ((TemplateException) e).problems())
        .asInstanceOf(list(String.class));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
