package org.wasmbroker.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wasmbroker.document.DocumentReader.Syntax;
import tools.jackson.databind.JsonNode;

class ObjectReaderTest {
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 10_000, 20);
  private static final DocumentReader YAML =
      new DocumentReader(Syntax.YAML, 10_000, 20).withScalarsAsText();

  @Test
  void membersAreReadByType() {
    var document =
        json(
            """
            {"text":"a","count":3,"list":["1","2"],"one":"4","inner":{"flag":true}}
            """);
    var object = document.object();

    assertThat(object.string("text")).isEqualTo("a");
    assertThat(object.integer("count", 1, 5)).isEqualTo(3);
    assertThat(object.values("list", Integer::valueOf)).containsExactly(1, 2);
    assertThat(object.values("one", Integer::valueOf)).containsExactly(4);
    var inner = object.object("inner");
    assertThat(inner.json("flag", JsonNode::isBoolean, "true or false")).hasToString("true");
    assertThat(inner.pointer()).hasToString("/inner");
    inner.finish();
    object.finish();
    assertThat(document.problems()).isEmpty();
  }

  @Test
  void absentMembersAreNullOrEmpty() {
    var document = json("{}");
    var object = document.object();

    assertThat(object.has("a")).isFalse();
    assertThat(object.string("a")).isNull();
    assertThat(object.integer("a", 0, 1)).isNull();
    assertThat(object.values("a", text -> text)).isEmpty();
    assertThat(object.array("a", 3, _ -> Optional.of(1))).isEmpty();
    assertThat(object.object("a").has("b")).isFalse();
    assertThat(document.problems()).isEmpty();
  }

  @Test
  void everyWrongMemberIsReported() {
    var document =
        json(
            """
            {"string":1,"integer":1.5,"small":0,"large":9,"huge":99999999999999999999,
             "object":[],"array":{},"long":[1,2,3],"flag":"yes","parsed":["1","x"]}
            """);
    var object = document.object();
    object.string("string");
    object.integer("integer", 1, 5);
    object.integer("small", 1, Long.MAX_VALUE);
    object.integer("large", 1, 5);
    object.integer("huge", 1, Long.MAX_VALUE);
    object.object("object");
    object.array("array", 2, _ -> Optional.of(1));
    object.array("long", 2, _ -> Optional.of(1));
    object.json("flag", JsonNode::isBoolean, "true or false");
    assertThat(object.values("parsed", ObjectReaderTest::number)).containsExactly(1);

    assertThat(problems(document))
        .containsExactly(
            "file:1:2: /string: must be a string, was 1",
            "file:1:13: /integer: must be an integer, was 1.5",
            "file:1:27: /small: must be at least 1, was 0",
            "file:1:37: /large: must be 1 to 5, was 9",
            "file:1:47: /huge: must be at least 1, was 99999999999999999999",
            "file:2:2: /object: must be an object, was an array",
            "file:2:14: /array: must be an array, was an object",
            "file:2:25: /long: has 3 elements; at most 2 are allowed",
            "file:2:40: /flag: must be true or false, was 'yes'",
            "file:2:67: /parsed/1: is not a number: x");
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException cause) {
      throw new IllegalArgumentException("is not a number: " + text, cause);
    }
  }

  @Test
  void unknownMembersAreReportedWithTheNearestName() {
    var document = json("{\"colour\":1,\"nothing-like-it\":2,\"size\":\"3\"}");
    var object = document.object();
    object.member("color");
    object.string("size");
    object.finish();

    assertThat(problems(document))
        .containsExactly(
            "file:1:2: /colour: is unknown; did you mean 'color'? (available: color, size)",
            "file:1:13: /nothing-like-it: is unknown; available: color, size");
  }

  @Test
  void membersWithNamesOfTheAuthorAreAllKnown() {
    var document = json("{\"a\":1,\"b\":2}");
    var object = document.object();

    assertThat(object.entries()).containsOnlyKeys("a", "b");
    object.finish();
    assertThat(document.problems()).isEmpty();
  }

  @Test
  void aRootThatIsNotAnObjectIsAProblemUnlessItIsEmpty() {
    for (var text : List.of("", "---", "# nothing")) {
      var document = YAML.read("file", text.getBytes(UTF_8));
      document.object().finish();
      assertThat(document.problems()).as(text).isEmpty();
    }
    var document = YAML.read("file", "just text".getBytes(UTF_8));
    document.object().finish();
    assertThat(problems(document)).containsExactly("file:1:1: must be an object, was 'just text'");
  }

  @Test
  void aKeyWithoutAValueIsAProblemWhereTextIsNeeded() {
    var document = YAML.read("file", "a:\nb: [x, ]\nc: [d, [e]]\n".getBytes(UTF_8));
    var object = document.object();
    assertThat(object.string("a")).isNull();
    assertThat(object.values("b", text -> text)).containsExactly("x");
    assertThat(object.values("c", text -> text)).containsExactly("d");

    assertThat(problems(document))
        .containsExactly(
            "file:1:1: /a: has no value", "file:3:8: /c/1: must be a single value, was an array");
  }

  private static ParsedDocument json(String text) {
    return JSON.read("file", text.getBytes(UTF_8));
  }

  private static List<String> problems(ParsedDocument document) {
    return document.problems().stream().map(Problem::toString).toList();
  }
}
