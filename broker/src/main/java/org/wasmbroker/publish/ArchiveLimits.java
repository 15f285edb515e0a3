package org.wasmbroker.publish;

/**
 * What an archive may make us read.
 *
 * @param moduleBytes the size of the largest module
 * @param entries how many files and directories it may have
 * @param ratio how many times larger than the archive its content may be
 */
public record ArchiveLimits(int moduleBytes, int entries, int ratio) {
  /** Follows "the maximum" where a module is too large. */
  public static final String OF_MODULES = " of modules (engine.module-size)";

  /** Beside the module: manifest, signatures, a licence, the headers of the archive. */
  private static final int OTHER_BYTES = 8 << 20;

  /** Small content may be compressed to any ratio: it costs nothing. */
  private static final long FREE_BYTES = 1 << 20;

  private static final int DEFAULT_ENTRIES = 64;

  /** A module of text and tables compresses to a twentieth; nothing useful to a hundredth. */
  private static final int DEFAULT_RATIO = 100;

  public static ArchiveLimits of(int moduleBytes) {
    return new ArchiveLimits(moduleBytes, DEFAULT_ENTRIES, DEFAULT_RATIO);
  }

  /** The size of the largest archive, whose content may not be compressible. */
  long archiveBytes() {
    return contentBytes();
  }

  /** The size of everything in an archive, files that are not used included. */
  long contentBytes() {
    return (long) moduleBytes + OTHER_BYTES;
  }

  /** How much an archive of this size may contain. */
  long contentBytes(long archiveBytes) {
    return Math.min(contentBytes(), Math.max(FREE_BYTES, archiveBytes * ratio));
  }
}
