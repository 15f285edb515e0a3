package org.wasmbroker.protocol.standalone.deadletter;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;

/**
 * Who deals with dead letters, for the record.
 *
 * @param by a person or a program
 * @param note why, or null
 */
public record Resolution(String by, @Nullable String note) {
  private static final int MAX_BY = 100;
  private static final int MAX_NOTE = 500;

  public Resolution {
    by = SafeText.sanitize(by, MAX_BY);
    note = note == null ? null : SafeText.sanitize(note, MAX_NOTE);
  }
}
