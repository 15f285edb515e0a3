package org.wasmbroker.ui;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page tells of where its catalog comes from.
 *
 * @param version the broker's
 * @param policy the digest of the policy in force; null without one
 * @param problems why handlers or sources are left out
 */
public record Status(String version, @Nullable String policy, List<String> problems) {
  public Status {
    problems = List.copyOf(problems);
  }
}
