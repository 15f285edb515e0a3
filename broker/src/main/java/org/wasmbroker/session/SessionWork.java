package org.wasmbroker.session;

import java.nio.file.InvalidPathException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.session.Request.Body;
import org.wasmbroker.session.ShellRun.CancelledException;
import org.wasmbroker.session.shell.CommandLine;
import org.wasmbroker.session.shell.ShellParser;
import org.wasmbroker.session.shell.ShellSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Does what requests ask for, and makes their answers. Thread-safe. */
final class SessionWork {
  private static final Logger log = LoggerFactory.getLogger(SessionWork.class);
  private static final int MAX_LISTED = 1000;

  private final Commands commands;
  private final SessionLimits limits;
  private final String version;
  private final Answers answers;
  private final Supplier<Iterable<JsonNode>> openIds;
  private final SessionFiles files;
  private final long began = System.nanoTime();

  /** Whether the target of a request to cancel was found when it was read. */
  private final Map<JsonNode, Boolean> cancelled = new ConcurrentHashMap<>();

  /**
   * @param openIds of the requests that are not answered yet
   */
  SessionWork(
      Commands commands,
      SessionLimits limits,
      String version,
      Answers answers,
      Supplier<Iterable<JsonNode>> openIds) {
    this.commands = commands;
    this.limits = limits;
    this.version = version;
    this.answers = answers;
    this.openIds = openIds;
    this.files = new SessionFiles(limits.fileBytes(), limits.fileEntries(), SessionWork::now);
  }

