package org.wasmbroker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;

/**
 * A step beside a hostile one. Its handler writes its input as its output, and its input is a
 * result document with a value of its own: whatever got mixed up would be seen.
 */
record GoodStep(String value, CompletableFuture<Outcome> outcome) {
  static GoodStep on(HostileRig rig, int number) {
    return new GoodStep(value(number), rig.run("echo", document(number), Duration.ofSeconds(30)));
  }

  /** The input; hostile guests look for a word of it. */
  static Document document(int number) {
    return Document.of("{\"status\":\"completed\",\"result\":%s}".formatted(value(number)));
  }

  void assertUnharmed(Outcome actual) {
    assertThat(actual)
        .isInstanceOfSatisfying(
            Outcome.Completed.class,
            completed -> assertThat(completed.result().text()).isEqualTo(value));
  }

  private static String value(int number) {
    return "\"NEIGHBOR %d\"".formatted(number);
  }
}
