package org.wasmbroker.session.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
  private static NamePattern pattern(String text) {
    return NamePattern.of(List.of(new Word.Part(text, true)));
  }

  @ParameterizedTest
  @CsvSource({
    "*, a, true",
    "*, .a, false",
    ".*, .a, true",
    "*.txt, a.txt, true",
    "*.txt, .txt, false",
    "*.txt, a.txt.gz, false",
    "a*b*c, aXbYbZc, true",
    "a*b*c, aXbY, false",
    "?, ü, true",
    "?, ab, false",
    "??, 😀x, true",
    "[a-c]x, bx, true",
    "[a-c]x, dx, false",
    "[!a-c]x, dx, true",
    "[^a-c]x, ax, false",
    "[a-], -, true",
    "[]a], ], true",
    "[ab, [ab, true",
    "[é-ü], ñ, true",
  })
  void matchesAsOtherShellsDo(String pattern, String name, boolean matches) {
    assertThat(pattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void quotedPartsStandForThemselves() {
    var pattern = NamePattern.of(List.of(new Word.Part("*", false), new Word.Part("*", true)));

    assertThat(pattern.matches("*a")).isTrue();
    assertThat(pattern.matches("a*")).isFalse();
  }

  /** With backtracking over all stars this would take longer than anybody waits. */
  @Test
  void manyStarsAreMatchedInLittleTime() {
    assertThat(pattern("*a".repeat(60) + "b").matches("a".repeat(255))).isFalse();
  }
}
