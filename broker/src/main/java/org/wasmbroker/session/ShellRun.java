package org.wasmbroker.session;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.document.Names;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.session.shell.CommandLine;
import org.wasmbroker.session.shell.CommandLine.Command;
import org.wasmbroker.session.shell.CommandLine.Pipeline;
import org.wasmbroker.session.shell.CommandLine.Redirection;
import org.wasmbroker.session.shell.NamePattern;
import org.wasmbroker.session.shell.Word;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;

/**
 * Runs one command line over a session's files. The commands of a pipe run one after the other,
 * each with all that the one before it wrote: a session has the memory of one guest. Used by one
 * thread.
 */
final class ShellRun {
  private static final String NOWHERE = "/dev/null";
  private static final byte[] EMPTY = {};
  private static final int MAX_MESSAGE = 2000;

  private final Commands commands;
  private final SessionFiles files;
  private final SessionLimits limits;
  private final Cancellation cancellation;
  private long deadline;
  private final boolean onThisThread;
  private final Map<String, String> environment;
  private final Sink.Kept out;
  private final Sink.Kept err;
  private final List<CommandReport> reports = new ArrayList<>();
  private String directory;
  private boolean timedOut;

  /** The line was cancelled; nothing more is run. */
  static final class CancelledException extends Exception {
    private static final long serialVersionUID = 1;

    CancelledException() {
      super(null, null, false, false);
    }
  }

  /**
   * @param directory where paths begin
   * @param environment variables that each command is given if it may have them
   * @param timeout of all commands together
   * @param onThisThread whether the calling thread has the stack of a guest's thread
   */
  ShellRun(
      Commands commands,
      SessionFiles files,
      SessionLimits limits,
      String directory,
      Map<String, String> environment,
      Duration timeout,
      Cancellation cancellation,
      boolean onThisThread) {
    this.commands = commands;
    this.files = files;
    this.limits = limits;
    this.directory = directory;
    this.environment = Map.copyOf(environment);
    this.deadline = System.nanoTime() + timeout.toNanos();
    this.cancellation = cancellation;
    this.onThisThread = onThisThread;
    this.out = new Sink.Kept(limits.outputBytes());
    this.err = new Sink.Kept(limits.outputBytes());
  }

  Sink.Kept out() {
    return out;
  }

  Sink.Kept err() {
    return err;
  }

  List<CommandReport> reports() {
    return reports;
  }

  /** Whether the line's time was up. */
  boolean timedOut() {
    return timedOut;
  }

  /** Runs a line and returns its exit code. */
  int run(CommandLine line) throws CancelledException {
    int code = ExitStatus.SUCCESS;
    for (var item : line.items()) {
      boolean wanted =
          switch (item.when()) {
            case ALWAYS -> true;
            case AFTER_SUCCESS -> code == ExitStatus.SUCCESS;
            case AFTER_FAILURE -> code != ExitStatus.SUCCESS;
          };
      if (wanted && !timedOut) {
        code = run(item.pipeline());
      }
    }
    return code;
  }

  private int run(Pipeline pipeline) throws CancelledException {
    int code = ExitStatus.SUCCESS;
    var input = EMPTY;
    int last = pipeline.commands().size() - 1;
    for (int i = 0; i <= last && !timedOut; i++) {
      var pipe = new Sink.Pipe(limits.pipeBytes());
      code = run(pipeline.commands().get(i), input, i == last ? out : pipe);
      input = pipe.bytes();
    }
    if (pipeline.negated() && !timedOut) {
      return code == ExitStatus.SUCCESS ? ExitStatus.FAILURE : ExitStatus.SUCCESS;
    }
    return code;
  }

  /** What a command cannot be run with; its message is for the line's standard error. */
  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;
    private final int code;

