package org.wasmbroker.telemetry.otel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.telemetry.otel.TracesConfig.Collector;
import org.wasmbroker.telemetry.otel.TracesConfig.Protocol;

class OtelEnvironmentTest {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

  private final List<Problem> problems = new ArrayList<>();

  @Test
  void nothingIsTracedUnlessAVariableSaysSo() {
    assertThat(read(Map.of()).isOn()).isFalse();
    assertThat(read(Map.of(ENDPOINT, "")).isOn()).isFalse();
    assertThat(read(Map.of("OTEL_SERVICE_NAME", "x")).isOn()).isFalse();
    assertThat(read(Map.of(ENDPOINT, "http://c:4318", "OTEL_TRACES_EXPORTER", "none")).isOn())
        .isFalse();
    assertThat(read(Map.of(ENDPOINT, "no url", "OTEL_SDK_DISABLED", "true")).isOn()).isFalse();
    assertThat(read(Map.of(ENDPOINT, "http://c:4318")).isOn()).isTrue();
    assertThat(read(Map.of("OTEL_TRACES_EXPORTER", "otlp")).isOn()).isTrue();
    assertThat(problems).isEmpty();
  }

  @Test
  void eachProtocolHasItsDefaultEndpoint() {
    assertThat(collector(Map.of("OTEL_TRACES_EXPORTER", "otlp")).endpoint())
        .isEqualTo(URI.create("http://localhost:4318/v1/traces"));
    assertThat(
            collector(Map.of("OTEL_TRACES_EXPORTER", "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"))
                .endpoint())
        .isEqualTo(URI.create("http://localhost:4317"));
  }

