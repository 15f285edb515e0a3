package org.wasmbroker.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;

final class StepSecretsTest {
  private static final String VALUE = "k3y-of-the-shop";
  private static final Digest DIGEST = Digest.of(new byte[] {1});

  private record ById(UUID id) implements Claim {}

  private final Map<String, String> variables = new HashMap<>();
  private final List<String> events = new ArrayList<>();
  private final CapturedLog log = CapturedLog.of("audit", Level.INFO);
  private final StepSecrets secrets =
      new StepSecrets(
          Map.of(
              new SecretName("TOKEN"),
              new SecretGrant(new SecretName("TOKEN"), true, List.of()),
              new SecretName("FILLED"),
              new SecretGrant(
                  new SecretName("FILLED"),
                  false,
                  List.of(Destination.parse("POST https://api.example.com/v1")))),
          new SecretStore(List.of(new EnvironmentSecrets("S_", variables))),
          new ModuleId("shop", "1.2.3", DIGEST),
          step(),
          event -> {
            if (event instanceof CallEvent.SecretUsed(_, _, String use, String answer)) {
              events.add(use + " " + answer);
            }
          });

  @BeforeEach
  void setSecrets() {
    variables.put("S_TOKEN", VALUE);
    variables.put("S_FILLED", "f1lled-in-by-the-host");
    variables.put("S_OTHER", "of-somebody-else");
  }

  @AfterEach
  void stopCapturing() {
    log.close();
    log.events()
        .forEach(
            line ->
                assertThat(text(line))
                    .doesNotContain(VALUE, "f1lled-in-by-the-host", "of-somebody-else"));
  }

  @Test
  void aGrantedSecretIsReadAndTheReadIsAudited() throws CallRefusedException {
    assertThat(secrets.read("TOKEN")).asString(StandardCharsets.UTF_8).isEqualTo(VALUE);

    assertThat(events).containsExactly("read allowed");
    assertThat(log.events()).hasSize(1);
    assertThat(text(log.events().getFirst()))
        .contains(
            "handler=shop",
            "version=1.2.3",
            "digest=" + DIGEST,
            "step=00000000-0000-0001-0000-000000000001",
            "task=00000000-0000-0002-0000-000000000002",
            "correlation=00000000-0000-0003-0000-000000000003",
            "attempt=1",
            "secret=TOKEN",
            "use=read",
            "answer=allowed");
  }

  @Test
  void anUngrantedSecretIsDeniedWhetherOrNotItExists() {
    assertRefused("OTHER", AbiError.DENIED);
    assertRefused("NOWHERE", AbiError.DENIED);
    assertThat(events).containsExactly("read denied", "read denied");
    assertThat(text(log.events().getFirst())).contains("secret=OTHER", "answer=denied");
    assertThat(secrets.hasIssuedValues()).isFalse();
  }

  @Test
  void aFillOnlySecretCannotBeRead() {
    assertRefused("FILLED", AbiError.DENIED);
  }

  @Test
  void aGrantedSecretWithoutAValueIsNotFoundAndAnUnusableOneIsAnError() {
    variables.remove("S_TOKEN");
    assertRefused("TOKEN", AbiError.NOT_FOUND);
    variables.put("S_TOKEN", "abc");
    assertRefused("TOKEN", AbiError.IO);
    assertThat(events).containsExactly("read not_found", "read unavailable");
  }

  @Test
  void anInvalidSecretNameIsRefused() {
    assertRefused("../TOKEN", AbiError.INVALID);
    assertRefused("..data", AbiError.INVALID);
    assertRefused("", AbiError.INVALID);
    assertThat(log.events()).isEmpty();
  }

  @Test
  void repeatedReadsAreOneAuditLineAndACountAtTheEnd() throws CallRefusedException {
    for (int i = 0; i < 1000; i++) {
      secrets.read("TOKEN");
    }
    assertThat(log.events()).hasSize(1);
    secrets.close();

    assertThat(log.events()).hasSize(2);
    assertThat(text(log.events().get(1))).contains("secret=TOKEN", "times=1000");
  }

  @Test
  void endlessNameGuessingDoesNotFloodTheAudit() {
    for (int i = 0; i < 10_000; i++) {
      assertRefused("NAME_" + i, AbiError.DENIED);
    }
    secrets.close();

    assertThat(log.events()).hasSize(51);
    assertThat(text(log.events().getLast())).contains("times=9950");
    assertThat(events).hasSize(10_000);
  }

