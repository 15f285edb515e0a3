package org.wasmbroker.telemetry.otel;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Problem;
import org.wasmbroker.telemetry.otel.TracesConfig.Batches;
import org.wasmbroker.telemetry.otel.TracesConfig.ClientCertificate;
import org.wasmbroker.telemetry.otel.TracesConfig.Collector;
import org.wasmbroker.telemetry.otel.TracesConfig.Protocol;
import org.wasmbroker.telemetry.otel.TracesConfig.Sampling;

/**
 * The standard environment variables of OpenTelemetry, as far as the broker has what they are for:
 * docs/tracing.md lists them. Traces are on if {@code OTEL_TRACES_EXPORTER} is {@code otlp}, or is
 * not set and an endpoint is.
 */
public final class OtelEnvironment {
  private static final String EXPORTER = "OTEL_TRACES_EXPORTER";
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  private static final int MAX_MILLIS = 600_000;
  private static final int MAX_QUEUE = 1_000_000;
  private static final int MAX_PORT = 65_535;

  private final OtelVariables variables;

  private OtelEnvironment(OtelVariables variables) {
    this.variables = variables;
  }

  /** Problems are collected. */
  public static TracesConfig read(Map<String, String> environment, List<Problem> problems) {
    return new OtelEnvironment(new OtelVariables(environment, problems)).read();
  }

  private TracesConfig read() {
    if (variables.flag("OTEL_SDK_DISABLED") || !isOn()) {
      return TracesConfig.OFF;
    }
    checkPropagators();
    var defaults = TracesConfig.OFF;
    return new TracesConfig(
        collector(), sampling(), batches(), resource(), defaults.guestLines(), defaults.flush());
  }

  private boolean isOn() {
    var exporter = variables.text(EXPORTER);
    if (exporter == null) {
      return variables.firstSet(TRACES_ENDPOINT, ENDPOINT) != null;
    }
    return switch (exporter) {
      case "otlp" -> true;
      case "none" -> false;
      default -> {
        variables.problem(
            EXPORTER,
            "must be otlp or none, was "
                + OtelVariables.shown(exporter)
                + "; a collector can pass traces on to other systems");
        yield false;
      }
    };
  }

  private void checkPropagators() {
    var text = variables.text("OTEL_PROPAGATORS");
    var names = text == null ? Set.<String>of() : Set.of(text.split("[, ]+", -1).clone());
    if (text != null
        && !(names.contains("tracecontext")
            && Set.of("tracecontext", "baggage").containsAll(names))) {
      variables.problem(
          "OTEL_PROPAGATORS",
          "must be tracecontext, the only form that the broker reads and sends, was "
              + OtelVariables.shown(text));
    }
  }

  private Collector collector() {
    var protocol = protocol();
    return new Collector(
        protocol,
        endpoint(protocol),
        headers(),
        gzip(),
        Duration.ofMillis(
            variables.number(
                signalOr("TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"), 10_000, 1, MAX_MILLIS)),
        variables.file(signal("CERTIFICATE")),
        client());
  }

  /** The variable for traces if it is set, else the one for all signals if that is, else null. */
  private @Nullable String signal(String name) {
    return variables.firstSet("OTEL_EXPORTER_OTLP_TRACES_" + name, "OTEL_EXPORTER_OTLP_" + name);
  }

  private String signalOr(String name, String general) {
    var set = signal(name);
    return set == null ? general : set;
  }

