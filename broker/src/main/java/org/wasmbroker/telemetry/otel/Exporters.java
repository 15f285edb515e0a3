package org.wasmbroker.telemetry.otel;

import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.wasmbroker.telemetry.otel.TracesConfig.Collector;

/**
 * Makes the exporter to a collector. It tries once: what is tried again is {@link SpanExport}'s.
 */
final class Exporters {
  private static final String GZIP = "gzip";
  private static final String NONE = "none";

  private Exporters() {}

  /**
   * @throws IllegalArgumentException if a certificate or key cannot be used
   */
  static SpanExporter to(Collector collector) {
    try {
      return switch (collector.protocol()) {
        case HTTP_PROTOBUF -> http(collector);
        case GRPC -> grpc(collector);
      };
    } catch (IllegalStateException unusable) {
      throw new IllegalArgumentException(
          "the export of traces to %s cannot be set up, see OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_KEY and _CLIENT_CERTIFICATE: %s"
              .formatted(collector.endpoint(), unusable.getMessage()),
          unusable);
    }
  }

  private static SpanExporter http(Collector collector) {
    var builder =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(collector.endpoint().toString())
            .setTimeout(collector.timeout())
            .setConnectTimeout(collector.timeout())
            .setCompression(collector.gzip() ? GZIP : NONE)
            .setRetryPolicy(null);
    collector.headers().forEach(builder::addHeader);
    setTls(collector, builder::setTrustedCertificates, builder::setClientTls);
    return builder.build();
  }

  private static SpanExporter grpc(Collector collector) {
    var builder =
        OtlpGrpcSpanExporter.builder()
            .setEndpoint(collector.endpoint().toString())
            .setTimeout(collector.timeout())
            .setConnectTimeout(collector.timeout())
            .setCompression(collector.gzip() ? GZIP : NONE)
            .setRetryPolicy(null);
    collector.headers().forEach(builder::addHeader);
    setTls(collector, builder::setTrustedCertificates, builder::setClientTls);
    return builder.build();
  }

  /** The two builders have the same methods, and no type that has them. */
  private static void setTls(
      Collector collector, Consumer<byte[]> trusted, BiConsumer<byte[], byte[]> keyAndCertificate) {
    if (collector.certificate() != null) {
      trusted.accept(bytes(collector.certificate()));
    }
    if (collector.client() != null) {
      keyAndCertificate.accept(
          bytes(collector.client().key()), bytes(collector.client().certificate()));
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(
          "cannot read " + file + " for the export of traces", unreadable);
    }
  }
}
