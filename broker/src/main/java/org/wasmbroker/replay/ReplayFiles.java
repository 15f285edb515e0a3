package org.wasmbroker.replay;

import java.util.List;
import java.util.Map;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.files.GivenDirectories;
import org.wasmbroker.files.StepFiles;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/** The directories that the recorded step was given; what the guest does with them is its own. */
final class ReplayFiles {
  static final String KIND = "files";

  private ReplayFiles() {}

  /** What was granted; nothing if the step was given no directories. */
  static FilesGrant granted(List<TapeEntry> entries) {
    for (var entry : entries) {
      if (entry instanceof TapeEntry.FilesGiven(var given)) {
        return GivenDirectories.read(given).granted();
      }
    }
    return FilesGrant.NONE;
  }

  static StepFiles open(Answers answers, Step step, ModuleId module) {
    var store = FileStore.forOneStep();
    var entry = answers.take(KIND, "for its directories", TapeEntry.FilesGiven.class::isInstance);
    var given =
        entry instanceof TapeEntry.FilesGiven(var document)
            ? GivenDirectories.read(document)
            : new GivenDirectories(FilesGrant.NONE, Map.of());
    return store.open(given.granted(), step, module, given.operators());
  }
}
