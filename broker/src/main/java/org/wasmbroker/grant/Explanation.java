package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;

/**
 * Why a handler may do what it may: what its manifest requests, what the operator grants, what is
 * effective, and a line for each difference.
 *
 * @param effective before the limits that the manifest lowers for itself
 */
public record Explanation(
    RequestedCapabilities requested,
    PolicyGrants granted,
    Grants effective,
    List<String> differences) {

  public static Explanation of(RequestedCapabilities requested, PolicyGrants granted) {
    var differences = new ArrayList<String>();
    functions(requested, granted, differences);
    for (var capability : granted.table().all()) {
      explain(capability, requested, granted, differences::add);
    }
    resourceClass(requested.resourceClass(), granted, differences);
    return new Explanation(
        requested, granted, granted.intersect(requested), List.copyOf(differences));
  }

  private static final String CONTENT = "content";

  /**
   * Whether a granted function is worth a line though nobody requested it: not if any function of
   * its capability is requested, since the others are ways to use the same, and not for a module's
   * own content.
   */
  private static boolean isNews(
      String function, RequestedCapabilities requested, Capabilities table) {
    var capability = table.ofFunction(function).orElseThrow();
    return !capability.name().equals(CONTENT)
        && requested.functions().stream()
            .noneMatch(other -> table.ofFunction(other).filter(capability::equals).isPresent());
  }

  private static void functions(
      RequestedCapabilities requested, PolicyGrants granted, List<String> differences) {
    var table = granted.table();
    var all = granted.allFunctions();
    for (var function : table.ordered(requested.functions())) {
      if (!all.contains(function)) {
        differences.add(
            "%s is requested but not granted: %s"
                .formatted(
                    function,
                    table.ofFunction(function).map(Capability::notGranted).orElseThrow()));
      }
    }
    for (var function : table.ordered(all)) {
      if (isNews(function, requested, table)) {
        differences.add(function + " is granted but not requested by the manifest");
      }
    }
  }

  private static <R, P> void explain(
      Capability<R, P, ?> capability,
      RequestedCapabilities requested,
      PolicyGrants granted,
      Consumer<String> differences) {
    capability.explain(requested.of(capability), granted.of(capability), differences);
  }

  private static void resourceClass(
      @Nullable ResourceClassName requested, PolicyGrants granted, List<String> differences) {
    var largest = granted.resourceClass();
    if (requested == null) {
      return;
    }
    var wanted = granted.classes().get(requested);
    if (wanted == null) {
      differences.add(
          "the class %s is requested but does not exist; %s applies"
              .formatted(requested, largest.name()));
    } else if (wanted.memoryBytes() > largest.memoryBytes()) {
      differences.add(
          "the class %s is requested, but %s is the largest that is granted"
              .formatted(requested, largest.name()));
    }
  }
}
