package org.wasmbroker.registry.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.trust.TrustRules;
import org.wasmbroker.registry.release.Evidence;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.release.Verdict;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.signature.SigningKey;
import org.wasmbroker.signature.TestKeys;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.Version;

class TrustPolicyTest {
  private static final KeyPair ALICES = TestKeys.p256();
  private static final KeyPair BOBS = TestKeys.p256();
  private static final SigningKey ALICE = SigningKey.parse(TestKeys.privatePem(ALICES));
  private static final SigningKey BOB = SigningKey.parse(TestKeys.privatePem(BOBS));
  private static final SigningKey MALLORY = SigningKey.parse(TestKeys.privatePem(TestKeys.p256()));
  private static final ReleaseId HELLO = new ReleaseId("hello", Version.parse("1.0.0"));
  private static final Instant NOW = Instant.parse("2027-03-31T12:00:00Z");
  private static final String SIGNED_BY_ALICE = rules("{handlers: '*', any-of: alice}");

  @Test
  void whatTheDemandedKeySignedIsTrusted() {
    assertThat(verdict(SIGNED_BY_ALICE, signed(HELLO, ALICE))).isEqualTo(new Verdict.Trusted());
  }

  @Test
  void withoutADemandNothingHasToBeSigned() {
    assertThat(verdict("{}", unsigned(HELLO))).isEqualTo(new Verdict.Trusted());
    assertThat(verdict(rules("{handlers: other, any-of: alice}"), unsigned(HELLO)))
        .isEqualTo(new Verdict.Trusted());
  }

  @Test
  void whatComesWithTheBrokerNeedsNeitherSignatureNorApproval() {
    var policy = policy(SIGNED_BY_ALICE + "\napproval: required");
    assertThat(policy.check(release(HELLO, Origin.BUILT_IN), unsigned(HELLO)))
        .isEqualTo(new Verdict.Trusted());
  }

