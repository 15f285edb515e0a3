package org.wasmbroker.session;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.session.Answers.ClientGoneException;
import tools.jackson.databind.JsonNode;

/** Tells the client what a command line has written so far, until it is closed. */
final class ProgressTeller implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 100;

  private final JsonNode id;
  private final ShellRun run;
  private final Answers answers;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  ProgressTeller(JsonNode id, ShellRun run, Answers answers) {
    this.id = id;
    this.run = run;
    this.answers = answers;
    this.thread = Thread.ofVirtual().name("session-progress").start(this::tell);
  }

  private void tell() {
    try {
      while (!closed.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        tellOnce();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (ClientGoneException gone) {
      // the answer will not be read either
    }
  }

  private void tellOnce() {
    var out = run.out().takeNew();
    var err = run.err().takeNew();
    if (out.length > 0 || err.length > 0) {
      var progress = Answers.begin(id, "progress");
      if (out.length > 0) {
        Texts.put(progress, "stdout", out);
      }
      if (err.length > 0) {
        Texts.put(progress, "stderr", err);
      }
      answers.write(progress);
    }
  }

  /** Nothing is told after this. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
