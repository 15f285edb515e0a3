package org.wasmbroker.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.environment.UnusableTextException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command line: one subcommand for each thing that a person does with the broker. */
@Command(
    name = "wasm-broker",
    description = "Runs untrusted step handlers as WebAssembly, from a PGMQ queue to a result.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:success",
      " 1:what was run failed: a step, or a check of the doctor",
      " 2:invalid command line or configuration",
      " 3:something required is missing or unreachable: database, engine, file",
      "70:internal error"
    },
    footer = {
      "",
      "In a checkout of the project, ./wasm-broker demo runs a broker on an embedded Postgres.",
      "Set NO_COLOR to switch off colours."
    })
public final class WasmBroker implements Runnable {
  /** The subcommands, in the order of the help. */
  static final List<String> COMMANDS =
      List.of(
          "run",
          "invoke",
          "mcp",
          "tool",
          "session",
          "replay",
          "enqueue",
          "results",
          "dlq",
          "queue",
          "new",
          "inspect",
          "test",
          "conformance",
          "registry",
          "publish",
          "dev",
          "policy",
          "capabilities",
          "serve-ui",
          "plan",
          "rollout",
          "check-config",
          "doctor",
          "health",
          "precompile",
          "version");

  @Spec private @Nullable CommandSpec spec;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /**
   * Runs a command of this process, whose text is UTF-8 whatever the locale is, and returns its
   * exit code.
   *
   * @param additional subcommands beyond those of the deployable jar
   */
  public static int execute(String[] arguments, Object... additional) {
    var out = utf8(FileDescriptor.out);
    var err = utf8(FileDescriptor.err);
    System.setOut(out);
    System.setErr(err);
    try {
      var given = ProcessText.arguments(arguments);
      var _ = ProcessText.environment();
      return commandLine(needed(given), additional)
          .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
          .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
          .execute(given);
    } catch (UnusableTextException unusable) {
      err.println("wasm-broker: " + unusable.getMessage());
      return ExitCode.USAGE;
    }
  }

  private static PrintStream utf8(FileDescriptor standard) {
    return new PrintStream(new FileOutputStream(standard), true, StandardCharsets.UTF_8);
  }

  /**
   * The command line with all commands, ready to execute.
   *
   * @param additional subcommands beyond those of the deployable jar
   */
  public static CommandLine commandLine(Object... additional) {
    return commandLine(COMMANDS, additional);
  }

  /**
   * Most of a short command's time would go into the description of all others, which reflection
   * reads: so the one that is called is alone, and all are there for help and for mistakes.
   */
  private static List<String> needed(String[] arguments) {
    return arguments.length > 0 && COMMANDS.contains(arguments[0])
        ? List.of(arguments[0])
        : COMMANDS;
  }

  /** The class of a subcommand. */
  static Class<?> command(String name) {
    return switch (name) {
      case "run" -> RunCommand.class;
      case "invoke" -> InvokeCommand.class;
      case "mcp" -> McpCommand.class;
      case "tool" -> ToolCommand.class;
      case "session" -> SessionCommand.class;
      case "replay" -> ReplayCommand.class;
      case "enqueue" -> EnqueueCommand.class;
      case "results" -> ResultsCommand.class;
      case "dlq" -> DlqCommand.class;
      case "queue" -> QueueCommand.class;
      case "new" -> NewCommand.class;
      case "inspect" -> InspectCommand.class;
      case "test" -> TestCommand.class;
      case "conformance" -> ConformanceCommand.class;
      case "registry" -> RegistryCommand.class;
      case "publish" -> PublishCommand.class;
      case "dev" -> DevCommand.class;
      case "policy" -> PolicyCommand.class;
      case "capabilities" -> CapabilitiesCommand.class;
      case "serve-ui" -> ServeUiCommand.class;
      case "plan" -> PlanCommand.class;
      case "rollout" -> RolloutCommand.class;
      case "check-config" -> CheckConfigCommand.class;
      case "doctor" -> DoctorCommand.class;
      case "health" -> HealthCommand.class;
      case "precompile" -> PrecompileCommand.class;
      case "version" -> VersionCommand.class;
      default -> throw new IllegalArgumentException("there is no command " + name);
    };
  }

  private static CommandLine commandLine(List<String> names, Object... additional) {
    var commandLine = new CommandLine(new WasmBroker());
    names.forEach(name -> commandLine.addSubcommand(command(name)));
    for (var command : additional) {
      commandLine.addSubcommand(command);
    }
    commandLine.registerConverter(Path.class, WasmBroker::path);
    setVersion(commandLine);
    // Below this line, as picocli applies these to the subcommands that have been added by then.
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setExecutionExceptionHandler(
        (failure, command, parsed) -> ErrorReporter.report(failure, command.getErr()));
    commandLine.setColorScheme(
        CommandLine.Help.defaultColorScheme(Console.wantsColour() ? Ansi.ON : Ansi.OFF));
    return commandLine;
  }

  private static Path path(String text) {
    try {
      return ProcessText.path(text);
    } catch (UnusableTextException invalid) {
      throw new TypeConversionException(invalid.getMessage());
    }
  }

  /** Every subcommand has an option {@code --version}, which prints nothing without a provider. */
  private static void setVersion(CommandLine command) {
    command.getCommandSpec().versionProvider(new VersionCommand());
    command.getSubcommands().values().forEach(WasmBroker::setVersion);
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "no command given; --help lists them");
  }
}
