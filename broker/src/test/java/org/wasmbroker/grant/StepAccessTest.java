package org.wasmbroker.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.Outcomes;

class StepAccessTest {
  private static final List<Capability<?, ?, ?>> BASIC =
      Capabilities.STANDARD.all().stream().filter(Capability::isBasic).toList();

  private final List<String> closed = new ArrayList<>();

  private GuestCapability capability(String name) {
    return new GuestCapability() {
      @Override
      public void close() {
        closed.add(name);
        if (name.startsWith("broken")) {
          throw new IllegalStateException(name);
        }
      }
    };
  }

  /** Instead of the capabilities that every step has, in their order. */
  private StepAccessFactory opening(String... names) {
    var factory = StepAccessFactory.BASIC;
    for (int i = 0; i < names.length; i++) {
      var name = names[i];
      factory = factory.with(BASIC.get(i), (granted, context) -> capability(name));
    }
    return factory;
  }

  private static StepAccess open(StepAccessFactory factory) {
    return factory.open(Outcomes.step("h"), Outcomes.module("h"), Grants.basic(Limits.DEFAULTS));
  }

  @Test
  void aCapabilityThatCannotBeOpenedLeavesNoneOfTheOthersOpen() {
    var factory =
        opening("first", "broken", "third")
            .with(
                BASIC.get(3),
                (granted, context) -> {
                  throw new IllegalStateException("not opened");
                });

    assertThatIllegalStateException().isThrownBy(() -> open(factory)).withMessage("not opened");
    assertThat(closed).containsExactly("third", "broken", "first");
  }

  @Test
  void aCapabilityThatDoesNotCloseLeavesNoneOfTheOthersOpen() {
    open(opening("first", "broken", "third")).close();

    assertThat(closed).containsExactly("third", "broken", "first");
  }
}
