package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Guests;

final class ThreadStackTest {
  private static final EngineConfig CONFIG = EngineConfig.of(1);

  @Test
  void aThreadWithTheStackThatTheConfigAsksForRunsGuests() throws Exception {
    assertThat(runOn(CONFIG.threadStackBytes(), CONFIG).get().receipt().bytesOut()).isEqualTo(2);
  }

  @Test
  void aThreadWithTooSmallAStackIsRefusedBeforeAGuestCanOverflowIt() {
    var deep =
        new EngineConfig(
            1, CONFIG.memoryBytes(), 8 << 20, CONFIG.tick(), CONFIG.moduleBytes(), null, null);
    var result = runOn(CONFIG.threadStackBytes(), deep);

    Assertions.assertThatThrownBy(result::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has a stack of");
  }

  private static CompletableFuture<InvocationResult> runOn(long stackBytes, EngineConfig config) {
    var result = new CompletableFuture<InvocationResult>();
    try (var engine = WasmtimeEngine.start(config);
        var module = engine.compile(Guests.guest("echo"), Limits.DEFAULTS)) {
      var invocation =
          new Invocation(Document.of("{}"), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE);
      var thread =
          new Thread(
              null,
              () -> {
                try {
                  result.complete(module.run(invocation));
                } catch (RuntimeException refused) {
                  result.completeExceptionally(refused);
                }
              },
              "guest",
              stackBytes);
      thread.start();
      thread.join();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    return result;
  }
}