  @Test
  void whatIsForTracesComesBeforeWhatIsForAllSignals() {
    var collector =
        collector(
            Map.of(
                ENDPOINT,
                "http://all:4318",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "https://traces/otlp",
                "OTEL_EXPORTER_OTLP_PROTOCOL",
                "grpc",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                "http/protobuf",
                "OTEL_EXPORTER_OTLP_HEADERS",
                "a=1",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                "authorization=Basic%20a%2Bb%3D%3D,x=1+1",
                "OTEL_EXPORTER_OTLP_TIMEOUT",
                "1000",
                "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
                "gzip"));

    assertThat(collector.protocol()).isEqualTo(Protocol.HTTP_PROTOBUF);
    assertThat(collector.endpoint()).isEqualTo(URI.create("https://traces/otlp"));
    assertThat(collector.headers()).isEqualTo(Map.of("authorization", "Basic a+b==", "x", "1+1"));
    assertThat(collector.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(collector.gzip()).isTrue();
    assertThat(problems).isEmpty();
  }

  @Test
  void aGeneralEndpointIsTheBaseForHttpOnly() {
    assertThat(collector(Map.of(ENDPOINT, "http://c:4318/base/")).endpoint())
        .isEqualTo(URI.create("http://c:4318/base/v1/traces"));
    assertThat(
            collector(Map.of(ENDPOINT, "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"))
                .endpoint())
        .isEqualTo(URI.create("http://c:4317"));
  }

  @Test
  void filesAreRead(@TempDir Path folder) throws IOException {
    var ca = Files.writeString(folder.resolve("ca.pem"), "x");
    var collector =
        collector(
            Map.of(
                ENDPOINT,
                "https://c",
                "OTEL_EXPORTER_OTLP_CERTIFICATE",
                ca.toString(),
                "OTEL_EXPORTER_OTLP_CLIENT_KEY",
                ca.toString(),
                "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
                ca.toString()));
    assertThat(collector.certificate()).isEqualTo(ca);
    assertThat(collector.client()).isNotNull();
    assertThat(problems).isEmpty();
  }

  @Test
  void samplersBatchesAndResourceAreThoseOfTheStandard() {
    var config =
        read(
            Map.of(
                ENDPOINT,
                "http://c",
                "OTEL_TRACES_SAMPLER",
                "parentbased_traceidratio",
                "OTEL_TRACES_SAMPLER_ARG",
                "0.25",
                "OTEL_BSP_MAX_QUEUE_SIZE",
                "100",
                "OTEL_BSP_SCHEDULE_DELAY",
                "200",
                "OTEL_SERVICE_NAME",
                "steps",
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=no,deployment.environment.name=a%2Cb"));
    assertThat(config.sampling())
        .isEqualTo(new TracesConfig.Sampling("parentbased_traceidratio", true, 0.25));
    assertThat(config.batches().queue()).isEqualTo(100);
    assertThat(config.batches().size()).isEqualTo(100);
    assertThat(config.batches().delay()).isEqualTo(Duration.ofMillis(200));
    assertThat(config.resource())
        .isEqualTo(Map.of("service.name", "steps", "deployment.environment.name", "a,b"));
    assertThat(problems).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OTEL_SDK_DISABLED                     | yes          | must be true or false, was 'yes'",
        "OTEL_TRACES_EXPORTER                  | jaeger       | must be otlp or none, was 'jaeger'",
        "OTEL_EXPORTER_OTLP_PROTOCOL           | http/json    | must be http/protobuf or grpc, was"
            + " 'http/json'",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT    | collector:43 | must be a URL such as"
            + " http://collector:4318",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT    | http://u:p@c | must be a URL such as"
            + " http://collector:4318",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT    | http://c:99999 | must be a URL such as"
            + " http://collector:4318",
        "OTEL_EXPORTER_OTLP_HEADERS            | key          | pair 1 has no '='",
        "OTEL_EXPORTER_OTLP_HEADERS            | a b=secret   | has a header of characters that no"
            + " header may have",
        "OTEL_EXPORTER_OTLP_HEADERS            | a=secret%0d  | has a header of characters that no"
            + " header may have",
        "OTEL_EXPORTER_OTLP_TIMEOUT            | 10s          | must be a whole number of 1 to"
            + " 600000, was '10s'",
        "OTEL_EXPORTER_OTLP_CERTIFICATE        | /no/such     | must be a file that can be read,"
            + " was '/no/such'",
        "OTEL_EXPORTER_OTLP_CLIENT_KEY         | /no/such     | is one half",
        "OTEL_EXPORTER_OTLP_COMPRESSION        | zstd         | must be gzip or none, was 'zstd'",
        "OTEL_TRACES_SAMPLER                   | jaeger_remote| must be always_on, always_off or"
            + " traceidratio",
        "OTEL_PROPAGATORS                      | b3           | must be tracecontext",
        "OTEL_BSP_MAX_QUEUE_SIZE               | 0            | must be a whole number of 1 to"
            + " 1000000, was '0'",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE        | 5000         | must be at most"
            + " OTEL_BSP_MAX_QUEUE_SIZE, 2048",
        "OTEL_RESOURCE_ATTRIBUTES              | a=1,a=2      | pair 2 is the second of its name",
        "OTEL_RESOURCE_ATTRIBUTES              | a=%zz        | pair 1 has a malformed percent"
            + " code",
      })
  void aWrongValueIsAProblemThatNamesItsVariableAndNoSecret(
      String variable, String value, String problem) {
    var environment = new HashMap<>(Map.of(ENDPOINT, "http://c:4318"));
    environment.put(variable, value);

    read(environment);

    assertThat(problems)
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.toString()).startsWith("environment variable " + variable + ": ");
              assertThat(found.message()).contains(problem).doesNotContain("secret");
            });
  }

  @Test
  void aRatioMustBeOne() {
    read(
        Map.of(
            ENDPOINT,
            "http://c:4318",
            "OTEL_TRACES_SAMPLER",
            "traceidratio",
            "OTEL_TRACES_SAMPLER_ARG",
            "10"));
    assertThat(problems).singleElement().asString().contains("must be a number of 0 to 1");
  }

  @Test
  void whatIsShownHasNoHeader() {
    var config =
        read(Map.of(ENDPOINT, "http://c:4318", "OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret"));
    assertThat(config.describe())
        .isEqualTo("to http://c:4318/v1/traces by http/protobuf, sampler parentbased_always_on");
    assertThat(config.toString()).doesNotContain("s3cret");
  }

  private TracesConfig read(Map<String, String> environment) {
    return OtelEnvironment.read(environment, problems);
  }

  private Collector collector(Map<String, String> environment) {
    return Objects.requireNonNull(read(environment).collector());
  }
}
