package org.wasmbroker.plan;

import java.util.List;
import org.wasmbroker.plan.ConfigurationParts.Part;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.Meaning;

/** Whether a step may ask for as much new work as its configuration allows. */
final class WorkCheck {
  private final HandlerEntry entry;
  private final Findings findings;

  WorkCheck(HandlerEntry entry, Findings findings) {
    this.entry = entry;
    this.findings = findings;
  }

  void check(List<Part> parts) {
    int allowed = entry.grants().newWork();
    for (var part : parts) {
      if (part.meaning() == Meaning.NEW_WORK
          && part.value().isIntegralNumber()
          && part.value().longValue() > allowed) {
        var message =
            "allows %d new steps or parts%s, the policy %d (new-work)"
                .formatted(
                    part.value().longValue(), part.isDefault() ? " by default" : "", allowed);
        if (part.isDefault()) {
          findings.warning("new_work", part.pointer(), message, "set it to %d".formatted(allowed));
        } else {
          findings.error(
              "new_work",
              part.pointer(),
              message,
              "lower it, or ask the operator for more new-work");
        }
      }
      if (part.meaning() == Meaning.CREATED_STEP
          && part.value().isArray()
          && part.value().size() > allowed) {
        findings.error(
            "new_work",
            part.pointer(),
            "creates %d steps, the policy allows %d (new-work)"
                .formatted(part.value().size(), allowed),
            "");
      }
    }
  }
}
