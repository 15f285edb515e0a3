package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;
import org.wasmbroker.testing.RecordedCases;
import tools.jackson.databind.json.JsonMapper;

/**
 * The template: {@code start}, then the decision {@code route}, which may create {@code ship} and
 * {@code refund}; behind {@code ship} is another decision {@code insure} with {@code cover}. {@code
 * split} makes batches for {@code work}; {@code bare} is a worker that Tasker cannot use.
 */
class ResultRulesTest {
  private static final TaskTemplate TEMPLATE =
      TemplateReader.readStored(
          Document.of(
              """
              {"name":"orders","namespace_name":"shop","version":"1","steps":[
                {"name":"start","handler":{"callable":"transform"}},
                {"name":"route","type":"decision","dependencies":["start"],"handler":{"callable":"transform"}},
                {"name":"ship","dependencies":["route"],"handler":{"callable":"transform"},
                 "result_schema":{"type":"object","required":["parcel"],
                   "properties":{"parcel":{"$ref":"#/$defs/parcel"}},
                   "$defs":{"parcel":{"type":"integer","minimum":1}}}},
                {"name":"refund","dependencies":["route"],"handler":{"callable":"transform"},"result_schema":{"type":17}},
                {"name":"insure","type":"decision","dependencies":["ship"],"handler":{"callable":"transform"}},
                {"name":"cover","dependencies":["insure"],"handler":{"callable":"transform"}},
                {"name":"split","type":"batchable","dependencies":["start"],"handler":{"callable":"transform",
                  "initialization":{"worker_template_name":"work"}}},
                {"name":"work","type":"batch_worker","dependencies":["route"],"handler":{"callable":"transform"},
                 "batch_config":{"batch_size":10,"parallelism":2,"cursor_field":"id","worker_template":"work","failure_strategy":"isolate"}},
                {"name":"work_again","type":"decision","dependencies":["start"],"handler":{"callable":"transform"}},
                {"name":"bare","type":"batch_worker","dependencies":["split2"],"handler":{"callable":"transform"}},
                {"name":"split2","type":"batchable","dependencies":["start"],"handler":{"callable":"transform"}},
                {"name":"sum","type":"deferred_convergence","dependencies":["work"],"handler":{"callable":"transform"}}]}
              """));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"decision_point_outcome\":{\"type\":\"no_branches\",\"more\":1},\"data\":[1]}",
        "{\"decision_point_outcome\":{\"type\":\"create_steps\",\"step_names\":[\"ship\",\"refund\"]}}",
        "{\"decision_point_outcome\":{\"type\":\"create_steps\",\"step_names\":[\"sum\"]}}",
      })
  void aDecisionMayCreateItsDependents(String result) {
    assertThat(problem("route", result)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "7 |  | must be an object, since the step is a decision",
        "{} |  | must be an object, since the step is a decision",
        "{\"o\":\"create_steps\"} |  | must be an object, since the step is a decision",
        "{\"o\":{}} | /type | must be \"no_branches\" or \"create_steps\"",
        "{\"o\":{\"outcome_type\":\"no_branches\"}} | /type | must be \"no_branches\" or \"create_steps\"",
        "{\"o\":{\"type\":\"NoBranches\"}} | /type | must be \"no_branches\" or \"create_steps\"",
        "{\"o\":{\"type\":\"create_steps\"}} | /step_names | must be a non-empty array of names; use no_branches if there are none",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[]}} | /step_names | must be a non-empty array of names; use no_branches if there are none",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"ship\",7]}} | /step_names/1 | must be a string",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"ship\",\"ship\"]}} | /step_names/1 | repeats 'ship'",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"start\"]}} | /step_names/0 | names 'start', which this decision cannot create; it can create ship, refund, sum",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"nowhere\"]}} | /step_names/0 | names 'nowhere', which this decision cannot create; it can create ship, refund, sum",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"cover\"]}} | /step_names/0 | names 'cover', which this decision cannot create; it can create ship, refund, sum",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"insure\"]}} | /step_names/0 | names 'insure', which this decision cannot create; it can create ship, refund, sum",
        "{\"o\":{\"type\":\"create_steps\",\"step_names\":[\"work\"]}} | /step_names/0 | names 'work', which this decision cannot create; it can create ship, refund, sum",
      })
  void aDecisionWithAnInvalidOutcomeFails(String result, @Nullable String pointer, String what) {
    var place = "/decision_point_outcome" + (pointer == null ? "" : pointer);
    assertFails(
        problem("route", result.replace("\"o\"", "\"decision_point_outcome\"")),
        "decision_outcome_invalid",
        place,
        what);
  }

  @Test
  void aDecisionMayNotExceedTheNewWorkLimit() {
    var result =
        "{\"decision_point_outcome\":{\"type\":\"create_steps\",\"step_names\":[\"ship\",\"refund\"]}}";

    assertThat(new ResultRules(TEMPLATE, step("route")).problem(Document.of(result), 2)).isNull();
    assertAsksForTooMuch(
        new ResultRules(TEMPLATE, step("route")).problem(Document.of(result), 1), 1, 2);
  }

  @Test
  void batchesWithOneCursorEachAreAccepted() {
    assertThat(problem("split", batches("", "1", "0"))).isNull();
    assertThat(
            problem(
                "split",
                """
                {"batch_processing_outcome":{"type":"create_batches","worker_template_name":"work",
                  "worker_count":2,"total_items":15,"cursor_configs":[
                    {"batch_id":"001","start_cursor":0,"end_cursor":10,"batch_size":10},
                    {"batch_id":"2025-11-01T00:00Z","start_cursor":{"page":1},"end_cursor":null,"batch_size":5}]}}
                """))
        .isNull();
    assertThat(problem("split", "{\"batch_processing_outcome\":{\"type\":\"no_batches\"}}"))
        .isNull();
  }

  @Test
  void whatFanOutAsksForIsAccepted() {
    var json = JsonMapper.shared();
    var results =
        RecordedCases.of("fan_out").stream()
            .filter(one -> one.expected().contains("batch_processing_outcome"))
            .map(one -> one.expected().replace("\"sales_batch\"", "\"work\""))
            .map(answer -> json.readTree(answer).path("result").toString())
            .toList();

    assertThat(results)
        .hasSizeGreaterThan(5)
        .allSatisfy(result -> assertThat(problem("split", result)).isNull());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"batch_id\":\"\" | /batch_id | must be a non-empty string",
        "\"batch_id\":1 | /batch_id | must be a non-empty string",
        "\"batch_id\":\"again\" | /batch_id | makes the worker's name 'work_again', which is another step's",
        "\"batch_id\":\"a\\nb\" | /batch_id | must not contain control characters",
        "\"batch_size\":0 | /batch_size | must be an integer, 1 to 4294967295",
        "\"batch_size\":1.0 | /batch_size | must be an integer, 1 to 4294967295",
        "\"batch_size\":4294967296 | /batch_size | must be an integer, 1 to 4294967295",
        "\"batch_size\":99999999999999999999 | /batch_size | must be an integer, 1 to 4294967295",
      })
  void anInvalidCursorFailsTheStep(String member, String pointer, String what) {
    assertFails(
        problem("split", batches("," + member, "1", "0")),
        "batch_outcome_invalid",
        "/batch_processing_outcome/cursor_configs/0" + pointer,
        what);
  }

  @Test
  void aBatchWorkerNameMustFitItsColumn() {
    assertThat(problem("split", batches(",\"batch_id\":\"" + "x".repeat(123) + "\"", "1", "0")))
        .isNull();
    assertFails(
        problem("split", batches(",\"batch_id\":\"" + "x".repeat(124) + "\"", "1", "0")),
        "batch_outcome_invalid",
        "/batch_processing_outcome/cursor_configs/0/batch_id",
        "must not make the worker's name, 'work_' and the batch_id, longer than 128 characters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} |  | must be an object, since the step is batchable",
        "{\"o\":{\"type\":\"create\"}} | /type | must be \"no_batches\" or \"create_batches\"",
        "{\"o\":{\"type\":\"create_batches\"}} | /worker_template_name | must be a string",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"ship\"}} | /worker_template_name | names 'ship', which is not a batch_worker step of this template",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"bare\"}} | /worker_template_name | names 'bare', which has no batch_config",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"work\"}} | /cursor_configs | must be a non-empty array of cursors; use no_batches if there are none",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"work\",\"cursor_configs\":[]}} | /cursor_configs | must be a non-empty array of cursors; use no_batches if there are none",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"work\",\"worker_count\":1,\"total_items\":1,\"cursor_configs\":[{\"batch_id\":\"1\",\"batch_size\":1,\"end_cursor\":1}]}} | /cursor_configs/0/start_cursor | is missing",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"work\",\"worker_count\":1,\"total_items\":1,\"cursor_configs\":[{\"batch_id\":\"1\",\"batch_size\":1,\"start_cursor\":1}]}} | /cursor_configs/0/end_cursor | is missing",
        "{\"o\":{\"type\":\"create_batches\",\"worker_template_name\":\"work\",\"worker_count\":2,\"total_items\":1,\"cursor_configs\":[{\"batch_id\":\"1\",\"batch_size\":1,\"start_cursor\":1,\"end_cursor\":2},{\"batch_id\":\"1\",\"batch_size\":1,\"start_cursor\":1,\"end_cursor\":2}]}} | /cursor_configs/1/batch_id | repeats '1'",
      })
  void aBatchableStepWithAnInvalidOutcomeFails(
      String result, @Nullable String pointer, String what) {
    var place = "/batch_processing_outcome" + (pointer == null ? "" : pointer);
    assertFails(
        problem("split", result.replace("\"o\"", "\"batch_processing_outcome\"")),
        "batch_outcome_invalid",
        place,
        what);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "2", "1.0", "\"1\"", "null"})
  void theWorkerCountMustMatchTheNumberOfCursors(String count) {
    assertFails(
        problem("split", batches("", count, "0")),
        "batch_outcome_invalid",
        "/batch_processing_outcome/worker_count",
        "must be the number of cursors, 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "\"1\"", "null"})
  void totalItemsMustBeAWholeNumber(String total) {
    assertFails(
        problem("split", batches("", "1", total)),
        "batch_outcome_invalid",
        "/batch_processing_outcome/total_items",
        "must be an integer of at least 0");
  }

  @Test
  void aBatchableStepMayNotExceedTheNewWorkLimit() {
    assertAsksForTooMuch(
        new ResultRules(TEMPLATE, step("split")).problem(Document.of(batches("", "1", "0")), 0),
        0,
        1);
  }

  @Test
  void noBatchesStillRequiresAWorker() {
    assertFails(
        problem("split2", "{\"batch_processing_outcome\":{\"type\":\"no_batches\"}}"),
        "batch_outcome_invalid",
        "/batch_processing_outcome/type",
        "cannot be \"no_batches\": the step's handler.initialization has no worker_template_name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "sum"})
  void outcomeMembersInOtherStepTypesArePlainData(String step) {
    assertThat(
            problem(
                step,
                """
                {"decision_point_outcome":{"type":"create_steps","step_names":["ship"]},
                 "batch_processing_outcome":7}
                """))
        .isNull();
  }

  @Test
  void aBatchWorkerShadowingADecisionMayNotHaveAnOutcome() {
    assertFails(
        problem("work", "{\"decision_point_outcome\":{\"type\":\"no_branches\"}}"),
        "outcome_not_allowed",
        "/decision_point_outcome",
        "is not for a batch worker, whose result is data");
    assertThat(problem("work", "{\"batch_processing_outcome\":{\"type\":\"no_batches\"}}"))
        .isNull();
    assertThat(problem("bare", "{\"decision_point_outcome\":{\"type\":\"no_branches\"}}")).isNull();
  }

  @Test
  void aResultThatViolatesItsSchemaFails() {
    assertThat(problem("ship", "{\"parcel\":1}")).isNull();
    assertThat(problem("ship", "{\"parcel\":0}"))
        .isEqualTo(
            StepError.permanent(
                "result_schema_violation",
                "the result does not satisfy the template's result_schema:"
                    + " /parcel: it is less than 1 (minimum)"));
    assertThat(problem("ship", "[]"))
        .extracting(StepError::message)
        .asString()
        .endsWith("the whole: expected \"object\", found array (type)");
  }

  @Test
  void anUnusableSchemaFailsNothing() {
    assertThat(Objects.requireNonNull(step("refund").resultSchema()).compileError()).isNotNull();
    assertThat(problem("refund", "{\"anything\":1}")).isNull();
  }

  /** Such a result would break the parser if it were parsed. */
  @Test
  void aResultWithoutRulesIsNotParsed() {
    assertThat(problem("start", "no JSON")).isNull();
    assertThat(problem("refund", "no JSON")).isNull();
    assertThat(problem("bare", "no JSON")).isNull();
  }

  private static String batches(String member, String count, String total) {
    return """
        {"batch_processing_outcome":{"type":"create_batches","worker_template_name":"work",
          "worker_count":%s,"total_items":%s,
          "cursor_configs":[{"batch_id":"001","start_cursor":0,"end_cursor":10,"batch_size":10%s}]}}
        """
        .formatted(count, total, member);
  }

  private static StepDefinition step(String name) {
    return Objects.requireNonNull(TEMPLATE.step(name));
  }

  private static @Nullable StepError problem(String step, String result) {
    return new ResultRules(TEMPLATE, step(step)).problem(Document.of(result), 100);
  }

  private static void assertAsksForTooMuch(@Nullable StepError problem, int allowed, int used) {
    var error = Objects.requireNonNull(problem);
    assertThat(error.type()).isEqualTo("limit_exceeded");
    assertThat(error.code()).isEqualTo("new_work");
    assertThat(Objects.requireNonNull(error.context()).document().text())
        .contains("\"allowed\":" + allowed, "\"used\":" + used);
  }

  private static void assertFails(
      @Nullable StepError problem, String type, String pointer, String what) {
    var error = Objects.requireNonNull(problem);
    assertThat(error.type()).isEqualTo(type);
    assertThat(error.message()).isEqualTo("the result's " + pointer + " " + what);
    assertThat(error.retryable()).isFalse();
    assertThat(Objects.requireNonNull(error.context()).document().text())
        .isEqualTo("{\"pointer\":\"" + pointer + "\"}");
  }
}
