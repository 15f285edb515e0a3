package org.wasmbroker.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.protocol.standalone.deadletter.LetterFilter;
import org.wasmbroker.protocol.standalone.deadletter.Resolution;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which dead letters something is done to, how many at most, and how fast. */
final class BulkOptions {
  static final int MAX_LIMIT = 1_000_000;
  private static final int MAX_RATE = 100_000;

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Letters by their ids, as dlq list shows them.")
  private List<Long> ids = List.of();

  @Mixin private final LetterOptions letters = new LetterOptions();

  @Option(names = "--all", description = "All dead letters, where no condition is given.")
  private boolean all;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many, oldest first, up to 1000000 (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "At most so many per second (default: as fast as it goes).")
  private int rate;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask. Letters that are named by their ids are never asked about.")
  private boolean yes;

  @Option(
      names = "--note",
      paramLabel = "TEXT",
      description = "Why, for the record in the archive.")
  private @Nullable String note;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who does it, for the record (default: the name of this user).")
  private @Nullable String by;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Throws what is wrong with the options. */
  void check() {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new UsageException("--limit must be 1 to %d, was %d".formatted(MAX_LIMIT, limit));
    }
    if (rate < 0 || rate > MAX_RATE) {
      throw new UsageException("--rate must be 0 to %d, was %d".formatted(MAX_RATE, rate));
    }
    boolean conditions = !letters.filter().equals(LetterFilter.ALL);
    if (!ids.isEmpty() && (conditions || all)) {
      throw new UsageException("name letters by ids or by conditions, not both");
    }
    if (conditions && all) {
      throw new UsageException("--all is for no condition at all");
    }
    if (ids.isEmpty() && !conditions && !all) {
      throw new UsageException(
          "which dead letters? Name ids, or conditions such as --error-type, or --all; --help lists"
              + " them");
    }
  }

  /** The ids that were named, each once; empty if letters are selected by conditions. */
  Set<Long> ids() {
    return new LinkedHashSet<>(ids);
  }

  LetterFilter filter() {
    return ids.isEmpty() ? letters.filter() : LetterFilter.ofIds(ids());
  }

  int limit() {
    return limit;
  }

  /** Letters per second; 0 for no limit. */
  int rate() {
    return rate;
  }

  boolean dryRun() {
    return dryRun;
  }

  /** Whether somebody has to agree. */
  boolean asks() {
    return ids.isEmpty() && !yes;
  }

  boolean json() {
    return json;
  }

  Resolution resolution() {
    var name = by != null ? by : ProcessText.environment().getOrDefault("SUDO_USER", "");
    return new Resolution(name.isBlank() ? System.getProperty("user.name", "unknown") : name, note);
  }
}
