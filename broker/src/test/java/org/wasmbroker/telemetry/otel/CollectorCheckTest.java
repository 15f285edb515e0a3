package org.wasmbroker.telemetry.otel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.ClosedPort;

class CollectorCheckTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void somethingThatListensIsNoProblemAndNothingIsOne() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var url = "http://127.0.0.1:" + server.getLocalPort();
      assertThat(problem(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", url))).isNull();
    }
    try (var closed = new ClosedPort()) {
      assertThat(problem(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", closed.url())))
          .startsWith("nothing answers at " + closed.url());
    }
    assertThat(problem(Map.of())).isNull();
  }

  @Test
  void aCertificateThatIsNoneIsNamed(@TempDir Path folder) throws IOException {
    var file = Files.writeString(folder.resolve("ca.pem"), "no certificate");
    assertThat(
            problem(
                Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    "https://127.0.0.1:1",
                    "OTEL_EXPORTER_OTLP_CERTIFICATE",
                    file.toString())))
        .contains("OTEL_EXPORTER_OTLP_CERTIFICATE");
  }

  private static @Nullable String problem(Map<String, String> environment) {
    return CollectorCheck.problem(OtelEnvironment.read(environment, new ArrayList<>()), LONG);
  }
}
