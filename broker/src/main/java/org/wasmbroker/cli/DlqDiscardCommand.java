package org.wasmbroker.cli;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.deadletter.DeadLetters;
import org.wasmbroker.protocol.standalone.deadletter.LetterSearch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes dead letters out of their queue. */
@Command(
    name = "discard",
    description = {
      "Take dead letters out of their queue. They stay in its archive, with who did it, when and"
          + " why; --purge deletes them for good.",
      "Exits with 1 if one of them was left where it is."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker dlq discard 17 --note 'the order was cancelled'",
      "  wasm-broker dlq discard --reason invalid --older-than 7d --yes"
    })
final class DlqDiscardCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final DlqSetup setup = new DlqSetup();

  @Mixin private final BulkOptions bulk = new BulkOptions();

  @Option(names = "--purge", description = "Delete them, and archive nothing.")
  private boolean purge;

  @Override
  public Integer call() throws IOException, InterruptedException {
    bulk.check();
    var config = setup.load(options);
    var console = Console.of(Objects.requireNonNull(spec));
    var letters = config.queue().deadLetters();
    try (var database = DlqSetup.open(config)) {
      var wording =
          new LetterWork.Wording(
              "discard", "discarded", letters, purge ? "for good" : "to its archive");
      var deadLetters = new DeadLetters(database, config.queue());
      var resolution = bulk.resolution();
      return new LetterWork(console, new LetterSearch(database, letters), bulk, wording)
          .run(ids -> deadLetters.discard(ids, purge, resolution));
    }
  }
}
