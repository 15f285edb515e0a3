package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.url.Destination;

/**
 * Why a handler may do what it may: what its manifest asks for, what the operator grants, what
 * holds, and a line for each difference.
 *
 * @param effective before the limits that the manifest lowers for itself
 */
public record Explanation(
    RequestedCapabilities requested,
    PolicyGrants granted,
    Grants effective,
    List<String> differences) {

  public static Explanation of(RequestedCapabilities requested, PolicyGrants granted) {
    var effective = granted.intersect(requested);
    var differences = new ArrayList<String>();
    functions(requested, granted, differences);
    destinations(requested, granted, differences);
    secrets(requested, granted, differences);
    resourceClass(requested.resourceClass(), granted, differences);
    return new Explanation(requested, granted, effective, List.copyOf(differences));
  }

  private static void functions(
      RequestedCapabilities requested, PolicyGrants granted, List<String> differences) {
    var all = granted.allFunctions();
    for (var function : new TreeSet<>(requested.functions())) {
      if (!all.contains(function)) {
        differences.add(
            "%s is asked for and not granted: %s".formatted(function.text(), missing(function)));
      }
    }
    for (var function : all) {
      if (!requested.functions().contains(function)) {
        differences.add(function.text() + " is granted and not asked for by the manifest");
      }
    }
  }

  private static String missing(AbiFunction function) {
    return switch (function) {
      case HTTP_REQUEST -> "no rule that counts has a destination in http";
      case READ_SECRET -> "no rule that counts has a name in readable-secrets";
      case READ_INPUT, WRITE_OUTPUT, LOG, GET_TIME -> "the functions of the policy leave it out";
    };
  }

  private static void destinations(
      RequestedCapabilities requested, PolicyGrants granted, List<String> differences) {
    for (var wanted : requested.http()) {
      if (granted.http().stream().noneMatch(grant -> overlaps(wanted, grant))) {
        differences.add(wanted + " is asked for, and no rule that counts grants any of it");
      }
    }
    for (var grant : granted.http()) {
      if (requested.http().stream().noneMatch(wanted -> overlaps(wanted, grant))) {
        differences.add(grant + " is granted, and the manifest asks for none of it");
      } else if (grant.mode() == Mode.AUDIT) {
        differences.add(grant + " is granted on trial: each use is counted and logged");
      }
    }
  }

  private static boolean overlaps(Destination wanted, DestinationGrant grant) {
    return wanted.intersect(grant.destination()).isPresent();
  }

  private static void secrets(
      RequestedCapabilities requested, PolicyGrants granted, List<String> differences) {
    for (var name : new TreeSet<>(requested.secrets())) {
      if (!granted.secrets().containsKey(name)) {
        differences.add("the secret " + name + " is asked for and not granted");
      }
    }
    for (var name : new TreeSet<>(granted.secrets().keySet())) {
      if (!requested.requests(name)) {
        differences.add("the secret " + name + " is granted and not asked for by the manifest");
      }
    }
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
          "the class %s is asked for and does not exist here; %s holds"
              .formatted(requested, largest.name()));
    } else if (wanted.memoryBytes() > largest.memoryBytes()) {
      differences.add(
          "the class %s is asked for, and %s is the largest that is granted"
              .formatted(requested, largest.name()));
    }
  }
}
