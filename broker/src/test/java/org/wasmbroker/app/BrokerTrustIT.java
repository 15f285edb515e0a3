package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.registry.trust.Approval;
import org.wasmbroker.registry.trust.ApprovalsFile;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.signature.SigningKey;
import org.wasmbroker.signature.TestKeys;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;

/** A whole broker whose policy demands signatures and approvals of a user's module. */
class BrokerTrustIT {
  private static final ReleaseId HELLO = new ReleaseId("hello", Version.parse("1.0.0"));
  private static final KeyPair ONE = TestKeys.p256();
  private static final KeyPair OTHER = TestKeys.p256();

  /** The engine of tests is created for these. */
  private static final String CLASSES = "classes: { text: { memory: 32MiB } }\n";

  private final Semaphore applied = new Semaphore(0);
  private final AtomicInteger loads = new AtomicInteger();
  private final EventSink events =
      event -> {
        if (event instanceof PolicyEvent.Applied) {
          applied.release();
        } else if (event instanceof ModuleEvent.Loaded(var module, _, _)
            && module.handler().equals("hello")) {
          loads.incrementAndGet();
        }
      };
  private final TestDatabase database = TestDatabase.create();
  private final BrokerQueue queue = new BrokerQueue(database);
  private @TempDir Path folder;

  @BeforeEach
  void addModule() throws IOException {
    TestModules.addFixed(
        Files.createDirectory(folder.resolve("modules")),
        "hello",
        "{\"status\":\"completed\",\"result\":1}");
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  @Test
  void aModuleRunsOnlyWhileItIsSignedAsThePolicyDemands() throws Exception {
    write(signedBy(ONE));
    try (var broker = Broker.start(config(), events)) {
      sendAndAwait(1);
      assertThat(queue.errorTypes()).containsExactly("untrusted_module");
      assertThat(loads).as("an unsigned module is not even compiled").hasValue(0);
      Await.until(
          "the reason",
          () -> {
            var health = get(broker, "/health");
            return health.contains("hello@1.0.0") && health.contains("it has no signature");
          });

      sign(OTHER);
      sendAndAwait(2);
      assertThat(loads).as("nor is one with another's signature").hasValue(0);

      sign(ONE);
      awaitService(broker);
      sendAndAwait(3);
      assertThat(queue.results("completed")).isEqualTo(1);

      applied.drainPermits();
      write(signedBy(OTHER));
      assertThat(applied.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
      sendAndAwait(4);
      assertThat(queue.results("completed")).as("its key was revoked").isEqualTo(1);
    }
    assertThat(queue.errorTypes()).containsOnly("untrusted_module");
  }

  @Test
  void aModuleRunsOnceAPersonHasApprovedIt() throws Exception {
    write("approval: required");
    try (var broker = Broker.start(config(), events)) {
      sendAndAwait(1);
      assertThat(queue.errorTypes()).containsExactly("awaiting_approval");
      assertThat(loads).hasValue(0);

      new ApprovalsFile(folder.resolve("approvals.yaml"))
          .add(new Approval(digest(), HELLO, "a test", Instant.EPOCH, null));
      awaitService(broker);
      sendAndAwait(2);
      assertThat(queue.results("completed")).isEqualTo(1);
    }
  }

  /** A module is loaded before it serves steps. */
  private static void awaitService(Broker broker) throws Exception {
    Await.until(
        "hello in service",
        () ->
            get(broker, "/metrics")
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("wasm_broker_module_info{")
                            && line.contains("handler=\"hello\"")));
  }

  private void sendAndAwait(int results) {
    queue.send(
        List.of(
            "{\"step_uuid\":\"%s\",\"handler\":\"hello\",\"max_attempts\":1,\"input\":{}}"
                .formatted(UUID.randomUUID())));
    queue.awaitResults(results);
  }

  private Digest digest() {
    var artifact = new DirectoryModules(folder.resolve("modules"), 1 << 20).fetch(HELLO);
    return Objects.requireNonNull(artifact.provenance().manifestDigest());
  }

  private void sign(KeyPair keys) throws IOException {
    var bundle = SigningKey.parse(TestKeys.privatePem(keys)).sign(digest());
    var next = Files.write(folder.resolve("next.json"), bundle.bytes());
    Files.move(
        next,
        folder.resolve("modules/hello/1.0.0/signature.sigstore.json"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static String signedBy(KeyPair keys) {
    return "signatures: {keys: {k: {pem: \"%s\"}}, rules: {handlers: '*', any-of: k}}"
        .formatted(TestKeys.publicPem(keys).replace("\n", "\\n"));
  }

  private void write(String policy) throws IOException {
    var next = Files.writeString(folder.resolve("next.yaml"), CLASSES + policy);
    Files.move(
        next,
        folder.resolve("policy.yaml"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static String get(Broker broker, String path) throws Exception {
    var address = broker.httpAddress();
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
              .build();
      return client.send(request, BodyHandlers.ofString()).body();
    }
  }

  private BrokerConfig config() {
    var policy =
        switch (PolicyWatcher.read(folder.resolve("policy.yaml"), Limits.DEFAULTS)) {
          case PolicyReadResult.Valid(var read) -> read;
          case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
        };
    var base = BrokerConfigs.standalone(database.brokerConfig());
    return BrokerConfigs.with(
        base,
        new PolicyConfig(folder.resolve("policy.yaml"), Duration.ofMillis(100), policy),
        new RegistryConfig(
            folder.resolve("modules"),
            Duration.ofMillis(100),
            base.registry().store(),
            folder.resolve("approvals.yaml"),
            base.registry().oci()));
  }
}
