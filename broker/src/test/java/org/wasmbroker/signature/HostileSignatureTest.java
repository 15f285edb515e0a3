package org.wasmbroker.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.signature.CosignSignature.Verdict;
import org.wasmbroker.step.Digest;

/** Documents that a stranger wrote, or that the right key signed for another purpose. */
class HostileSignatureTest {
  private static final KeyPair KEYS = TestKeys.p256();
  private static final VerificationKey KEY = VerificationKey.parse(TestKeys.publicPem(KEYS));
  private static final Digest DIGEST = Digest.of("a manifest".getBytes(UTF_8));
  private static final String STATEMENT =
      """
      {"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"%s"}}],\
      "predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}\
      """
          .formatted(DIGEST);

  @Test
  void theStatementThatTheseTestsChangeIsValid() {
    assertThat(verdict(bundle(STATEMENT))).isEqualTo(new Verdict.Valid());
  }

  static Stream<Arguments> statements() {
    var other = Digest.of(new byte[0]);
    return Stream.of(
        Arguments.of(STATEMENT.replace("/Statement/v1", "/Statement/v0.1"), "/_type"),
        Arguments.of(
            STATEMENT.replace(
                "https://sigstore.dev/cosign/sign/v1", "https://slsa.dev/provenance/v1"),
            "/predicateType"),
        Arguments.of(STATEMENT.replace("\"predicateType\"", "\"predicatetype\""), "is missing"),
        Arguments.of(STATEMENT.replace(DIGEST.hex(), other.hex()), "is for sha256:" + other),
        Arguments.of(STATEMENT.replace("sha256", "sha512"), "names no SHA-256 digest"),
        Arguments.of(STATEMENT.replace("sha256", "SHA256"), "names no SHA-256 digest"),
        Arguments.of(
            STATEMENT.replace(DIGEST.hex(), DIGEST.hex().toUpperCase(java.util.Locale.ROOT)),
            "64 lower-case hex"),
        Arguments.of(STATEMENT.replaceFirst("\"subject\":\\[.*?\\]", "\"subject\":{}"), "array"),
        Arguments.of(STATEMENT.replaceFirst("\"subject\":\\[.*?\\],", ""), "no SHA-256"),
        Arguments.of(
            STATEMENT.replace(
                "\"predicate\":{}",
                "\"predicate\":{},\"_type\":\"https://in-toto.io/Statement/v1\""),
            "appears twice"),
        Arguments.of(
            STATEMENT.replace("{\"sha256\"", "{\"sha256\":\"%s\",\"sha256\"".formatted(other)),
            "appears twice"),
        Arguments.of(STATEMENT + STATEMENT, "second document"),
        Arguments.of("[" + STATEMENT + "]", "must be an object"),
        Arguments.of("[".repeat(30_000), "deeper than 20"),
        Arguments.of(" ", "is missing"),
        Arguments.of("null", "must be an object"));
  }

  @ParameterizedTest
  @MethodSource("statements")
  void whatTheKeySignedForAnotherPurposeIsRefusedWithItsReason(String statement, String reason) {
    assertThat(verdict(bundle(statement)))
        .isInstanceOfSatisfying(
            Verdict.OfSomethingElse.class,
            refused -> assertThat(refused.reason()).contains(reason));
  }

  @Test
  void aSubjectWithFurtherAlgorithmsAndAStatementWithFurtherMembersAreValid() {
    var more =
        STATEMENT
            .replace("{\"sha256\"", "{\"sha512\":\"00\",\"sha256\"")
            .replace("\"predicate\":{}", "\"predicate\":{},\"later\":1");
    assertThat(verdict(bundle(more))).isEqualTo(new Verdict.Valid());
  }

  @Test
  void oneOfSeveralSubjectsSuffices() {
    var more =
        STATEMENT.replace(
            "[{\"digest\"",
            "[{\"name\":\"x\",\"digest\":{\"sha256\":\"%s\"}},{\"digest\""
                .formatted(Digest.of(new byte[0])));
    assertThat(verdict(bundle(more))).isEqualTo(new Verdict.Valid());
  }

