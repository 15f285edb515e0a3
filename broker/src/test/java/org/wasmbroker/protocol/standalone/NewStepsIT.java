package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.Outcomes;

/** The steps that a result asks for are in the queue exactly if the result is written. */
class NewStepsIT {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final UUID PARENT = UUID.fromString("0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b");
  private static final NewWork ALL = new NewWork(100, true, _ -> true);
  private static final Document TWO =
      Document.of(
          "{\"new_steps_outcome\":{\"steps\":["
              + "{\"name\":\"w_001\",\"handler\":\"echo\",\"input\":{\"n\":1}},"
              + "{\"name\":\"w_002\",\"handler\":\"echo\",\"input\":{\"n\":2}}]}}");

  private static FreshQueues queues;
  private StandaloneConfig config;
  private StandaloneProtocol protocol;

  @BeforeAll
  static void open() {
    queues = new FreshQueues("new-steps-test");
  }

  @AfterAll
  static void close() {
    queues.close();
  }

  /** Every test has queues of its own. */
  @BeforeEach
  void prepare() {
    config = queues.create();
    protocol = protocol(config);
    protocol.prepare();
  }

  private static StandaloneProtocol protocol(StandaloneConfig config) {
    return new StandaloneProtocol(
        queues.database(), config, new WorkerIdentity("worker-1", "here"), EventSink.NONE);
  }

  @Test
  void theStepsOfAResultAreSentWithIt() {
    send("{\"traceparent\":\"" + TRACE + "\"}");
    var parent = claimOne();
    assertThat(protocol.validateResult(parent, TWO, ALL)).isNull();
    assertThat(protocol.complete(List.of(completed(parent, TWO)))).isEmpty();

    assertThat(one("select count(*) from pgmq.q_%s_results")).isEqualTo("1");
    var steps = protocol.claim(10).steps();
    assertThat(steps).extracting(Step::name).containsExactly("w_001", "w_002");
    assertThat(steps)
        .extracting(step -> step.id().value())
        .containsExactly(DerivedUuid.of(PARENT, "w_001"), DerivedUuid.of(PARENT, "w_002"));
    assertThat(steps.getLast().document().text()).contains("\"context\":{\"n\": 2}");
    assertThat(steps.getFirst().trace().traceparent()).isEqualTo(TRACE);
    assertThat(one("select headers ->> 'x-wasm-broker-generation' from pgmq.q_%s limit 1"))
        .isEqualTo("1");
  }

  @Test
  void aStepThatWasAskedForAsksForTheNextGenerationUntilThereIsNone() {
    send(null);
    for (int generation = 0; generation < NewStepMessages.MAX_GENERATIONS; generation++) {
      var step = claimOne();
      assertThat(protocol.validateResult(step, TWO, ALL)).isNull();
      protocol.complete(List.of(completed(step, TWO)));
      queues.execute(config, "delete from pgmq.q_%s where message ->> 'name' = 'w_002'");
    }
    assertThat(protocol.validateResult(claimOne(), TWO, ALL))
        .extracting(StepError::type)
        .isEqualTo("new_steps_invalid");
  }

  @Test
  void aClaimThatWasLostSendsNothing() {
    send(null);
    var lost = claimOne();
    queues.everythingBecomesVisible(config);
    var owner = claimOne();

    assertThat(protocol.complete(List.of(completed(lost, TWO)))).containsExactly(lost.claim());
    assertThat(one("select count(*) from pgmq.q_%s")).isEqualTo("1");
    assertThat(protocol.complete(List.of(completed(owner, TWO)))).isEmpty();
    assertThat(one("select count(*) from pgmq.q_%s")).isEqualTo("2");
  }

  @Test
  void anOutcomeThatIsWrittenTwiceSendsItsStepsOnce() {
    for (boolean archives : List.of(true, false)) {
      prepare();
      var writer = protocol(archives ? config : FreshQueues.withoutArchive(config));
      send(null);
      var step = claimOne();
      writer.complete(List.of(completed(step, TWO)));
      writer.complete(List.of(completed(step, TWO)));
      assertThat(one("select count(*) from pgmq.q_%s")).isEqualTo("2");
    }
  }

  /** As if the broker, or the connection, ended in the middle of the statement. */
  @Test
  void aWriteThatFailsLeavesNeitherAResultNorSteps() {
    send(null);
    var step = claimOne();
    queues.execute(
        config, "alter table pgmq.q_%s_results add constraint closed check (message is null)");
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> protocol.complete(List.of(completed(step, TWO))));
    assertThat(one("select string_agg(message ->> 'handler', ',') from pgmq.q_%s"))
        .isEqualTo("fan_out");

    queues.execute(config, "alter table pgmq.q_%s_results drop constraint closed");
    assertThat(protocol.complete(List.of(completed(step, TWO)))).isEmpty();
    assertThat(one("select string_agg(message ->> 'name', ',' order by msg_id) from pgmq.q_%s"))
        .isEqualTo("w_001,w_002");
  }

  @Test
  void resultsWithAndWithoutStepsAreWrittenTogether() {
    send(null);
    send(null);
    send(null);
    var steps = protocol.claim(3).steps();
    assertThat(
            protocol.complete(
                List.of(
                    completed(steps.get(0), Document.of("1")),
                    completed(steps.get(1), TWO),
                    new Outcome.Retry(
                        steps.get(2),
                        StepError.retryable("busy", "later"),
                        Duration.ZERO,
                        Instant.now(),
                        Outcomes.receipt("fan_out")))))
        .isEmpty();
    assertThat(one("select count(*) from pgmq.q_%s_results")).isEqualTo("2");
    assertThat(one("select string_agg(message ->> 'handler', ',' order by msg_id) from pgmq.q_%s"))
        .isEqualTo("fan_out,echo,echo");
  }

  @Test
  void whatIsNotGrantedIsRefusedBeforeItIsWritten() {
    send(null);
    var step = claimOne();
    assertThat(protocol.validateResult(step, TWO, NewWork.batches(100)))
        .extracting(StepError::type)
        .isEqualTo("new_steps_not_granted");
    assertThat(protocol.validateResult(step, TWO, new NewWork(100, true, "transform"::equals)))
        .extracting(StepError::type)
        .isEqualTo("new_steps_not_granted");
    assertThat(protocol.validateResult(step, TWO, new NewWork(1, true, _ -> true)))
        .extracting(StepError::code)
        .isEqualTo("new_work");
  }

  private void send(@Nullable String headers) {
    queues.send(
        config, "{\"step_uuid\":\"%s\",\"handler\":\"fan_out\"}".formatted(PARENT), headers);
  }

  private Step claimOne() {
    return protocol.claim(1).steps().getFirst();
  }

  private static Outcome completed(Step step, Document result) {
    return new Outcome.Completed(step, result, Instant.now(), Outcomes.receipt("fan_out"));
  }

  private String one(String sql) {
    return queues.one(config, sql);
  }
}
