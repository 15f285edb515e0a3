package org.wasmbroker.sandbox.wasmtime;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.wasmtime.WasmtimeImage.GlobalValue;

/** Takes the image of an instance: what it was before any code ran, and what is different now. */
final class StateCapture {
  private final WasmtimeModule module;
  private final RunState state;
  private final long maxBytes;
  private final List<GlobalValue> fresh = new ArrayList<>();
  private long bytes;
  private @Nullable WasmtimeImage image;

  StateCapture(WasmtimeModule module, RunState state, long maxBytes) {
    this.module = module;
    this.state = state;
    this.maxBytes = maxBytes;
  }

  /** The image; null if it was not taken, or is too large. */
  @Nullable WasmtimeImage image() {
    return image;
  }

  /** What the image occupies, or would at least. */
  long bytes() {
    return bytes;
  }

  /** The instance has just been created. */
  void begin(WasmtimeRun run) {
    module.freshMemory(run::memorySegment);
    for (int index = 0; index < module.globals().size(); index++) {
      fresh.add(run.global(index));
    }
  }

  /** The instance is prepared. Takes no image if the run's time is up meanwhile. */
  void end(WasmtimeRun run) {
    var changed = new ArrayList<GlobalValue>();
    for (var before : fresh) {
      var now = run.global(before.index());
      if (!now.equals(before)) {
        changed.add(now);
      }
    }
    var memory = run.memorySegment();
    var changes =
        module.freshMemory(run::memorySegment).changesIn(memory, maxBytes, state::shouldStop);
    bytes = changes.bytes();
    if (state.stopReason() == null && bytes <= maxBytes) {
      image =
          new WasmtimeImage(
              module.digest(),
              module.compiledDigest(),
              memory.byteSize(),
              changes.build(),
              changed);
      bytes = image.bytes();
    }
  }
}
