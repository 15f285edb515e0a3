package org.wasmbroker.document;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.step.Document;

/**
 * Checks an operator's file at an interval, and applies it when it has changed. A file that is
 * invalid or missing is reported and changes nothing else: the last valid one stays in effect.
 *
 * <p>The whole file is read each time, since it is small, and neither its timestamp nor its size
 * proves that it is unchanged: mounted volumes swap files under one name.
 */
public final class WatchedFile<T> implements AutoCloseable {
  /** What a file says. */
  public sealed interface Content<T> {
    record Valid<T>(T value) implements Content<T> {}

    /** It cannot be used, for this reason. */
    record Invalid<T>(String reason) implements Content<T> {}
  }

  /** Whom the file is for. */
  public interface User<T> {
    /** Puts what the file says into effect; if it throws, the file is applied again later. */
    void apply(T value);

    /** The file is in effect, newly or again after one that could not be used. */
    void applied(T value);

    /** The file cannot be used; called once, however long the reason persists. */
    void refused(String reason);
  }

  /** The bytes of a file, or why there are none. */
  public sealed interface Source {
    record Read(Document content) implements Source {}

    record Unreadable(Problem problem) implements Source {}
  }

  private final Duration interval;
  private final BiPredicate<T, T> same;
  private final Supplier<Content<T>> reader;
  private final User<T> user;
  private final TaskLoop loop;
  private T current; // by this
  private @Nullable String lastProblem; // by this

  /**
   * @param thread its name
   * @param current what is in effect already
   * @param same whether two contents have the same effect
   * @param reader reads and checks the file
   */
  public WatchedFile(
      String thread,
      Duration interval,
      T current,
      BiPredicate<T, T> same,
      Supplier<Content<T>> reader,
      User<T> user) {
    this.interval = interval;
    this.current = current;
    this.same = same;
    this.reader = reader;
    this.user = user;
    this.loop = new TaskLoop(thread, interval, this::poll);
  }

  /** Reads a file up to one byte more than it may have, so that a larger one is seen. */
  public static Source read(Path file, int maxBytes) {
    try (var stream = Files.newInputStream(file)) {
      return new Source.Read(Document.of(stream.readNBytes(maxBytes + 1)));
    } catch (NoSuchFileException gone) {
      return unreadable(file, "no such file");
    } catch (IOException failure) {
      return unreadable(file, "cannot be read: " + failure.getMessage());
    }
  }

  private static Source unreadable(Path file, String message) {
    return new Source.Unreadable(new Problem(Location.of(file.toString()), "", message));
  }

  /** Reports what is in effect, and starts to watch the file. */
  public synchronized void start() {
    loop.start();
    user.applied(current);
  }

  private Duration poll() {
    pollOnce();
    return interval;
  }

  /** Checks the file once. */
  public synchronized void pollOnce() {
    switch (reader.get()) {
      case Content.Invalid<T>(var reason) -> reject(reason);
      case Content.Valid<T>(var value) -> accept(value);
    }
  }

  private void accept(T value) {
    if (same.test(value, current)) {
      if (lastProblem != null) {
        lastProblem = null;
        user.applied(current);
      }
      return;
    }
    user.apply(value);
    current = value;
    lastProblem = null;
    user.applied(value);
  }

  private void reject(String reason) {
    if (!reason.equals(lastProblem)) {
      lastProblem = reason;
      user.refused(reason);
    }
  }

  @Override
  public void close() {
    loop.close();
  }
}
