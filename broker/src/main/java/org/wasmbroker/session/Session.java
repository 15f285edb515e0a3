package org.wasmbroker.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.ServiceThread;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.session.Answers.ClientGoneException;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.SessionEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One client on two streams. The caller of {@link #run} reads the requests and does what must not
 * wait, such as cancelling; the thread {@code session} answers those that are not asynchronous, one
 * after the other.
 */
public final class Session implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  /** Requests that wait for those before them; more are refused. */
  private static final int MAX_WAITING = 1000;

  private static final Duration STOP = Duration.ofSeconds(5);

  private final SessionLimits limits;
  private final RequestLines lines;
  private final Answers answers;
  private final EventSink events;
  private final SessionWork work;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final Map<JsonNode, Cancellation> open = new ConcurrentHashMap<>();
  private final Semaphore free;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ServiceThread worker;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("session-", 0).factory());
  private volatile boolean stopped;

  /** A request that was read, and what ends it. */
  private record Waiting(Request request, Cancellation cancellation) {}

  private static final Waiting LAST =
      new Waiting(Request.bad(JsonNodeFactory.instance.nullNode(), "the end"), new Cancellation());

  /**
   * @param version of the broker
   * @param threadStackBytes of a guest's thread
   * @param events is told of the requests
   * @param in requests
   * @param out answers; nobody else may write to it
   */
  public Session(
      Commands commands,
      SessionLimits limits,
      String version,
      long threadStackBytes,
      EventSink events,
      InputStream in,
      OutputStream out) {
    this.limits = limits;
    this.events = events;
    this.lines = new RequestLines(in, limits.lineBytes());
    this.answers = new Answers(out);
    this.work = new SessionWork(commands, limits, version, answers, this::openIds);
    this.free = new Semaphore(limits.running());
    this.worker = new ServiceThread("session", threadStackBytes, this::answerInOrder);
  }

  private Iterable<JsonNode> openIds() {
    return open.keySet();
  }

  /**
   * Serves the client until it closes its end, and then until all requests are answered, which are
   * stopped after the grace.
   *
   * @throws UncheckedIOException if the input cannot be read
   */
  public void run(Duration grace) {
    worker.start();
    tellOpen(1);
    try {
      for (var request = lines.next(); request != null && !stopped; request = lines.next()) {
        take(request);
      }
      queue.add(LAST);
      threads.shutdown();
      if (stopped) {
        return;
      }
      long deadline = System.nanoTime() + grace.toNanos();
      boolean done =
          ended.await(grace.toNanos(), TimeUnit.NANOSECONDS)
              && threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (!done) {
        log.warn("requests are stopped, since the client has gone");
      }
    } catch (ClientGoneException gone) {
      log.debug("the client closed the output", gone);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      close();
      tellOpen(0);
    }
  }

  private void tellOpen(int sessions) {
    var types = new ArrayList<>(Request.TYPES);
    types.add(Request.OTHER);
    events.on(new SessionEvent.Sessions(sessions, types));
  }

  /** Writes the answer of a request, and tells of it. */
  private void write(Request request, ObjectNode answer) {
    events.on(new SessionEvent.Request(request.type(), outcome(answer)));
    answers.write(answer);
  }

  private static SessionEvent.Outcome outcome(ObjectNode answer) {
    var type = answer.path("error").path("type").asString("");
    return switch (type) {
      case "" -> SessionEvent.Outcome.ANSWERED;
      case SessionException.CANCELLED -> SessionEvent.Outcome.CANCELLED;
      default -> SessionEvent.Outcome.ERROR;
    };
  }

  private void take(Request request) {
    if (request.body() instanceof Request.Body.Bad) {
      queue.add(new Waiting(request, new Cancellation()));
      return;
    }
    var cancellation = new Cancellation();
    if (open.putIfAbsent(request.id(), cancellation) != null) {
      refuse(
          request,
          new SessionException(
              "id_in_use", "a request with this id is not answered yet", "take another id"));
      return;
    }
    if (request.body() instanceof Request.Body.Cancel(var target)) {
      work.cancel(request, open.get(target));
    } else if (request.body() instanceof Request.Body.Reset) {
      open.forEach((id, each) -> stop(request, id, each));
    }
    if (request.isAsync()) {
      start(request, cancellation);
    } else if (queue.size() >= MAX_WAITING) {
      open.remove(request.id());
      refuse(
          request,
          new SessionException(
              "busy", MAX_WAITING + " requests are waiting", "wait for their answers first"));
    } else {
      queue.add(new Waiting(request, cancellation));
    }
  }

  private static void stop(Request reset, JsonNode id, Cancellation cancellation) {
    if (!id.equals(reset.id())) {
      cancellation.request("the session was reset");
    }
  }

  private void start(Request request, Cancellation cancellation) {
    if (!free.tryAcquire()) {
      open.remove(request.id());
      refuse(
          request,
          new SessionException(
              "busy",
              "%d asynchronous requests run, which is the limit".formatted(limits.running()),
              "wait for an answer, or cancel one"));
      return;
    }
    threads.execute(
        () -> {
          try {
            answer(request, cancellation, false);
          } finally {
            free.release();
          }
        });
  }

  private void refuse(Request request, SessionException problem) {
    write(request, Answers.error(request.id(), problem));
  }

  /** The body of the worker. */
  private void answerInOrder() {
    while (!stopped) {
      try {
        var next = queue.take();
        if (next.equals(LAST)) {
          ended.countDown();
        } else {
          answer(next.request(), next.cancellation(), true);
        }
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    ended.countDown();
  }

  private void answer(Request request, Cancellation cancellation, boolean onGuestThread) {
    var answer = work.answer(request, cancellation, onGuestThread);
    if (!(request.body() instanceof Request.Body.Bad)) {
      open.remove(
          request.id(), cancellation); // before the answer, after which it may be used again
    }
    try {
      write(request, answer);
    } catch (ClientGoneException gone) {
      log.debug("an answer was not read", gone);
      stopAll("the client has gone");
    }
  }

  private void stopAll(String reason) {
    open.values().forEach(each -> each.request(reason));
  }

  /** Stops what runs, and waits for its end. */
  @Override
  public void close() {
    worker.stop(); // first, since a thread that ends before it is stopped counts as failed
    stopped = true;
    stopAll("the session ends");
    threads.shutdown();
    queue.add(LAST); // wakes the worker
    try {
      if (!threads.awaitTermination(STOP.toNanos(), TimeUnit.NANOSECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!worker.join(STOP)) {
      log.warn("a command did not end within {} s of its cancellation", STOP.toSeconds());
    }
  }
}
