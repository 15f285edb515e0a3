package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: one subcommand for each thing a person does with the broker. */
@Command(
    name = "wasm-broker",
    description = "Runs untrusted step handlers as WebAssembly, from a PGMQ queue to a result.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      InvokeCommand.class,
      EnqueueCommand.class,
      ResultsCommand.class,
      PolicyCommand.class,
      CheckConfigCommand.class,
      DoctorCommand.class,
      VersionCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:success",
      " 1:what was run failed: a guest, a step, an expectation of the demo, a look of the doctor",
      " 2:the command line or the configuration is wrong",
      " 3:something outside is missing or out of reach: database, engine, file",
      "70:a fault of the broker's own"
    },
    footer = {"", "Colours are left out when NO_COLOR is set."})
public final class WasmBroker implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    var commandLine = new CommandLine(new WasmBroker());
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setExecutionExceptionHandler(
        (failure, command, parsed) -> ErrorReporter.report(failure, command.getErr()));
    commandLine.setColorScheme(
        CommandLine.Help.defaultColorScheme(Console.wantsColour() ? Ansi.ON : Ansi.OFF));
    return commandLine;
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing; --help lists them");
  }
}
