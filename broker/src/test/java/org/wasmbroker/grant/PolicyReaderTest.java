package org.wasmbroker.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.DamagedText;

class PolicyReaderTest {
  @Test
  void allProblemsAreReportedTogetherWithLineAndPath() {
    assertThat(
            problems(
                """
                clases: {}
                defaults:
                  functions: [read_input, raed_input, http_request]
                  new-work: many
                secrets:
                  KEY: ["https://api.example.com"]
                  EMPTY: []
                  bad name: []
                handlers:
                  - handler: Transform
                    versions: 1x
                  - hander: transform
                    handler: "*"
                    class: huge
                    mode: trial
                    limits: {memory: 1GiB, time: 1x, fuel: -1, output: 1GiB}
                    secrets: [KEYS, EMPTY]
                    http:
                      - htps://example.com
                      - {url: "https://example.com", host: example.com}
                      - {methods: GET}
                      - {host: a.example, networks: [10.0.0.1/8], redirects: 6, rate: 5, mode: x}
                """))
        .containsExactly(
            "line 1, column 1: /clases: is unknown; did you mean 'classes'? (available: defaults,"
                + " classes, secrets, handlers, signatures, approval)",
            "line 3, column 27: /defaults/functions/1: must be one of read_input,"
                + " read_input_at, write_output, append_output, log, get_time, read_content, was 'raed_input'; did you mean 'read_input'?",
            "line 3, column 39: /defaults/functions/2: http_request is granted by destinations in"
                + " http",
            "line 4, column 3: /defaults/new-work: must be a whole number, was 'many'",
            "line 8, column 3: /secrets/bad name: a secret's name has 1 to 128 of A-Z, a-z, 0-9,"
                + " '_', '-' and '.', and no dot at the front, was 'bad name'",
            "line 10, column 5: /handlers/0/handler: a handler's name has 1 to 64 of a-z, 0-9, '_'"
                + " and '-', was 'Transform'",
            "line 11, column 5: /handlers/0/versions: versions are *, or a version such as 1.2, or"
                + " bounds such as '>=1.2 <2' or ^1.2, was '1x'",
            "line 12, column 5: /handlers/1/hander: is unknown; did you mean 'handler'?"
                + " (available: handler, versions, functions, time-resolution, mode, http,"
                + " secrets, readable-secrets, new-steps, cache, files, environment, class, limits, new-work)",
            "line 14, column 5: /handlers/1/class: must be one of text, image, media, was 'huge'",
            "line 15, column 5: /handlers/1/mode: must be one of enforce, audit, was 'trial'",
            "line 16, column 14: /handlers/1/limits/memory: is set by the resource class; define"
                + " one and name it in class",
            "line 16, column 28: /handlers/1/limits/time: must be a duration such as 250ms or 30s,"
                + " was '1x'",
            "line 16, column 38: /handlers/1/limits/fuel: must be a whole number, was '-1'",
            "line 16, column 48: /handlers/1/limits/output: limits.output must be 2 bytes to 64"
                + " MiB, was 1 GiB",
            "line 17, column 15: /handlers/1/secrets/0: 'KEYS' is not under secrets; did you mean"
                + " 'KEY'?",
            "line 17, column 21: /handlers/1/secrets/1: 'EMPTY' is bound to no destination, so that"
                + " nothing could be filled in; name some under secrets, or grant it in"
                + " readable-secrets",
            "line 19, column 9: /handlers/1/http/0: a destination's scheme must be http, https or"
                + " *, was 'htps'",
            "line 20, column 9: /handlers/1/http/1: must have url, or else host with any of scheme,"
                + " port and path",
            "line 21, column 9: /handlers/1/http/2: must have url, or else host with any of scheme,"
                + " port and path",
            "line 22, column 38: /handlers/1/http/3/networks/0: a network with 8 bits must begin at"
                + " 10.0.0.0/8, was '10.0.0.1/8'",
            "line 22, column 51: /handlers/1/http/3/redirects: must be 0 to 5, was 6",
            "line 22, column 65: /handlers/1/http/3/rate: a rate is calls per second, minute or"
                + " hour, such as 10/s, 600/m or 1000/h, was '5'",
            "line 22, column 74: /handlers/1/http/3/mode: must be one of enforce, audit, was 'x'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | must be an object, was an array",
        "text | must be an object, was 'text'",
        "a: &x 1\\nb: *x | is an alias",
        "secrets: {}\\nsecrets: {} | appears twice",
        "--- {}\\n--- {} | a second document",
        "classes: {} | has no class",
        "classes: {tiny: {memory: 8MiB}} | is needed, since no class is named text; available:"
            + " tiny",
        "classes: {text: {time: 1s}} | has no memory",
        "classes: {Text: {memory: 1MiB}} | a resource class is named by",
        "classes: {text: {memory: 1}} | must be 64 KiB to 4 GiB",
        "handlers: [{http: https://example.com}] | has no handler",
        "handlers: {handler: x, limits: 3} | /handlers/limits: must be an object, was",
        "handlers: [{handler: }] | has no value",
        "{ | is not valid YAML",
        "\"a | is not valid YAML",
      })
  void invalidPoliciesAreRejected(String text, String expected) {
    assertThat(problems(text.replace("\\n", "\n"))).singleElement().asString().contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing", "---", "{}", "defaults:\nhandlers:\nsecrets:\n"})
  void anEmptyFileGrantsTheBasicFunctions(String text) {
    assertThat(read(text)).isInstanceOf(PolicyReadResult.Valid.class);
  }

  @Test
  void anOversizedOrNonUtf8FileIsRejected() {
    assertThat(problems("#".repeat(PolicyReader.MAX_BYTES + 1)).toString())
        .contains("at most 1048576 are allowed");
    assertThat(Policy.read(new byte[] {(byte) 0xff}, Limits.DEFAULTS))
        .asString()
        .contains("is not UTF-8");
    assertThat(problems("[".repeat(10_000)).toString()).contains("deep");
  }

  @Test
  void manyProblemsAreCounted() {
    assertThat(problems(unknownKeys(301))).hasSize(101).last().isEqualTo("and 201 more problems");
  }

  private static String unknownKeys(int count) {
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("unknown-key-number-").append(i).append(": 1\n");
    }
    return text.toString();
  }

  /** Whatever the bytes of a damaged policy are, reading them has a result. */
  @Test
  void readingDamagedInputNeverThrows() {
    var valid =
        """
        defaults: {functions: [log], class: text, limits: {time: 5s}}
        secrets: {KEY: ["* https://*.example.com:8443/v1"]}
        handlers:
          - handler: transform
            versions: ">=1.0 <2"
            http: [{url: "https://[2001:db8::1]/%61", networks: ["fd00::/8"], rate: 5/s}]
            secrets: [KEY]
        """
            .getBytes(UTF_8);
    int stillGood = 0;
    var damaged = new DamagedText(8, valid);
    for (int i = 0; i < 20_000; i++) {
      var bytes = damaged.next();
      stillGood += Policy.read(bytes, Limits.DEFAULTS) instanceof PolicyReadResult.Valid ? 1 : 0;
    }
    assertThat(stillGood).isBetween(1, 19_999);
  }

  private static List<String> problems(String text) {
    return switch (read(text)) {
      case PolicyReadResult.Valid(var policy) -> List.of("good: " + policy);
      case PolicyReadResult.Invalid(var problems) ->
          problems.stream().map(Problem::toString).toList();
    };
  }

  private static PolicyReadResult read(String text) {
    return Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS);
  }
}
