package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.BrokerVersion;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.recording.Recorder;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/** The recording of one run that a person asked for, whatever its outcome is. */
final class RecordedRun {
  private final AtomicReference<@Nullable ByteBuffer> recorded = new AtomicReference<>();
  private final StepRecorder recorder;

  RecordedRun(BrokerConfig config) {
    recorder =
        new Recorder(
            RecordingConfig.ofEverything(config.recording().largestBytes()),
            BrokerVersion.text(),
            config.engine().stackBytes(),
            (_, bytes) -> {
              recorded.set(bytes);
              return true;
            },
            TimeSource.SYSTEM,
            EventSink.NONE);
  }

  StepRecorder recorder() {
    return recorder;
  }

  /** Writes the file, which nobody else can read. */
  void write(Path file, Console console) throws IOException {
    var bytes = recorded.get();
    if (bytes == null) {
      console.error("nothing was recorded: no module ran, or a secret could not be masked");
      return;
    }
    AtomicFile.write(file, "rw-------", AtomicFile.durable(bytes));
    console.error("recorded in " + file + "; run it again with: wasm-broker replay " + file);
  }
}