  @Test
  void theSignedBytesAreThoseOfTheSpecification() {
    assertThat(
            DsseEnvelope.signedBytes(
                "http://example.com/HelloWorld", "hello world".getBytes(UTF_8)))
        .asString(UTF_8)
        .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    assertThat(DsseEnvelope.signedBytes("é", new byte[0]))
        .asString(UTF_8)
        .as("lengths are of bytes")
        .isEqualTo("DSSEv1 2 é 0 ");
  }

  static Stream<UnaryOperator<byte[]>> otherEncodings() {
    return Stream.of(
        payload -> payload,
        payload -> prefixed("DSSEv1 28 application/vnd.in-toto+json ", payload),
        payload ->
            prefixed(
                "DSSEv1 28 application/vnd.in-toto+json " + (payload.length + 1) + " ", payload),
        payload ->
            prefixed("DSSEv1 28 application/vnd.in-toto+json 0" + payload.length + " ", payload),
        payload -> prefixed("DSSEv1 16 application/json " + payload.length + " ", payload),
        payload ->
            prefixed("DSSEv2 28 application/vnd.in-toto+json " + payload.length + " ", payload));
  }

  @ParameterizedTest
  @MethodSource("otherEncodings")
  void aSignatureOfAnyOtherEncodingOfThePayloadIsNone(UnaryOperator<byte[]> encoding) {
    var payload = STATEMENT.getBytes(UTF_8);
    assertThat(verdict(bundle(payload, signed(encoding.apply(payload)))))
        .isEqualTo(new Verdict.NotByThisKey());
  }