  private Protocol protocol() {
    var name = signalOr("PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
    var text = variables.text(name);
    return switch (text) {
      case null -> Protocol.HTTP_PROTOBUF;
      case "http/protobuf" -> Protocol.HTTP_PROTOBUF;
      case "grpc" -> Protocol.GRPC;
      default -> {
        variables.problem(name, "must be http/protobuf or grpc, was " + OtelVariables.shown(text));
        yield Protocol.HTTP_PROTOBUF;
      }
    };
  }

  /**
   * The general one is the base of the signals' paths for HTTP; that of traces is used as it is.
   */
  private URI endpoint(Protocol protocol) {
    var name = variables.firstSet(TRACES_ENDPOINT, ENDPOINT);
    boolean http = protocol == Protocol.HTTP_PROTOBUF;
    if (name == null) {
      return URI.create(http ? "http://localhost:4318/v1/traces" : "http://localhost:4317");
    }
    var text = String.valueOf(variables.text(name));
    var url = http && name.equals(ENDPOINT) ? withPath(text) : text;
    try {
      var uri = new URI(url);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getPort() <= MAX_PORT
          && uri.getPort() != 0
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException malformed) {
      // told below
    }
    // not quoted: it could hold a password
    variables.problem(
        name,
        "must be a URL such as %s, without user name, query and fragment"
            .formatted(http ? "http://collector:4318" : "http://collector:4317"));
    return URI.create("http://localhost");
  }

  private static String withPath(String base) {
    return base.endsWith("/") ? base + "v1/traces" : base + "/v1/traces";
  }

  private Map<String, String> headers() {
    var name = signal("HEADERS");
    var headers = variables.pairs(name);
    if (name != null) {
      headers.forEach(
          (header, value) -> {
            if (!header.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
                || !value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
              variables.problem(name, "has a header of characters that no header may have");
            }
          });
    }
    return headers;
  }

  private boolean gzip() {
    var name = signalOr("COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION");
    var text = variables.text(name);
    if (text != null && !text.equals("gzip") && !text.equals("none")) {
      variables.problem(name, "must be gzip or none, was " + OtelVariables.shown(text));
    }
    return "gzip".equals(text);
  }

  private @Nullable ClientCertificate client() {
    var keyName = signal("CLIENT_KEY");
    var certificateName = signal("CLIENT_CERTIFICATE");
    if ((keyName == null) != (certificateName == null)) {
      variables.problem(
          keyName == null ? String.valueOf(certificateName) : keyName,
          "is one half: client key and client certificate are set together");
      return null;
    }
    var key = variables.file(keyName);
    var certificate = variables.file(certificateName);
    return key == null || certificate == null ? null : new ClientCertificate(key, certificate);
  }

  private Sampling sampling() {
    var name = variables.text("OTEL_TRACES_SAMPLER");
    return switch (name) {
      case null -> Sampling.DEFAULT;
      case "always_on" -> new Sampling(name, false, 1);
      case "always_off" -> new Sampling(name, false, 0);
      case "traceidratio" -> new Sampling(name, false, ratio());
      case "parentbased_always_on" -> new Sampling(name, true, 1);
      case "parentbased_always_off" -> new Sampling(name, true, 0);
      case "parentbased_traceidratio" -> new Sampling(name, true, ratio());
      default -> {
        variables.problem(
            "OTEL_TRACES_SAMPLER",
            "must be always_on, always_off or traceidratio, or one of them with parentbased_, was "
                + OtelVariables.shown(name));
        yield Sampling.DEFAULT;
      }
    };
  }

  private double ratio() {
    return variables.ratio("OTEL_TRACES_SAMPLER_ARG");
  }

  private Batches batches() {
    var defaults = Batches.DEFAULT;
    int queue = variables.number("OTEL_BSP_MAX_QUEUE_SIZE", defaults.queue(), 1, MAX_QUEUE);
    var sizeName = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
    int size = variables.number(sizeName, Math.min(queue, defaults.size()), 1, MAX_QUEUE);
    if (size > queue) {
      variables.problem(
          sizeName, "must be at most OTEL_BSP_MAX_QUEUE_SIZE, %d, was %d".formatted(queue, size));
      size = queue;
    }
    return new Batches(
        Duration.ofMillis(
            variables.number(
                "OTEL_BSP_SCHEDULE_DELAY", (int) defaults.delay().toMillis(), 1, MAX_MILLIS)),
        Duration.ofMillis(
            variables.number(
                "OTEL_BSP_EXPORT_TIMEOUT", (int) defaults.timeout().toMillis(), 1, MAX_MILLIS)),
        queue,
        size);
  }

  private Map<String, String> resource() {
    var attributes = variables.pairs("OTEL_RESOURCE_ATTRIBUTES");
    var service = variables.text("OTEL_SERVICE_NAME");
    if (service != null) {
      attributes.put("service.name", service);
    }
    attributes.putIfAbsent("service.name", "wasm-broker");
    return attributes;
  }
}
