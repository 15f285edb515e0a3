package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.testing.RecordedCases;
import tools.jackson.databind.json.JsonMapper;

class NewStepMessagesTest {
  private static final UUID PARENT = UUID.fromString("0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b");
  private static final UUID TASK = UUID.fromString("0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6c");
  private static final StepMessageSchema SCHEMA = new StepMessageSchema();
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final NewWork TRANSFORMS = new NewWork(100, true, "transform"::equals);

  @Test
  void aMessageIsWhatTheResultHasByteForByteWithTheIdsOfTheBroker() {
    var result =
        result("{\"name\":\"w_001\",\"handler\":\"transform\",\"input\":{\"ü\": [1.50, 1e2]}}");

    assertThat(problem(result)).isNull();
    assertThat(NewStepMessages.of(parent(0), result, SCHEMA))
        .isEqualTo(
            Document.of(
                "[{\"step_uuid\":\"%s\",\"task_uuid\":\"%s\",\"name\":\"w_001\",\"handler\":\"transform\",\"input\":{\"ü\": [1.50, 1e2]}}]"
                    .formatted(DerivedUuid.of(PARENT, "w_001"), TASK)));
  }

  /** The value is that of RFC 9562, appendix A.4. */
  @Test
  void idsAreThoseOfTheStandard() {
    var dns = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

    assertThat(DerivedUuid.of(dns, "www.example.com"))
        .hasToString("2ed6657d-e927-568b-95e1-2665a8aea6a2");
  }

  @Test
  void aResultThatAsksForNoneSendsNone() {
    assertThat(NewStepMessages.of(parent(0), Document.of("{\"a_outcome\":1}"), SCHEMA)).isNull();
    assertThat(NewStepMessages.of(parent(0), result(), SCHEMA)).isNull();
    assertThat(problem(result())).isNull();
  }

  @Test
  void aHandlerThatIsNotGrantedIsRefused() {
    var error =
        Objects.requireNonNull(
            problem(result(step("a", ""), "{\"name\":\"b\",\"handler\":\"fan_out\"}")));

    assertThat(error.type()).isEqualTo("new_steps_not_granted");
    assertThat(error.message())
        .isEqualTo(
            "/new_steps_outcome/steps/1: no rule of the policy grants new steps of the handler"
                + " 'fan_out' (new-steps)");
    assertThat(error.retryable()).isFalse();
  }

  @Test
  void theFourthGenerationIsRefused() {
    assertThat(NewStepMessages.problem(parent(2), result(step("a", "")), TRANSFORMS, SCHEMA))
        .isNull();
    assertThat(NewStepMessages.problem(parent(3), result(step("a", "")), TRANSFORMS, SCHEMA))
        .extracting(StepError::message)
        .asString()
        .contains("3 generations ago");
  }

  @Test
  void aMessageBeyondTheBytesOfAllIsRefused() {
    var half = "\"input\":\"" + "x".repeat(NewStepMessages.MAX_BYTES / 2) + "\"";

    assertThat(problem(result(step("a", half)))).isNull();
    assertThat(problem(result(step("a", half), step("b", half))))
        .extracting(StepError::message)
        .asString()
        .contains("/steps/1: exceeds 16777216 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "7 | /new_steps_outcome: must be an object with steps, an array",
        "{} | /new_steps_outcome/steps: is missing",
        "{\"steps\":{}} | /new_steps_outcome/steps: must be an array",
        "{\"steps\":[],\"steps\":[]} | /new_steps_outcome/steps: appears twice",
        "{\"step\":[]} | /new_steps_outcome/step: is unknown; there is only steps",
        "{\"steps\":[1]} | /new_steps_outcome/steps/0: must be an object",
        "{\"steps\":[{\"handler\":\"transform\"}]} | /new_steps_outcome/steps/0/name: must be a string that names the step among those of its task",
        "{\"steps\":[{\"name\":\"a\"}]} | handler",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"No Such\"}]} | handler",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"transform\",\"inputs\":{}}]} | did you mean 'input'?",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"transform\",\"max_attempts\":1000}]} | max_attempts",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"transform\",\"name\":\"b\"}]} | /new_steps_outcome/steps/0/name: appears twice",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"transform\"},{\"name\":\"a\",\"handler\":\"transform\"}]} | /new_steps_outcome/steps/1/name: is that of another new step, 'a'",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"transform\",\"step_uuid\":\"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b\"}]} | has ids, which are the broker's to give",
        "{\"steps\":[{\"name\":\"a\",\"handler\":\"transform\",\"correlation_id\":\"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b\"}]} | has ids, which are the broker's to give"
      })
  void whatIsNoMessageIsRefusedWithItsPlace(String outcome, String problem) {
    var result = Document.of("{\"new_steps_outcome\":" + outcome + "}");

    var error = Objects.requireNonNull(problem(result));
    assertThat(error.type()).isEqualTo("new_steps_invalid");
    assertThat(error.message()).startsWith("/new_steps_outcome").contains(problem);
    assertThatIllegalStateException()
        .isThrownBy(() -> NewStepMessages.of(parent(0), result, SCHEMA));
  }

  @Test
  void whatFanOutAsksForIsAccepted() {
    var all = new NewWork(1000, true, _ -> true);
    var results =
        RecordedCases.of("fan_out").stream()
            .filter(one -> one.name().startsWith("messages.json"))
            .filter(one -> one.expected().contains("new_steps_outcome"))
            .map(one -> JSON.readTree(one.expected()).path("result"))
            .map(result -> Document.of(result.toString()))
            .toList();

    assertThat(results)
        .hasSizeGreaterThan(5)
        .allSatisfy(
            result -> assertThat(NewStepMessages.problem(parent(0), result, all, SCHEMA)).isNull());
  }

  private static @Nullable StepError problem(Document result) {
    return NewStepMessages.problem(parent(0), result, TRANSFORMS, SCHEMA);
  }

  private static String step(String name, String more) {
    return "{\"name\":\"%s\",\"handler\":\"transform\"%s}"
        .formatted(name, more.isEmpty() ? "" : "," + more);
  }

  private static Document result(String... steps) {
    return Document.of(
        "{\"n\":1,\"new_steps_outcome\":{\"steps\":[" + String.join(",", steps) + "]}}");
  }

  private static Step parent(int generation) {
    var headers =
        MessageHeaders.of(Document.of("{\"x-wasm-broker-generation\":%d}".formatted(generation)));
    return new Step(
        new StepIds(new StepId(PARENT), TASK, null),
        "split",
        HandlerRef.parse("fan_out"),
        new Attempt(1, 3),
        Duration.ofSeconds(1),
        Document.EMPTY,
        new MessageClaim(new Lease(1, 1), false, headers),
        Instant.EPOCH,
        TraceContext.NONE);
  }
}
