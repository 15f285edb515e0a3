package org.wasmbroker.capability;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * A command that is run as a step: its arguments, variables and standard input are the step's
 * configuration, and its result has the exit code, what it wrote, and the files that the
 * configuration names.
 *
 * @param arguments with the program's name, which is the handler's
 * @param environment as {@code NAME=value}
 * @param input its standard input
 * @param outputs the files and directories that are returned
 */
record StepCommand(
    List<String> arguments, List<String> environment, Document input, List<OutputPath> outputs)
    implements GuestCommand {
  private static final int MAX_ARGUMENTS = 10_000;
  private static final int MAX_OUTPUTS = 100;
  private static final int MAX_DEPTH = 20;
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, MAX_DEPTH).withoutPositions();

  StepCommand {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
    outputs = List.copyOf(outputs);
  }

  /**
   * The command of a step.
   *
   * @throws StepRefusedException {@code invalid_command} if its configuration is not that of a
   *     command, or has a variable that is not granted
   */
  static StepCommand of(CommandGrant granted, Step step) {
    var parsed = JSON.read("config", HandlerConfiguration.of(step.document()).document().bytes());
    if (!parsed.hasProblems()) {
      var command = read(granted, step.handler().name(), parsed.object());
      if (!parsed.hasProblems()) {
        return command;
      }
    }
    throw new StepRefusedException(
        StepError.permanent("invalid_command", Problem.join(parsed.problems())));
  }

  private static StepCommand read(CommandGrant granted, String name, ObjectReader config) {
    var arguments = new ArrayList<String>();
    arguments.add(name);
    arguments.addAll(
        config.array(
            "args",
            MAX_ARGUMENTS,
            value -> Optional.ofNullable(value.parse(StepCommand::withoutZero))));
    var environment = environment(granted, config);
    var standardInput = config.member("stdin");
    var input = standardInput == null ? Document.EMPTY : bytes(standardInput);
    var files = config.member("files"); // which the capability files reads
    if (files != null && !files.json().isObject()) {
      files.problem("must be an object, was " + DocumentValue.describe(files.json()));
    }
    var outputs =
        config.array(
            "outputs", MAX_OUTPUTS, value -> Optional.ofNullable(value.parse(OutputPath::parse)));
    config.finish();
    return new StepCommand(arguments, environment, input, outputs);
  }

  private static List<String> environment(CommandGrant granted, ObjectReader config) {
    var environment = new ArrayList<String>();
    config
        .object("env")
        .entries()
        .forEach(
            (name, value) -> {
              var text = value.parse(StepCommand::withoutZero);
              if (!granted.allows(name)) {
                value.problem(
                    "is a variable that is not granted; granted are "
                        + String.join(", ", grantedNames(granted)));
              } else if (text != null) {
                environment.add(name + "=" + text);
              }
            });
    return environment;
  }

  private static List<String> grantedNames(CommandGrant granted) {
    var names = new ArrayList<String>();
    names.add(CommandGrant.WORKING_DIRECTORY);
    names.addAll(granted.names());
    return names;
  }

  private static String withoutZero(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("has a zero character");
    }
    return text;
  }

  /** A text, or an object with {@code base64}. */
  private static Document bytes(DocumentValue value) {
    if (value.isText()) {
      return Document.of(value.json().stringValue());
    }
    if (!value.json().isObject()) {
      value.problem(
          "must be a text or an object with base64, was " + DocumentValue.describe(value.json()));
      return Document.EMPTY;
    }
    var members = value.object();
    var decoded = members.value("base64", StepCommand::decoded);
    members.finish();
    return decoded == null ? Document.EMPTY : decoded;
  }

  private static Document decoded(String text) {
    try {
      return Document.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException("is not valid base64", invalid);
    }
  }

  @Override
  public byte[] standardInput(long max) {
    return input.bytes();
  }

  @Override
  public boolean looksAtFiles() {
    return !outputs.isEmpty();
  }

  @Override
  public Document end(End end) {
    return CommandResult.of(end, outputs);
  }

  /**
   * A file or directory whose content is returned.
   *
   * @param names of the path from the root
   */
  record OutputPath(List<String> names) {
    private static final int MAX_CHARS = 4096;

    OutputPath {
      names = List.copyOf(names);
    }

    static OutputPath parse(String text) {
      if (!text.startsWith("/") || text.length() > MAX_CHARS || text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "must be an absolute path of at most 4096 characters, was '"
                + SafeText.sanitize(text, 100)
                + "'");
      }
      var names = List.of(text.split("/")).stream().filter(name -> !name.isEmpty()).toList();
      if (names.contains(".") || names.contains("..")) {
        throw new IllegalArgumentException(
            "has '.' or '..' in it: '" + SafeText.sanitize(text, 100) + "'");
      }
      return new OutputPath(names);
    }

    /** The names below a directory of the run; null if it is not within it. */
    @Nullable List<String> below(String directory) {
      var prefix = List.of(directory.split("/")).stream().filter(name -> !name.isEmpty()).toList();
      return names.size() >= prefix.size() && names.subList(0, prefix.size()).equals(prefix)
          ? names.subList(prefix.size(), names.size())
          : null;
    }
  }
}
