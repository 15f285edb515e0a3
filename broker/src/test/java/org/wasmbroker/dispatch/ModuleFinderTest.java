package org.wasmbroker.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
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
