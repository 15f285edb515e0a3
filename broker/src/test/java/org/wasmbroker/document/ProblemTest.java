package org.wasmbroker.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
  @Test
  void emptyPartsAreLeftOut() {
    assertThat(new Problem(new Location("file", 3, 5), "/a", "is wrong"))
        .hasToString("file:3:5: /a: is wrong");
    assertThat(new Problem(new Location("file", 3, 0), "", "is wrong"))
        .hasToString("file:3: is wrong");
    assertThat(new Problem(new Location("", 3, 5), "/a", "is wrong"))
        .hasToString("line 3, column 5: /a: is wrong");
    assertThat(new Problem(new Location("", 3, 0), "", "is wrong")).hasToString("line 3: is wrong");
    assertThat(new Problem(Location.of("command line"), "key = x", "is wrong"))
        .hasToString("command line: key = x: is wrong");
    assertThat(new Problem(Location.of(""), "", "is wrong")).hasToString("is wrong");
  }

  @Test
  void severalAreJoinedIntoOneLine() {
    var one = new Problem(Location.of(""), "/a", "is wrong");
    var two = new Problem(Location.of(""), "/b", "is missing");

    assertThat(Problem.join(List.of(one, two))).isEqualTo("/a: is wrong; /b: is missing");
    assertThat(Problem.join(Collections.nCopies(7, one))).endsWith("; and 2 more problems");
  }

  @Test
  void problemsAreListedByLineAndCountedBeyondAHundred() {
    var problems = new Problems();
    for (int i = 150; i > 0; i--) {
      problems.add(new Problem(new Location("f", i, 1), "", "x"));
    }

    assertThat(problems.list())
        .hasSize(101)
        .startsWith(new Problem(new Location("f", 51, 1), "", "x"))
        .last()
        .hasToString("and 50 more problems");
  }

  @Test
  void aPointerEscapesAndIsFitForMessages() {
    var pointer = JsonPointer.ROOT.member("a/b~c").element(2).member("\u001b[31m");

    assertThat(pointer).hasToString("/a~1b~0c/2/\u001b[31m");
    assertThat(pointer.display()).isEqualTo("/a~1b~0c/2/ [31m");
    assertThat(JsonPointer.ROOT).hasToString("");
    assertThat(JsonPointer.ROOT.member("a").element(1).member("b").element(0).dotted())
        .isEqualTo("a[1].b[0]");
    assertThat(pointer)
        .isEqualTo(JsonPointer.ROOT.member("a/b~c").member("2").member("\u001b[31m"))
        .hasSameHashCodeAs(JsonPointer.ROOT.member("a/b~c").member("2").member("\u001b[31m"))
        .isNotEqualTo(JsonPointer.ROOT.member("a/b~c"));
  }

  @Test
  void aNameThatDoesNotExistIsAnsweredWithThoseThatDo() {
    var names = List.of("transform", "aggregate");

    assertThat(Names.unknownMember("transfrom", names))
        .isEqualTo("is unknown; did you mean 'transform'? (available: transform, aggregate)");
    assertThat(Names.suggest("zzz", names)).isEqualTo("; available: transform, aggregate");
    assertThat(Names.suggest("zzz", List.of())).isEqualTo("; available: none");
    assertThat(Names.notOneOf("agregate\n", names))
        .isEqualTo(
            "must be one of transform, aggregate, was 'agregate '; did you mean 'aggregate'?");
    assertThat(Names.list(java.util.stream.IntStream.range(0, 23).boxed().toList()))
        .endsWith("18, 19 and 3 more");
  }
}
