package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HandlerConfigurationTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void theConfigurationOfAStepDocumentIsItsBytesAsTheyAre() {
    var document =
        """
        {"step":{"name":"a \\"config\\":{","inputs":{"config":1}},"task":{},\
        "config":{ "filter" : ".x | \\"}\\"" },"context":{"config":2},"deps":{}}\
        """;

    assertThat(find(document)).isEqualTo("{ \"filter\" : \".x | \\\"}\\\"\" }");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"config\":[1,[2,{}],\"]\"],\"context\":{}}|[1,[2,{}],\"]\"]",
        "{\"config\":\"a\\\\\",\"context\":{}}|\"a\\\\\"",
        "{\"config\":17}|17",
        "{\"config\":null,\"context\":{}}|null",
        "{ \"step\" : {} , \"config\" : true , \"deps\" : 1 }|true",
        "{\"config\":{\"a\":1},\"config\":{\"a\":2}}|{\"a\":1}",
        "{\"configs\":1,\"confi\":2,\"config\":3}|3",
        "{\"config\":{\"filter\":\"twenty bytes and more, then \\u0022\"}}|{\"filter\":\"twenty"
            + " bytes and more, then \\u0022\"}",
      })
  void theFirstMemberOfThatNameAtTheTopCounts(String document, String configuration) {
    assertThat(find(document)).isEqualTo(configuration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "[]",
        "17",
        "{\"step\":{}}",
        "{\"context\":{\"config\":1}}",
        "{\"config\"",
        "{\"config\":",
        "{\"config\":}",
        "{\"config\":,\"context\":1}",
        "{\"config\":{\"a\":1",
        "{\"config\":\"a",
        "{\"config\":\"a\\",
        "{\"config\" 1}",
        "{config:1}",
        "{\"a\":1 \"config\":2}",
        "[{\"config\":1}]"
      })
  void aDocumentWithoutOneHasTheEmptyConfiguration(String document) {
    assertThat(find(document)).isEqualTo("{}");
  }

  @Test
  void whereverAQuoteOrBackslashFallsTheStringEndsWhereItEnds() {
    for (int length = 0; length < 40; length++) {
      for (var special : new String[] {"\\\"", "\\\\", "\\n", "é", ""}) {
        var text = '"' + "x".repeat(length) + special + "y".repeat(length % 9) + '"';
        assertThat(find("{\"step\":" + text + ",\"config\":" + text + ",\"context\":1}"))
            .isEqualTo(text);
      }
    }
  }

  @Test
  void whateverTheBytesAreSomethingIsFound() {
    var random = new Random(7);
    var alphabet = "{}[]\":,\\config 1\n\u0000".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 20_000; i++) {
      var bytes = new byte[random.nextInt(60)];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = alphabet[random.nextInt(alphabet.length)];
      }
      var found = HandlerConfiguration.of(Document.of(bytes));
      assertThat(found.size()).isBetween(1, Math.max(2, bytes.length));
    }
  }

  @Test
  void whatIsFoundIsWhatAReaderOfJsonFinds() {
    var random = new Random(11);
    for (int i = 0; i < 2000; i++) {
      var root = JSON.createObjectNode();
      for (var name : new String[] {"step", "task", "config", "context"}) {
        root.set(name, value(random, 4));
      }
      var found = find(root.toString());
      assertThat(JSON.readTree(found)).isEqualTo(root.get("config"));
    }
  }

  @Test
  void configurationsAreEqualIfTheirBytesAre() {
    var first = of("{\"config\":{\"a\":1},\"context\":1}");
    var second = of("{\"step\":{\"name\":\"other\"},\"config\":{\"a\":1}}");

    assertThat(second).isEqualTo(first).hasSameHashCodeAs(first);
    assertThat(second.hash()).isEqualTo(first.hash());
    assertThat(second.copy()).isEqualTo(first).hasSameHashCodeAs(first);
    assertThat(of("{\"config\":{\"a\": 1}}")).isNotEqualTo(first);
    assertThat(of("{}")).isEqualTo(HandlerConfiguration.NONE).isEqualTo(of("{\"config\":{}}"));
  }

  @Test
  void configurationsThatDifferInOneByteHaveDifferentHashes() {
    var hashes = new HashSet<Long>();
    for (int at = 0; at < 100; at++) {
      for (char other = 'a'; other <= 'j'; other++) {
        var text = new StringBuilder("z".repeat(100));
        text.setCharAt(at, other);
        hashes.add(of("{\"config\":\"" + text + "\"}").hash());
      }
    }
    for (int length = 0; length < 1000; length++) {
      hashes.add(of("{\"config\":\"" + "\0".repeat(length) + "\"}").hash());
    }
    assertThat(hashes).hasSize(2000);
  }

  @Test
  void itPrintsNothingOfItsContent() {
    assertThat(of("{\"config\":{\"token\":\"hush\"}}"))
        .hasToString("HandlerConfiguration[16 bytes]");
  }

  private static HandlerConfiguration of(String document) {
    return HandlerConfiguration.of(Document.of(document));
  }

  private static String find(String document) {
    return of(document).document().text();
  }

  private static JsonNode value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 4)) {
      case 0 -> JSON.getNodeFactory().numberNode(random.nextInt());
      case 1 -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
      case 2 -> JSON.getNodeFactory().nullNode();
      case 3 -> JSON.getNodeFactory().stringNode(text(random));
      case 4 -> {
        var array = JSON.createArrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
      default -> {
        var object = JSON.createObjectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          object.set(text(random), value(random, depth - 1));
        }
        yield object;
      }
    };
  }

  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      text.append("\"\\{}[],: é\n\u0001config".charAt(random.nextInt(18)));
    }
    return text.toString();
  }
}
