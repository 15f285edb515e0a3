package org.wasmbroker.grant.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.signature.TestKeys;

class TrustReaderTest {
  private static final String ONE = TestKeys.publicPem(TestKeys.p256());
  private static final String TWO = TestKeys.publicPem(TestKeys.p256());

  @Test
  void readsKeysRulesAndApproval() {
    var rules =
        valid(
            """
            signatures:
              keys:
                old: {pem: "%s", not-after: 2027-03-31}
                new: {pem: "%s", not-before: 2027-03-01T12:00:00Z}
              rules:
                - {handlers: "*", except: [play-*], any-of: [old, new]}
                - {handlers: [billing, acme-*], all-of: [old, new]}
            approval: {required: ["*"], except: play-*}
            """);

    assertThat(rules.keys()).extracting(TrustKey::name).containsExactly("old", "new");
    assertThat(rules.keys().getFirst().notAfter()).isEqualTo(Instant.parse("2027-04-01T00:00:00Z"));
    assertThat(rules.keys().getLast().notBefore()).isEqualTo(Instant.parse("2027-03-01T12:00:00Z"));
    assertThat(rules.signaturesFor("acme-x"))
        .extracting(SignatureRule::describe)
        .containsExactly("one of the keys old, new", "all of the keys old, new");
    assertThat(rules.signaturesFor("hello")).hasSize(1);
    assertThat(rules.signaturesFor("play-1")).isEmpty();
    assertThat(rules.needsApproval("hello")).isTrue();
    assertThat(rules.needsApproval("play-1")).isFalse();
  }

  @Test
  void withoutTheSectionsNothingIsDemanded() {
    assertThat(valid("handlers: []")).isEqualTo(TrustRules.NONE);
  }

  @Test
  void approvalInOneWordIsThatOfAllHandlers() {
    assertThat(valid("approval: required").needsApproval("hello")).isTrue();
  }

  @Test
  void aKeyIsAcceptedFromItsFirstMomentToBeforeItsEnd() {
    var key =
        valid(
                """
                signatures:
                  keys: {k: {pem: "%s", not-before: 2027-01-01, not-after: 2027-01-01}}
                  rules: {handlers: "*", any-of: k}
                """)
            .keys()
            .getFirst();
    assertThat(key.isAcceptedAt(Instant.parse("2026-12-31T23:59:59.999Z"))).isFalse();
    assertThat(key.isAcceptedAt(Instant.parse("2027-01-01T00:00:00Z"))).isTrue();
    assertThat(key.isAcceptedAt(Instant.parse("2027-01-01T23:59:59.999Z"))).isTrue();
    assertThat(key.isAcceptedAt(Instant.parse("2027-01-02T00:00:00Z"))).isFalse();
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        Arguments.of("signatures: {}", "has no rules"),
        Arguments.of("signatures: {keys: {k: {pem: \"%s\"}}}", "has no rules"),
        Arguments.of("signatures: {rules: []}\nsignature: {}", "unknown"),
        Arguments.of("signatures: {rules: [], key: {}}", "unknown"),
        Arguments.of("signatures: {keys: {k: {}}, rules: []}", "needs either pem"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\", file: x}}, rules: []}", "needs either pem"),
        Arguments.of("signatures: {keys: {k: {pem: x}}, rules: []}", "is not PEM"),
        Arguments.of("signatures: {keys: {k: {file: x}}, rules: []}", "write the key out as pem"),
        Arguments.of("signatures: {keys: {'a b': {pem: \"%s\"}}, rules: []}", "a key's name"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\", not-after: soon}}, rules: []}",
            "must be a day such as"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\", not-after: 2027-01-01, not-before: 2027-01-03}},"
                + " rules: []}",
            "ends (not-after) before it begins"),
        Arguments.of(
            "signatures: {rules: [{handlers: '*', any-of: k}]}", "/signatures/rules/0/any-of"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\"}}, rules: [{handlers: '*'}]}",
            "needs either any-of or all-of"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\"}}, rules: [{handlers: '*', any-of: []}]}",
            "has no key"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\"}}, rules: [{any-of: k}]}", "has no handlers"),
        Arguments.of(
            "signatures: {keys: {k: {pem: \"%s\"}}, rules: [{handlers: A, any-of: k}]}",
            "must be a handler's name"),
        Arguments.of("approval: none", "must be 'required'"),
        Arguments.of("approval: {}", "has no member required"),
        Arguments.of("approval: {required: '*', by: x}", "unknown"));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void whatIsWrongIsAProblemOfTheWholeFile(String policy, String problem) {
    assertThat(problems(policy)).contains(problem);
  }

  @Test
  void oneKeyUnderTwoNamesWouldCountTwice() {
    assertThat(
            problems(
                "signatures: {keys: {a: {pem: \"%1$s\"}, b: {pem: \"%1$s\"}}, rules: [{handlers:"
                    + " '*', all-of: [a, b]}]}"))
        .contains("/signatures/keys/b: is the same key as a");
  }

  @Test
  void aKeyInAFileIsReadBesideThePolicyAndItsChangeIsAChangeOfThePolicy(@TempDir Path directory)
      throws IOException {
    var policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy, "signatures: {keys: {k: {file: keys/k.pub}}, rules: [{handlers: '*', any-of: k}]}");

    assertThat(result(PolicyWatcher.read(policy, Limits.DEFAULTS))).contains("there is no file");
    Files.createDirectory(directory.resolve("keys"));
    Files.writeString(directory.resolve("keys/k.pub"), ONE);
    var first = PolicyWatcher.read(policy, Limits.DEFAULTS);
    Files.writeString(directory.resolve("keys/k.pub"), TWO);
    var second = PolicyWatcher.read(policy, Limits.DEFAULTS);
    assertThat(first).isInstanceOf(PolicyReadResult.Valid.class).isNotEqualTo(second);
    Files.delete(directory.resolve("keys/k.pub"));
    Files.createDirectory(directory.resolve("keys/k.pub"));
    assertThat(result(PolicyWatcher.read(policy, Limits.DEFAULTS))).contains("no regular file");
  }

  @ParameterizedTest
  @CsvSource({
    "*, anything, true",
    "hello, hello, true",
    "hello, hell, false",
    "hello, hello2, false",
    "acme-*, acme-x, true",
    "acme-*, acme-, true",
    "acme-*, acme, false",
    "*-x, a-x, true",
    "*-x, a-x-y, false",
    "a*b*c, a1b2b3c, true",
    "**, x, true",
    "a**a, aa, true",
    "a**a, a, false"
  })
  void aStarStandsForAnyCharacters(String pattern, String handler, boolean matches) {
    assertThat(new HandlerPattern(pattern).matches(handler)).isEqualTo(matches);
  }

  private static TrustRules valid(String policy) {
    return switch (read(policy)) {
      case PolicyReadResult.Valid(var read) -> read.trust();
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  private static String problems(String policy) {
    return result(read(policy));
  }

  private static String result(PolicyReadResult result) {
    return switch (result) {
      case PolicyReadResult.Valid _ -> "valid";
      case PolicyReadResult.Invalid(var problems) ->
          String.join("\n", problems.stream().map(Problem::toString).toList());
    };
  }

  private static PolicyReadResult read(String policy) {
    var keys = List.of(ONE.replace("\n", "\\n"), TWO.replace("\n", "\\n"));
    return Policy.read(policy.formatted(keys.toArray()).getBytes(UTF_8), Limits.DEFAULTS);
  }
}
