package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.capability.StepContext;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * One step's use of its grants, through all its runs: budgets apply to the step as a whole, and a
 * secret that one run read does not leave with a later one. Used by the step's thread.
 */
public final class StepAccess implements StepContext, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StepAccess.class);

  private final StepAccessFactory factory;
  private final Step step;
  private final ModuleId module;
  private final Grants grants;
  private final Access access;
  private long openedIndexes;
  private List<GuestCapability> opened = List.of();

  StepAccess(StepAccessFactory factory, Step step, ModuleId module, Grants grants) {
    this.factory = factory;
    this.step = step;
    this.module = module;
    this.grants = grants;
    try {
      factory.openGranted(this);
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
    this.access = new Access(grants.functions(), opened);
  }

  @Override
  public Step step() {
    return step;
  }

  @Override
  public ModuleId module() {
    return module;
  }

  @Override
  public Limits limits() {
    return grants.limits();
  }

  Grants grants() {
    return grants;
  }

  @Override
  public <T extends GuestCapability> T open(Capability<?, ?, ?> other, Class<T> type) {
    openAt(factory.indexOf(other));
    return Objects.requireNonNull(find(type), other::name);
  }

  private <T extends GuestCapability> @Nullable T find(Class<T> type) {
    for (var capability : opened) {
      if (type.isInstance(capability)) {
        return type.cast(capability);
      }
    }
    return null;
  }

  /** Opens one of the factory's capabilities, once; those that it opens itself come before it. */
  void openAt(int index) {
    if ((openedIndexes & 1L << index) == 0) {
      openedIndexes |= 1L << index;
      add(factory.open(index, this));
    }
  }

  private void add(GuestCapability capability) {
    if (opened.isEmpty()) {
      opened = List.of(capability);
    } else {
      var more = new ArrayList<>(opened);
      more.add(capability);
      opened = List.copyOf(more);
    }
  }

  /** What every run of the step can use. */
  public Access access() {
    return access;
  }

  /** The error with which the step ends if its output must not leave it, or null. */
  public @Nullable StepError checkOutput(Document output) {
    for (var capability : opened) {
      var error = capability.checkOutput(output);
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  /** The error, or another one if it must not leave the step. */
  public StepError redact(StepError error) {
    var redacted = error;
    for (var capability : opened) {
      redacted = capability.redact(redacted);
    }
    return redacted;
  }

  /**
   * Whether the step may run once more from its last checkpoint: since then, nothing was done that
   * must not be done twice.
   */
  public boolean isRepeatable() {
    for (var capability : opened) {
      if (!capability.isRepeatable()) {
        return false;
      }
    }
    return true;
  }

  /** Another attempt would continue from here. */
  public void checkpointSaved() {
    opened.forEach(GuestCapability::checkpointSaved);
  }

  /** What was used so far. */
  public GrantUsage usage() {
    List<CapabilityUsage> used = List.of();
    for (var capability : opened) {
      var usage = capability.usage();
      if (usage != null) {
        used = used.isEmpty() ? new ArrayList<>() : used;
        used.add(usage);
      }
    }
    return new GrantUsage(grants.summary(), used);
  }

  /**
   * Releases what the step held, the last opened first. One that fails to close neither keeps the
   * others open nor changes how the step ended.
   */
  @Override
  public void close() {
    for (var capability : opened.reversed()) {
      try {
        capability.close();
      } catch (RuntimeException failure) {
        log.atError()
            .addKeyValue("step", step.id())
            .setCause(failure)
            .log("a capability of a step could not be closed");
      }
    }
  }
}
