package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.report.ReportConfig;

/** The settings {@code report.*}. */
final class ReportSettings {
  private static final ReportConfig DEFAULTS = ReportConfig.DEFAULTS;

  static final Setting<Integer> WRITERS =
      Setting.of(
          "report.writers",
          SettingTypes.INTEGER,
          DEFAULTS.writers(),
          "Number of batches of outcomes that are written concurrently, each on its own"
              + " database connection.",
          "4");
  static final Setting<Integer> BATCH_MAX =
      Setting.of(
          "report.batch-max",
          SettingTypes.INTEGER,
          DEFAULTS.batchMax(),
          "Maximum number of outcomes in one transaction.",
          "100");
  static final Setting<Integer> BACKLOG =
      Setting.of(
          "report.backlog",
          SettingTypes.INTEGER,
          DEFAULTS.backlog(),
          "Number of outcomes that may be running or waiting to be written before claiming"
              + " stops; at least `report.batch-max`.",
          "1000");
  static final Setting<Long> BACKLOG_BYTES =
      Setting.of(
          "report.backlog-bytes",
          QuantityTypes.SIZE,
          DEFAULTS.backlogBytes(),
          "Bytes of steps and results that may wait to be written before claiming stops.",
          "256MiB");
  static final List<Setting<?>> ALL = List.of(WRITERS, BATCH_MAX, BACKLOG, BACKLOG_BYTES);

  private ReportSettings() {}

  static ReportConfig read(SettingValues values) {
    return new ReportConfig(
        values.get(WRITERS), values.get(BATCH_MAX), values.get(BACKLOG), values.get(BACKLOG_BYTES));
  }
}
