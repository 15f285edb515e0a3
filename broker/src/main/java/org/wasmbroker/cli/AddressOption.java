package org.wasmbroker.cli;

import java.net.InetSocketAddress;
import org.wasmbroker.step.SafeText;

/** Addresses to listen on, on the command line. */
final class AddressOption {
  private static final int MAX_SHOWN = 100;

  private AddressOption() {}

  /** {@code HOST:PORT} or {@code PORT}, which is on the loopback address. */
  static InetSocketAddress parse(String option, String text) {
    int colon = text.lastIndexOf(':');
    var host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    var port = text.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535 || host.isBlank()) {
      throw new UsageException(
          "%s must be HOST:PORT or PORT, was %s"
              .formatted(option, SafeText.sanitize(text, MAX_SHOWN)));
    }
    var plain =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    var address = new InetSocketAddress(plain, Integer.parseInt(port));
    if (address.isUnresolved()) {
      throw new UsageException(
          "%s names a host that is not known: %s"
              .formatted(option, SafeText.sanitize(plain, MAX_SHOWN)));
    }
    return address;
  }
}
