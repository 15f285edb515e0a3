package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.upkeep.QueueStatistics;
import org.wasmbroker.pgmq.upkeep.QueueStatistics.TableStatistics;

/** How the statistics of queues are shown. */
final class QueueStatsView {
  private final Console console;

  QueueStatsView(Console console) {
    this.console = console;
  }

  /**
   * @param before an earlier moment, for rates; empty for none
   * @param missing queues that do not exist
   */
  void print(
      List<QueueStatistics> queues,
      Map<QueueName, QueueStatistics> before,
      List<QueueName> missing) {
    if (!before.isEmpty()) {
      console.clear();
    }
    messages(queues, before);
    console.line("");
    tables(queues);
    missing.forEach(queue -> console.error("there is no queue %s".formatted(queue)));
  }

  private void messages(List<QueueStatistics> queues, Map<QueueName, QueueStatistics> before) {
    var table =
        new TextTable(
            "QUEUE",
            "DEPTH",
            "VISIBLE",
            "IN FLIGHT",
            "DELAYED",
            "OLDEST",
            "WAITING",
            "IN/S",
            "OUT/S");
    for (var queue : queues) {
      var earlier = before.get(queue.queue());
      var rates = earlier == null ? null : queue.since(earlier);
      table.row(
          queue.queue().value(),
          String.valueOf(queue.depth()),
          String.valueOf(queue.visible()),
          String.valueOf(queue.inFlight()),
          String.valueOf(queue.delayed()),
          queue.depth() == 0 ? "-" : LetterView.age(queue.oldest()),
          queue.visible() == 0 ? "-" : LetterView.age(queue.oldestVisible()),
          rates == null ? "-" : rate(rates.in()),
          rates == null ? "-" : rate(rates.out()));
    }
    table.print(console);
  }

  private void tables(List<QueueStatistics> queues) {
    var table =
        new TextTable("TABLE", "ROWS (ABOUT)", "DEAD (ABOUT)", "SIZE", "PARTITIONS", "LAST VACUUM");
    for (var queue : queues) {
      row(table, "q_" + queue.queue(), queue.messages());
      row(table, "a_" + queue.queue(), queue.archive());
    }
    table.print(console);
  }

  private static void row(TextTable table, String name, TableStatistics statistics) {
    table.row(
        name,
        String.valueOf(statistics.rows()),
        String.valueOf(statistics.deadRows()),
        HumanFormat.bytes(statistics.bytes()),
        statistics.partitions() == 0 ? "-" : String.valueOf(statistics.partitions()),
        String.valueOf(statistics.lastVacuum() == null ? "-" : statistics.lastVacuum()));
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, "%.1f", perSecond);
  }

  void json(
      List<QueueStatistics> queues,
      Map<QueueName, QueueStatistics> before,
      List<QueueName> missing) {
    var document = new LinkedHashMap<String, Object>();
    document.put(
        "queues", queues.stream().map(queue -> json(queue, before.get(queue.queue()))).toList());
    document.put("missing", missing.stream().map(QueueName::value).toList());
    new DocumentPrinter(console).json(document);
  }

  private static Map<String, @Nullable Object> json(
      QueueStatistics queue, @Nullable QueueStatistics before) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("queue", queue.queue().value());
    document.put("at", queue.at().toString());
    document.put("sent", queue.sent());
    document.put("depth", queue.depth());
    document.put("visible", queue.visible());
    document.put("in_flight", queue.inFlight());
    document.put("delayed", queue.delayed());
    document.put("oldest_seconds", queue.oldest().toMillis() / 1000.0);
    document.put("oldest_visible_seconds", queue.oldestVisible().toMillis() / 1000.0);
    if (before != null) {
      document.put("in_per_second", queue.since(before).in());
      document.put("out_per_second", queue.since(before).out());
    }
    document.put("messages", json(queue.messages()));
    document.put("archive", json(queue.archive()));
    return document;
  }

  private static Map<String, @Nullable Object> json(TableStatistics table) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("rows_estimate", table.rows());
    document.put("dead_rows_estimate", table.deadRows());
    document.put("bytes", table.bytes());
    document.put("partitions", table.partitions());
    document.put("last_vacuum", table.lastVacuum() == null ? null : table.lastVacuum().toString());
    return document;
  }
}
