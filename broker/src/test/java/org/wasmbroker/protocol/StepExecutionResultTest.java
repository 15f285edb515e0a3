package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StepExecutionResultTest {
  private static final UUID ID = UUID.fromString("0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b");
  private static final WorkerIdentity WORKER = new WorkerIdentity("worker-1", "host-1");
  private static final Instant START = Instant.parse("2026-01-02T03:04:05.000000001Z");

  private record NoClaim() implements Claim {}

  private static final Step STEP =
      new Step(
          new StepIds(new StepId(ID), ID, null),
          "first",
          new HandlerRef("transform", "1"),
          new Attempt(2, 3),
          Duration.ofSeconds(30),
          Document.EMPTY,
          new NoClaim(),
          START,
          TraceContext.NONE);

  private static final Receipt RECEIPT =
      new Receipt(
          new ModuleId("transform", "1.0.2", Digest.of(new byte[0])),
          new EngineInfo("wasmtime", "50.0.1"),
          Duration.ofMillis(7),
          Duration.ofNanos(4_400),
          Duration.ofMillis(12),
          65_536,
          List.of(new HostCallCount("read_input", 2, 0, 1)),
          400,
          17,
          0,
          new GrantUsage(
              Document.of("{\"class\":\"text\"}"),
              List.of(
                  new CapabilityUsage(
                      "http",
                      new TreeMap<>(
                          Map.of("calls", 2L, "bytes_sent", 700L, "bytes_received", 9_000L))))));

  @Test
  void theResultOfACompletedStepMatchesWhatTaskerWorkersWrite() {
    var result =
        read(
            StepExecutionResult.of(
                new Outcome.Completed(STEP, Document.of("{\"any\":[1]}"), START, RECEIPT), WORKER));
    assertThat(result)
        .isEqualTo(
            read(
                """
                {"step_uuid":"%1$s","success":true,"result":{"any":[1]},
                 "metadata":{"execution_time_ms":12,"handler_version":"1.0.2","retryable":false,
                   "completed_at":"2026-01-02T03:04:05.012004401Z","worker_id":"worker-1",
                   "worker_hostname":"host-1","started_at":"2026-01-02T03:04:05.000000001Z",
                   "custom":{
                     "step":{"task_uuid":"%1$s","correlation_id":null,"name":"first",
                       "handler":"transform","version":"1","attempt":2,"max_attempts":3},
                     "receipt":{"handler":"transform","version":"1.0.2","digest":"sha256:%2$s",
                       "engine":"wasmtime","engine_version":"50.0.1","queue_wait_ns":7000000,"permit_wait_ns":0,
                       "instantiation_ns":4400,"execution_ns":12000000,
                       "memory_high_water_bytes":65536,"bytes_in":400,"bytes_out":17,
                       "log_lines_dropped":0,
                       "prepared":false,
                       "host_calls":{"read_input":{"allowed":2,"denied":0,"failed":1}},
                       "http":{"calls":2,"bytes_sent":700,"bytes_received":9000},
                       "grants":{"class":"text"}}},
                   "error_code":null,"error_type":null,"context":{}},
                 "status":"completed","error":null,
                 "orchestration_metadata":
                   {"headers":{},"error_context":null,"backoff_hint":null,"custom":{}}}\
                """
                    .formatted(ID, Digest.of(new byte[0]))));
  }

  @Test
  void theResultOfAFailedStepCarriesTheErrorAndAnEmptyResult() {
    var error =
        new StepError(
            "unexpected_status",
            "the answer was 503",
            true,
            "E503",
            Duration.ofSeconds(1),
            List.of("a.rs:1", "b.rs:2"),
            new ErrorContext.Json(Document.of("{\"url\":\"x\"}")));
    var result =
        read(
            StepExecutionResult.of(
                new Outcome.Failed(STEP, error, true, START, Receipt.none(Duration.ZERO)), WORKER));
    assertThat(result.get("success").booleanValue()).isFalse();
    assertThat(result.get("status").stringValue()).isEqualTo("failed");
    assertThat(result.get("result")).isEqualTo(read("{}"));
    assertThat(result.get("error"))
        .isEqualTo(
            read(
                """
                {"message":"the answer was 503","error_type":"unexpected_status",
                 "backtrace":["a.rs:1","b.rs:2"],"retryable":true,"context":{"url":"x"}}\
                """));
    var metadata = result.get("metadata");
    assertThat(metadata.get("retryable").booleanValue()).isTrue();
    assertThat(metadata.get("error_code").stringValue()).isEqualTo("E503");
    assertThat(metadata.get("error_type").stringValue()).isEqualTo("unexpected_status");
    assertThat(metadata.get("context")).isEqualTo(read("{\"url\":\"x\"}"));
    assertThat(metadata.get("handler_version").isNull()).isTrue();
    assertThat(metadata.get("custom").get("receipt").get("engine").isNull()).isTrue();
    assertThat(metadata.get("custom").get("receipt").get("grants").isNull()).isTrue();
    assertThat(metadata.get("custom").get("receipt").has("http")).isFalse();
  }

  @Test
  void anErrorWithoutContextAndBacktraceOmitsThem() {
    var result =
        read(
            StepExecutionResult.of(
                new Outcome.Failed(STEP, StepError.permanent("t", "m"), false, START, RECEIPT),
                WORKER));
    assertThat(result.get("error"))
        .isEqualTo(
            read(
                """
                {"message":"m","error_type":"t","backtrace":null,"retryable":false}\
                """));
    assertThat(result.get("metadata").get("context")).isEqualTo(read("{}"));
  }

  private static JsonNode read(Document json) {
    return read(json.text());
  }

  private static JsonNode read(String json) {
    return JsonMapper.shared().readTree(json);
  }
}
