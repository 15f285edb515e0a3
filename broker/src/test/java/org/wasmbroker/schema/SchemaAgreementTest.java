package org.wasmbroker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.schema.pattern.EcmaPattern;
import org.wasmbroker.schema.pattern.InvalidPatternException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The host and the handlers of the catalog come to the same verdict on generated schemas and
 * values, or refuse the schema with the same words. The handler {@code validate} runs in the
 * sandbox; with {@code -Dschema.native=PATH}, the path of {@code validate-native}, as a program,
 * which needs no new module after a change. {@code -Dschema.pairs} is how many pairs are tried,
 * {@code -Dschema.seed} makes other ones.
 */
class SchemaAgreementTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int PAIRS = Integer.getInteger("schema.pairs", 4_000);
  private static final long SEED = Long.getLong("schema.seed", 1);

  private record Pair(String schema, String value) {
    Document step() {
      return Document.of("{\"config\":{\"schema\":" + schema + "},\"context\":" + value + "}");
    }
  }

  @Test
  void hostAndGuestGiveOneVerdict() throws IOException, InterruptedException {
    var generator = new SchemaGenerator(new Random(SEED));
    var pairs = new ArrayList<Pair>();
    while (pairs.size() < PAIRS) {
      var schema = generator.schema();
      for (int i = 0; i < 4; i++) {
        pairs.add(new Pair(schema, generator.value()));
      }
    }

    var guests = guestVerdicts(pairs);
    var verdicts = new ArrayList<String>();
    for (int i = 0; i < pairs.size(); i++) {
      var pair = pairs.get(i);
      var host = hostVerdict(pair);
      verdicts.add(host);
      assertThat(agree(host, guests.get(i)))
          .as(
              "schema %s%nvalue %s%nhost %s%nguest %s",
              pair.schema, pair.value, host, guests.get(i))
          .isTrue();
    }
    for (var verdict : List.of("valid", "invalid")) {
      assertThat(Collections.frequency(verdicts, verdict)).as(verdict).isGreaterThan(PAIRS / 10);
    }
    assertThat(verdicts).anyMatch(verdict -> verdict.contains("points outside this schema"));
    assertThat(verdicts).anyMatch(verdict -> verdict.contains("is not a supported dialect"));
    assertThat(verdicts).anyMatch(verdict -> verdict.contains("the pattern cannot be used"));
  }

  /** Both have tables of Unicode of their own. */
  @Test
  void hostAndGuestKnowTheSameCharacters() throws IOException, InterruptedException {
    var names = new ArrayList<>(List.of("ASCII", "Any", "Assigned", "White_Space"));
    for (var group : List.of("L", "LC", "M", "N", "P", "S", "Z", "C")) {
      names.add(group);
    }
    for (var script : Character.UnicodeScript.values()) {
      if (script != Character.UnicodeScript.UNKNOWN) {
        names.add("Script=" + scriptName(script));
      }
    }
    names.addAll(
        List.of(
            "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co",
            "Cn"));
    var pairs = names.stream().map(SchemaAgreementTest::membersAndOthers).toList();

    assertThat(pairs).allSatisfy(pair -> assertThat(hostVerdict(pair)).isEqualTo("valid"));
    assertThat(guestVerdicts(pairs)).containsOnly("valid");
  }

  private static String scriptName(Character.UnicodeScript script) {
    if (script == Character.UnicodeScript.SIGNWRITING) {
      return "SignWriting";
    }
    return Stream.of(script.name().split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining("_"));
  }

  /** A text of characters that have a property, as the host sees it, and one of others. */
  private static Pair membersAndOthers(String property) {
    var is = compiled("^\\p{" + property + "}$");
    var members = new StringBuilder();
    var others = new StringBuilder();
    for (int c = 0x20; c <= Character.MAX_CODE_POINT; c += stride(c)) {
      if (Character.getType(c) != Character.SURROGATE && c != '"' && c != '\\') {
        (is.matches(Character.toString(c), work -> {}) ? members : others).appendCodePoint(c);
      }
    }
    return new Pair(
        "{\"prefixItems\":[{\"pattern\":\"^\\\\p{%1$s}*$\"},{\"pattern\":\"^\\\\P{%1$s}*$\"}]}"
            .formatted(property),
        "[\"%s\",\"%s\"]".formatted(members, others));
  }

  /** Every character where there are many kinds, fewer where there are thousands of one kind. */
  private static int stride(int codePoint) {
    return codePoint < 0x3000 ? 1 : codePoint < 0x20000 ? 3 : 63;
  }

  private static EcmaPattern compiled(String pattern) {
    try {
      return EcmaPattern.compile(pattern);
    } catch (InvalidPatternException e) {
      throw new AssertionError(pattern, e);
    }
  }

  /**
   * The host cuts long pointers at their start. A value that violates a schema may be found invalid
   * before it is found uncheckable.
   */
  private static boolean agree(String host, String guest) {
    var end = host.startsWith("…") ? host.substring(1) : host;
    return host.equals(guest)
        || (end.length() < host.length() && guest.endsWith(end))
        || (isRejection(host) && isRejection(guest));
  }

  private static boolean isRejection(String verdict) {
    return verdict.equals("invalid") || verdict.startsWith("the value cannot be checked");
  }

  private static String hostVerdict(Pair pair) {
    var schema = JsonSchema.of(Document.of(pair.schema));
    var refused = schema.compileError();
    if (refused != null) {
      return refused;
    }
    var violations = schema.violations(Document.of(pair.value));
    if (violations.isEmpty()) {
      return "valid";
    }
    var first = violations.getFirst();
    return first.keyword().isEmpty() ? first.message() : "invalid";
  }

  private static List<String> guestVerdicts(List<Pair> pairs)
      throws IOException, InterruptedException {
    var program = System.getProperty("schema.native");
    var results = program == null ? inSandbox(pairs) : natively(program, pairs);
    return results.stream().map(result -> guestVerdict(JSON.readTree(result))).toList();
  }

  private static String guestVerdict(JsonNode result) {
    if (result.path("status").asString().equals("completed")) {
      return "valid";
    }
    var error = result.path("error");
    var message = error.path("message").asString();
    return error.path("type").asString().equals("validation_failed")
        ? "invalid"
        : SafeText.sanitize(message.replaceFirst("^/config/schema(: )?", ""), 2_000);
  }

  private static List<String> inSandbox(List<Pair> pairs) {
    try (var engine =
            WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
        var module = engine.compile(PrebuiltHandlers.module("validate"), Limits.DEFAULTS)) {
      return pairs.stream()
          .map(
              pair ->
                  module.run(
                      Invocations.basic(
                          pair.step(), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE)))
          .map(
              result ->
                  result instanceof InvocationResult.Completed(var output, var _)
                      ? output.text()
                      : "{\"error\":{\"message\":\"" + result.getClass().getSimpleName() + "\"}}")
          .toList();
    }
  }

  private static List<String> natively(String program, List<Pair> pairs)
      throws IOException, InterruptedException {
    var input = Files.createTempFile("schemas", ".jsonl");
    var output = Files.createTempFile("verdicts", ".jsonl");
    try {
      Files.write(input, pairs.stream().map(pair -> pair.step().text()).toList());
      var process =
          new ProcessBuilder(program, "--lines")
              .redirectInput(input.toFile())
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      assertThat(process.waitFor()).isZero();
      return Files.readAllLines(output, StandardCharsets.UTF_8);
    } finally {
      Files.delete(input);
      Files.delete(output);
    }
  }
}
