package org.wasmbroker.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Writes each event as one line, formatted by a function, after the lines about storms that are
 * due.
 */
final class LineEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] EMPTY = {};

  private final Function<ILoggingEvent, String> format;
  private final Supplier<List<ILoggingEvent>> due;

  LineEncoder(Function<ILoggingEvent, String> format, Supplier<List<ILoggingEvent>> due) {
    this.format = format;
    this.due = due;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    var lines = new StringBuilder();
    due.get().forEach(line -> lines.append(format.apply(line)).append('\n'));
    return lines
        .append(format.apply(event))
        .append('\n')
        .toString()
        .getBytes(StandardCharsets.UTF_8);
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
