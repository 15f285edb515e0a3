package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;

final class ThreadStackTest {
  private static final EngineConfig CONFIG = EngineConfig.of(1);

  @Test
  void aThreadWithTheConfiguredStackRunsGuests() throws Exception {
    assertThat(runOn(CONFIG.threadStackBytes(), CONFIG, "echo").get().receipt().bytesOut())
        .isEqualTo(2);
  }

  @Test
  void aThreadWithTooSmallAStackIsRefusedBeforeAGuestCanOverflowIt() {
    var result = runOn(CONFIG.threadStackBytes(), withStack(8 << 20), "echo");

    Assertions.assertThatThrownBy(result::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has a stack of");
  }

  @Test
  void aGuestRecursesAsDeepAsConfiguredAndNoDeeper() throws Exception {
    var wide = withStack(8 << 20);
    var narrow = withStack(64 << 10);

    assertThat(runOn(wide.threadStackBytes(), wide, "deep").get())
        .isInstanceOf(InvocationResult.Completed.class);
    assertThat(runOn(narrow.threadStackBytes(), narrow, "deep").get())
        .isInstanceOfSatisfying(
            InvocationResult.Trapped.class,
            trapped -> assertThat(trapped.kind()).isEqualTo(TrapKind.STACK_OVERFLOW));
  }

  private static EngineConfig withStack(int bytes) {
    return new EngineConfig(
        1, CONFIG.memoryBytes(), bytes, CONFIG.tick(), CONFIG.moduleBytes(), null, null);
  }

  private static CompletableFuture<InvocationResult> runOn(
      long stackBytes, EngineConfig config, String guest) {
    var result = new CompletableFuture<InvocationResult>();
    try (var engine = WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
        var module = engine.compile(Guests.guest(guest), Limits.DEFAULTS)) {
      var invocation =
          Invocations.basic(Document.of("{}"), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE);
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
