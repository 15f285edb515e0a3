package org.wasmbroker.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Step;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.Outcomes;

class ModuleFinderTest {
  private final CompiledModule module =
      new FakeEngine()
          .with("h", FakeEngine.writing("{}"))
          .compile(new WasmBinary("h".getBytes(UTF_8)), Limits.DEFAULTS);
  private static final Step STEP = Outcomes.step("h");
  private Grants currentGrants = Grants.NONE;
  private final ModuleFinder finder =
      new ModuleFinder(
          ref -> new Resolved(Outcomes.module(ref.name()), module, currentGrants, null), 1L << 40);

  @Test
  void aWaitingStepStartsUnderTheCurrentPolicy() {
    var found = finder.find(STEP.handler()).apply(STEP);

    currentGrants = Grants.NONE.withNewWork(7);

    assertThat(((Resolved) found.resolution().get()).grants().newWork()).isEqualTo(7);
  }

  /** Routes to a module that is nowhere any more until it was looked for. */
  private final class Forgetful implements HandlerResolver {
    private static final HandlerRef PINNED = HandlerRef.parse("h@1.0.0");
    private boolean lookedFor;

    @Override
    public HandlerRef route(HandlerRef handler, RoutingFacts step) {
      return lookedFor ? handler : PINNED;
    }

    @Override
    public Resolution resolve(HandlerRef routed) {
      if (routed.equals(PINNED)) {
        lookedFor = true;
        return new Unknown("it is nowhere");
      }
      return new Resolved(Outcomes.module(routed.name()), module, Grants.NONE, null);
    }
  }

  @Test
  void aStepWhoseModuleIsNowhereAnyMoreIsLookedUpAnew() {
    var forgetful = new ModuleFinder(new Forgetful(), 1L << 40);
    var first = forgetful.route(STEP);

    assertThat(forgetful.find(first).apply(STEP)).as("another reference").isNull();

    var second = forgetful.route(STEP);
    assertThat(second).isEqualTo(STEP.handler());
    var found = Objects.requireNonNull(forgetful.find(second).apply(STEP));
    assertThat(found.resolution().get()).isInstanceOf(Resolved.class);
  }

  @Test
  void aStepThatNamesWhatIsNowhereIsNotLookedUpForEver() {
    var finder = new ModuleFinder(_ -> new Unknown("it is nowhere"), 1L << 40);

    var found = Objects.requireNonNull(finder.find(STEP.handler()).apply(STEP));

    assertThat(found.resolution().get()).isEqualTo(new Unknown("it is nowhere"));
  }

  @Test
  void aWaitingStepGetsNoMoreMemoryThanItWasAdmittedWith() {
    var found = finder.find(STEP.handler()).apply(STEP);

    currentGrants =
        Grants.NONE.withLimits(Limits.DEFAULTS.withMemoryBytes(1L << 30)).withNewWork(7);

    var grants = ((Resolved) found.resolution().get()).grants();
    assertThat(grants.limits().memoryBytes()).isEqualTo(found.memory());
    assertThat(grants.newWork()).isEqualTo(7);
  }
}
