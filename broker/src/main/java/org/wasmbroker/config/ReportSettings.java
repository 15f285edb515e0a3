package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.report.ReportConfig;

/** How outcomes are written. */
final class ReportSettings {
  private static final ReportConfig DEFAULTS = ReportConfig.DEFAULTS;

  static final Setting<Integer> WRITERS =
      Setting.of(
          "report.writers",
          SettingTypes.INTEGER,
          DEFAULTS.writers(),
          "How many batches of outcomes are written at once, each on a database connection.",
          "4");
  static final Setting<Integer> BATCH_MAX =
      Setting.of(
          "report.batch-max",
          SettingTypes.INTEGER,
          DEFAULTS.batchMax(),
          "The most outcomes in one transaction.",
          "100");
  static final Setting<Integer> BACKLOG =
      Setting.of(
          "report.backlog",
          SettingTypes.INTEGER,
          DEFAULTS.backlog(),
          "How many outcomes may wait or be under way before no more steps are claimed;"
              + " at least `report.batch-max`.",
          "1000");
  static final Setting<Long> BACKLOG_BYTES =
      Setting.of(
          "report.backlog-bytes",
          QuantityTypes.SIZE,
          DEFAULTS.backlogBytes(),
          "How many bytes of steps and results may wait before no more steps are claimed.",
          "256MiB");
  static final List<Setting<?>> ALL = List.of(WRITERS, BATCH_MAX, BACKLOG, BACKLOG_BYTES);

  private ReportSettings() {}

  static ReportConfig read(SettingValues values) {
    return new ReportConfig(
        values.get(WRITERS), values.get(BATCH_MAX), values.get(BACKLOG), values.get(BACKLOG_BYTES));
  }
}
