package org.wasmbroker.sdk;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a server answered. A run may have 8 open responses. */
public final class Response implements AutoCloseable {
  private static final int PIECE = 65_536;

  private final int handle;
  private final Json head;

  Response(int handle) {
    this.handle = handle;
    this.head = Json.parse(Host.head(handle));
  }

  public int status() {
    return (int) head.get("status").asLong();
  }

  /** The first value of a header. */
  public Optional<String> header(String name) {
    var values = head.get("headers").get(name.toLowerCase(Locale.ROOT));
    return values.isNull()
        ? Optional.empty()
        : Optional.of(values.elements().iterator().next().asText());
  }

  /**
   * The next bytes of the body, at most as many as the array has.
   *
   * @return their number, 0 at the end
   * @throws Failure if the body broke off
   */
  public int read(byte[] into) {
    return Host.body(handle, into);
  }

  /**
   * The rest of the body.
   *
   * @throws Failure if it broke off
   */
  public byte[] bytes() {
    var all = new byte[8192];
    var length = 0;
    var piece = new byte[PIECE];
    for (var read = read(piece); read > 0; read = read(piece)) {
      if (length + read > all.length) {
        all = Arrays.copyOf(all, (length + read) * 2);
      }
      System.arraycopy(piece, 0, all, length, read);
      length += read;
    }
    return Arrays.copyOf(all, length);
  }

  /** The rest of the body, as UTF-8. */
  public String text() {
    return Utf8.decode(bytes());
  }

  /**
   * The rest of the body.
   *
   * @throws Failure of the type {@code invalid_json} if it is none
   */
  public Json json() {
    return Json.parse(bytes());
  }

  @Override
  public void close() {
    Host.close(handle);
  }
}