  static Stream<Arguments> untrusted() {
    var good = signed(HELLO, ALICE);
    var other = signed(new ReleaseId("hello", Version.parse("1.0.1")), ALICE);
    return Stream.of(
        Arguments.of("no signature", unsigned(HELLO), "it has no signature"),
        Arguments.of("another key", signed(HELLO, MALLORY), "by other keys"),
        Arguments.of(
            "the signature of another release",
            with(good, other.provenance().signatures()),
            "is for sha256:"),
        Arguments.of(
            "garbage", with(good, List.of(Document.of("{"))), "a signature that cannot be read"),
        Arguments.of(
            "another key under the right key's hint",
            with(good, List.of(withHint(ALICE, MALLORY))),
            "says that it is by key alice and is not"),
        Arguments.of(
            "another module under the signed OCI manifest",
            new Evidence(
                Digest.of(new byte[0]), 8, Optional.empty(), good.manifest(), good.provenance()),
            "are not this module"),
        Arguments.of(
            "a module of another size",
            new Evidence(good.module(), 9, Optional.empty(), good.manifest(), good.provenance()),
            "are not this module"),
        Arguments.of(
            "a manifest.json that asks for more under the signed OCI manifest",
            new Evidence(
                good.module(),
                good.moduleBytes(),
                good.component(),
                Document.of(good.manifest().text().replace("}", " }")),
                good.provenance()),
            "are not this module"),
        Arguments.of("a whole other release under this name", other, "does not name hello@1.0.0"),
        Arguments.of("no OCI manifest", withOciManifest(good, null), "has no OCI manifest"),
        Arguments.of(
            "an OCI manifest that is none",
            withOciManifest(good, Document.of("[]")),
            "its OCI manifest"),
        Arguments.of(
            "a signed OCI manifest with a third layer", withThirdLayer(), "are not this module"),
        Arguments.of(
            "a signed OCI manifest without our layer", withoutOurLayer(), "are not this module"),
        Arguments.of(
            "the right signature after sixteen others",
            with(
                good,
                Stream.concat(
                        Collections.nCopies(16, sign(good, MALLORY)).stream(),
                        good.provenance().signatures().stream())
                    .toList()),
            "16 count"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("untrusted")
  void whatIsNotSignedAsDemandedIsNotTrustedAndTellsWhy(
      String name, Evidence evidence, String reason) {
    assertThat(verdict(SIGNED_BY_ALICE, evidence))
        .as(name)
        .isInstanceOfSatisfying(
            Verdict.Untrusted.class, untrusted -> assertThat(untrusted.reason()).contains(reason));
  }

  @Test
  void aRightSignatureIsFoundAmongOthers() {
    var good = signed(HELLO, ALICE);
    assertThat(
            verdict(
                SIGNED_BY_ALICE,
                with(good, List.of(Document.of("x"), sign(good, MALLORY), sign(good, ALICE)))))
        .isEqualTo(new Verdict.Trusted());
  }

  @Test
  void anyOfNeedsOneKeyAndAllOfNeedsEach() {
    var any = rules("{handlers: '*', any-of: [alice, bob]}");
    var all = rules("{handlers: '*', all-of: [alice, bob]}");
    var byBob = signed(HELLO, BOB);
    var byBoth = with(byBob, List.of(sign(byBob, ALICE), sign(byBob, BOB)));
    var twiceByBob = with(byBob, List.of(sign(byBob, BOB), sign(byBob, BOB)));

    assertThat(verdict(any, byBob)).isEqualTo(new Verdict.Trusted());
    assertThat(verdict(all, byBoth)).isEqualTo(new Verdict.Trusted());
    assertThat(verdict(all, byBob)).isInstanceOf(Verdict.Untrusted.class);
    assertThat(verdict(all, twiceByBob)).isInstanceOf(Verdict.Untrusted.class);
  }

  @Test
  void everyRuleThatNamesTheHandlerHasToBeMet() {
    var both = rules("{handlers: '*', any-of: alice}, {handlers: hel*, any-of: bob}");
    var byAlice = signed(HELLO, ALICE);
    assertThat(verdict(both, byAlice)).isInstanceOf(Verdict.Untrusted.class);
    assertThat(verdict(both, with(byAlice, List.of(sign(byAlice, ALICE), sign(byAlice, BOB)))))
        .isEqualTo(new Verdict.Trusted());
  }

  @Test
  void aKeyIsNotAcceptedBeyondItsTimeThoughItsSignatureIsRight() {
    var evidence = signed(HELLO, ALICE);
    var over = SIGNED_BY_ALICE.replace("alice: {", "alice: {not-after: 2027-03-30, ");
    var early = SIGNED_BY_ALICE.replace("alice: {", "alice: {not-before: 2027-04-01, ");
    var last = SIGNED_BY_ALICE.replace("alice: {", "alice: {not-after: 2027-03-31, ");

    assertThat(reason(over, evidence)).contains("whose time was over at 2027-03-31T00:00:00Z");
    assertThat(reason(early, evidence)).contains("whose time begins at 2027-04-01T00:00:00Z");
    assertThat(verdict(last, evidence)).isEqualTo(new Verdict.Trusted());
  }

  @Test
  void aRevokedKeyOrAnotherDemandChangesTheVerdictAtOnce() {
    var policy = policy(SIGNED_BY_ALICE);
    var evidence = signed(HELLO, ALICE);
    assertThat(policy.check(release(HELLO, Origin.USER), evidence))
        .isEqualTo(new Verdict.Trusted());
    policy.apply(rulesOf(rules("{handlers: '*', any-of: bob}")));
    assertThat(policy.check(release(HELLO, Origin.USER), evidence))
        .isInstanceOf(Verdict.Untrusted.class);
  }

  @Test
  void anApprovalHoldsForThatModuleManifestNameAndVersionOnly() {
    var policy = policy("approval: required");
    var approved = unsigned(HELLO);
    policy.apply(approvalOf(HELLO, approved));

    assertThat(policy.check(release(HELLO, Origin.USER), approved))
        .isEqualTo(new Verdict.Trusted());
    var otherModule =
        new Evidence(
            Digest.of(new byte[] {1}),
            1,
            Optional.empty(),
            approved.manifest(),
            approved.provenance());
    var otherManifest =
        new Evidence(
            approved.module(),
            approved.moduleBytes(),
            approved.component(),
            Document.of(approved.manifest().text() + " "),
            approved.provenance());
    for (var changed : List.of(otherModule, otherManifest)) {
      assertThat(policy.check(release(HELLO, Origin.USER), changed))
          .isInstanceOf(Verdict.AwaitingApproval.class);
    }
    var next = new ReleaseId("hello", Version.parse("1.0.1"));
    assertThat(policy.check(release(next, Origin.USER), approved))
        .isInstanceOf(Verdict.AwaitingApproval.class);
  }

  @Test
  void theReasonForWaitingNamesTheDigestAndTheCommand() {
    var evidence = unsigned(HELLO);
    assertThat(policy("approval: required").check(release(HELLO, Origin.USER), evidence))
        .isEqualTo(
            new Verdict.AwaitingApproval(
                "nobody has approved sha256:%s; a person does so with: wasm-broker registry approve hello@1.0.0"
                    .formatted(TrustPolicy.approvalDigest(HELLO, evidence))));
  }

  @Test
  void anApprovalIsNoSignatureAndASignatureNoApproval() {
    var policy = policy(SIGNED_BY_ALICE + "\napproval: required");
    var evidence = unsigned(HELLO);
    policy.apply(approvalOf(HELLO, evidence));
    assertThat(policy.check(release(HELLO, Origin.USER), evidence))
        .isInstanceOf(Verdict.Untrusted.class);
    policy.apply(Approvals.NONE);
    assertThat(policy.check(release(HELLO, Origin.USER), signed(HELLO, ALICE)))
        .isInstanceOf(Verdict.AwaitingApproval.class);
  }

  private static Approvals approvalOf(ReleaseId id, Evidence evidence) {
    return Approvals.of(
        List.of(new Approval(TrustPolicy.approvalDigest(id, evidence), id, "a person", NOW, null)));
  }

  private static Verdict verdict(String policy, Evidence evidence) {
    return policy(policy).check(release(HELLO, Origin.USER), evidence);
  }

  private static String reason(String policy, Evidence evidence) {
    return verdict(policy, evidence) instanceof Verdict.Untrusted(var reason) ? reason : "";
  }

  private static Release release(ReleaseId id, Origin origin) {
    return new Release(id, null, origin, "a directory", null);
  }

  private static Evidence unsigned(ReleaseId id) {
    var manifest =
        Document.of(
            "{\"name\":\"%s\",\"version\":\"%s\",\"abi\":\"1\"}"
                .formatted(id.handler(), id.version()));
    var module = Digest.of("a module".getBytes(UTF_8));
    var layout = OciLayout.of(id, manifest, module, 8, Optional.empty());
    return new Evidence(
        module, 8, Optional.empty(), manifest, new Provenance(layout.bytes(), List.of()));
  }

  private static Evidence signed(ReleaseId id, SigningKey key) {
    var evidence = unsigned(id);
    return with(evidence, List.of(sign(evidence, key)));
  }

  private static Evidence with(Evidence evidence, List<Document> signatures) {
    return new Evidence(
        evidence.module(),
        evidence.moduleBytes(),
        evidence.component(),
        evidence.manifest(),
        new Provenance(evidence.provenance().ociManifest(), signatures));
  }

  private static Evidence withOciManifest(Evidence evidence, @Nullable Document bytes) {
    return new Evidence(
        evidence.module(),
        evidence.moduleBytes(),
        evidence.component(),
        evidence.manifest(),
        new Provenance(
            bytes,
            bytes == null
                ? evidence.provenance().signatures()
                : List.of(ALICE.sign(Digest.of(bytes.bytes())))));
  }

  private static Evidence withThirdLayer() {
    var evidence = unsigned(HELLO);
    var layer = "{\"mediaType\":\"application/wasm\",\"digest\":\"sha256:" + "0".repeat(64);
    return withOciManifest(
        evidence, edited(evidence, "\"layers\":[", "\"layers\":[" + layer + "\",\"size\":1},"));
  }

  private static Evidence withoutOurLayer() {
    var evidence = unsigned(HELLO);
    return withOciManifest(
        evidence, edited(evidence, OciLayout.MANIFEST_TYPE, "application/octet-stream"));
  }

  private static Document edited(Evidence evidence, String text, String replacement) {
    var before = Objects.requireNonNull(evidence.provenance().ociManifest()).text();
    assertThat(before).contains(text);
    return Document.of(before.replace(text, replacement));
  }

  private static Document sign(Evidence evidence, SigningKey key) {
    return key.sign(Objects.requireNonNull(evidence.provenance().manifestDigest()));
  }

  private static Document withHint(SigningKey claimed, SigningKey real) {
    var evidence = unsigned(HELLO);
    var hint = hint(sign(evidence, claimed));
    var document = sign(evidence, real);
    return Document.of(document.text().replace(hint(document), hint));
  }

  private static String hint(Document bundle) {
    var text = bundle.text();
    int at = text.indexOf("\"hint\":\"") + 8;
    return text.substring(at, text.indexOf('"', at));
  }

  private static String rules(String rules) {
    return "signatures: {keys: {alice: {pem: \"%s\"}, bob: {pem: \"%s\"}}, rules: [%s]}"
        .formatted(pem(ALICES), pem(BOBS), rules);
  }

  private static String pem(KeyPair keys) {
    return TestKeys.publicPem(keys).replace("\n", "\\n");
  }

  private static TrustPolicy policy(String text) {
    return new TrustPolicy(rulesOf(text), new FixedTime(NOW));
  }

  private static TrustRules rulesOf(String text) {
    return switch (Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy.trust();
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  private record FixedTime(Instant now) implements TimeSource {
    @Override
    public long nanos() {
      return 0;
    }
  }
}
