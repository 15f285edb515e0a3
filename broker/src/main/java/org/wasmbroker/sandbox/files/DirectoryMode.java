package org.wasmbroker.sandbox.files;

import org.wasmbroker.step.WireName;

/** What a guest may do with what is in a directory. */
public enum DirectoryMode {
  NONE(false, false),
  READ(true, false),
  /** Create, write and remove; see names and sizes, but read no file and list no directory. */
  WRITE(false, true),
  READ_WRITE(true, true);

  private final boolean reads;
  private final boolean writes;

  DirectoryMode(boolean reads, boolean writes) {
    this.reads = reads;
    this.writes = writes;
  }

  public boolean reads() {
    return reads;
  }

  public boolean writes() {
    return writes;
  }

  /** What both allow. */
  public DirectoryMode and(DirectoryMode other) {
    return of(reads && other.reads, writes && other.writes);
  }

  /** What either allows. */
  public DirectoryMode or(DirectoryMode other) {
    return of(reads || other.reads, writes || other.writes);
  }

  private static DirectoryMode of(boolean reads, boolean writes) {
    return reads ? writes ? READ_WRITE : READ : writes ? WRITE : NONE;
  }

  /** Its name in manifests, policies and receipts, such as {@code read-write}. */
  public String text() {
    return WireName.hyphenated(this);
  }

  /**
   * Parses the name.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static DirectoryMode parse(String text) {
    return switch (text) {
      case "none" -> NONE;
      case "read" -> READ;
      case "write" -> WRITE;
      case "read-write" -> READ_WRITE;
      default -> throw new IllegalArgumentException("must be none, read, write or read-write");
    };
  }
}
