package org.wasmbroker.telemetry.otel;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is traced, and where the spans go.
 *
 * @param collector where they go, or null if nothing is traced
 * @param resource what describes this process, by attribute
 * @param guestLines how many log lines of a guest become events of its step's spans, 0 to {@link
 *     #MAX_GUEST_LINES}
 * @param flush how long the export of what is left may take at the stop
 */
public record TracesConfig(
    @Nullable Collector collector,
    Sampling sampling,
    Batches batches,
    Map<String, String> resource,
    int guestLines,
    Duration flush) {
  public static final int MAX_GUEST_LINES = 128;

  /** Nothing is traced. */
  public static final TracesConfig OFF =
      new TracesConfig(
          null, Sampling.DEFAULT, Batches.DEFAULT, Map.of(), 32, Duration.ofMillis(1500));

  public TracesConfig {
    resource = Map.copyOf(resource);
    if (guestLines < 0 || guestLines > MAX_GUEST_LINES) {
      throw new IllegalArgumentException(
          "traces.guest-lines must be 0 to %d, was %d".formatted(MAX_GUEST_LINES, guestLines));
    }
    if (flush.isNegative() || flush.toSeconds() > 10) {
      throw new IllegalArgumentException(
          "traces.flush must be 0 to 10 s, was " + flush.toMillis() + " ms");
    }
  }

  /** The same traces, with other bounds. */
  public TracesConfig with(int lines, Duration atStop) {
    return new TracesConfig(collector, sampling, batches, resource, lines, atStop);
  }

  public boolean isOn() {
    return collector != null;
  }

  /** For people, in a line and without a secret. */
  public String describe() {
    return collector == null
        ? "off"
        : "to %s by %s, %s".formatted(collector.endpoint(), collector.protocol(), sampling);
  }

  /** How spans are sent. */
  public enum Protocol {
    HTTP_PROTOBUF("http/protobuf"),
    GRPC("grpc");

    private final String text;

    Protocol(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * The receiver of the spans.
   *
   * @param headers of each request; their values may be credentials
   * @param timeout of one request
   * @param certificate file of certificate authorities (PEM) to trust, or null for Java's own
   * @param client the broker's own certificate, or null
   */
  public record Collector(
      Protocol protocol,
      URI endpoint,
      Map<String, String> headers,
      boolean gzip,
      Duration timeout,
      @Nullable Path certificate,
      @Nullable ClientCertificate client) {
    public Collector {
      headers = Map.copyOf(headers);
    }

    @Override
    public String toString() {
      return "Collector[" + protocol + " " + endpoint + "]";
    }
  }

  /** Two files in PEM. */
  public record ClientCertificate(Path key, Path certificate) {}

  /**
   * Which traces are recorded.
   *
   * @param parentBased whether one that began elsewhere is recorded exactly if it is there
   * @param ratio of all others, 0 to 1
   */
  public record Sampling(String name, boolean parentBased, double ratio) {
    public static final Sampling DEFAULT = new Sampling("parentbased_always_on", true, 1);

    @Override
    public String toString() {
      return name.endsWith("ratio") ? "sampler " + name + " " + ratio : "sampler " + name;
    }
  }

  /**
   * How spans wait for their export, as OTEL_BSP_* say.
   *
   * @param queue how many spans may wait; more are dropped
   */
  public record Batches(Duration delay, Duration timeout, int queue, int size) {
    public static final Batches DEFAULT =
        new Batches(Duration.ofSeconds(5), Duration.ofSeconds(30), 2048, 512);
  }
}
