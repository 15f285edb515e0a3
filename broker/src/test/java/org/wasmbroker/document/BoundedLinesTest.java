package org.wasmbroker.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoundedLinesTest {
  private static final int MAX = 5;

  private static List<String> read(InputStream in) throws IOException {
    var lines = new BoundedLines(in, MAX);
    var all = new ArrayList<String>();
    for (var line = lines.next(); line != null; line = lines.next()) {
      all.add(line.isTooLong() ? "too long" : new String(line.bytes(), UTF_8));
    }
    return all;
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  /** Gives a byte in each read, as a slow client does. */
  private static InputStream slowly(String text) {
    var in = stream(text);
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return in.read();
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return in.read(into, offset, Math.min(1, length));
      }
    };
  }

  @Test
  void linesAreReadHoweverTheirBytesArrive() throws IOException {
    var text = "a\nbc\r\n12345\nlast";

    assertThat(read(stream(text))).containsExactly("a", "bc\r", "12345", "last");
    assertThat(read(slowly(text))).containsExactly("a", "bc\r", "12345", "last");
  }

  @Test
  void blankLinesAreNone() throws IOException {
    assertThat(read(stream("\n \t\r\na\n\n\n"))).containsExactly("a");
    assertThat(read(stream(""))).isEmpty();
    assertThat(read(stream("\n"))).isEmpty();
  }

  @Test
  void aLineThatIsTooLongIsToldOfAndTheNextOneIsRead() throws IOException {
    var text = "123456\na\n      \n" + "x".repeat(200_000) + "\nb\n1234567";
    var all = List.of("too long", "a", "too long", "too long", "b", "too long");

    assertThat(read(stream(text))).isEqualTo(all);
    assertThat(read(slowly(text))).isEqualTo(all);
  }
}
