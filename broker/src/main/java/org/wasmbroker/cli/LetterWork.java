package org.wasmbroker.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.standalone.deadletter.LetterCount;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult;
import org.wasmbroker.protocol.standalone.deadletter.LetterSearch;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.TimeSource;

/** Replays or discards dead letters: asks, does it, and says what became of them. */
final class LetterWork {
  private static final int MAX_LEFT_SHOWN = 10;
  private static final int MAX_PROBLEM = 300;

  private final Console console;
  private final LetterSearch search;
  private final BulkOptions options;
  private final Wording wording;

  /**
   * How the work is called.
   *
   * @param verb such as {@code replay}
   * @param done such as {@code replayed}
   * @param queue whose letters
   * @param where such as {@code to catalog_queue, with the versions that serve now}
   */
  record Wording(String verb, String done, QueueName queue, String where) {
    String sentence(String verbForm, long letters) {
      return "%s %d dead %s of %s%s"
          .formatted(
              verbForm,
              letters,
              letters == 1 ? "letter" : "letters",
              queue,
              where.isEmpty() ? "" : " " + where);
    }
  }

  LetterWork(Console console, LetterSearch search, BulkOptions options, Wording wording) {
    this.console = console;
    this.search = search;
    this.options = options;
    this.wording = wording;
  }

  /** Does it, unless this is a dry run or somebody says no; returns the exit code. */
  int run(LetterBulk.Action action) throws IOException, InterruptedException {
    long upTo = search.newest();
    var counts = search.countByErrorType(options.filter(), upTo, options.limit());
    long matching = counts.stream().mapToLong(LetterCount::letters).sum();
    if (options.dryRun()) {
      return dryRun(counts, matching);
    }
    if (options.ids().isEmpty() && matching == 0) {
      report(new LetterBulk.Done(List.of(), false, null));
      return ExitCode.OK;
    }
    if (options.asks()
        && !Confirmation.of(console).confirms(wording.sentence(wording.verb(), matching))) {
      console.error("nothing was " + wording.done());
      return ExitCode.FAILED;
    }
    var done = doIt(action, upTo, matching);
    report(done);
    if (done.failure() != null) {
      throw done.failure();
    }
    return done.stopped() || done.results().stream().anyMatch(LetterResult.Left.class::isInstance)
        ? ExitCode.FAILED
        : ExitCode.OK;
  }

  private LetterBulk.Done doIt(LetterBulk.Action action, long upTo, long matching)
      throws InterruptedException {
    var ids = options.ids();
    long total = ids.isEmpty() ? matching : ids.size();
    try (var stop = new StopSignals()) {
      var bulk =
          new LetterBulk(
              search,
              new Pace(options.rate(), TimeSource.SYSTEM),
              stop::await,
              letters -> {
                if (total > 1) {
                  console.progress(wording.verb(), Math.min(letters, total), total, "");
                }
              });
      var done =
          ids.isEmpty()
              ? bulk.run(options.filter(), upTo, options.limit(), action)
              : bulk.run(ids, action);
      console.progressDone();
      return done;
    }
  }

  private int dryRun(List<LetterCount> counts, long matching) {
    if (options.json()) {
      var document = document(matching);
      document.put("by_error_type", counts.stream().map(LetterView::json).toList());
      new DocumentPrinter(console).json(document);
    } else {
      console.line("would " + wording.sentence(wording.verb(), matching));
      if (!counts.isEmpty()) {
        LetterView.printCounts(console, counts);
      }
    }
    return ExitCode.OK;
  }

  private Map<String, @Nullable Object> document(long letters) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("queue", wording.queue().value());
    document.put("dry_run", options.dryRun());
    document.put("letters", letters);
    return document;
  }

  private void report(LetterBulk.Done done) {
    var ended = new ArrayList<LetterResult>();
    var left = new ArrayList<LetterResult>();
    for (var result : done.results()) {
      (result instanceof LetterResult.Left ? left : ended).add(result);
    }
    if (options.json()) {
      var document = document(ended.size());
      document.put(wording.done(), ended.stream().map(LetterWork::json).toList());
      document.put("left", left.stream().map(LetterWork::json).toList());
      document.put("complete", !done.stopped() && done.failure() == null);
      new DocumentPrinter(console).json(document);
    } else {
      console.line(wording.sentence(wording.done(), ended.size()));
    }
    left.stream().limit(MAX_LEFT_SHOWN).forEach(result -> console.error(describe(result)));
    if (left.size() > MAX_LEFT_SHOWN) {
      console.error("and %d more were left where they are".formatted(left.size() - MAX_LEFT_SHOWN));
    }
    if (done.stopped()) {
      console.error("stopped; the same command goes on with the others");
    } else if (done.failure() != null) {
      console.error(
          "the database failed, so that the last batch may be done or not; the same command goes on"
              + " with what is left");
    }
  }

  private static Map<String, @Nullable Object> json(LetterResult result) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("id", result.id());
    switch (result) {
      case LetterResult.Replayed replayed -> document.put("msg_id", replayed.message());
      case LetterResult.Discarded _ -> {}
      case LetterResult.Gone _ -> document.put("why", "gone");
      case LetterResult.Held held -> {
        document.put("why", "held");
        document.put("until", held.until().toString());
      }
      case LetterResult.NoMessage _ -> document.put("why", "no_message");
      case LetterResult.NoModule _ -> document.put("why", "no_module");
      case LetterResult.Invalid invalid -> {
        document.put("why", "invalid");
        document.put("problem", SafeText.sanitize(invalid.problem(), MAX_PROBLEM));
      }
    }
    return document;
  }

  private String describe(LetterResult result) {
    var why =
        switch (result) {
          case LetterResult.Replayed _, LetterResult.Discarded _ -> wording.done();
          case LetterResult.Gone _ ->
              "not there: never was, or was replayed, discarded or read by somebody else";
          case LetterResult.Held held ->
              "hidden until %s by another reader of the queue, who may be at work on it"
                  .formatted(held.until());
          case LetterResult.NoMessage _ -> "not a dead letter of a broker: it has no message";
          case LetterResult.NoModule _ ->
              "without a record of the module that ran; without --same-module it can be replayed";
          case LetterResult.Invalid invalid ->
              "still no valid step: " + SafeText.sanitize(invalid.problem(), MAX_PROBLEM);
        };
    return "dead letter %d is left: %s".formatted(result.id(), why);
  }
}
