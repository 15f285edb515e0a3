package org.wasmbroker.registry.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.Version;

class RouterTest {
  private static final HandlerRef PLAIN = HandlerRef.parse("h");
  private static final HandlerRef STABLE = HandlerRef.parse("h@1.0.0");
  private static final HandlerRef CANDIDATE = HandlerRef.parse("h@1.1.0");
  private static final ModuleId RAN = new ModuleId("h", "1.1.0", Digest.of(new byte[] {1}));
  private static final HandlerRef PINNED = ModulePin.of(RAN, false).module();

  private final Map<String, HandlerRef> channels = new HashMap<>();
  private final Set<String> withdrawn = new HashSet<>();
  private final Set<HandlerRef> usable = new HashSet<>();
  private final Set<HandlerRef> lost = new HashSet<>();
  private @Nullable Choice choice;

  private final Router router =
      new Router(
          new RolloutRules() {
            @Override
            public @Nullable Choice choose(String handler, RoutingFacts step) {
              return choice;
            }

            @Override
            public @Nullable HandlerRef channel(String handler, String channel) {
              return channels.get(channel);
            }

            @Override
            public String channelProblem(HandlerRef ref) {
              return "no channel";
            }

            @Override
            public boolean isWithdrawn(String handler, Version version) {
              return withdrawn.contains(handler + "@" + version);
            }
          },
          usable::contains,
          lost::contains);

  private record Facts(@Nullable ModulePin pin) implements RoutingFacts {
    @Override
    public StepId id() {
      return RoutingFacts.NONE.id();
    }

    @Override
    public StepOrigin origin() {
      return StepOrigin.NONE;
    }
  }

  private HandlerRef route(HandlerRef reference) {
    return router.route(reference, RoutingFacts.NONE);
  }

  private HandlerRef again(HandlerRef reference, boolean continued) {
    return router.route(reference, new Facts(ModulePin.of(RAN, continued)));
  }

  @Test
  void aReferenceThatNamesARangeOrADigestMeansThat() {
    choice = new Choice(CANDIDATE, null);

    for (var text : new String[] {"h@1", "h@^1.2", "h@1.0.0", PINNED.toString()}) {
      var reference = HandlerRef.parse(text);
      assertThat(route(reference)).isEqualTo(reference);
    }
  }

  @Test
  void aPlainReferenceMeansWhatTheRolloutChoosesOrTheNewest() {
    assertThat(route(PLAIN)).isEqualTo(PLAIN);
    choice = new Choice(STABLE, null);
    assertThat(route(PLAIN)).isEqualTo(STABLE);
  }

  @Test
  void aCandidateThatCannotServeNowLeavesItsStepsToTheStableVersion() {
    choice = new Choice(CANDIDATE, STABLE);

    assertThat(route(PLAIN)).isEqualTo(STABLE);
    usable.add(CANDIDATE);
    assertThat(route(PLAIN)).isEqualTo(CANDIDATE);
  }

  @Test
  void aChannelMeansItsVersionWhateverTheRolloutChooses() {
    var next = HandlerRef.parse("h@next");
    choice = new Choice(STABLE, null);

    assertThat(route(next)).as("the registry says why there is none").isEqualTo(next);
    channels.put("next", CANDIDATE);
    assertThat(route(next)).isEqualTo(CANDIDATE);
  }

  @Test
  void aStepThatHasBegunKeepsItsModule() {
    choice = new Choice(STABLE, null);
    channels.put("stable", STABLE);

    for (var text : new String[] {"h", "h@stable", "h@1", "h@1.0.0"}) {
      assertThat(again(HandlerRef.parse(text), false)).as(text).isEqualTo(PINNED);
    }
  }

  @Test
  void aModuleOfAnotherHandlerOrOneThatIsNowhereIsNotKept() {
    assertThat(again(HandlerRef.parse("other"), false)).isEqualTo(HandlerRef.parse("other"));
    lost.add(PINNED);
    assertThat(again(PLAIN, true)).isEqualTo(PLAIN);
  }

  @Test
  void aCandidateThatWasRolledBackIsKeptOnlyByAStepThatContinuesFromItsCheckpoint() {
    choice = new Choice(STABLE, null);
    withdrawn.add("h@1.1.0");

    assertThat(again(PLAIN, false)).isEqualTo(STABLE);
    assertThat(again(PLAIN, true)).isEqualTo(PINNED);
  }
}
