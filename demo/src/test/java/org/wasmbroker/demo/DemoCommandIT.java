package org.wasmbroker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.wasmbroker.cli.ExitCode;
import org.wasmbroker.cli.WasmBroker;

class DemoCommandIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void everyStepEndsAsExpected() {
    var commandLine = WasmBroker.commandLine(new DemoCommand());
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));

    assertThat(commandLine.execute("demo", "--steps", "30"))
        .as("%s%n%s", out, err)
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("30 steps completed", "8 failed as expected", "a memory hog", "p99")
        .doesNotContain("not as expected");
  }
}
