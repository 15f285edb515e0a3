package org.wasmbroker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
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
import tools.jackson.databind.node.JsonNodeFactory;

class JsonSchemaTest {
  private static final JsonMapper JSON = new JsonMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"$ref\":\"https://example.org/a.json\"} | it refers to 'https://example.org/a.json'",
        "{\"allOf\":[{\"$ref\":\"file:///etc/passwd\"}]} | it refers to 'file:///etc/passwd'",
        "{\"properties\":{\"a\":{\"$dynamicRef\":\"other#x\"}}} | it refers to 'other#x'",
        "{\"properties\":{\"default\":{\"$ref\":\"classpath:/org/wasmbroker/protocol/standalone/step-message.schema.json\"}}} | ",
        "{\"$schema\":\"https://example.org/schema\"} | its $schema is not a supported dialect: \"https://example.org/schema\"",
        "{\"$schema\":7} | its $schema is not a supported dialect: 7",
        "{\"type\":\"strin\"} | /type: does not have a value in the enumeration",
        "{\"$ref\":\"#/$defs/none\"} | ",
        "{\"minItems\":1e19} | cannot convert value",
        "{\"maxLength\":-1e300} | cannot convert value",
        "{\"pattern\":\"[\"} | ",
        "{\"properties\":{\"a\":{\"items\":{\"anyOf\":[true,{\"not\":{\"$ref\":\"#/none\"}}]}}}} | ",
        "{\"if\":{\"$ref\":\"#/none\"}} | ",
        "{\"$defs\":{\"a\":{\"$ref\":\"#/none\"}},\"$ref\":\"#/$defs/a\"} | ",
      })
  void anUnusableSchemaSaysWhyAndRejectsNothing(String schema, String fault) {
    var read = JsonSchema.of(JSON.readTree(schema));

    assertThat(read.compileError()).isNotNull().contains(fault == null ? "" : fault);
    assertThat(read.validate(JSON.readTree("{}"), 2)).isEmpty();
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
    assertThat(schema.validate(JSON.readTree("1"), 1)).hasSize(1);
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
    assertThat(schema.validate(JSON.readTree("{\"tree\":{\"$ref\":1}}"), 20)).hasSize(1);
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
        read.validate(JSON.readTree("{\"a\":1}"), 7);
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

    assertThat(schema.validate(JSON.readTree(small), small.length()))
        .hasSize(5)
        .first()
        .isEqualTo("/0: integer found, string expected");
    assertThat(schema.validate(JSON.readTree(big), big.length()))
        .containsExactly("/0: integer found, string expected");
  }

  @Test
  void aStackOverflowInAPatternIsAProblemOfTheValue() {
    var schema = JsonSchema.of(JSON.readTree("{\"pattern\":\"^(a|b)*$\"}"));
    var text = "\"" + "ab".repeat(1_000_000) + "\"";

    assertThat(schema.validate(JSON.readTree(text), text.length()))
        .singleElement()
        .asString()
        .startsWith("cannot be checked");
  }

  @Test
  void guestTextIsSanitized() {
    var schema = JsonSchema.of(JSON.readTree("{\"additionalProperties\":false}"));

    assertThat(schema.validate(JSON.readTree("{\"a\\u001b[31m\":1}"), 20))
        .singleElement()
        .asString()
        .doesNotContain("\u001b");
  }

  @Test
  @Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
  void catastrophicBacktrackingIsCutShort() {
    for (var pattern : List.of("(a*)*\\\\1b$", "(.*a){20}$")) {
      var schema = JsonSchema.of(JSON.readTree("{\"items\":{\"pattern\":\"" + pattern + "\"}}"));
      assertThat(schema.compileError()).isNull();
      var text = "[" + ("\"" + "a".repeat(40) + "!\",").repeat(1_000) + "0]";

      assertThat(schema.validate(JSON.readTree(text), text.length()))
          .as(pattern)
          .singleElement()
          .asString()
          .contains("more work than is allowed for a value of its size");
    }
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
  @Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
  void exponentiallyBranchingReferencesAreCutShort(String dialect) {
    var branch = "{\"properties\":{\"a\":{\"$ref\":\"#\"}}}";
    var schema =
        JsonSchema.of(
            JSON.readTree(
                "{\"$schema\":\"%s\",\"not\":{\"anyOf\":[%s,%s]}}"
                    .formatted(dialect, branch, branch)));
    assertThat(schema.compileError()).isNull();
    var value = "{\"a\":".repeat(90) + "1" + "}".repeat(90);

    assertThat(schema.validate(JSON.readTree(value), value.length()))
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

    assertThat(schema.validate(JSON.readTree(good), good.length())).isEmpty();
    assertThat(schema.validate(JSON.readTree(bad), bad.length()))
        .containsExactly("/50000/id: string found, integer expected");
  }

  @Test
  void aNumberTooLongToReadIsAProblemOfTheValue() {
    var schema = JsonSchema.of(Document.of("{\"type\":\"number\"}"));

    assertThat(schema.validate(Document.of("1".repeat(10_000))))
        .singleElement()
        .asString()
        .startsWith("cannot be checked");
  }

  /** Decimals of any size would make each comparison as expensive as the schema's author likes. */
  @Test
  void theNumbersOfASchemaAreDoubles() {
    var tree = JsonNodeFactory.instance.objectNode();
    tree.put("maximum", new BigDecimal("1e3000000"));

    assertThat(JsonSchema.of(tree).compileError()).isNotNull();
    assertThat(JsonSchema.of(Document.of("{\"maximum\":1e3000000}")).compileError()).isNotNull();
  }

  @Test
  void theWorkBudgetKeywordIsInvisible() {
    var schema =
        JsonSchema.of(
            JSON.readTree(
                """
                {"properties":{"a":{"properties":{}}},"additionalProperties":false,
                 "enum":[{"a":{"not":{}}}],"const":{"a":{"not":{}}}}
                """));

    assertThat(schema.validate(JSON.readTree("{\"a\":{\"not\":{}}}"), 15)).isEmpty();
    assertThat(schema.validate(JSON.readTree("{\"wasm-broker:work\":1}"), 22)).isNotEmpty();
  }
}
