package org.wasmbroker.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The section of a document that is generated from the code, between two markers. A test checks it;
 * with the system property {@code docs=write}, which {@code make docs} sets, the test writes it.
 */
public final class GeneratedSection {
  private static final String BEGIN = "<!-- From the code, by `make docs`. -->\n";
  private static final String END = "<!-- End of what comes from the code. -->\n";

  private GeneratedSection() {}

  /**
   * @param document a name in {@code docs/}
   */
  public static void check(String document, String expected) throws IOException {
    var file = Path.of("..", "docs", document);
    var text = Files.readString(file);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(end).as("the markers in " + file).isGreaterThanOrEqualTo(begin);
    if ("write".equals(System.getProperty("docs"))) {
      Files.writeString(file, text.substring(0, begin) + expected + text.substring(end));
      return;
    }
    assertThat(text.substring(begin, end))
        .as("docs/%s differs from the code: run `make docs` and commit it", document)
        .isEqualTo(expected);
  }
}
