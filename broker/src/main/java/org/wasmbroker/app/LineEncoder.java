package org.wasmbroker.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Writes each event as one line, formatted by a function. */
final class LineEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] EMPTY = {};

  private final Function<ILoggingEvent, String> format;

  LineEncoder(Function<ILoggingEvent, String> format) {
    this.format = format;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    return (format.apply(event) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] headerBytes() {
    return EMPTY;
  }

  @Override
  public byte[] footerBytes() {
    return EMPTY;
  }
}
