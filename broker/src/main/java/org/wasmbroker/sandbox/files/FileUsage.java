package org.wasmbroker.sandbox.files;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What the runs of one step did with files. Used by the step's thread. */
public final class FileUsage {
  private long opened;
  private long created;
  private long removed;
  private long bytesRead;
  private long bytesWritten;
  private long refused;

  void opened() {
    opened++;
  }

  void created() {
    created++;
  }

  void removed() {
    removed++;
  }

  void read(long bytes) {
    bytesRead += bytes;
  }

  void written(long bytes) {
    bytesWritten += bytes;
  }

  void refused() {
    refused++;
  }

  /** All of it, by the names that receipts have for it. */
  public SequencedMap<String, Long> counts() {
    var counts = new LinkedHashMap<String, Long>();
    counts.put("opened", opened);
    counts.put("created", created);
    counts.put("removed", removed);
    counts.put("bytes_read", bytesRead);
    counts.put("bytes_written", bytesWritten);
    counts.put("refused", refused);
    return counts;
  }

  /** Whether nothing was done. */
  public boolean isEmpty() {
    return (opened | created | removed | bytesRead | bytesWritten | refused) == 0;
  }

  /** Files and directories that guests opened. */
  public long opens() {
    return opened;
  }

  /** Files and directories that guests created. */
  public long creations() {
    return created;
  }

  /** Files and directories that guests removed, or replaced by renaming another. */
  public long removals() {
    return removed;
  }

  public long bytesRead() {
    return bytesRead;
  }

  public long bytesWritten() {
    return bytesWritten;
  }

  /** How often something did not fit into the grant, or into the memory for all files. */
  public long refusals() {
    return refused;
  }
}
