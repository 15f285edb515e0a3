package org.wasmbroker.files;

/**
 * The files of all steps together.
 *
 * @param maxBytes what they may take, with the operator's directories and the archives of modules
 */
public record FilesConfig(long maxBytes) {
  private static final long MIN_BYTES = 1 << 20;
  private static final long MAX_BYTES = 64L << 30;

  public static final FilesConfig DEFAULTS = new FilesConfig(16 << 20);

  /** For a single step, which its grant bounds. */
  static final FilesConfig LARGEST = new FilesConfig(MAX_BYTES);

  public FilesConfig {
    if (maxBytes < MIN_BYTES || maxBytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "files.size must be 1 MiB to 64 GiB, was " + maxBytes + " bytes");
    }
  }
}