  @Test
  void placeholdersAreFilledForBoundDestinationsAndTheFillingIsWrittenDown()
      throws CallRefusedException {
    assertThat(fill("Bearer {{secret:FILLED}}, {{x}} {{secret:FILLED}}", "/v1/orders", "POST"))
        .isEqualTo("Bearer f1lled-in-by-the-host, {{x}} f1lled-in-by-the-host");
    assertThat(text(log.events().getFirst()))
        .contains("use=fill", "answer=allowed", "where=https://api.example.com");
    assertThat(fill("no placeholder", "/", "GET")).isEqualTo("no placeholder");
  }

  @Test
  void aDestinationTheSecretIsNotBoundToIsRefused() {
    assertNotFilled("{{secret:FILLED}}", "/v1/orders", "GET", AbiError.DENIED);
    assertNotFilled("{{secret:FILLED}}", "/v2", "POST", AbiError.DENIED);
    assertNotFilled("{{secret:TOKEN}}", "/v1", "POST", AbiError.DENIED);
    assertNotFilled("{{secret:OTHER}}", "/v1", "POST", AbiError.DENIED);
    assertThat(events).containsOnly("fill denied");
    assertThat(secrets.hasIssuedValues()).isFalse();
  }

  @Test
  void aMalformedPlaceholderIsRefused() {
    for (var broken :
        List.of(
            "{{secret:",
            "{{secret:}}",
            "{{secret: FILLED}}",
            "{{secret:FILLED}",
            "{{secret:a/b}}")) {
      assertNotFilled(broken, "/v1", "POST", AbiError.INVALID);
    }
  }

  @Test
  void aValueThatLooksLikeAPlaceholderIsNotExpanded() throws CallRefusedException {
    variables.put("S_FILLED", "{{secret:OTHER}}");

    assertThat(fill("{{secret:FILLED}}", "/v1", "POST")).isEqualTo("{{secret:OTHER}}");
  }

  @Test
  void nothingIsALeakBeforeAValueWasIssued() {
    assertThat(secrets.findLeak(VALUE, "the result document")).isEmpty();
    assertThat(secrets.redact(VALUE, true)).isEqualTo(VALUE);
  }

  @Test
  void aReadValueIsReportedAsALeakWithNameFormAndPointer() throws CallRefusedException {
    secrets.read("TOKEN");
    var document =
        "{\"status\":\"completed\",\"result\":{\"a/b\":[1,{\"c\":\"x "
            + VALUE.replace("-", "\\u002d")
            + "\"}]}}";

    var leak = secrets.findLeak(document, "the result document").orElseThrow();
    assertThat(leak).isEqualTo(new Leak(new SecretName("TOKEN"), Form.ESCAPED, "/result/a~1b/1/c"));
    var error = leak.toError("the result document");
    assertThat(error.type()).isEqualTo("secret_in_output");
    assertThat(error.retryable()).isFalse();
    assertThat(error.message())
        .isEqualTo(
            "the result document contains the value of secret TOKEN, with escapes, at"
                + " /result/a~1b/1/c; it was dropped");
    assertThat(events).containsExactly("read allowed", "leak refused");
    assertThat(text(log.events().getLast())).contains("secret=TOKEN", "form=escaped");
  }

  @Test
  void endlessLeaksDoNotFloodTheAudit() throws CallRefusedException {
    secrets.read("TOKEN");
    for (int i = 0; i < 1000; i++) {
      assertThat(secrets.findLeak("https://example.com/" + VALUE + i, "a request's URL"))
          .isPresent();
    }
    secrets.close();

    assertThat(log.events()).hasSize(3);
    assertThat(text(log.events().getLast())).contains("use=leak", "times=1000");
  }

  @Test
  void aValueInAMemberNameIsFoundAndNotRepeatedInThePointer() throws CallRefusedException {
    secrets.read("TOKEN");

    assertThat(
            secrets
                .findLeak("{\"result\":{\"" + VALUE + "\":1}}", "the result document")
                .orElseThrow())
        .isEqualTo(new Leak(new SecretName("TOKEN"), Form.PLAIN, "/result"));
    assertThat(
            secrets
                .findLeak(
                    "{\"k3y-of\":{\"-the-shop\":{\"x\":\"" + VALUE + "\"}}}", "the result document")
                .orElseThrow()
                .pointer())
        .isEqualTo("/k3y-of/-the-shop/x");
  }

  @Test
  void memberNamesThatSpellTheValueAreNotRepeatedInThePointer() throws CallRefusedException {
    variables.put("S_TOKEN", "k3y/shop");
    secrets.read("TOKEN");

    assertThat(secrets.findLeak("{\"k3y\":{\"shop\":[\"k3y/shop\"]}}", "x").orElseThrow().pointer())
        .isEqualTo("/[secret TOKEN]/0");
  }

