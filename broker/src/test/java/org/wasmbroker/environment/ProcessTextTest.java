package org.wasmbroker.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessTextTest {
  private static final Charset UTF_8 = StandardCharsets.UTF_8;
  private static final Charset LATIN_1 = StandardCharsets.ISO_8859_1;

  /** As Java decodes it where the locale knows ASCII only. */
  private static String[] decoded(String... arguments) {
    var damaged = new String[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      damaged[i] = new String(arguments[i].getBytes(UTF_8), StandardCharsets.US_ASCII);
    }
    return damaged;
  }

  private static byte[] block(Charset charset, String... entries) {
    return (String.join("\0", entries) + "\0").getBytes(charset);
  }

  @Test
  void argumentsAreReadAsUtf8() {
    var arguments = new String[] {"run", "grüße", "", "日本", "--set=a=b"};
    var commandLine =
        block(UTF_8, "java", "-cp", "größe", "Main", "run", "grüße", "", "日本", "--set=a=b");

    assertThat(ProcessText.arguments(decoded(arguments), commandLine)).containsExactly(arguments);
  }

  @Test
  void anArgumentThatIsNotUtf8IsRefusedByItsNumber() {
    assertThatExceptionOfType(UnusableTextException.class)
        .isThrownBy(
            () ->
                ProcessText.arguments(
                    new String[] {"run", "gr\ufffdn"}, block(LATIN_1, "java", "run", "grün")))
        .withMessage("argument 2 is not UTF-8");
  }

  @Test
  void anArgumentThatIsNotOnTheCommandLineIsRefusedByItsNumber() {
    for (var commandLine : new byte[][] {block(UTF_8, "java", "@file"), block(UTF_8, "grüße")}) {
      assertThatExceptionOfType(UnusableTextException.class)
          .isThrownBy(() -> ProcessText.arguments(decoded("run", "süße"), commandLine))
          .withMessageContaining("argument 2")
          .withMessageContaining("LC_ALL=C.UTF-8");
    }
  }

  @Test
  void environmentVariablesAreReadAsUtf8() {
    assertThat(ProcessText.environment(block(UTF_8, "A=grüße", "B=", "C=a=b", "=x", "D", "A=2")))
        .containsEntry("A", "grüße")
        .containsEntry("B", "")
        .containsEntry("C", "a=b")
        .hasSize(3);
  }

  @Test
  void aVariableThatIsNotUtf8IsIgnoredUnlessTheBrokerReadsIt() {
    assertThat(ProcessText.environment(block(LATIN_1, "LS_COLORS=ü", "B=b"))).containsOnlyKeys("B");
    for (var own : List.of("WASM_BROKER_SECRET_KEY", "DATABASE_URL", "TASKER_TEMPLATE_PATH")) {
      assertThatExceptionOfType(UnusableTextException.class)
          .isThrownBy(() -> ProcessText.environment(block(LATIN_1, own + "=ü")))
          .withMessage("the environment variable " + own + " is not UTF-8");
    }
  }

  @Test
  void whatNoFileCanBeNamedIsRefused() {
    assertThatExceptionOfType(UnusableTextException.class)
        .isThrownBy(() -> ProcessText.path("a\0b"))
        .withMessageContaining("cannot be the name of a file");
    assertThat(ProcessText.path("a/b")).hasToString("a/b");
    assertThat(ProcessText.fileNameHint("a/b")).isEmpty();
  }
}
