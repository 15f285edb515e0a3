package org.wasmbroker.session;

import java.util.List;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Document;

/** One command of a command line while it runs: what it is given, and where its streams go. */
final class RunningCommand implements GuestCommand {
  private static final Document RESULT = Document.of("{\"status\":\"completed\",\"result\":null}");

  private final List<String> arguments;
  private final List<String> environment;
  private final byte[] input;
  private final Sink out;
  private final Sink err;
  private volatile int exitCode;

  /**
   * @param arguments with the command's name
   * @param environment as {@code NAME=value}
   */
  RunningCommand(
      List<String> arguments, List<String> environment, byte[] input, Sink out, Sink err) {
    this.arguments = List.copyOf(arguments);
    this.environment = List.copyOf(environment);
    this.input = input;
    this.out = out;
    this.err = err;
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
    return input;
  }

  @Override
  public boolean written(int stream, byte[] bytes) throws FileException {
    (stream == 2 ? err : out).write(bytes);
    return true;
  }

  /** The streams are where they belong already. */
  @Override
  public Document end(End end) {
    exitCode = end.exitCode();
    return RESULT;
  }

  /** Of a run that ended by itself. */
  int exitCode() {
    return exitCode;
  }
}