  static Stream<Arguments> signatures() throws GeneralSecurityException {
    var right = signed(DsseEnvelope.signedBytes(DsseEnvelope.IN_TOTO, STATEMENT.getBytes(UTF_8)));
    var order = KeyAlgorithm.ECDSA_P256.parameters().getOrder();
    var zero = BigInteger.ZERO;
    var one = BigInteger.ONE;
    return Stream.of(
        Arguments.of("r = s = 0", der(zero, zero)),
        Arguments.of("r = 0", der(zero, one)),
        Arguments.of("s = 0", der(one, zero)),
        Arguments.of("r = s = n", der(order, order)),
        Arguments.of("r = s = 1", der(one, one)),
        Arguments.of("negative", der(one.negate(), one.negate())),
        Arguments.of("followed by a byte", Arrays.copyOf(right, right.length + 1)),
        Arguments.of("cut off", Arrays.copyOf(right, right.length - 1)),
        Arguments.of("two numbers without DER", new byte[64]),
        Arguments.of("empty sequence", new byte[] {0x30, 0}),
        Arguments.of("a length beyond its end", new byte[] {0x30, (byte) 0x84, 0x7f, -1, -1, -1}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("signatures")
  void numbersThatAreNoSignatureAreNone(String name, byte[] signature) {
    assertThat(verdict(bundle(STATEMENT.getBytes(UTF_8), signature)))
        .as(name)
        .isEqualTo(new Verdict.NotByThisKey());
  }

  @Test
  void theOtherSpellingOfASignatureIsTheSameSignatureAndGivesNothingNew()
      throws GeneralSecurityException {
    var right = signed(DsseEnvelope.signedBytes(DsseEnvelope.IN_TOTO, STATEMENT.getBytes(UTF_8)));
    int length = right[3];
    var r = new BigInteger(Arrays.copyOfRange(right, 4, 4 + length));
    var s = new BigInteger(Arrays.copyOfRange(right, 6 + length, right.length));
    var mirrored = der(r, KeyAlgorithm.ECDSA_P256.parameters().getOrder().subtract(s));

    assertThat(verdict(bundle(STATEMENT.getBytes(UTF_8), mirrored))).isEqualTo(new Verdict.Valid());
    assertThat(verdict(bundle(STATEMENT.replace("{}", "{ }").getBytes(UTF_8), mirrored)))
        .isEqualTo(new Verdict.NotByThisKey());
  }

  static Stream<Arguments> documents() {
    var right = bundle(STATEMENT);
    var payload = encode(STATEMENT.getBytes(UTF_8));
    return Stream.of(
        Arguments.of("", "/mediaType"),
        Arguments.of("{", "is not valid JSON"),
        Arguments.of("[]x", "JSON"),
        Arguments.of("null", "must be an object"),
        Arguments.of("\"x\"", "must be an object"),
        Arguments.of(right + right, "second document"),
        Arguments.of("[".repeat(40_000) + "]".repeat(20_000), "deeper"),
        Arguments.of(" ".repeat(70_000), "at most 65536"),
        Arguments.of("[" + "{},".repeat(16) + "{}]", "has 17 signatures"),
        Arguments.of(right.replace("v0.3", "v0.2"), "/mediaType"),
        Arguments.of(right.replace("\"mediaType\"", "\"other\""), "/other"),
        Arguments.of(right.replace("dsseEnvelope", "messageSignature"), "cosign sign-blob"),
        Arguments.of(
            right.replace("\"publicKey\"", "\"certificate\""), "without a key of one's own"),
        Arguments.of(right.replace("application/vnd.in-toto+json", "text/plain"), "/payloadType"),
        Arguments.of(
            right.replace("\"payloadType\"", "\"payloadtype\""), "payloadType: is missing"),
        Arguments.of(
            right.replace("[{\"sig\"", "[{\"sig\":\"AAAA\"},{\"sig\""), "at most 1 are allowed"),
        Arguments.of(right.replaceFirst("\\[\\{\"sig\".*?\\]", "[]"), "must have one element"),
        Arguments.of(right.replaceFirst("\\[\\{\"sig\".*?\\]", "{}"), "must be an array"),
        Arguments.of(right.replaceFirst("\"sig\":\"[^\"]*\"", "\"sig\":7"), "must be a string"),
        Arguments.of(right.replaceFirst("\"sig\":\"[^\"]*\"", "\"sig\":\"\""), "1 to 1024 bytes"),
        Arguments.of(
            right.replaceFirst("\"sig\":\"[^\"]*\"", "\"sig\":\"%s\"".formatted("A".repeat(8000))),
            "1 to 1024 bytes"),
        Arguments.of(right.replace("\"payload\"", "\"payload\":\"\",\"payload\""), "appears twice"),
        Arguments.of(right.replace(payload, payload.substring(0, payload.length() - 1)), "base64"),
        Arguments.of(right.replace(payload, payload + "\\n"), "base64"),
        Arguments.of(
            right.replace(payload, payload.substring(0, 8) + " " + payload.substring(8)), "base64"),
        Arguments.of(right.replace(payload, "-_-_"), "base64"),
        Arguments.of("{\"Base64Signature\":\"AAAA\"}", "/Payload: is missing"),
        Arguments.of("{\"Base64Signature\":\"AAAA\",\"Payload\":\"AAAA\",\"x\":1}", "/x"));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void aDocumentInAnotherFormHasNoSignatureAndTellsWhy(String document, String reason) {
    var read = SignatureDocument.read(document.getBytes(UTF_8));
    assertThat(read.signatures()).isEmpty();
    assertThat(read.faults()).singleElement().asString().contains(reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AA=", "AAB=", "AB==", "A", "A===", "AA==AA==", "AA", "AA==\n", "ＡＡ=="})
  void base64HasOneSpelling(String text) {
    assertThat(SignatureDocument.read(simple(text, "AA==").getBytes(UTF_8)).signatures()).isEmpty();
    assertThat(SignatureDocument.read(simple("AA==", "AA==").getBytes(UTF_8)).signatures())
        .hasSize(1);
  }

  @Test
  void oneThatCannotBeReadDoesNotHideTheOthers() {
    var read =
        SignatureDocument.read(
            "[{\"a\":1},%s,7,%s]".formatted(bundle(STATEMENT), bundle(STATEMENT)).getBytes(UTF_8));
    assertThat(read.signatures()).hasSize(2);
    assertThat(read.faults()).hasSize(2);
  }

  @Test
  void theEntriesOfATransparencyLogAreNoReasonToRefuseAKeyedSignature() {
    var logged =
        bundle(STATEMENT)
            .replace(
                "\"verificationMaterial\":{",
                "\"verificationMaterial\":{\"tlogEntries\":[{\"logIndex\":\"1\"}],");
    assertThat(verdict(logged)).isEqualTo(new Verdict.Valid());
  }

  static Stream<Arguments> simplePayloads() {
    var payload = simplePayload("cosign container image signature", "sha256:" + DIGEST);
    return Stream.of(
        Arguments.of(
            payload.replace("cosign container image", "atomic container"), "/critical/type"),
        Arguments.of(payload.replace("sha256:", ""), "must begin with sha256:"),
        Arguments.of(payload.replace("sha256:", "sha512:"), "must begin with sha256:"),
        Arguments.of(payload.replace("\"image\"", "\"picture\""), "names no SHA-256 digest"),
        Arguments.of(STATEMENT, "/critical/type"));
  }

  @ParameterizedTest
  @MethodSource("simplePayloads")
  void aPayloadOfTheOlderFormThatMeansAnotherThingIsRefused(String payload, String reason) {
    assertThat(verdict(simpleDocument(payload)))
        .isInstanceOfSatisfying(
            Verdict.OfSomethingElse.class,
            refused -> assertThat(refused.reason()).contains(reason));
  }

  @Test
  void oneFormsSignatureIsNotTheOthers() {
    var payload = simplePayload("cosign container image signature", "sha256:" + DIGEST);
    assertThat(verdict(simpleDocument(payload))).isEqualTo(new Verdict.Valid());
    assertThat(verdict(bundle(payload))).isInstanceOf(Verdict.OfSomethingElse.class);
    assertThat(verdict(bundle(payload.getBytes(UTF_8), signed(payload.getBytes(UTF_8)))))
        .isEqualTo(new Verdict.NotByThisKey());
  }

  private static Verdict verdict(String document) {
    var read = SignatureDocument.read(document.getBytes(UTF_8));
    assertThat(read.faults()).isEmpty();
    return read.signatures().getFirst().verify(KEY, DIGEST);
  }

  private static String bundle(String statement) {
    var payload = statement.getBytes(UTF_8);
    return bundle(payload, signed(DsseEnvelope.signedBytes(DsseEnvelope.IN_TOTO, payload)));
  }

  private static String bundle(byte[] payload, byte[] signature) {
    return """
    {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",\
    "verificationMaterial":{"publicKey":{"hint":"x"}},\
    "dsseEnvelope":{"payload":"%s","payloadType":"application/vnd.in-toto+json",\
    "signatures":[{"sig":"%s"}]}}\
    """
        .formatted(encode(payload), encode(signature));
  }

  private static String simplePayload(String type, String digest) {
    return """
    {"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"%s"},\
    "type":"%s"},"optional":null}\
    """
        .formatted(digest, type);
  }

  private static String simpleDocument(String payload) {
    var bytes = payload.getBytes(UTF_8);
    return simple(encode(signed(bytes)), encode(bytes));
  }

  private static String simple(String signature, String payload) {
    return "{\"Base64Signature\":\"%s\",\"Payload\":\"%s\",\"Cert\":null}"
        .formatted(signature, payload);
  }

  private static byte[] signed(byte[] message) {
    try {
      var signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(KEYS.getPrivate());
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static byte[] prefixed(String prefix, byte[] payload) {
    return (prefix + new String(payload, UTF_8)).getBytes(UTF_8);
  }

  private static byte[] der(BigInteger r, BigInteger s) {
    var first = r.toByteArray();
    var second = s.toByteArray();
    var bytes = new byte[6 + first.length + second.length];
    bytes[0] = 0x30;
    bytes[1] = (byte) (bytes.length - 2);
    bytes[2] = 2;
    bytes[3] = (byte) first.length;
    System.arraycopy(first, 0, bytes, 4, first.length);
    bytes[4 + first.length] = 2;
    bytes[5 + first.length] = (byte) second.length;
    System.arraycopy(second, 0, bytes, 6 + first.length, second.length);
    return bytes;
  }

  private static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
