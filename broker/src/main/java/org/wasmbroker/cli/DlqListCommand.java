package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.deadletter.LetterCount;
import org.wasmbroker.protocol.standalone.deadletter.LetterSearch;
import org.wasmbroker.protocol.standalone.deadletter.LetterSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows dead letters. */
@Command(
    name = "list",
    description = {
      "List dead letters, oldest first, and how many there are of each error type.",
      "They stay where they are."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker dlq list --error-type limit_exceeded --newer-than 1h",
      "  wasm-broker dlq list --handler transform --json"
    })
final class DlqListCommand implements Callable<Integer> {
  private static final int MAX_LIMIT = 10_000;

  /** Counting more than this takes too long for somebody who waits. */
  private static final int MAX_COUNTED = 100_000;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final DlqSetup setup = new DlqSetup();

  @Mixin private final LetterOptions letters = new LetterOptions();

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      defaultValue = "50",
      description = "How many to show, up to 10000 (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--after",
      paramLabel = "ID",
      defaultValue = "0",
      description = "Only those with a higher id: the next page.")
  private long after;

  @Option(names = "--newest-first", description = "In the opposite order.")
  private boolean newestFirst;

  @Option(names = "--counts", description = "Only the counts by error type.")
  private boolean countsOnly;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** One page, and the counts of all that match. */
  private record Page(List<LetterSummary> letters, List<LetterCount> counts, boolean more) {
    long total() {
      return counts.stream().mapToLong(LetterCount::letters).sum();
    }
  }

  @Override
  public Integer call() {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new UsageException("--limit must be 1 to %d, was %d".formatted(MAX_LIMIT, limit));
    }
    if (newestFirst && after > 0) {
      throw new UsageException("--after is for the order of ids: leave --newest-first out");
    }
    var filter = letters.filter();
    var config = setup.load(options);
    var console = Console.of(Objects.requireNonNull(spec));
    var queue = config.queue().deadLetters();
    try (var database = DlqSetup.open(config)) {
      var search = new LetterSearch(database, queue);
      var found =
          countsOnly
              ? List.<LetterSummary>of()
              : search.list(filter, after, Long.MAX_VALUE, newestFirst, limit + 1);
      var page =
          new Page(
              found.subList(0, Math.min(limit, found.size())),
              search.countByErrorType(filter, Long.MAX_VALUE, MAX_COUNTED),
              found.size() > limit);
      if (json) {
        printJson(console, queue.value(), page);
      } else {
        print(console, queue.value(), page);
      }
    }
    return ExitCode.OK;
  }

  private void printJson(Console console, String queue, Page page) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("queue", queue);
    if (!countsOnly) {
      document.put("letters", page.letters().stream().map(LetterView::json).toList());
      document.put("next_after", hasNext(page) ? page.letters().getLast().id() : null);
    }
    document.put("by_error_type", page.counts().stream().map(LetterView::json).toList());
    document.put("counted", page.total());
    document.put("all_counted", page.total() < MAX_COUNTED);
    new DocumentPrinter(console).json(document);
  }

  private void print(Console console, String queue, Page page) {
    if (page.total() == 0) {
      console.error("no dead letter on %s matches".formatted(queue));
      return;
    }
    if (!page.letters().isEmpty()) {
      LetterView.print(console, page.letters());
      console.line("");
    }
    LetterView.printCounts(console, page.counts());
    if (page.total() == MAX_COUNTED) {
      console.error("only the oldest %d were counted".formatted(MAX_COUNTED));
    }
    if (hasNext(page)) {
      console.error("there are more; the next page: --after " + page.letters().getLast().id());
    } else if (page.more()) {
      console.error("there are more; --limit shows up to " + MAX_LIMIT);
    }
  }

  private boolean hasNext(Page page) {
    return page.more() && !newestFirst;
  }
}
