package org.wasmbroker.registry.load;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be loaded before a step asks for it. A few are loaded at once, so that one that takes
 * long to compile does not hold up all others, and the order is that of the requests. What a step
 * waits for goes first: a broker that starts with many modules has little time for each, and its
 * first steps need one or two. Thread-safe.
 */
public final class LoadQueue implements AutoCloseable {
  private static final int LOADERS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);

  /** For so long after a step got its module, or steps were said to come, others may come. */
  private static final long QUIET_NANOS = Duration.ofMillis(250).toNanos();

  /** However many modules steps wait for, the next one of the queue begins by then. */
  private static final long LONGEST_DELAY_NANOS = Duration.ofMinutes(1).toNanos();

  private final Consumer<Candidate> loaded;

  // All below is guarded by this.
  private final Queue<Candidate> waiting = new ArrayDeque<>();
  private final Set<Candidate> known = new HashSet<>();
  private int loaders;
  private int names;
  private int wanted;
  private int awaited;
  private long quietAt = System.nanoTime();
  private boolean closed;

  /**
   * @param loaded is called after each load, by the thread that waited for it
   */
  public LoadQueue(Consumer<Candidate> loaded) {
    this.loaded = loaded;
  }

  /** Has it loaded soon; no effect if that was asked for before. */
  public void add(Candidate candidate) {
    String name;
    synchronized (this) {
      if (closed || candidate.resultIfLoaded() != null || !known.add(candidate)) {
        return;
      }
      waiting.add(candidate);
      if (loaders == LOADERS) {
        return;
      }
      loaders++;
      names = names % LOADERS + 1;
      name = "module-loader-" + names;
    }
    boolean begun = false;
    try {
      Thread.ofVirtual().name(name).start(this::loadAll);
      begun = true;
    } finally {
      if (!begun) {
        end();
      }
    }
  }

  private void loadAll() {
    try {
      for (var next = next(); next != null; next = next()) {
        next.load();
        forget(next);
        loaded.accept(next);
      }
    } finally {
      end();
    }
  }

  private synchronized @Nullable Candidate next() {
    if (!waiting.isEmpty()) {
      giveWay();
    }
    return closed ? null : waiting.poll();
  }

  private void giveWay() {
    long start = System.nanoTime();
    for (long now = start; awaited == 0 && !closed; now = System.nanoTime()) {
      long left = LONGEST_DELAY_NANOS - (now - start);
      if (wanted == 0) {
        left = Math.min(left, quietAt - now);
      }
      if (left <= 0) {
        return;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException nobodyDoesThat) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** A step waits for a module from now on: no other load begins until that is closed. */
  public Demand demand() {
    synchronized (this) {
      wanted++;
    }
    return () -> {
      synchronized (this) {
        wanted--;
        expectSteps();
        notifyAll();
      }
    };
  }

  /** Steps are about to come: their modules go first. */
  public synchronized void expectSteps() {
    quietAt = System.nanoTime() + QUIET_NANOS;
  }

  /** What {@link #demand} gives. */
  public interface Demand extends AutoCloseable {
    @Override
    void close();
  }

  private synchronized void forget(Candidate candidate) {
    known.remove(candidate);
  }

  private synchronized void end() {
    loaders--;
    if (!waiting.isEmpty()) {
      // It was added after this one had found nothing.
      var next = waiting.remove();
      known.remove(next);
      add(next);
    }
    notifyAll();
  }

  /** Waits until nothing is to be loaded any more, or the time is over; nothing gives way then. */
  public void awaitEmpty(Duration timeout) {
    boolean interrupted = false;
    long end = System.nanoTime() + timeout.toNanos();
    synchronized (this) {
      awaited++;
      notifyAll();
      for (long left = 1; loaders > 0 && left > 0; left = end - System.nanoTime()) {
        try {
          TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, end - System.nanoTime()));
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
      awaited--;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins no other load. */
  @Override
  public synchronized void close() {
    closed = true;
    waiting.clear();
    notifyAll();
  }
}
