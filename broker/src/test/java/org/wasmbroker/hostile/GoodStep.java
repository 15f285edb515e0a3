package org.wasmbroker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;

/**
 * A step next to a hostile one. Its handler echoes its input, which is a result document with a
 * unique value: any mix-up would be noticed.
 */
record GoodStep(String value, CompletableFuture<Outcome> outcome) {
  static GoodStep on(HostileRig rig, int number) {
    return new GoodStep(
        value(number), rig.run("echo@1.0.0", document(number), Duration.ofSeconds(30)));
  }

  /** The input; hostile guests search for a word of it. */
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