  @Test
  void aValueSpreadOverAnArrayIsFoundWithoutAPointer() throws CallRefusedException {
    secrets.read("TOKEN");
    var numbers = Arrays.toString(VALUE.getBytes(StandardCharsets.UTF_8));

    assertThat(
            secrets.findLeak("{\"result\":" + numbers + "}", "the result document").orElseThrow())
        .isEqualTo(new Leak(new SecretName("TOKEN"), Form.NUMBERS, ""));
  }

  @Test
  void aFilledValueThatIsEchoedBackIsALeak() throws CallRefusedException {
    fill("{{secret:FILLED}}", "/v1", "POST");

    assertThat(secrets.findLeak("{\"result\":\"f1lled-in-by-the-host\"}", "the result document"))
        .isPresent();
    assertThat(secrets.redact("got f1lled-in-by-the-host", false)).isEqualTo("got [secret FILLED]");
  }

  @Test
  void aValueThatRotatesWithinAStepIsRereadAndBothAreScannedFor() throws CallRefusedException {
    secrets.read("TOKEN");
    variables.put("S_TOKEN", "the-new-k3y");
    assertThat(secrets.read("TOKEN")).asString(StandardCharsets.UTF_8).isEqualTo("the-new-k3y");

    assertThat(secrets.findLeak(VALUE, "x")).isPresent();
    assertThat(secrets.findLeak("the-new-k3y", "x")).isPresent();
  }

  @Test
  void anErrorOfTheBrokerThatContainsAValueIsReplaced() throws CallRefusedException {
    var innocent = StepError.permanent("trapped", "unreachable");
    var errors =
        List.of(
            error("trapped", "last words: " + VALUE, "code", List.of(), null),
            error("trapped", "unreachable", "code", List.of("f", VALUE), null),
            error("trapped", "unreachable", VALUE, List.of(), null),
            error(VALUE, "unreachable", null, List.of(), null),
            error("trapped", "unreachable", null, List.of(), Document.of("[\"" + VALUE + "\"]")));
    assertThat(errors).allSatisfy(error -> assertThat(secrets.redact(error)).isSameAs(error));
    secrets.read("TOKEN");

    assertThat(secrets.redact(innocent)).isSameAs(innocent);
    assertThat(errors)
        .extracting(secrets::redact)
        .allSatisfy(
            error -> {
              assertThat(error.type()).isEqualTo("secret_in_output");
              assertThat(error.message()).contains("TOKEN").doesNotContain(VALUE);
              assertThat(error.context()).isNull();
            });
  }

  private static StepError error(
      String type,
      String message,
      @Nullable String code,
      List<String> backtrace,
      @Nullable Document context) {
    return new StepError(
        type,
        message,
        false,
        code,
        null,
        backtrace,
        context == null ? null : new ErrorContext.Json(context));
  }

  @Test
  void valuesAreOverwrittenOnClose() throws CallRefusedException {
    var value = secrets.read("TOKEN");
    secrets.close();

    assertThat(value).containsOnly(0);
    assertThat(secrets.findLeak(VALUE, "x")).isEmpty();
  }

  private String fill(String text, String path, String method) throws CallRefusedException {
    return secrets.fill(text, HttpTarget.parse(method, "https://api.example.com" + path));
  }

  private void assertNotFilled(String text, String path, String method, AbiError error) {
    assertThatThrownBy(() -> fill(text, path, method))
        .isInstanceOfSatisfying(
            CallRefusedException.class,
            refused -> {
              assertThat(refused.error()).isEqualTo(error);
              assertThat(refused.getMessage()).doesNotContain("f1lled");
            });
  }

  private void assertRefused(String name, AbiError error) {
    assertThatThrownBy(() -> secrets.read(name))
        .isInstanceOfSatisfying(
            CallRefusedException.class, refused -> assertThat(refused.error()).isEqualTo(error));
  }

  private static String text(ILoggingEvent line) {
    return line.getFormattedMessage()
        + line.getKeyValuePairs().stream()
            .map(pair -> " " + pair.key + "=" + pair.value)
            .collect(Collectors.joining());
  }

  private static Step step() {
    return new Step(
        new StepIds(new StepId(new UUID(1, 1)), new UUID(2, 2), new UUID(3, 3)),
        "charge",
        HandlerRef.parse("shop"),
        new Attempt(1, 3),
        Duration.ofSeconds(30),
        Document.of("{}"),
        new ById(new UUID(4, 4)),
        Instant.EPOCH,
        TraceContext.NONE);
  }
}
