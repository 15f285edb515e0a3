package org.wasmbroker.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.plan.catalog.Entries;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;

/** The checks that need no sandbox; PlanCheckCommandTest has those that do. */
class PlanCheckTest {
  private static final String FAN =
      """
      "config_schema":{"type":"object","required":["worker"],"properties":{
        "worker":{"type":"string","x-means":"worker_step"},
        "most":{"type":"integer","default":200,"x-means":"new_work"},
        "sources":{"type":"array","items":{"type":"string","x-means":"upstream_step"}},
        "routing":{"type":"object","additionalProperties":{"anyOf":[
          {"type":"string","x-means":"created_step"},
          {"type":"array","x-means":"created_step"}]}}}}
      """;

  private static final String POLICY =
      """
      defaults: {new-work: 100}
      secrets:
        SHOP_TOKEN: ["https://api.example.com"]
        OTHER: ["https://other.example"]
      handlers:
        - handler: http_request
          http: ["GET,POST https://api.example.com/v1"]
          secrets: [SHOP_TOKEN, OTHER]
        - handler: fan_out
          new-steps: [transform, http_request, fan_out]
      """;

  private final List<String> tried = new ArrayList<>();
  private StepError answer = StepError.permanent("not_allowed", "nothing is granted");

  private Handlers handlers(Policy policy) {
    var entries = new ArrayList<HandlerEntry>();
    Entries.bundled().forEach(entry -> entries.add(Entries.of(entry.manifest(), policy)));
    entries.add(Entries.of(Entries.manifest("fan", FAN), policy));
    return new Handlers() {
      @Override
      public Optional<HandlerEntry> find(HandlerRef reference) {
        return entries.stream()
            .filter(entry -> entry.manifest().name().equals(reference.name()))
            .filter(_ -> reference.selector() == null || reference.selector().startsWith("1"))
            .findFirst();
      }

      @Override
      public List<String> names() {
        return entries.stream().map(entry -> entry.manifest().name()).toList();
      }

      @Override
      public List<String> versions(String name) {
        return names().contains(name) ? List.of("1.0.0") : List.of();
      }
    };
  }

  private Outcome trial(HandlerRef handler, Document document) {
    tried.add(document.text());
    var step =
        StepInvoker.step(
            new StepIds(new StepId(new UUID(0, 1)), null, null),
            "x",
            handler,
            new Attempt(1, 1),
            Duration.ofSeconds(1),
            document);
    return new Outcome.Failed(step, answer, false, Instant.EPOCH, Receipt.none(Duration.ZERO));
  }

  private PlanReport check(String yaml) {
    return check("plan.yaml", yaml);
  }

  /** A plan of these steps. */
  private PlanReport checkSteps(String list) {
    return check("plan: 1\nsteps:\n" + list);
  }

  /** Of a line: it has these texts. */
  private static Consumer<String> has(String... texts) {
    return line -> assertThat(line).contains(texts);
  }

