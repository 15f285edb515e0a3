package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void coloursOnlyATerminalAndOnlyWithoutNoColor() {
    assertThat(console(true, Map.of()).success("x")).contains("\033[");
    assertThat(console(true, Map.of("NO_COLOR", "1")).success("x")).isEqualTo("x");
    assertThat(console(true, Map.of("TERM", "dumb")).success("x")).isEqualTo("x");
    assertThat(console(false, Map.of()).success("x")).isEqualTo("x");
  }

  @Test
  void progressGoesToStandardErrorInTenthsWithoutATerminal() {
    var console = console(false, Map.of());
    for (int done = 0; done <= 100; done++) {
      console.progress("sending", done, 100, "");
    }
    assertThat(err.toString().lines()).hasSize(11).last().asString().startsWith("sending 100/100");
    assertThat(out.toString()).isEmpty();
  }

  private Console console(boolean terminal, Map<String, String> environment) {
    return new Console(
        new PrintWriter(out, true), new PrintWriter(err, true), terminal, environment);
  }
}
