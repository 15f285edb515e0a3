package org.wasmbroker.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.OciLimits;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.registry.source.OciModules;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.FakeModules;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.PushedReleases;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RegistryServer;

/** Handlers for steps, from registries that work and from others. */
class OciHandlersIT {
  private static final String OUTPUT = "{\"status\":\"completed\",\"result\":{}}";

  @TempDir private Path directory;

  private final ManualTime time = new ManualTime();

  private static ModuleRegistry registry(ModuleSource... sources) {
    var engine =
        new FakeEngine()
            .with("one", FakeEngine.writing(OUTPUT))
            .with("two", FakeEngine.writing(OUTPUT));
    return new ModuleRegistry(
        engine,
        Policy.none(Limits.DEFAULTS),
        List.of(sources),
        Duration.ofHours(1),
        EventSink.NONE);
  }

  private OciModules source(RegistryClient client, String host) {
    return new OciModules(new Repository(host, "handlers/hello"), client, 1 << 20, time);
  }

  @Test
  void aHandlerThatWasPublishedIsFoundByTheFirstStepThatNeedsIt() throws IOException {
    try (var server = RegistryServer.start(directory);
        var client = new RegistryClient(OciConfig.DEFAULTS, Map.of());
        var registry = registry(source(client, server.host()))) {
      registry.start();
      assertThat(registry.resolve(HandlerRef.parse("hello"))).isInstanceOf(Unknown.class);

      PushedReleases.push(
          client, new Repository(server.host(), "handlers/hello"), "1.0.0", "one".getBytes(UTF_8));

      time.advance(Duration.ofSeconds(2));
      assertThat(found(registry, "hello")).isInstanceOf(Resolved.class);
    }
  }

  /** A listing on demand is made a few times a second at most. */
  private static Resolution found(ModuleRegistry registry, String reference) {
    long began = System.nanoTime();
    while (true) {
      var resolution = registry.resolve(HandlerRef.parse(reference));
      if (!(resolution instanceof Unknown)
          || System.nanoTime() - began > Duration.ofMinutes(1).toNanos()) {
        return resolution;
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void handlersOfOtherSourcesServeWhileARegistryIsDownOrSilentOrSpeaksNonsense() {
    var other = new FakeModules("memory").with("other", "1.0.0", "two");
    var impatient =
        OciConfig.DEFAULTS.withLimits(
            OciLimits.DEFAULTS.withAttempts(1).within(Duration.ofMillis(200)));
    try (var silent = RawServer.start(RawServer.Client::awaitClose);
        var nonsense = RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n}}}");
        var client = new RegistryClient(impatient, Map.of());
        var registry =
            registry(
                source(client, "127.0.0.1:" + unusedPort()),
                source(client, "127.0.0.1:" + silent.port()),
                source(client, "127.0.0.1:" + nonsense.port()),
                other)) {
      registry.start();

      assertThat(registry.resolve(HandlerRef.parse("other"))).isInstanceOf(Resolved.class);
      assertThat(registry.resolve(HandlerRef.parse("hello"))).isInstanceOf(Unknown.class);
    }
  }

  private static int unusedPort() {
    try (var closed = RawServer.start(client -> {})) {
      return closed.port();
    }
  }
}