    UnusableException(String message, int code) {
      super(message, null, false, false);
      this.code = code;
    }
  }

  private int run(Command command, byte[] piped, Sink standardOut) throws CancelledException {
    if (cancellation.reason() != null) {
      throw new CancelledException();
    }
    var name = command.words().getFirst().text();
    try (var streams = new Streams(piped, standardOut)) {
      for (var redirection : command.redirections()) {
        streams.redirect(redirection);
      }
      var words = expanded(command.words());
      name = words.getFirst();
      load(name);
      return run(name, words, environment(command), streams);
    } catch (UnusableException unusable) {
      err.write(message(name + ": " + unusable.getMessage()));
      reports.add(new CommandReport(name, unusable.code, null));
      return unusable.code;
    }
  }

  private int run(String name, List<String> words, Map<String, String> variables, Streams streams)
      throws CancelledException, UnusableException {
    return switch (name) {
      case "cd" -> {
        changeDirectory(words);
        yield builtIn(name, ExitStatus.SUCCESS);
      }
      case "true", ":" -> builtIn(name, ExitStatus.SUCCESS);
      case "false" -> builtIn(name, ExitStatus.FAILURE);
      default -> {
        if (!commands.has(name)) {
          throw new UnusableException(
              "there is no such command" + Names.suggest(name, commands.names()),
              ExitStatus.NOT_FOUND);
        }
        yield runGuest(name, words, variables, streams);
      }
    };
  }

  /** What has to be found or compiled first is not the time of the line. */
  private void load(String name) {
    long before = System.nanoTime();
    if (commands.has(name)) {
      commands.load(name);
    }
    deadline += System.nanoTime() - before;
  }

  private int builtIn(String name, int code) {
    reports.add(new CommandReport(name, code, null));
    return code;
  }

  private int runGuest(
      String name, List<String> words, Map<String, String> variables, Streams streams)
      throws CancelledException, UnusableException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      timedOut = true;
      throw new UnusableException("the time of the command line is up", ExitStatus.TIMED_OUT);
    }
    var command =
        new RunningCommand(
            words, environment(name, variables), streams.input, streams.out, streams.err);
    var outcome =
        commands.run(
            new Commands.Call(
                name,
                command,
                files::forRun,
                Duration.ofMillis(
                    TimeUnit.NANOSECONDS.toMillis(left) + 1), // not before the deadline
                cancellation,
                onThisThread));
    if (outcome == null) {
      throw new CancelledException();
    }
    int code =
        switch (outcome) {
          case Outcome.Completed _ -> ExitStatus.of(Integer.toUnsignedLong(command.exitCode()));
          case Outcome.Failed failed -> failed(name, failed.error());
          case Outcome.Retry retry -> failed(name, retry.error());
        };
    reports.add(new CommandReport(name, code, outcome));
    return code;
  }

  private int failed(String name, StepError error) {
    int code = ExitStatus.of(error);
    timedOut |= code == ExitStatus.TIMED_OUT && System.nanoTime() - deadline >= 0;
    err.write(message(name + ": " + error.type() + ": " + error.message()));
    return code;
  }

  private static byte[] message(String text) {
    return (SafeText.sanitize(text, MAX_MESSAGE) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void changeDirectory(List<String> words) throws UnusableException {
    if (words.size() > 2) {
      throw new UnusableException("takes one directory", ExitStatus.FAILURE);
    }
    var target = path(words.size() == 1 ? SessionFiles.HOME : words.get(1));
    if (!files.isDirectory(target)) {
      throw new UnusableException("there is no directory " + target, ExitStatus.FAILURE);
    }
    directory = target;
  }

  private String path(String written) throws UnusableException {
    try {
      return SessionFiles.absolute(directory, written);
    } catch (InvalidPathException invalid) {
      throw new UnusableException(
          "%s: %s".formatted(written, invalid.getReason()), ExitStatus.FAILURE);
    }
  }

  private Map<String, String> environment(Command command) throws UnusableException {
    var variables = new LinkedHashMap<String, String>();
    for (var variable : command.variables()) {
      if (!commands.has(command.words().getFirst().text())
          || !commands.allows(command.words().getFirst().text(), variable.name())) {
        throw new UnusableException(
            "the variable %s is not granted to it".formatted(variable.name()), ExitStatus.NOT_RUN);
      }
      variables.put(variable.name(), variable.value().text());
    }
    return variables;
  }

  /** Its own variables, those of the request that it may have, and the working directory. */
  private List<String> environment(String name, Map<String, String> own) {
    var all = new LinkedHashMap<String, String>();
    all.put("PWD", directory);
    environment.forEach(
        (variable, value) -> {
          if (commands.allows(name, variable)) {
            all.put(variable, value);
          }
        });
    all.putAll(own);
    return all.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList();
  }

  /** The words, and in place of patterns the names of files that match, if there are any. */
  private List<String> expanded(List<Word> words) {
    var all = new ArrayList<String>();
    for (var word : words) {
      var matches = word.isPattern() ? matches(word) : List.<String>of();
      if (matches.isEmpty()) {
        all.add(word.text());
      } else {
        all.addAll(matches);
      }
    }
    return all;
  }

  private List<String> matches(Word word) {
    Deque<List<Word.Part>> names = names(word);
    boolean absolute = word.text().startsWith("/");
    var found = List.of(absolute ? "/" : "");
    while (!names.isEmpty()) {
      var name = names.removeFirst();
      boolean last = names.isEmpty();
      var next = new ArrayList<String>();
      for (var base : found) {
        if (name.stream().anyMatch(Word.Part::isPattern)) {
          var pattern = NamePattern.of(name);
          names(base).stream()
              .filter(pattern::matches)
              .sorted()
              .map(match -> base + match)
              .filter(match -> last || isDirectory(match))
              .forEach(match -> next.add(last ? match : match + "/"));
        } else {
          var literal = base + new Word(name).text();
          if (last ? exists(literal) : isDirectory(literal)) {
            next.add(last ? literal : literal + "/");
          }
        }
      }
      found = next;
    }
    return found;
  }

  private List<String> names(String base) {
    try {
      return files.names(SessionFiles.absolute(directory, base.isEmpty() ? "." : base));
    } catch (InvalidPathException invalid) {
      return List.of();
    }
  }

  private boolean isDirectory(String path) {
    try {
      return files.isDirectory(SessionFiles.absolute(directory, path));
    } catch (InvalidPathException invalid) {
      return false;
    }
  }

  private boolean exists(String path) {
    try {
      return files.exists(SessionFiles.absolute(directory, path));
    } catch (InvalidPathException invalid) {
      return false;
    }
  }

  /** The parts of each name of a path. */
  private static Deque<List<Word.Part>> names(Word word) {
    var names = new ArrayDeque<List<Word.Part>>();
    var name = new ArrayList<Word.Part>();
    for (var part : word.parts()) {
      int from = 0;
      for (int slash = part.text().indexOf('/');
          slash >= 0;
          slash = part.text().indexOf('/', from)) {
        if (slash > from) {
          name.add(new Word.Part(part.text().substring(from, slash), part.isPattern()));
        }
        if (!name.isEmpty()) {
          names.add(List.copyOf(name));
          name.clear();
        }
        from = slash + 1;
      }
      if (from < part.text().length()) {
        name.add(new Word.Part(part.text().substring(from), part.isPattern()));
      }
    }
    if (!name.isEmpty()) {
      names.add(List.copyOf(name));
    }
    return names;
  }

  /** The streams of one command; closing them closes its files. */
  private final class Streams implements AutoCloseable {
    private final List<SessionFiles.Out> open = new ArrayList<>();
    private byte[] input;
    private Sink out;
    private Sink err;

    Streams(byte[] piped, Sink standardOut) {
      this.input = piped;
      this.out = standardOut;
      this.err = ShellRun.this.err;
    }

    void redirect(Redirection redirection) throws UnusableException {
      switch (redirection) {
        case Redirection.Input(var file) -> input = read(file);
        case Redirection.Output(int stream, var file, boolean appends) -> {
          var to = target(file, appends);
          if (stream == 2) {
            err = to;
          } else {
            out = to;
          }
        }
        case Redirection.Duplicate(int stream, int other) -> {
          var to = other == 2 ? err : out;
          if (stream == 2) {
            err = to;
          } else {
            out = to;
          }
        }
      }
    }

    private byte[] read(Word file) throws UnusableException {
      var path = path(file.text());
      if (path.equals(NOWHERE)) {
        return EMPTY;
      }
      try {
        return files.read(path, 0, Integer.MAX_VALUE).content().bytes();
      } catch (FileException refused) {
        throw unusable(path, refused);
      }
    }

    private Sink target(Word file, boolean appends) throws UnusableException {
      var path = path(file.text());
      if (path.equals(NOWHERE)) {
        return new Sink.Nowhere();
      }
      try {
        var opened = files.open(path, appends);
        open.add(opened);
        return new Sink.ToFile(opened);
      } catch (FileException refused) {
        throw unusable(path, refused);
      }
    }

    private static UnusableException unusable(String path, FileException refused) {
      return new UnusableException(
          path + ": " + FileMessages.of(refused.error()), ExitStatus.FAILURE);
    }

    @Override
    public void close() {
      open.forEach(SessionFiles.Out::close);
    }
  }
}
