package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.project.ProjectException;
import org.wasmbroker.project.SourceFiles;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Document;

/**
 * Builds and tries a handler whenever its files change, until it is stopped. Nothing that is wrong
 * with the project ends it. Files are looked at and not watched: that works on every file system,
 * and sees what editors do with temporary files as the one change that it is.
 */
final class DevLoop {
  static final Duration INTERVAL = Duration.ofMillis(250);

  private final Path directory;
  private final @Nullable Path input;
  private final ProjectTrial trial;
  private final Console console;
  private final Stop stop;

  /** What ends the loop. */
  interface Stop {
    /** Waits that long; returns whether the loop is to end. */
    boolean await(Duration time);

    boolean isAsked();
  }

  /**
   * @param input a step document to run instead of the examples, or null
   */
  DevLoop(Path directory, @Nullable Path input, ProjectTrial trial, Console console, Stop stop) {
    this.directory = directory;
    this.input = input;
    this.trial = trial;
    this.console = console;
    this.stop = stop;
  }

  void run() throws IOException {
    var seen = look();
    round();
    while (!stop.await(INTERVAL)) {
      var now = look();
      if (changed(seen, now).isEmpty()) {
        continue;
      }
      now = settled(now);
      if (stop.isAsked()) {
        return;
      }
      console.clear();
      console.line("changed: " + Names.list(changed(seen, now)));
      seen = now;
      round();
    }
  }

  /** Someone who saves several files, or a tool that writes them, is waited for. */
  private SourceFiles settled(SourceFiles first) throws IOException {
    var now = first;
    while (!stop.await(INTERVAL)) {
      var later = look();
      if (later.equals(now)) {
        return now;
      }
      now = later;
    }
    return now;
  }

  private SourceFiles look() throws IOException {
    try {
      return SourceFiles.of(HandlerProject.open(directory));
    } catch (ProjectException invalid) {
      return SourceFiles.of(HandlerProject.unreadable(directory));
    }
  }

  /** Builds write lock files themselves. */
  private Set<String> changed(SourceFiles before, SourceFiles now) {
    return now.changedSince(before).stream()
        .map(file -> directory.relativize(file).toString())
        .filter(file -> !file.endsWith(".lock"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void round() {
    try {
      var project = HandlerProject.open(directory);
      BooleanSupplier stopped = stop::isAsked;
      var built = new ProjectBuilder(console).build(project, stopped);
      if (stop.isAsked()) {
        return;
      }
      if (ProjectBuilder.exitCode(built) == ExitCode.OK) {
        tryOut(project);
      }
    } catch (ProjectException | IOException problem) {
      ErrorReporter.report(problem, console.err());
    }
    console.line(console.dim("waiting for changes in " + directory + "; Ctrl-C ends"));
  }

  private void tryOut(HandlerProject project) throws IOException {
    try (var handler = trial.load(project)) {
      if (input == null) {
        var printer = new ExamplePrinter(console, false);
        trial.run(handler, _ -> true, printer::print);
        printer.finish(handler.manifest(), handler.module().id().digest());
      } else {
        var document = Document.of(Files.readAllBytes(input));
        new OutcomePrinter(console).print(trial.run(handler, document, log()));
      }
    }
  }

  private GuestLog log() {
    return (level, message, fields) ->
        console.error(
            console.dim("guest " + level + ": " + message + (fields == null ? "" : " " + fields)));
  }
}
