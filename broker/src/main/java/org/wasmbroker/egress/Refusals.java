package org.wasmbroker.egress;

import java.util.Arrays;
import java.util.List;

/** Why a guest's HTTP request may get no response: everything that a metric can say. */
public final class Refusals {
  private Refusals() {}

  /**
   * @param error the type of the error that the guest sees
   * @param reason more exactly, for people
   */
  public record Refusal(String error, String reason) {}

  public static List<Refusal> all() {
    return Arrays.stream(FailureType.values())
        .flatMap(type -> type.reasons().stream().map(reason -> new Refusal(type.text(), reason)))
        .toList();
  }
}
