package org.wasmbroker.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Document;

/** A command with the standard streams of this process. */
final class ProcessStreams implements GuestCommand {
  private static final Document RESULT = Document.of("{\"status\":\"completed\",\"result\":null}");

  private final List<String> arguments = new ArrayList<>();
  private final List<String> environment;
  private final Cancellation cancellation;
  private volatile int exitCode;
  private volatile boolean closed;

  /**
   * @param cancellation ends the command when nobody reads its output any more
   */
  ProcessStreams(
      String name, List<String> arguments, List<String> environment, Cancellation cancellation) {
    this.arguments.add(name);
    this.arguments.addAll(arguments);
    this.environment = List.copyOf(environment);
    this.cancellation = cancellation;
  }

  @Override
  public List<String> arguments() {
    return arguments;
  }

  @Override
  public List<String> environment() {
    return environment;
  }

  @Override
  public byte[] standardInput(long max) {
    try {
      return System.in.readNBytes((int) Math.min(max + 1, Integer.MAX_VALUE - 8L));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  public boolean written(int stream, byte[] bytes) {
    write(stream == 2 ? System.err : System.out, bytes);
    return true;
  }

  private void write(PrintStream stream, byte[] bytes) {
    stream.write(bytes, 0, bytes.length);
    if (stream.checkError()) {
      closed = true;
      cancellation.request("its output is closed");
    }
  }

  @Override
  public Document end(End end) {
    exitCode = end.exitCode();
    return RESULT;
  }

  void flush() {
    System.out.flush();
    System.err.flush();
  }

  /** Of a run that ended by itself. */
  int exitCode() {
    return exitCode;
  }

  /** Whether nobody reads the output any more. */
  boolean isClosed() {
    return closed;
  }
}