  private static long now() {
    var now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  /**
   * Cancels a request when the one that asks for it is read, since its answer may have to wait for
   * that of the request.
   *
   * @param target null if there is none that is not answered yet
   */
  void cancel(Request request, @Nullable Cancellation target) {
    if (target != null) {
      target.request("cancelled by the client");
    }
    cancelled.put(request.id(), target != null);
  }

  /** Does what a request asks for; whatever happens, there is an answer. */
  ObjectNode answer(Request request, Cancellation cancellation, boolean onGuestThread) {
    try {
      if (cancellation.reason() != null) {
        throw cancelled(cancellation);
      }
      return answered(request, cancellation, onGuestThread);
    } catch (SessionException problem) {
      return Answers.error(request.id(), problem);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      log.error("a request could not be served", failure);
      return Answers.error(
          request.id(),
          new SessionException(
              "internal_error",
              "internal error of the broker (%s); its log has the cause"
                  .formatted(failure.getClass().getSimpleName()),
              "report it; other requests are served"));
    }
  }

  private static SessionException cancelled(Cancellation cancellation) {
    return new SessionException(
        SessionException.CANCELLED,
        String.valueOf(cancellation.reason()),
        "what it wrote to files until then is there");
  }

  private ObjectNode answered(Request request, Cancellation cancellation, boolean onGuestThread)
      throws SessionException {
    var answer = Answers.begin(request.id(), "result");
    switch (request.body()) {
      case Body.Bad(var problem) -> throw problem;
      case Body.WriteFile write -> write(write, answer);
      case Body.ReadFile read -> read(read, answer);
      case Body.ListFiles list -> list(list, answer);
      case Body.MakeDirectory(var path) -> {
        var at = absolute(path);
        inFiles(at, () -> files.createDirectory(at));
        answer.put("path", at);
      }
      case Body.RemoveFile(var path, var recursive) -> {
        var at = absolute(path);
        inFiles(at, () -> files.remove(at, recursive));
        answer.put("path", at);
      }
      case Body.Shell shell -> {
        return shell(request, shell, cancellation, onGuestThread);
      }
      case Body.Cancel _ ->
          answer.put("cancelled", Boolean.TRUE.equals(cancelled.remove(request.id())));
      case Body.Status _ -> status(request, answer);
      case Body.Reset _ -> {
        files.reset();
        putUsed(answer);
      }
    }
    return answer;
  }

  /** What may be refused by the files. */
  @FunctionalInterface
  private interface FileWork {
    void run() throws FileException;
  }

  private static void inFiles(String path, FileWork body) throws SessionException {
    try {
      body.run();
    } catch (FileException refused) {
      throw refused(path, refused.error());
    }
  }

  private static SessionException refused(String path, FileError error) {
    return new SessionException(
        switch (error) {
          case NOT_FOUND -> "not_found";
          case NO_SPACE, TOO_LARGE -> "no_space";
          case OUTSIDE, INVALID, NOT_TEXT, NAME_TOO_LONG -> "invalid_path";
          default -> "not_possible";
        },
        path + ": " + FileMessages.of(error),
        FileMessages.advice(error));
  }

  private static String absolute(String path) throws SessionException {
    try {
      return SessionFiles.absolute(SessionFiles.HOME, path);
    } catch (InvalidPathException invalid) {
      throw new SessionException(
          "invalid_path",
          "the path " + invalid.getReason(),
          "use an absolute path such as /data/a.txt");
    }
  }

  private void write(Body.WriteFile write, ObjectNode answer) throws SessionException {
    var at = absolute(write.path());
    inFiles(
        at,
        () -> {
          long size = files.write(at, write.content().bytes(), write.appends());
          answer.put("path", at).put("size", size);
        });
  }

  private void read(Body.ReadFile read, ObjectNode answer) throws SessionException {
    var at = absolute(read.path());
    long most = limits.lineBytes() / 2;
    long length = read.length() == null ? most : Math.min(read.length(), most);
    try {
      var part = files.read(at, read.offset(), length);
      answer.put("path", at).put("size", part.size());
      if (read.isBase64()) {
        answer.put("content_base64", Base64.getEncoder().encodeToString(part.content().bytes()));
      } else {
        var text = Texts.of(part.content().bytes());
        if (text == null) {
          throw new SessionException(
              "not_text",
              at + ": these bytes are not UTF-8",
              "read it with \"encoding\": \"base64\"");
        }
        answer.put("content", text);
      }
      long left = part.size() - read.offset() - part.content().bytes().length;
      if (left > 0) {
        answer.put("left", left);
      }
    } catch (FileException refused) {
      throw refused(at, refused.error());
    }
  }

  private void list(Body.ListFiles list, ObjectNode answer) throws SessionException {
    var at = absolute(list.path());
    inFiles(
        at,
        () -> {
          var all = files.list(at, list.recursive(), MAX_LISTED);
          var entries = answer.put("path", at).putArray("files");
          all.stream()
              .limit(MAX_LISTED)
              .forEach(
                  each -> {
                    var entry = entries.addObject().put("path", each.path());
                    entry.put("type", each.isDirectory() ? "directory" : "file");
                    if (!each.isDirectory()) {
                      entry.put("size", each.size());
                    }
                  });
          if (all.size() > MAX_LISTED) {
            answer.put("truncated", true);
          }
        });
  }

  private void status(Request request, ObjectNode answer) {
    answer.put("version", version);
    answer.put("uptime_ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    var names = answer.putArray("commands");
    commands.names().forEach(names::add);
    var running = answer.putArray("running");
    openIds
        .get()
        .forEach(
            id -> {
              if (!id.equals(request.id())) {
                running.add(id);
              }
            });
    putUsed(answer);
  }

  private void putUsed(ObjectNode answer) {
    var used = files.used();
    answer
        .putObject("files")
        .put("bytes", used.bytes())
        .put("max_bytes", used.maxBytes())
        .put("entries", used.entries())
        .put("max_entries", used.maxEntries());
  }

  private ObjectNode shell(
      Request request, Body.Shell shell, Cancellation cancellation, boolean onGuestThread)
      throws SessionException {
    long start = System.nanoTime();
    var line = parse(shell.command());
    var directory = absolute(shell.directory());
    if (!files.isDirectory(directory)) {
      throw refused(directory, FileError.NOT_FOUND);
    }
    var run =
        new ShellRun(
            commands,
            files,
            limits,
            directory,
            shell.environment(),
            shell.timeout() == null ? limits.timeout() : shell.timeout(),
            cancellation,
            onGuestThread);
    int code;
    try (var _ = shell.progress() ? new ProgressTeller(request.id(), run, answers) : null) {
      code = run.run(line);
    } catch (CancelledException stopped) {
      throw cancelled(cancellation);
    }
    var answer = Answers.begin(request.id(), "result").put("exit_code", code);
    Texts.put(answer, "stdout", run.out());
    Texts.put(answer, "stderr", run.err());
    if (run.timedOut()) {
      answer.put("timed_out", true);
    }
    answer.put("duration_ms", (System.nanoTime() - start) / 1e6);
    Answers.putReports(answer, run.reports());
    return answer;
  }

  private static CommandLine parse(String command) throws SessionException {
    try {
      return ShellParser.parse(command);
    } catch (ShellSyntaxException invalid) {
      throw new SessionException(
          "syntax_error", String.valueOf(invalid.getMessage()), invalid.advice());
    }
  }
}