  private PlanReport check(String name, String text) {
    var policy =
        switch (Policy.read(POLICY.getBytes(StandardCharsets.UTF_8), Limits.DEFAULTS)) {
          case PolicyReadResult.Valid(var valid) -> valid;
          case PolicyReadResult.Invalid(var problems) ->
              throw new AssertionError(problems.toString());
        };
    return new PlanCheck(handlers(policy), this::trial)
        .check(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static final String VALID =
      """
      plan: 1
      name: orders
      steps:
        - name: load
          handler: http_request
          config:
            url: https://api.example.com/v1/orders/${context.id}
            headers: {authorization: "Bearer ${secrets.SHOP_TOKEN}"}
        - name: sum
          handler: transform@1
          dependencies: [load]
          config:
            filter: .deps.load.response_body | add
      """;

  @Test
  void aValidPlanHasNoFindings() {
    var report = check(VALID);

    assertThat(report.lines()).isEmpty();
    assertThat(report.kind()).isEqualTo("plan");
    assertThat(report.steps()).isEqualTo(2);
    assertThat(report.document()).containsEntry("valid", true);
  }

  @Test
  void jsonIsReadAsWell() {
    var json =
        """
        {"plan": 1, "steps": [{"name": "a", "handler": "noop"}]}
        """;

    assertThat(check("plan.json", json).lines()).isEmpty();
    assertThat(check("plan.json", "{\"plan\": 1,").lines())
        .singleElement()
        .satisfies(has("plan.json:1:", "is not valid JSON"));
  }

  @Test
  void everyMistakeOfTheFormatIsToldWithItsPlace() {
    var report =
        check(
            """
            plan: 2
            nmae: x
            steps:
              - name: a
                handler: transform
                confg: {filter: .}
              - handler: noop
                dependencies: a
            """);

    assertThat(report.lines())
        .anySatisfy(has("plan.yaml:1:1: error: /plan: must be 1, was 2"))
        .anySatisfy(has("/nmae: is unknown; did you mean 'name'?"))
        .anySatisfy(has("plan.yaml:6:5: error: /steps/0/confg"))
        .anySatisfy(has("/steps/1/name: is missing"))
        .anySatisfy(has("/steps/1/dependencies: must be an array"));
  }

  @Test
  void aFileThatIsNoWorkflowIsTold() {
    assertThat(check("").lines()).singleElement().satisfies(has("is empty"));
    assertThat(check("[1]").lines()).singleElement().satisfies(has("must be an object"));
    assertThat(check("a: 1").lines()).anySatisfy(has("/plan: is missing"));
  }

  @Test
  void aMisspeltHandlerOrVersionIsTold() {
    var report =
        checkSteps(
            """
            - {name: a, handler: transfrom}
            - {name: b, handler: noop@9}
            """);

    assertThat(report.lines())
        .anySatisfy(has("plan.yaml:3:", "/steps/0/handler", "did you mean 'transform'?"))
        .anySatisfy(has("'noop@9'", "there is 1.0.0"));
  }

  @Test
  void duplicatesUnknownStepsAndWhatNeverStartsAreTold() {
    var report =
        checkSteps(
            """
            - {name: a, handler: noop}
            - {name: a, handler: noop}
            - {name: b, handler: noop, dependencies: [lod]}
            - {name: lead, handler: noop, dependencies: [b]}
            """);

    assertThat(report.lines())
        .anySatisfy(has("/steps/1/name: is 'a', the name of another"))
        .anySatisfy(has("/steps/2/dependencies/0: is 'lod'"))
        .anySatisfy(has("/steps/3: never starts"));
    assertThat(report.errors()).isEqualTo(3);
  }

  @Test
  void aCycleIsToldWithItsSteps() {
    var report =
        checkSteps(
            """
            - {name: a, handler: noop, dependencies: [c]}
            - {name: b, handler: noop, dependencies: [a]}
            - {name: c, handler: noop, dependencies: [b]}
            - {name: d, handler: noop, dependencies: [d]}
            """);

    assertThat(report.lines()).anySatisfy(has("is part of a cycle: a > b > c > a"));
  }

  @Test
  void referencesToStepsThatDoNotComeBeforeAreTold() {
    var report =
        checkSteps(
            """
            - {name: load, handler: noop}
            - name: send
              handler: http_request
              config:
                url: https://api.example.com/v1/${deps.load.id}
                body: {a: ["x ${steps.lode.result.id}"], b: "${context."}
            - name: late
              handler: transform
              dependencies: [load]
              config:
                filter: '.deps.send.a, .deps.load.b, .deps["gone"]'
            """);

    assertThat(report.lines())
        .anySatisfy(
            has(
                "error: /steps/1/config/url: ${deps.load.id} (character 28) refers to step"
                    + " 'load', which does not come before this one",
                "add 'load' to the dependencies"))
        .anySatisfy(has("/steps/1/config/body/a/0: ${steps.lode", "does not exist"))
        .anySatisfy(has("/steps/1/config/body/b: ${context. (character 1): starts with"))
        .anySatisfy(has("warning: /steps/2/config/filter: .deps.send (character 1)"))
        .anySatisfy(has(".deps[\"gone\"]", "does not exist"))
        .noneSatisfy(has(".deps.load (character"));
  }

  @Test
  void destinationsAndSecretsAreComparedWithThePolicy() {
    var report =
        checkSteps(
            """
            - {name: a, handler: http_request, config: {url: "https://evil.example/${context.a}"}}
            - {name: b, handler: http_request, config: {url: "https://api.example.com/v2/x"}}
            - {name: c, handler: http_request, config: {url: "https://api.example.com/v1/x", method: DELETE}}
            - {name: d, handler: http_request, config: {url: "${context.callback}"}}
            - {name: e, handler: http_request, config: {url: "https://api.example.com/${context.a}/x"}}
            - name: f
              handler: http_request
              config:
                url: https://api.example.com/v1/x
                headers: {a: "${secrets.SHOP_TOKE}", b: "${secrets.OTHER}"}
            - {name: g, handler: http_request, config: {url: "api.example.com/v1"}}
            """);

    assertThat(report.lines())
        .anySatisfy(has("error: /steps/0/config/url: would fail with not_allowed"))
        .anySatisfy(has("error: /steps/1/config/url: would fail with not_allowed"))
        .anySatisfy(has("error: /steps/2/config/url: would fail with not_allowed"))
        .anySatisfy(has("warning: /steps/3/config/url: is decided by the data"))
        .anySatisfy(has("warning: /steps/4/config/url: may be refused"))
        .anySatisfy(
            has(
                "/steps/5/config/headers/a: needs the secret SHOP_TOKE",
                "did you mean 'SHOP_TOKEN'?"))
        .anySatisfy(has("/steps/5/config/headers/b: would send the secret OTHER"))
        .anySatisfy(has("/steps/6/config/url: is no URL"));
  }

  @Test
  void configurationsAreComparedWithTheirSchemas() {
    var report =
        checkSteps(
            """
            - {name: a, handler: transform, config: {filtre: .}}
            - name: b
              handler: http_request
              config: {url: "https://api.example.com/v1/x", expected_status: [999]}
            """);

    assertThat(report.lines())
        .anySatisfy(has("error: /steps/0/config: ", "filter", "(required)"))
        .anySatisfy(
            has(
                "warning: /steps/0/config/filtre: is unknown to transform and ignored; did you mean 'filter'?"))
        .anySatisfy(has("error: /steps/1/config/expected_status"));
  }

  @Test
  void newWorkIsComparedWithThePolicy() {
    var report =
        checkSteps(
            """
            - {name: a, handler: fan, config: {worker: w, most: 101}}
            - {name: b, handler: fan, config: {worker: w}}
            - {name: c, handler: fan, config: {worker: w, most: 100}}
            - {name: w, handler: noop, dependencies: [a, b, c]}
            """);

    assertThat(report.lines())
        .hasSize(2)
        .anySatisfy(has("error: /steps/0/config/most: allows 101 new steps", "the policy 100"))
        .anySatisfy(has("warning: /steps/1/config/most: allows 200 new steps or parts by default"));
  }

  @Test
  void messagesOfNewStepsAreCheckedLikeSteps() {
    var fan =
        "{name: %s, handler: fan_out, config: {data: .context, strategy: per_item, messages: %s}}";
    var report =
        checkSteps(
            String.join(
                "\n",
                "- " + fan.formatted("a", "{handler: transfrom}"),
                "- " + fan.formatted("b", "{handler: transform, version: '2'}"),
                "- " + fan.formatted("c", "{handler: validate, config: {schema: {}}}"),
                "- " + fan.formatted("d", "{handler: transform, config: {filter: 1}}"),
                "- "
                    + fan.formatted(
                        "e",
                        "{handler: http_request, config: {url: 'https://elsewhere.example/'}}"),
                "- "
                    + fan.formatted(
                        "f", "{handler: transform, input: .deps.gone, config: {filter: .}}"),
                "- "
                    + fan.formatted(
                        "g",
                        "{handler: fan_out, config: {data: ., strategy: per_item, messages: {handler: zzz}}}"),
                ""));

    assertThat(report.lines())
        .hasSize(7)
        .anySatisfy(has("error: /steps/0/config/messages/handler: is 'transfrom'", "transform"))
        .anySatisfy(
            has("error: /steps/1/config/messages/handler: is 'transform@2'", "no such version"))
        .anySatisfy(has("error: /steps/2/config/messages/handler: is 'validate'", "no new steps"))
        .anySatisfy(has("error: /steps/3/config/messages/config/filter"))
        .anySatisfy(has("error: /steps/4/config/messages/config/url"))
        .anySatisfy(has("warning: /steps/5/config/messages/input: .deps.gone"))
        .anySatisfy(has("error: /steps/6/config/messages/config/messages/handler: is 'zzz'"));
  }

  @Test
  void stepsThatAConfigurationNamesAreLookedFor() {
    var report =
        checkSteps(
            """
            - {name: a, handler: noop}
            - name: b
              handler: fan
              dependencies: [a]
              config:
                worker: wroker
                most: 1
                sources: [a, "a*", "x_*", worker]
                routing: {small: c, large: [d, gone]}
            - {name: worker, handler: noop, created_by: b}
            - {name: c, handler: noop, created_by: b}
            - {name: d, handler: noop, dependencies: [a]}
            """);

    assertThat(report.lines())
        .anySatisfy(
            has(
                "warning: /steps/1/config/worker: is 'wroker', which is no step; did you mean 'worker'?"))
        .anySatisfy(has("warning: /steps/1/config/sources/2: matches none"))
        .anySatisfy(
            has("error: /steps/1/config/sources/3: is step 'worker', which does not come before"))
        .anySatisfy(
            has(
                "error: /steps/1/config/routing/large/0: is 'd', which does not depend on this step"))
        .anySatisfy(has("error: /steps/1/config/routing/large/1: is 'gone', which is no step"))
        .anySatisfy(
            has("warning: /steps/2/created_by: is 'b', whose configuration never names this step"));
  }

  @Test
  void theBoundsAndTheWorkersOfFanOutAndTheSourcesOfAggregateAreChecked() {
    var report =
        check(
            """
            plan: 1
            steps:
              - name: split
                handler: fan_out
                config: {data: .context.rows, strategy: per_item, max_partitions: 500, worker_template_name: work}
              - name: work
                handler: transform
                created_by: split
                config: {filter: .context}
              - name: other
                handler: transform
                created_by: split
                config: {filter: .context}
              - name: total
                handler: aggregate
                dependencies: [work]
                config: {batch_workers: wrok, sources: [other, "x_*"], reduction: sum}
            """);

    assertThat(report.lines())
        .hasSize(5)
        .anySatisfy(
            has(
                "error: /steps/0/config/max_partitions: allows 500 new steps or parts, the policy"
                    + " 100 (new-work)"))
        .anySatisfy(
            has(
                "warning: /steps/2/created_by: is 'split', whose configuration never names this"
                    + " step; to do: it names: work"))
        .anySatisfy(
            has(
                "error: /steps/3/config/batch_workers: is step 'wrok', which does not exist; did"
                    + " you mean 'work'?"))
        .anySatisfy(
            has("error: /steps/3/config/sources/0: is step 'other', which does not come before"))
        .anySatisfy(has("warning: /steps/3/config/sources/1: matches none"));
  }

  @Test
  void whatAHandlerSaysOfItsConfigurationIsToldWithItsPlace() {
    answer =
        new StepError(
            "filter_syntax_error",
            "/config/filter: line 1, column 3: unexpected end",
            false,
            null,
            null,
            List.of(),
            new ErrorContext.Json(
                Document.of("{\"pointer\":\"/config/filter\",\"line\":1,\"column\":3}")));

    var report =
        check(
            "plan: 1\nsteps:\n  - name: a\n    handler: transform\n    config:\n      filter: '. |'\n");

    assertThat(report.lines())
        .containsExactly(
            "plan.yaml:6:7: error: /steps/0/config/filter: line 1, column 3: unexpected end");
  }

  @Test
  void whatAHandlerSaysOfMissingDataIsNoMistake() {
    answer = StepError.permanent("filter_runtime_error", "null has no keys");

    assertThat(check(VALID).lines()).isEmpty();
  }

  @Test
  void aHandlerThatCannotBeAskedIsAWarning() {
    answer = StepError.limitExceeded("time", "ms", 2000, 2001, true, "too long");

    assertThat(check(VALID).lines())
        .hasSize(2)
        .allSatisfy(has("warning:", "could not be tried", "limit_exceeded"));
  }

  @Test
  void aTrialHasATextForEachReference() {
    var plan = VALID.replace("${context.id}", "${context.order.ids[1]}");

    assertThat(check(plan).lines()).isEmpty();
    assertThat(tried.getFirst())
        .contains("\"ids\":[\"https://reference.invalid/\",\"https://reference.invalid/\"]");
  }

  @Test
  void taskTemplatesAreCheckedAsWell() {
    var report =
        check(
            """
            name: orders
            namespace_name: shop
            version: 1.0.0
            steps:
              - name: split
                type: batchable
                handler: {callable: "wasm:transform@1", initialization: {filter: "."}}
              - name: part
                type: batch_worker
                dependencies: [split]
                handler: {callable: transform, initialization: {filter: ".deps.split"}}
                batch_config: {batch_size: 1, parallelism: 1, cursor_field: a, worker_template: part, failure_strategy: fail_fast}
              - name: total
                type: deferred_convergence
                dependencies: [part]
                handler: {callable: transfrom, initialization: {filter: ".deps.part_001, .deps.prat_001"}}
            """);

    assertThat(report.kind()).isEqualTo("task_template");
    assertThat(report.lines())
        .singleElement()
        .satisfies(has("/steps/2/handler/callable: is 'transfrom', which is not installed"));
  }

  @Test
  void whatIsWrongWithATemplateIsToldBesideTheRest() {
    var report =
        check(
            """
            name: orders
            namespace_name: shop
            version: 1.0.0
            steps:
              - name: a
                dependencies: [b]
                handler: {callable: transform, initialization: {filter: ".deps.gone"}}
            """);

    assertThat(report.lines())
        .anySatisfy(has("/steps/0/dependencies/0: is 'b', which is not a step"))
        .anySatisfy(has("/steps/0/handler/initialization/filter: .deps.gone"));
  }
}
