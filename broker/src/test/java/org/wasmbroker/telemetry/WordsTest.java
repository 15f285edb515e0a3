package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void wordsPassUntilThereAreTooMany() {
    var words = new Words(2, Set.of());

    assertThat(words.of("first")).isEqualTo("first");
    assertThat(words.of("second")).isEqualTo("second");
    assertThat(words.of("third")).isEqualTo("other");
    assertThat(words.of("first")).isEqualTo("first");
  }

  @Test
  void reservedWordsPassHoweverManyCameBefore() {
    var words = new Words(0, Set.of("ours"));

    assertThat(words.of("theirs")).isEqualTo("other");
    assertThat(words.of("ours")).isEqualTo("ours");
  }

  @Test
  void textThatIsNotOneWordIsOther() {
    var words = new Words(10, Set.of());

    assertThat(words.of("")).isEqualTo("other");
    assertThat(words.of("two words")).isEqualTo("other");
    assertThat(words.of("quote\"d\n")).isEqualTo("other");
    assertThat(words.of("x".repeat(65))).isEqualTo("other");
  }
}
