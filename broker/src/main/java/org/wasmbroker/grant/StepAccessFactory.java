package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.capability.Opener;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/**
 * Opens the capabilities of a step. One that needs a service is opened by an opener that the
 * service provides; a step to which no capability is granted costs nothing here. Immutable.
 */
public final class StepAccessFactory {
  /** The factory without services: no destinations and no secrets. */
  public static final StepAccessFactory BASIC = new StepAccessFactory(Capabilities.STANDARD);

  private record Binding<G>(Capability<?, ?, G> capability, Opener<G> opener) {
    GuestCapability open(StepAccess access) {
      return opener.open(access.grants().of(capability), access);
    }

    static <G> @Nullable Binding<G> of(Capability<?, ?, G> capability) {
      var opener = capability.opener();
      return opener == null ? null : new Binding<>(capability, opener);
    }
  }

  private final List<Binding<?>> bindings;

  private StepAccessFactory(List<Binding<?>> bindings) {
    this.bindings = List.copyOf(bindings);
  }

  /** With the capabilities that need no service. */
  public StepAccessFactory(Capabilities table) {
    this(ownBindings(table));
  }

  private static List<Binding<?>> ownBindings(Capabilities table) {
    var bindings = new ArrayList<Binding<?>>();
    for (var capability : table.all()) {
      var binding = Binding.of(capability);
      if (binding != null) {
        bindings.add(binding);
      }
    }
    return bindings;
  }

  /** This factory with another opener for a capability, in place of the one that it has. */
  public <G> StepAccessFactory with(Capability<?, ?, G> capability, Opener<G> opener) {
    var more = new ArrayList<>(bindings);
    more.removeIf(binding -> binding.capability().equals(capability));
    more.add(new Binding<>(capability, opener));
    return new StepAccessFactory(more);
  }

  /**
   * Opens the capabilities of the step for a run of that module.
   *
   * @return the caller closes it when the last run of the step has ended
   */
  public StepAccess open(Step step, ModuleId module, Grants grants) {
    return new StepAccess(this, step, module, grants);
  }

  /** Basic ones are always opened, since WASI may work on them, too. */
  void openGranted(StepAccess access) {
    for (int i = 0; i < bindings.size(); i++) {
      var binding = bindings.get(i);
      if (binding.capability().isBasic() || access.grants().isGranted(binding.capability())) {
        access.openAt(i);
      }
    }
  }

  GuestCapability open(int index, StepAccess access) {
    return bindings.get(index).open(access);
  }

  int indexOf(Capability<?, ?, ?> capability) {
    for (int i = 0; i < bindings.size(); i++) {
      if (bindings.get(i).capability().equals(capability)) {
        return i;
      }
    }
    throw new IllegalStateException("no service provides the capability " + capability.name());
  }
}
