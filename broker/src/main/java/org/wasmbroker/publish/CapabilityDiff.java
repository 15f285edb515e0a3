package org.wasmbroker.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.registry.release.Manifest;

/**
 * What a version of a handler asks more than another one. What it asks less is no news: a request
 * that is gone needs nobody's consent.
 *
 * @param added in the order of {@code docs/guest-abi.md}
 */
public record CapabilityDiff(List<Added> added) {
  private static final Capabilities TABLE = Capabilities.STANDARD;

  public CapabilityDiff {
    added = List.copyOf(added);
  }

  /**
   * Something that is asked anew.
   *
   * @param kind {@code function}, the name of a capability, {@code memory}, {@code time} or {@code
   *     class}
   * @param text a noun phrase
   */
  public record Added(String kind, String text) {}

  /** What the second one asks more than the first. */
  public static CapabilityDiff between(Manifest before, Manifest after) {
    var added = new ArrayList<Added>();
    var old = before.capabilities();
    var requested = after.capabilities();
    for (var function : TABLE.ordered(requested.functions())) {
      if (!old.functions().contains(function)) {
        added.add(new Added("function", "the host function " + function));
      }
    }
    for (var capability : TABLE.all()) {
      describe(capability, old, requested, text -> added.add(new Added(capability.name(), text)));
    }
    if (isMore(before.memoryBytes(), after.memoryBytes())) {
      added.add(
          new Added("memory", change(bytes(after.memoryBytes()), bytes(before.memoryBytes()))));
    }
    if (isMore(before.timeout(), after.timeout())) {
      added.add(new Added("time", change(time(after.timeout()), time(before.timeout()))));
    }
    if (!Objects.equals(old.resourceClass(), requested.resourceClass())) {
      added.add(
          new Added(
              "class",
              "the resource class %s instead of %s"
                  .formatted(
                      orOperators(requested.resourceClass()), orOperators(old.resourceClass()))));
    }
    return new CapabilityDiff(added);
  }

  private static <R> void describe(
      Capability<R, ?, ?> capability,
      RequestedCapabilities before,
      RequestedCapabilities after,
      Consumer<String> added) {
    capability.describeAdded(before.of(capability), after.of(capability), added);
  }

  /** No maximum of its own is more than any. */
  private static <T extends Comparable<T>> boolean isMore(@Nullable T before, @Nullable T after) {
    return before != null && (after == null || after.compareTo(before) > 0);
  }

  private static String change(String now, String before) {
    return now + " instead of " + before;
  }

  private static String bytes(@Nullable Long bytes) {
    return bytes == null ? "as much memory as the operator allows" : bytes + " bytes of memory";
  }

  private static String time(@Nullable Duration time) {
    return time == null ? "as much time as the operator allows" : time.toMillis() + " ms of time";
  }

  private static String orOperators(@Nullable Object resourceClass) {
    return resourceClass == null ? "of the operator's choice" : resourceClass.toString();
  }

  public boolean isEmpty() {
    return added.isEmpty();
  }
}
