package org.wasmbroker.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.sandbox.host.GuestCommand.TooMuchOutputException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;

/** Commands that are no guests: they do what their names say. */
final class FakeCommands implements Commands {
  /** What a command does; returns its exit code. */
  @FunctionalInterface
  interface Body {
    int run(GuestCommand command, Cancellation cancellation) throws FileException;
  }

  private final Map<String, Body> bodies = new TreeMap<>();

  /** Counted down when {@code forever} has begun. */
  final CountDownLatch endless = new CountDownLatch(1);

  FakeCommands() {
    with(
        "echo",
        (command, _) -> {
          var words = command.arguments().subList(1, command.arguments().size());
          return write(command, 1, String.join(" ", words) + "\n");
        });
    with("cat", (command, _) -> write(command, 1, new String(command.standardInput(1000), UTF_8)));
    with(
        "upper",
        (command, _) ->
            write(command, 1, new String(command.standardInput(1000), UTF_8).toUpperCase(ROOT)));
    with("complain", (command, _) -> write(command, 2, "bad\n") + 3);
    with("env", (command, _) -> write(command, 1, String.join("\n", command.environment()) + "\n"));
    with("bytes", (command, _) -> written(command, 1, new byte[] {(byte) 0xFF, 1}));
    with(
        "much",
        (command, _) -> {
          for (int i = 0; i < 100; i++) {
            var _ = write(command, 1, "é".repeat(100));
          }
          return 0;
        });
    with(
        "forever",
        (_, cancellation) -> {
          endless.countDown();
          while (cancellation.reason() == null) {
            cancellation.await(Long.MAX_VALUE);
          }
          return 0;
        });
  }

  FakeCommands with(String name, Body body) {
    bodies.put(name, body);
    return this;
  }

  static int write(GuestCommand command, int stream, String text) throws FileException {
    return written(command, stream, text.getBytes(UTF_8));
  }

  private static int written(GuestCommand command, int stream, byte[] bytes) throws FileException {
    return command.written(stream, bytes) ? 0 : 1;
  }

  @Override
  public List<String> names() {
    return List.copyOf(bodies.keySet());
  }

  @Override
  public boolean has(String name) {
    return bodies.containsKey(name);
  }

  @Override
  public boolean allows(String name, String variable) {
    return variable.equals("LANG");
  }

  @Override
  public void load(String name) {
    // it is no module
  }

  @Override
  public @Nullable Outcome run(Call call) {
    var step = StepInvoker.newStep(new HandlerRef(call.name(), null), Document.of("{}"));
    var receipt = Receipt.none(Duration.ZERO);
    var now = TimeSource.SYSTEM.now();
    try {
      int code =
          Objects.requireNonNull(bodies.get(call.name())).run(call.command(), call.cancellation());
      if (call.cancellation().reason() != null) {
        return null;
      }
      var empty = Document.EMPTY;
      var result = call.command().end(new GuestCommand.End(code, empty, empty, null, 1000));
      return new Outcome.Completed(step, result, now, receipt);
    } catch (FileException refused) {
      return new Outcome.Failed(
          step, StepError.permanent("trapped", refused.error().name()), false, now, receipt);
    } catch (TooMuchOutputException tooMuch) {
      return new Outcome.Failed(
          step,
          StepError.limitExceeded("output", "bytes", 1, 2, false, "too much output"),
          false,
          now,
          receipt);
    }
  }
}
