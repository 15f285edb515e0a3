package org.wasmbroker.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A real OpenTelemetry collector ({@code scripts/fetch-collector}), and what it has received. */
public final class Collector implements AutoCloseable {
  private static final Pattern STARTED =
      Pattern.compile("Starting (GRPC|HTTP) server.*\"endpoint\": \"([^\"]+)\"");
  private static final Pattern FIELD = Pattern.compile(" +([A-Z][A-Za-z ]*?) +: (.*)");
  private static final Pattern ATTRIBUTE = Pattern.compile(" +-> ([^:]+): [A-Z][a-z]*\\((.*)\\)");
  private static final Pattern LINK_ID = Pattern.compile(" +-> ID: ([0-9a-f]{16})");
  private static final String CONFIG =
      """
      receivers:
        otlp:
          protocols:
            grpc: { endpoint: "127.0.0.1:0" }
            http: { endpoint: "127.0.0.1:0" }
      exporters:
        debug: { verbosity: detailed }
      service:
        telemetry: { metrics: { level: none } }
        pipelines:
          traces: { receivers: [otlp], exporters: [debug] }
      """;

  private final Process process;
  private final BufferedReader output;
  private final Map<String, String> endpoints = new LinkedHashMap<>();

  /** A span as the collector shows it. */
  public record Span(
      Map<String, String> fields,
      Map<String, String> attributes,
      List<String> links,
      List<String> events) {
    public String name() {
      return String.valueOf(fields.get("Name"));
    }

    public String id() {
      return String.valueOf(fields.get("ID"));
    }

    public String trace() {
      return String.valueOf(fields.get("Trace ID"));
    }

    public String parent() {
      return String.valueOf(fields.get("Parent ID"));
    }
  }

  private Collector(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts it, and waits until it receives. */
  public static Collector start(Path program, Path folder) throws IOException {
    var config = Files.writeString(folder.resolve("collector.yaml"), CONFIG);
    var collector =
        new Collector(
            new ProcessBuilder(program.toString(), "--config", config.toString())
                .redirectErrorStream(true)
                .start());
    collector.awaitReady();
    return collector;
  }

  private void awaitReady() throws IOException {
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      var started = STARTED.matcher(line);
      if (started.find()) {
        endpoints.put(started.group(1), "http://" + started.group(2));
      }
      if (line.contains("Everything is ready")) {
        return;
      }
    }
    throw new IOException("the collector ended before it was ready");
  }

  /**
   * @param protocol {@code GRPC} or {@code HTTP}
   */
  public String endpoint(String protocol) {
    return Objects.requireNonNull(endpoints.get(protocol));
  }

  /** Stops it; all that it wrote since it was ready. */
  public String stop() throws IOException, InterruptedException {
    process.toHandle().destroy();
    var text = new StringBuilder();
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      text.append(line).append('\n');
    }
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      throw new IOException("the collector does not stop");
    }
    return text.toString();
  }

  /** The spans in what it wrote. */
  public static List<Span> spans(String text) {
    var spans = new ArrayList<Span>();
    @Nullable Span span = null;
    var section = "";
    for (var line : text.lines().toList()) {
      if (line.startsWith("Span #")) {
        span =
            new Span(
                new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
        spans.add(span);
        section = "fields";
      } else if (line.startsWith("Attributes:")) {
        section = "attributes";
      } else if (line.startsWith("SpanEvent #") || line.startsWith("Events:")) {
        section = "events";
      } else if (line.startsWith("SpanLink #") || line.startsWith("Links:")) {
        section = "links";
      } else if (!line.startsWith(" ")) {
        section = "";
      } else if (span != null) {
        read(span, section, line);
      }
    }
    return spans;
  }

  private static void read(Span span, String section, String line) {
    switch (section) {
      case "fields" -> {
        var field = FIELD.matcher(line);
        if (field.matches()) {
          span.fields().put(field.group(1), field.group(2).strip());
        }
      }
      case "attributes" -> {
        var attribute = ATTRIBUTE.matcher(line);
        if (attribute.matches()) {
          span.attributes().put(attribute.group(1), attribute.group(2));
        }
      }
      case "links" -> {
        var link = LINK_ID.matcher(line);
        if (link.matches()) {
          span.links().add(link.group(1));
        }
      }
      case "events" -> span.events().add(line.strip());
      default -> {}
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
