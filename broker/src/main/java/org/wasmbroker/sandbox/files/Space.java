package org.wasmbroker.sandbox.files;

import org.jspecify.annotations.Nullable;

/**
 * How much the directories of one run may hold together, and hold. Each entry costs {@link
 * #ENTRY_BYTES} of the budget of all steps besides its bytes. Used by the run's thread.
 */
public final class Space {
  /** What a file or directory takes in the host besides its content. */
  public static final int ENTRY_BYTES = 512;

  private final long maxBytes;
  private final int maxEntries;
  private final FileBudget budget;
  private long bytes;
  private int entries;
  private @Nullable FileUsage usage;

  public Space(long maxBytes, int maxEntries, FileBudget budget) {
    this.maxBytes = maxBytes;
    this.maxEntries = maxEntries;
    this.budget = budget;
  }

  void addEntry() throws FileException {
    if (entries == maxEntries || !budget.reserve(ENTRY_BYTES)) {
      throw refused();
    }
    entries++;
  }

  void removeEntry() {
    entries--;
    budget.release(ENTRY_BYTES);
  }

  void addBytes(long more) throws FileException {
    if (more > maxBytes - bytes || !budget.reserve(more)) {
      throw refused();
    }
    bytes += more;
  }

  void removeBytes(long fewer) {
    bytes -= fewer;
    budget.release(fewer);
  }

  private FileException refused() {
    if (usage != null) {
      usage.refused();
    }
    return new FileException(FileError.NO_SPACE);
  }

  public long bytes() {
    return bytes;
  }

  public int entries() {
    return entries;
  }

  /** What it takes of the budget of all steps. */
  public long taken() {
    return bytes + (long) entries * ENTRY_BYTES;
  }

  /** Has what does not fit counted. */
  void count(FileUsage counted) {
    usage = counted;
  }

  /** Gives everything back to the budget of all steps. */
  public void close() {
    budget.release(taken());
    bytes = 0;
    entries = 0;
  }
}
