package org.wasmbroker.report;

/**
 * How outcomes are written.
 *
 * @param writers how many batches are written at once, each on its own database connection
 * @param batchMax the maximum number of outcomes in one transaction
 * @param backlog how many outcomes may be waiting or in progress before claiming stops
 * @param backlogBytes how many bytes of steps and results may be waiting before claiming stops
 */
public record ReportConfig(int writers, int batchMax, int backlog, long backlogBytes) {
  public static final ReportConfig DEFAULTS = new ReportConfig(2, 500, 5_000, 64 << 20);

  public ReportConfig {
    requirePositive("writers", writers);
    requirePositive("batch-max", batchMax);
    requirePositive("backlog", backlog);
    requirePositive("backlog-bytes", backlogBytes);
  }

  private static void requirePositive(String key, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("report." + key + " must be at least 1, was " + value);
    }
  }
}
