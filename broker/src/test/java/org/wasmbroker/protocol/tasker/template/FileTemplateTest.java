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
import org.wasmbroker.document.Problem;
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
        .startsWith("orders.json:2:3: is not valid JSON: ");
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of("", List.of("orders.yaml: is empty")),
        Arguments.of("- a", List.of("orders.yaml:1:1: must be an object, was an array")),
        Arguments.of(
            "a: [1\nb: 2",
            List.of(
                "orders.yaml:2:2: is not valid YAML: while parsing a flow sequence, expected ',' or"
                    + " ']', but got :")),
        Arguments.of(HEAD + "---\na: 1", List.of("orders.yaml: is followed by a second document")),
        Arguments.of("name: a\nname: b", List.of("orders.yaml:2:1: /name: appears twice")),
        Arguments.of(
            "name: &n a\nversion: *n",
            List.of(
                "orders.yaml:2:1: /version: is an alias (*), which is not supported; write"
                    + " the value out")),
        Arguments.of(HEAD, List.of("orders.yaml:1:1: /steps: must have at least one step")),
        Arguments.of(
            "name: 'a '\nnamespace_name: Shop\nversion: 1.0\nlifecycles: 1",
            List.of(
                "orders.yaml:1:1: /name: must not start or end with blanks, nor contain control characters",
                "orders.yaml:2:1: /namespace_name: must be 1 to 29 of a-z, 0-9 and '_', not starting with a digit, was 'Shop'",
                "orders.yaml:3:1: /version: must be a string, was 1.0: put it in quotes",
                "orders.yaml:4:1: /lifecycles: is unknown; did you mean 'lifecycle'? (available: name,"
                    + " namespace_name, version, description, metadata, system_dependencies,"
                    + " domain_events, input_schema, steps, environments, lifecycle)")),
        steps(
            """
              - name: price
                type: desision
                handler: {callable: transform, initialization: []}
                timeout_seconds: 0
                retry: {max_attempts: 101, retryable: maybe}
            """,
            "7:36: /steps/0/handler/initialization: must be an object, was an array",
            "6:5: /steps/0/type: must be one of standard, decision, deferred_convergence,"
                + " batchable, batch_worker, was 'desision'; did you mean 'decision'?",
            "9:32: /steps/0/retry/retryable: must be true or false, was 'maybe'",
            "9:13: /steps/0/retry/max_attempts: must be 1 to 100, was 101",
            "8:5: /steps/0/timeout_seconds: must be 1 to 4294967295, was 0"),
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
            "7:5: /steps/0/depends_on: means the same as dependencies: keep one",
            "11:10: /steps/0/publishes_events/0/name: must consist of two or more words of a-z, 0-9 and '_' separated by dots, such as order.paid, was 'Paid'",
            "11:42: /steps/0/publishes_events/0/schema: is not a usable JSON Schema:"
                + " /$ref: 'https://example.org/paid' points outside this schema; only references"
                + " within it are followed",
            "11:86: /steps/0/publishes_events/0/publisher: must be a name such as"
                + " module.Publisher, was 'a b'",
            "9:5: /steps/0/result_schema: is not a usable JSON Schema: /type:"
                + " expected types out of null, boolean, object, array, number, string, integer"),
        steps(
            """
              - {name: weigh, handler: {callable: Orders::Weigh}}
              - {name: weigh, handler: {callable: transform, method: other}}
              - {name: price, handler: {callable: transform}, dependencies: [wiegh, weigh, weigh]}
            """,
            "6:6: /steps/1/name: is 'weigh', another step's",
            "5:19: /steps/0/handler: is not supported by this worker: the callable 'Orders::Weigh'"
                + " is not a handler of this worker (such as transform, wasm:transform or"
                + " wasm:transform@1.2): a handler's name has 1 to 64 of a-z, 0-9, '_' and '-',"
                + " was 'Orders::Weigh'",
            "6:19: /steps/1/handler: is not supported by this worker: the handler's method must be"
                + " absent or 'call', was 'other'",
            "7:66: /steps/2/dependencies/0: is 'wiegh', which is not a step; did you mean"
                + " 'weigh'?",
            "7:80: /steps/2/dependencies/2: repeats 'weigh'"),
        steps(
            """
              - {name: a, handler: {callable: transform}}
              - {name: b, handler: {callable: transform}, dependencies: [a, d]}
              - {name: c, handler: {callable: transform}, dependencies: [b]}
              - {name: d, handler: {callable: transform}, dependencies: [c]}
            """,
            "4:1: /steps: must not have a dependency cycle: b > c > d > b"),
        steps(
            """
              - {name: a, handler: {callable: transform}, dependencies: [a]}
            """,
            "4:1: /steps: must not have a dependency cycle: a > a"),
        steps(
            """
              - {name: route, type: decision, handler: {callable: transform}}
            """,
            "5:5: /steps/0/dependencies: of a decision must name a step (required by Tasker)"),
        steps(
            """
              - {name: a, handler: {callable: transform}}
              - {name: join, type: deferred_convergence, handler: {callable: transform}, dependencies: [a]}
              - {name: after, handler: {callable: transform}, dependencies: [join]}
            """,
            "6:5: /steps/1: is never created: a deferred_convergence step has to depend on a"
                + " batch worker, or on what a decision creates",
            "7:66: /steps/2/dependencies/0: is 'join', which is created later than this step:"
                + " Tasker would not wait for it"),
        steps(
            """
              - {name: split, type: batchable, handler: {callable: transform}}
            """,
            "5:5: /steps/0: is batchable, but the template has no step of type batch_worker"),
        steps(
            """
              - {name: split, type: batchable, handler: {callable: transform, initialization: {worker_template_name: word}}}
              - {name: work, type: batch_worker, handler: {callable: transform}, dependencies: [split]}
              - {name: sum, handler: {callable: transform}, dependencies: [work]}
            """,
            "5:84: /steps/0/handler/initialization/worker_template_name: is unusable: the"
                + " worker_template_name of the step's handler.initialization names 'word', which is not a batch_worker step of this template",
            "6:5: /steps/1/batch_config: is missing; Tasker takes it from the batch worker, not"
                + " from the batchable step",
            "7:64: /steps/2/dependencies/0: is 'work', which is created later than this step:"
                + " Tasker would not wait for it; make this step deferred_convergence"),
        steps(
            """
              - name: work
                type: batch_worker
                handler: {callable: transform}
                batch_config: {batch_size: 0, parallelism: 5000, cursor_field: id, failure_strategy: stop}
            """,
            "8:20: /steps/0/batch_config/batch_size: must be 1 to 100000, was 0",
            "8:35: /steps/0/batch_config/parallelism: must be 1 to 1000, was 5000",
            "8:5: /steps/0/batch_config/worker_template: is missing",
            "8:72: /steps/0/batch_config/failure_strategy: must be one of continue_on_failure,"
                + " fail_fast, isolate, was 'stop'"),
        steps(
            """
              - name: work
                type: batch_worker
                handler: {callable: transform}
                batch_config: {batch_size: 1, parallelism: 5, cursor_field: id, worker_template: other, failure_strategy: isolate}
            """,
            "5:5: /steps/0: is never created, since the template has no batchable step",
            "8:69: /steps/0/batch_config/worker_template: is 'other', which is not a step of type batch_worker"));
  }

  private static Arguments steps(String steps, String... problems) {
    return Arguments.of(
        HEAD + "steps:\n" + steps,
        Stream.of(problems).map(problem -> "orders.yaml:" + problem).toList());
  }

  @ParameterizedTest
  @MethodSource("broken")
  void everyProblemIsReportedWithItsLocation(String file, List<String> problems) {
    problems("orders.yaml", file).containsExactlyInAnyOrderElementsOf(problems);
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
            "orders.yaml:13:92: /steps/4/dependencies/0: is 'work', which is created later"
                + " than this step: Tasker would not wait for it");
  }

  @Test
  void unsupportedYamlFeaturesAreRejected() {
    problems("orders.yaml", "\0\1\2").hasSize(1);
    problems("orders.yaml", "name: !!binary aGk=").hasSize(1);
    problems("orders.yaml", "[".repeat(100_000)).hasSize(1);
    problems("orders.json", "[".repeat(100_000)).hasSize(1);
    problems("orders.yaml", HEAD + "steps: [{name: .nan}]")
        .contains("orders.yaml:4:10: /steps/0/name: is not a number that JSON has");
    problems("orders.json", "{\"version\":1.0e88888888888}")
        .contains(
            "orders.json:1:2: /version: is a number with too many digits or too large an exponent");
  }

  private static ListAssert<String> problems(String file, String content) {
    return assertThatThrownBy(() -> TemplateReader.readFile(file, bytes(content)))
        .isInstanceOf(TemplateException.class)
        .extracting(
            e -> ((TemplateException) e).problems().stream().map(Problem::toString).toList())
        .asInstanceOf(list(String.class));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
