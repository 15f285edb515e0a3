package org.wasmbroker.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The broker's version, set by the build. */
public final class BrokerVersion {
  private BrokerVersion() {}

  public static String text() {
    try (var file = BrokerVersion.class.getResourceAsStream("/org/wasmbroker/version.properties")) {
      var properties = new Properties();
      properties.load(Objects.requireNonNull(file, "the build writes version.properties"));
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
