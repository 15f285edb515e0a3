package org.wasmbroker.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One run of the command line in this JVM.
 *
 * @param out what it printed to standard output
 * @param err what it printed to standard error, without log lines
 */
public record CommandRun(int exitCode, String out, String err) {
  /** A database that nothing listens for, and that is given up soon. */
  static final String[] UNREACHABLE = {
    "-s", "database.url=jdbc:postgresql://127.0.0.1:1/none", "-s", "database.connect-timeout=1s"
  };

  public static CommandRun of(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var commandLine = WasmBroker.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    int exitCode = commandLine.execute(arguments);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  /** The command with further arguments. */
  static CommandRun of(String[] further, String... arguments) {
    var all = new String[arguments.length + further.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(further, 0, all, arguments.length, further.length);
    return of(all);
  }
}
