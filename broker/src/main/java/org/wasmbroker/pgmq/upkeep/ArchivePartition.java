package org.wasmbroker.pgmq.upkeep;

import java.time.Instant;

/**
 * A partition of an archive.
 *
 * @param name of its table in the schema {@code pgmq}
 * @param removal how it can be taken out of the archive
 * @param until what it has was archived before then
 * @param rows an estimate, of the server's own statistics
 */
public record ArchivePartition(String name, Removal removal, Instant until, long bytes, long rows) {

  /** How a partition is taken out of its table. */
  public enum Removal {
    /** Nobody waits for that. */
    CONCURRENTLY,
    /** Somebody began to detach it concurrently and did not finish. */
    FINISH,
    /** There is a default partition, with which Postgres does not do it concurrently. */
    AT_ONCE
  }
}
