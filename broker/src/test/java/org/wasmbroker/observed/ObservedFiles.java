package org.wasmbroker.observed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.signature.TestKeys;

/**
 * The files that an operator keeps for the brokers of the run: policy, rollout, modules, secret.
 */
final class ObservedFiles {
  static final String SECRET = "PAGE_KEY";

  private final Path folder;
  private final String shop;
  private final String key = TestKeys.publicPem(TestKeys.p256()).indent(8);

  /**
   * @param shop the URL of the server that guests may call
   */
  ObservedFiles(Path folder, String shop) throws IOException {
    this.folder = folder;
    this.shop = shop;
    Files.createDirectories(modules());
    Files.writeString(Files.createDirectories(secrets()).resolve(SECRET), "k3y-of-the-page");
    addModule("resize", "1.0.0", false);
    addModule("resize", "1.1.0", true);
    writePolicy("");
    writeRollout("");
  }

  Path modules() {
    return folder.resolve("modules");
  }

  Path secrets() {
    return folder.resolve("secrets");
  }

  Path policy() {
    return folder.resolve("policy.yaml");
  }

  Path rollout() {
    return folder.resolve("rollout.yaml");
  }

  /**
   * The policy: the shop may be called, audited requests go to another path of it, and a key ends
   * soon.
   *
   * @param more rules, or what makes the file unusable
   */
  void writePolicy(String more) throws IOException {
    replace(
        policy(),
        """
        classes: {text: {memory: 32MiB}}
        secrets:
          PAGE_KEY: ["%1$s/"]
          OTHER_KEY: []
        signatures:
          keys:
            release-2026:
              not-after: %2$s
              pem: |
        %3$s
          rules:
            - {handlers: ["signed-*"], any-of: [release-2026]}
        handlers:
          - handler: http_request
            secrets: [PAGE_KEY]
            http:
              - {url: "%1$s/", networks: [127.0.0.0/8], methods: [GET]}
          - handler: http_request
            mode: audit
            http:
              - {url: "%1$s/", networks: [127.0.0.0/8], methods: [POST]}
        %4$s
        """
            .formatted(
                shop,
                Instant.now().plus(10, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS),
                key.stripTrailing(),
                more));
  }

  /**
   * The rollout: 1.0.0 of {@code resize} serves.
   *
   * @param more a candidate, or what makes the file unusable
   */
  void writeRollout(String more) throws IOException {
    replace(rollout(), "handlers:\n  resize:\n    stable: 1.0.0\n" + more);
  }

  /** Half of the steps get 1.1.0, which traps at those whose id begins with f. */
  void writeCandidate() throws IOException {
    writeRollout(
        """
            candidate: 1.1.0
            weight: 50%
            rollback: {window: 5m, min-steps: 150}
        """);
  }

  /**
   * A module whose second version traps at the steps whose id begins with f. No run has compiled it
   * before: it has bytes of its own.
   */
  void addModule(String handler, String version, boolean traps) throws IOException {
    var result = "{\"status\":\"completed\",\"result\":{}}";
    var wat =
        """
        (module
          (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
          (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 0) "%s")
          (data (i32.const 512) "%s")
          (func (export "run") (result i32)
            (drop (call $read_input (i32.const 1024) (i32.const 65536)))
            (if (i32.and (i32.const %d) (i32.eq (i32.load8_u (i32.const 1046)) (i32.const 102)))
              (then (unreachable)))
            (call $write_output (i32.const 0) (i32.const %d))))\
        """
            .formatted(
                result.replace("\"", "\\22"), UUID.randomUUID(), traps ? 1 : 0, result.length());
    addModule(handler, version, Wat.toWasm(wat).bytes());
  }

  /** Adds these bytes as a module; a directory appears with both files in it. */
  void addModule(String handler, String version, byte[] module) throws IOException {
    var prepared = Files.createDirectories(folder.resolve("prepared-" + handler + "-" + version));
    Files.write(prepared.resolve("module.wasm"), module);
    Files.writeString(
        prepared.resolve("manifest.json"),
        "{\"name\":\"%s\",\"version\":\"%s\",\"abi\":\"1\",\"capabilities\":{\"cache\":true}}"
            .formatted(handler, version));
    Files.createDirectories(modules().resolve(handler));
    Files.move(
        prepared, modules().resolve(handler).resolve(version), StandardCopyOption.ATOMIC_MOVE);
  }

  private void replace(Path file, String text) throws IOException {
    var next = Files.writeString(folder.resolve("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
