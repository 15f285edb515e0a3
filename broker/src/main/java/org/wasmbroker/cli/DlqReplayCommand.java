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

/** Sends the messages of dead letters again. */
@Command(
    name = "replay",
    description = {
      "Put the messages of dead letters back on their queue, with all their attempts.",
      "A letter is archived in the transaction that sends its message, so that none is sent twice,"
          + " whoever else does this and whenever it is interrupted. The step keeps its id, and so"
          + " its idempotency keys.",
      "Exits with 1 if one of them was left where it is."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker dlq replay 17 18",
      "  wasm-broker dlq replay --error-type limit_exceeded --dry-run",
      "  wasm-broker dlq replay --handler transform --older-than 10m --rate 20 --yes"
    })
final class DlqReplayCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final DlqSetup setup = new DlqSetup();

  @Mixin private final BulkOptions bulk = new BulkOptions();

  @Option(
      names = "--same-module",
      description =
          "Run the module that ran last, by its digest, as a retry does. By default a message runs"
              + " what it leads to now, such as a version with the bug fixed.")
  private boolean sameModule;

  @Override
  public Integer call() throws IOException, InterruptedException {
    bulk.check();
    var config = setup.load(options);
    var console = Console.of(Objects.requireNonNull(spec));
    var queue = config.queue().queue();
    var letters = config.queue().deadLetters();
    try (var database = DlqSetup.open(config)) {
      var wording =
          new LetterWork.Wording(
              "replay",
              "replayed",
              letters,
              "to %s, with %s"
                  .formatted(
                      queue,
                      sameModule ? "the modules that ran last" : "the versions that serve now"));
      var deadLetters = new DeadLetters(database, config.queue());
      var resolution = bulk.resolution();
      return new LetterWork(console, new LetterSearch(database, letters), bulk, wording)
          .run(ids -> deadLetters.replay(ids, sameModule, resolution));
    }
  }
}
