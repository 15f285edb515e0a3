package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfirmationTest {
  private final StringWriter asked = new StringWriter();

  @ParameterizedTest
  @CsvSource({"y, true", "YES, true", "n, false", "'', false", "yesterday, false"})
  void onlyAClearYesIsOne(String answer, boolean yes) throws IOException {
    assertThat(confirmation(answer + "\n", true).confirms("replay 3 dead letters")).isEqualTo(yes);
    assertThat(asked.toString()).contains("This will replay 3 dead letters. Go on? [y/N]");
  }

  @Test
  void theEndOfTheInputIsANo() throws IOException {
    assertThat(confirmation("", true).confirms("discard one")).isFalse();
  }

  @Test
  void withoutATerminalNobodyIsAskedAndTheOptionIsNamed() {
    assertThatThrownBy(() -> confirmation("y\n", false).confirms("replay 3 dead letters"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("this would replay 3 dead letters")
        .hasMessageContaining("--yes");
    assertThat(asked.toString()).isEmpty();
  }

  private Confirmation confirmation(String input, boolean terminal) {
    return new Confirmation(new BufferedReader(Reader.of(input)), new PrintWriter(asked), terminal);
  }
}
