package org.wasmbroker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

class JsonSchemaTest {
  private static final JsonMapper JSON = new JsonMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"$ref\":\"https://example.org/a.json\"} | /$ref: 'https://example.org/a.json' points outside this schema; only references within it are followed",
        "{\"allOf\":[{\"$ref\":\"file:///etc/passwd\"}]} | /allOf/0/$ref: 'file:///etc/passwd' points outside this schema",
        "{\"properties\":{\"a\":{\"$dynamicRef\":\"other#x\"}}} | /properties/a/$dynamicRef: 'other#x' points outside this schema",
        "{\"properties\":{\"default\":{\"$ref\":\"classpath:/org/wasmbroker/protocol/standalone/step-message.schema.json\"}}} | points outside",
        "{\"$schema\":\"https://example.org/schema\"} | /$schema: \"https://example.org/schema\" is not a supported dialect",
        "{\"$schema\":7} | /$schema: 7 is not a supported dialect",
        "{\"items\":{\"$schema\":\"http://json-schema.org/draft-07/schema\"}} | /items/$schema: \"http://json-schema.org/draft-07/schema\" is not the dialect of the schema around it",
        "{\"type\":\"strin\"} | /type: expected types out of null, boolean",
        "{\"required\":[\"a\",\"a\"]} | /required: expected an array of different strings",
        "{\"$ref\":\"#/$defs/none\"} | /$ref: '#/$defs/none' points to nothing",
        "{\"$ref\":\"#none\"} | /$ref: '#none' points to nothing",
        "{\"$defs\":{\"a\":{\"$id\":\"x\"},\"b\":{\"$id\":\"x\"}}} | /$defs/b: the identifier '/x' is there twice",
        "{\"minItems\":1.5} | /minItems: expected an integer that is not negative",
        "{\"maxLength\":-1e300} | /maxLength: expected an integer that is not negative",
        "{\"multipleOf\":0e5} | /multipleOf: expected a number greater than 0",
        "{\"multipleOf\":1.11111111111111111111111111111111111111} | /multipleOf: expected a number with at most 38 significant digits",
        "{\"pattern\":\"[\"} | /pattern: the pattern cannot be used: a class is not closed, at character 0",
        "{\"pattern\":\"(a)\\\\1\"} | /pattern: the pattern cannot be used: back-references are not served, at character 3",
        "{\"patternProperties\":{\"\\\\p{Emoji}\":{}}} | the pattern cannot be used: the property 'Emoji' is not served",
        "{\"properties\":{\"a\":{\"items\":{\"anyOf\":[true,{\"not\":{\"$ref\":\"#/none\"}}]}}}} | /properties/a/items/anyOf/1/not/$ref: '#/none' points to nothing",
        "{\"if\":{\"$ref\":\"#/none\"}} | /if/$ref: '#/none' points to nothing",
        "{\"$defs\":{\"a\":{\"$ref\":\"#/none\"}},\"$ref\":\"#/$defs/a\"} | /$defs/a/$ref: '#/none' points to nothing",
      })
  void anUnusableSchemaSaysWhyAndRejectsNothing(String schema, String fault) {
    var read = JsonSchema.of(Document.of(schema));

    assertThat(read.compileError()).isNotNull().contains(fault == null ? "" : fault);
    assertThat(read.validate(Document.of("{}"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-04/schema#",
      })
  void everyDialectIsSupported(String dialect) {
    var schema =
        JsonSchema.of(JSON.readTree("{\"$schema\":\"%s\",\"type\":\"string\"}".formatted(dialect)));

    assertThat(schema.compileError()).isNull();
    assertThat(schema.validate(Document.of("1"))).hasSize(1);
  }

  @Test
  void localReferencesAndDataThatLooksLikeThemAreAccepted() {
    var schema =
        JsonSchema.of(
            JSON.readTree(
                """
                {"properties":{"tree":{"$ref":"#"},"$ref":{"const":{"$ref":"https://example.org"}}},
                 "examples":[{"$ref":"https://example.org"}]}
                """));

    assertThat(schema.compileError()).isNull();
    assertThat(schema.validate(Document.of("{\"tree\":{\"$ref\":1}}"))).hasSize(1);
  }

  @Test
  void nothingIsEverFetched() throws IOException {
    var fetches = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          fetches.incrementAndGet();
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    try {
      var base = "http://127.0.0.1:" + server.getAddress().getPort();
      for (var schema :
          new String[] {
            "{\"$ref\":\"%s/a\"}",
            "{\"$schema\":\"%s/a\"}",
            "{\"$id\":\"%s/a\",\"$ref\":\"#/nowhere\"}",
            "{\"$id\":\"%s/a\",\"$ref\":\"#anchor\"}",
            "{\"$id\":\"%s/a\",\"$dynamicRef\":\"#anchor\"}",
            "{\"properties\":{\"a\":{\"$schema\":\"%s/a\",\"$id\":\"%s/b\"}}}",
          }) {
        var read = JsonSchema.of(JSON.readTree(schema.replace("%s", base)));
        read.validate(Document.of("{\"a\":1}"));
      }
    } finally {
      server.stop(0);
    }
    assertThat(fetches).hasValue(0);
  }

  @Test
  void onlyAFewProblemsAreReported() {
    var schema = JsonSchema.of(JSON.readTree("{\"items\":{\"type\":\"string\"}}"));
    var small = "[" + "1,".repeat(1_000) + "1]";
    var big = "[" + "1,".repeat(100_000) + "1]";

    assertThat(schema.validate(Document.of(small)))
        .hasSize(5)
        .first()
        .isEqualTo("/0: expected \"string\", found number (type)");
    assertThat(schema.validate(Document.of(big)))
        .containsExactly("/0: expected \"string\", found number (type)");
  }

  @Test
  void aPatternOfAlternativesMatchesTextOfAnyLength() {
    var schema = JsonSchema.of(JSON.readTree("{\"pattern\":\"^(a|b)*$\"}"));

    assertThat(schema.validate(Document.of("\"" + "ab".repeat(1_000_000) + "\""))).isEmpty();
    assertThat(schema.validate(Document.of("\"" + "ab".repeat(1_000_000) + "c\"")))
        .containsExactly("the whole: it does not match \"^(a|b)*$\" (pattern)");
  }

  @Test
  void guestTextIsSanitized() {
    var schema = JsonSchema.of(JSON.readTree("{\"additionalProperties\":false}"));

    assertThat(schema.validate(Document.of("{\"a\\u001b[31m\":1}")))
        .singleElement()
        .asString()
        .doesNotContain("\u001b");
  }

  @Test
  @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
  void aPatternThatBacktracksElsewhereDoesNotHere() {
    for (var pattern : List.of("(a*)*b$", "(.*a){20}$", "^(a|a)*$", "^(?=(a+)+$).")) {
      var schema = JsonSchema.of(JSON.readTree("{\"items\":{\"pattern\":\"" + pattern + "\"}}"));
      assertThat(schema.compileError()).isNull();
      var text = "[" + ("\"" + "a".repeat(40) + "!\",").repeat(1_000) + "0]";

      assertThat(schema.validate(Document.of(text)))
          .as(pattern)
          .hasSize(5)
          .first()
          .asString()
          .startsWith("/0: it does not match");
    }
  }

  @Test
  @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
  void aLargePatternOnALongTextIsCutShort() {
    var schema = JsonSchema.of(JSON.readTree("{\"pattern\":\"(?:a?){4000}b\"}"));

    assertThat(schema.validate(Document.of("\"" + "a".repeat(100_000) + "\"")))
        .singleElement()
        .asString()
        .contains("more work than is allowed for a value of its size");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-04/schema#",
      })
  @Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
  void exponentiallyBranchingReferencesAreCutShort(String dialect) {
    var branch = "{\"properties\":{\"a\":{\"$ref\":\"#\"}}}";
    var schema =
        JsonSchema.of(
            JSON.readTree(
                "{\"$schema\":\"%s\",\"not\":{\"anyOf\":[%s,%s]}}"
                    .formatted(dialect, branch, branch)));
    assertThat(schema.compileError()).isNull();
    var value = "{\"a\":".repeat(40) + "1" + "}".repeat(40);

    assertThat(schema.validate(Document.of(value)))
        .singleElement()
        .asString()
        .contains("more work than is allowed for a value of its size");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'minimum':-DIGITS}       | 0   | 20000",
        "{'multipleOf':1ZEROS}     | 0   | 20000",
        "{'maxLength':DIGITS}      | ''  | 20000",
        "{'not':{'const':[DIGITS]}}| [1] | 20000",
        "{'not':{'enum':[DIGITS]}} | 1   | 20000",
        "{'pattern':'^[LETTERS]*$'}| 'TEXT' | 1",
      },
      quoteCharacter = '#')
  @Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
  void whatIsAppliedToAValueIsChargedByItsSize(String applied, String item, int count) {
    var letters = new StringBuilder();
    for (int i = 0; i < 400_000; i++) {
      letters.appendCodePoint(0x4e00 + i % 20_000);
    }
    var schema =
        ("{'items':" + applied + "}")
            .replace("DIGITS", "1".repeat(400_000))
            .replace("ZEROS", "0".repeat(400_000))
            .replace("LETTERS", letters);
    var value = "[" + (item + ",").repeat(count).replace("TEXT", "\u9c1f".repeat(20_000)) + "true]";
    var prepared = JsonSchema.of(Document.of(schema.replace('\'', '"')));
    assertThat(prepared.compileError()).isNull();

    assertThat(prepared.validate(Document.of(value.replace('\'', '"'))))
        .singleElement()
        .asString()
        .contains("more work than is allowed for a value of its size");
  }

  @Test
  void aLargeValueIsCheckedCompletelyAgainstAnOrdinarySchema() {
    var schema =
        JsonSchema.of(
            JSON.readTree(
                """
                {"type":"array","items":{"type":"object","required":["id"],"additionalProperties":false,
                 "properties":{"id":{"type":"integer"},"name":{"type":"string","pattern":"^[a-z ]+$"},
                 "tags":{"items":{"enum":["x","y"]}}}}}
                """));
    var item = "{\"id\":1,\"name\":\"some name\",\"tags\":[\"x\",\"y\"]}";
    var good = "[" + (item + ",").repeat(50_000) + item + "]";
    var bad = "[" + (item + ",").repeat(50_000) + "{\"id\":\"1\"}]";

    assertThat(schema.validate(Document.of(good))).isEmpty();
    assertThat(schema.validate(Document.of(bad)))
        .containsExactly("/50000/id: expected \"integer\", found string (type)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"maximum\":9007199254740992} | 9007199254740992 | 9007199254740993",
        "{\"exclusiveMinimum\":1e400} | 1.1e400 | 1e400",
        "{\"minimum\":0.1} | 0.10000000000000000000 | 0.09999999999999999999",
        "{\"multipleOf\":2} | 9007199254740994 | 9007199254740993",
        "{\"multipleOf\":0.01} | 4.35 | 4.355",
        "{\"multipleOf\":3} | 3e1000000000 | 1e1000000000",
        "{\"const\":18446744073709551615} | 18446744073709551615.0 | 18446744073709551614",
        "{\"const\":[{\"a\":1,\"b\":2}]} | [{\"b\":2.0,\"a\":10e-1}] | [{\"b\":2}]",
        "{\"enum\":[1e400]} | 10e399 | 1e401",
        "{\"uniqueItems\":true} | [18446744073709551615,18446744073709551614] | [1,1.0]",
        "{\"type\":\"integer\"} | 1e400 | 4.00000000000000000000001",
        "{\"maxLength\":1e30,\"minLength\":2.0} | \"ab\" | \"a\"",
        "{\"minItems\":10e-1} | [0] | []",
        "{\"maxProperties\":1.0} | {\"a\":0} | {\"a\":0,\"b\":0}",
        "{\"contains\":true,\"maxContains\":20e-1} | [1,2] | [1,2,3]",
      })
  void numbersCountByTheirExactValue(String schema, String valid, String invalid) {
    var read = JsonSchema.of(Document.of(schema));

    assertThat(read.compileError()).isNull();
    assertThat(read.validate(Document.of(valid))).isEmpty();
    assertThat(read.validate(Document.of(invalid))).hasSize(1);
  }

  @Test
  void aNumberMayHaveAnyNumberOfDigits() {
    var schema = JsonSchema.of(Document.of("{\"type\":\"number\",\"multipleOf\":7}"));

    assertThat(schema.validate(Document.of("7".repeat(100_000)))).isEmpty();
    assertThat(schema.validate(Document.of("7".repeat(99_999) + "8"))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"$ref\":\"item.json\",\"$defs\":{\"a\":{\"$id\":\"item.json\",\"type\":\"integer\"}}}",
        "{\"$id\":\"http://h/base/root.json\",\"$ref\":\"../item.json\",\"$defs\":{\"a\":{\"$id\":\"http://h/item.json\",\"type\":\"integer\"}}}",
        "{\"$id\":\"urn:x:y\",\"$ref\":\"urn:x:y#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"integer\"}}}",
        "{\"$ref\":\"#n\",\"title\":\"t\",\"$defs\":{\"a\":{\"$anchor\":\"n\",\"type\":\"integer\"}}}",
        "{\"$dynamicRef\":\"#n\",\"$defs\":{\"a\":{\"$dynamicAnchor\":\"n\",\"type\":\"integer\"}}}",
        "{\"$ref\":\"a#n\",\"$defs\":{\"a\":{\"$id\":\"a\",\"$defs\":{\"b\":{\"$anchor\":\"n\",\"type\":\"integer\"}}}}}",
        "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"$ref\":\"#n\",\"definitions\":{\"a\":{\"$id\":\"#n\",\"type\":\"integer\"}}}",
        "{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"allOf\":[{\"$ref\":\"a\"}],\"definitions\":{\"a\":{\"id\":\"a\",\"type\":\"integer\"}}}",
      })
  void aReferenceByIdentifierOrAnchorIsFollowedWithinTheSchema(String schema) {
    var read = JsonSchema.of(Document.of(schema));

    assertThat(read.compileError()).isNull();
    assertThat(read.validate(Document.of("1"))).isEmpty();
    assertThat(read.validate(Document.of("\"x\"")))
        .containsExactly("the whole: expected \"integer\", found string (type)");
  }

  @Test
  void dependenciesHoldInEveryDialect() {
    for (var dialect :
        List.of(
            "https://json-schema.org/draft/2020-12/schema",
            "http://json-schema.org/draft-04/schema")) {
      var schema =
          JsonSchema.of(
              JSON.readTree(
                  """
                  {"$schema":"%s","dependencies":{"a":["b"],"b":{"required":["c"]}}}
                  """
                      .formatted(dialect)));

      assertThat(schema.validate(Document.of("{\"c\":1}"))).isEmpty();
      assertThat(schema.validate(Document.of("{\"a\":1,\"b\":1}")))
          .containsExactly("the whole: \"c\" is missing (required)");
      assertThat(schema.validate(Document.of("{\"a\":1}")))
          .containsExactly("the whole: \"b\" is missing (dependencies)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"not\":", "{\"properties\":{\"a\":", "{\"items\":{\"allOf\":[true,"})
  void aSchemaThatIsNestedTooDeepSaysSo(String level) {
    for (int depth : new int[] {200, 400, 100_000}) {
      var closing = new StringBuilder(level.replaceAll("[^\\[{]", "")).reverse().toString();
      var schema =
          level.repeat(depth) + "true" + closing.replace('{', '}').replace('[', ']').repeat(depth);

      assertThat(JsonSchema.of(Document.of(schema)).compileError())
          .containsAnyOf(
              "schemas are nested deeper than 128 levels", "it is nested deeper than 512 levels");
    }
  }

  @Test
  void aSchemaWithoutEndMakesAValueUncheckable() {
    for (var schema :
        List.of(
            "{\"$ref\":\"#\"}",
            "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
            "{\"propertyNames\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":{\"not\":{\"$ref\":\"#/$defs/a\"}}}}")) {
      assertThat(JsonSchema.of(Document.of(schema)).validate(Document.of("{\"a\":1}")))
          .containsExactly(
              "the value cannot be checked: schemas are applied within each other deeper than 256"
                  + " levels");
    }
  }

  @Test
  void aDeepValueIsCheckedAsFarAsDocumentsGo() {
    var schema = JsonSchema.of(Document.of("{\"items\":{\"$ref\":\"#\"},\"type\":\"array\"}"));

    assertThat(schema.validate(Document.of("[".repeat(120) + "]".repeat(120)))).isEmpty();
    assertThat(schema.validate(Document.of("[".repeat(100_000) + "]".repeat(100_000))))
        .containsExactly("the value cannot be checked: it is nested deeper than 512 levels");
    assertThat(schema.validate(Document.of("[".repeat(120) + "1" + "]".repeat(120)))).hasSize(1);
  }

  @Test
  void aValueIsNeverQuoted() {
    var schema =
        JsonSchema.of(
            Document.of(
                """
                {"properties":{"a":{"enum":[1]},"b":{"const":2},"c":{"minimum":3},"d":{"pattern":"x"},
                 "e":{"uniqueItems":true}}}
                """));

    assertThat(
            schema.validate(
                Document.of(
                    "{\"a\":7741,\"b\":7742,\"c\":-7743,\"d\":\"7744\",\"e\":[7745,7745]}")))
        .hasSize(5)
        .noneMatch(problem -> problem.contains("774"));
  }
}
