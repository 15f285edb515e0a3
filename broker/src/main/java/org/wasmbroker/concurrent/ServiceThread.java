package org.wasmbroker.concurrent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.Backoff;

/**
 * A daemon thread that works until it is stopped: every thread of the broker that lives longer than
 * one task. Whatever its body throws, and if the body just returns, the failure is logged and the
 * body runs again after a backoff. Until then the thread counts as failing, and health says so
 * ({@link #problems}); so it does if the thread itself is gone, which only a fault of the JVM can
 * bring about.
 *
 * <p>The threads are known to the process and not to a broker, like the threads of the JVM: a
 * process has one broker.
 */
public final class ServiceThread {
  private static final Logger log = LoggerFactory.getLogger(ServiceThread.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

  /** A body that has run for so long works again, although it does not say so. */
  private static final Duration RECOVERED = Duration.ofMinutes(1);

  private static final Set<ServiceThread> RUNNING = ConcurrentHashMap.newKeySet();
  private static final AtomicLong FAILURES = new AtomicLong();

  private final Runnable body;
  private final Thread thread;
  private final OutageLog outage;
  private volatile boolean stopped;
  private volatile @Nullable String problem;

  /**
   * A thread that is not started yet.
   *
   * @param body returns after {@link #stop} has been called, and not before
   */
  public ServiceThread(String name, Runnable body) {
    this(name, 0, body);
  }

  /**
   * A thread that is not started yet.
   *
   * @param stackBytes 0 for the JVM's default
   */
  public ServiceThread(String name, long stackBytes, Runnable body) {
    this.body = body;
    this.outage = new OutageLog(log, name + " fails", name + " works again");
    this.thread =
        Thread.ofPlatform().name(name).daemon(true).stackSize(stackBytes).unstarted(this::run);
  }

  /** Starts it, once. */
  public void start() {
    RUNNING.add(this);
    boolean started = false;
    try {
      thread.start();
      started = true;
    } finally {
      if (!started) {
        RUNNING.remove(this); // the JVM has no thread left; the caller gets the error
      }
    }
  }

  /**
   * What is wrong with the threads of this process, a sentence for each that failed and does not
   * work again yet, or is dead; empty if all work.
   */
  public static List<String> problems() {
    var problems = new ArrayList<String>();
    for (var one : RUNNING) {
      var problem = one.problem;
      boolean ended = one.thread.getState() == Thread.State.TERMINATED;
      if (ended && RUNNING.contains(one)) { // it would have removed itself
        problems.add("the thread " + one.name() + " is dead; restart the broker");
      } else if (problem != null) {
        problems.add(problem);
      }
    }
    return problems;
  }

  /** How many threads there are. */
  public static int count() {
    return RUNNING.size();
  }

  /** How often a thread has failed since the process started. */
  public static long failures() {
    return FAILURES.get();
  }

  public String name() {
    return thread.getName();
  }

  /** Whether the caller runs on this thread. */
  public boolean isCurrent() {
    return Thread.currentThread().equals(thread);
  }

  /** Lets the body end; what it waits for is the caller's to signal. */
  public void stop() {
    stopped = true;
    unpark();
  }

  /** Ends a {@link LockSupport#park} of the body. */
  public void unpark() {
    LockSupport.unpark(thread);
  }

  /** Waits until the thread has ended. */
  public void joinUninterruptibly() {
    Threads.joinUninterruptibly(thread);
  }

  /**
   * Waits up to the timeout for the end of the thread.
   *
   * @return whether it has ended
   */
  public boolean join(Duration timeout) {
    return Threads.join(thread, timeout);
  }

  /**
   * Records and logs a failure that the body deals with by itself. To be called on the thread.
   *
   * @return how long to wait before the next try
   */
  Duration failed(Throwable cause) {
    FAILURES.incrementAndGet();
    problem = "the thread " + name() + " failed (" + cause.getClass().getSimpleName() + ")";
    int failures = outage.failed(OutageLog.Severity.UNEXPECTED, cause);
    return BACKOFF.delay(failures, ThreadLocalRandom.current().nextDouble());
  }

  /** Records that the body works again. To be called on the thread. */
  void succeeded() {
    if (problem != null) {
      outage.succeeded();
      problem = null;
    }
  }

  private void run() {
    while (!stopped) {
      long began = System.nanoTime();
      var cause = runOnce();
      if (System.nanoTime() - began > RECOVERED.toNanos()) {
        outage.succeeded();
      }
      boolean interrupted = Thread.interrupted(); // nobody interrupts it to end it
      if (!stopped) {
        try {
          pause(
              failed(
                  cause == null
                      ? new IllegalStateException(
                          interrupted ? "it was interrupted" : "it ended before it was stopped")
                      : cause));
        } catch (Throwable failedAgain) {
          pause(BACKOFF.max()); // such as no memory for the log line
        }
      }
    }
    RUNNING.remove(this);
  }

  /** The failure that ended the body, or null if it returned. */
  private @Nullable Throwable runOnce() {
    try {
      body.run();
      return null;
    } catch (Throwable failure) {
      return failure;
    }
  }

  private void pause(Duration delay) {
    long end = System.nanoTime() + delay.toNanos();
    for (long left = delay.toNanos(); left > 0 && !stopped; left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
      Thread.interrupted(); // an interrupt would end every further wait at once
    }
    problem = null;
  }
}
