package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.signature.SigningKey;
import org.wasmbroker.signature.TestKeys;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RegistryTrustCommandTest {
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final KeyPair KEYS = TestKeys.p256();

  @TempDir private Path directory;

  @BeforeEach
  void putTwoReleases() throws IOException {
    put("1.0.0");
    put("1.0.1");
  }

  @Test
  void anApprovalIsAskedForGivenAndSeen() throws IOException {
    policy("approval: required");
    var before = run("verify", "hello@1.0.0");
    assertThat(before.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(before.out())
        .contains("awaiting_approval hello@1.0.0", "wasm-broker registry approve hello@1.0.0");

    var approved = run("approve", "hello@1.0.0", "--by", "a reviewer", "--reason", "read it");
    assertThat(approved.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(approved.out()).contains("approved hello@1.0.0 sha256:" + digest("1.0.0"));
    assertThat(Files.readString(directory.resolve("approvals.yaml")))
        .contains("a reviewer", "read it", digest("1.0.0").hex());
    assertThat(run("verify", "hello@1.0.0").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run("verify").out())
        .contains("trusted hello@1.0.0", "awaiting_approval hello@1.0.1");
    assertThat(run("approve", "hello@1.0.0").out()).contains("was approved before");
  }

  @Test
  void aReleaseIsApprovedByItsDigestAndOneThatSeveralHaveIsNot() {
    var byDigest = run("approve", "sha256:" + digest("1.0.1"), "--json");
    assertThat(byDigest.exitCode()).isEqualTo(ExitCode.OK);
    var json = json(byDigest);
    assertThat(json.at("/version").stringValue()).isEqualTo("1.0.1");
    assertThat(json.at("/added").booleanValue()).isTrue();
    assertThat(json.at("/by").stringValue()).isNotEmpty();

    for (var several : List.of("hello", "hello@1", "sha256:" + Digest.of(MODULE))) {
      var run = run("approve", several);
      assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains("hello@1.0.0, hello@1.0.1");
    }
  }

  @Test
  void verifyTellsAProgramWhyAModuleMayNotRun() throws IOException {
    var pem = TestKeys.publicPem(KEYS).replace("\n", "\\n");
    policy(
        "signatures: {keys: {k: {pem: \"%s\"}}, rules: {handlers: '*', any-of: k}}".formatted(pem));
    Files.write(
        directory.resolve("modules/hello/1.0.1/signature.sigstore.json"),
        SigningKey.parse(TestKeys.privatePem(KEYS)).sign(digest("1.0.1")).bytes());

    var run = run("verify", "--json");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    var verdicts = new ArrayList<String>();
    for (var release : json(run).at("/releases")) {
      verdicts.add(
          release.at("/version").stringValue() + " " + release.at("/verdict").stringValue());
      if (release.at("/verdict").stringValue().equals("untrusted")) {
        assertThat(release.at("/reason").stringValue()).contains("it has no signature");
      }
    }
    assertThat(verdicts).containsExactlyInAnyOrder("1.0.0 untrusted", "1.0.1 trusted");
    assertThat(run("verify", "hello@1.0.1").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run("approve", "hello@1.0.0").out()).contains("it may not run yet");
  }

  @Test
  void whatCannotBeApprovedIsSaid() throws IOException {
    assertThat(run("approve", "transform").err()).contains("comes with need no approval");
    assertThat(run("approve", "hello@stable").err()).contains("names a channel");
    assertThat(run("approve", "sha256:1").err()).contains("64 lower-case hex digits");
    assertThat(run("approve", "hello@1.0.0", "--by", " ").err()).contains("--by is empty");
    assertThat(CommandRun.of("registry", "approve", "hello").err()).contains("registry.approvals");
    assertThat(CommandRun.of("registry").exitCode()).isEqualTo(ExitCode.USAGE);

    Files.writeString(directory.resolve("approvals.yaml"), "approvals: x");
    var invalid = run("approve", "hello@1.0.0");
    assertThat(invalid.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(invalid.err()).contains("the approvals are invalid").doesNotContain("Exception");
  }

  private CommandRun run(String... arguments) {
    var all = new ArrayList<>(List.of("registry"));
    all.addAll(List.of(arguments));
    setting(all, "registry.directory=" + directory.resolve("modules"));
    setting(all, "registry.approvals=" + directory.resolve("approvals.yaml"));
    if (Files.exists(directory.resolve("policy.yaml"))) {
      setting(all, "policy.file=" + directory.resolve("policy.yaml"));
    }
    return CommandRun.of(all.toArray(String[]::new));
  }

  private static void setting(List<String> arguments, String setting) {
    arguments.add("-s");
    arguments.add(setting);
  }

  private static JsonNode json(CommandRun run) {
    return JsonMapper.shared().readTree(run.out());
  }

  private void policy(String text) throws IOException {
    Files.writeString(directory.resolve("policy.yaml"), text);
  }

  private void put(String version) throws IOException {
    var release = Files.createDirectories(directory.resolve("modules/hello/" + version));
    Files.write(release.resolve("module.wasm"), MODULE);
    Files.write(release.resolve("manifest.json"), manifest(version).bytes());
  }

  private static Document manifest(String version) {
    return Document.of("{\"name\":\"hello\",\"version\":\"%s\",\"abi\":\"1\"}".formatted(version));
  }

  private static Digest digest(String version) {
    var id = new ReleaseId("hello", Version.parse(version));
    return OciLayout.of(id, manifest(version), new WasmBinary(MODULE)).digest();
  }
}
