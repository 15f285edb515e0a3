package org.wasmbroker.secret;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/**
 * Secrets of which only what stands in for them is known. From the moment that it is issued, such a
 * value is kept from leaving the step as a real one would be, with the same errors. Used by the
 * step's thread.
 */
public final class StandInSecrets implements GuestCapability {
  private final List<NamedStandIn> known;
  private final IssuedValues issued = new IssuedValues((_, _) -> {});
  private int count;

  /**
   * @param known by number, in the order in which they were issued first
   */
  public StandInSecrets(List<NamedStandIn> known) {
    this.known = List.copyOf(known);
  }

  /** The value with this number, which is scanned for from now on. */
  public byte[] issue(int number) {
    for (; count <= number; count++) {
      issued.addStandIn(known.get(count).name(), known.get(count).bytes().bytes());
    }
    return known.get(number).bytes().bytes();
  }

  /** The text as a recording has it. */
  public byte[] masked(byte[] text) {
    return issued.masked(text, false);
  }

  @Override
  public @Nullable StepError checkOutput(Document output) {
    return issued.checkOutput(output);
  }

  @Override
  public StepError redact(StepError error) {
    return issued.redact(error);
  }

  @Override
  public String redact(String text, boolean truncated) {
    return issued.redact(text, truncated);
  }
}
