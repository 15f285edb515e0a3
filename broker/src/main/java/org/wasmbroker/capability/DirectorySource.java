package org.wasmbroker.capability;

import java.util.List;
import org.wasmbroker.document.Names;
import org.wasmbroker.step.WireName;

/** What is in a directory when a guest begins. */
public enum DirectorySource {
  /** Nothing. */
  EMPTY(true),
  /** The files of the step's configuration. */
  INPUT(true),
  /** The archive that the module carries beside its code. */
  CONTENT(false),
  /** A directory of the operator's, which the policy names. */
  OPERATOR(false);

  private final boolean writable;

  DirectorySource(boolean writable) {
    this.writable = writable;
  }

  /** Whether a guest may write to it: what many steps share can only be read. */
  public boolean isWritable() {
    return writable;
  }

  /** Its name in manifests, receipts and recordings. */
  public String text() {
    return WireName.of(this);
  }

  /**
   * Parses the name.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static DirectorySource parse(String text) {
    return switch (text) {
      case "empty" -> EMPTY;
      case "input" -> INPUT;
      case "content" -> CONTENT;
      case "operator" -> OPERATOR;
      default ->
          throw new IllegalArgumentException(
              Names.notOneOf(text, List.of("empty", "input", "content", "operator")));
    };
  }
}
