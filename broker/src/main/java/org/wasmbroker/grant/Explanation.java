package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiFunction;

/**
 * Why a handler may do what it may: what its manifest asks for, what the operator grants, what
 * holds, and a line for each difference.
 *
 * @param holds before the limits that the manifest lowers for itself
 */
public record Explanation(
    Capabilities asked, Granted granted, Grants holds, List<String> differences) {

  public static Explanation of(Capabilities asked, Granted granted) {
    var holds = granted.and(asked);
    var differences = new ArrayList<String>();
    functions(asked, granted, differences);
    destinations(asked, granted, differences);
    secrets(asked, granted, differences);
    resourceClass(asked.resourceClass(), granted, differences);
    return new Explanation(asked, granted, holds, List.copyOf(differences));
  }

  private static void functions(Capabilities asked, Granted granted, List<String> differences) {
    var all = granted.allFunctions();
    for (var function : new TreeSet<>(asked.functions())) {
      if (!all.contains(function)) {
        differences.add(
            "%s is asked for and not granted: %s".formatted(function.text(), missing(function)));
      }
    }
    for (var function : all) {
      if (!asked.functions().contains(function)) {
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

  private static void destinations(Capabilities asked, Granted granted, List<String> differences) {
    for (var wanted : asked.http()) {
      if (granted.http().stream().noneMatch(grant -> meet(wanted, grant))) {
        differences.add(wanted + " is asked for, and no rule that counts grants any of it");
      }
    }
    for (var grant : granted.http()) {
      if (asked.http().stream().noneMatch(wanted -> meet(wanted, grant))) {
        differences.add(grant + " is granted, and the manifest asks for none of it");
      } else if (grant.mode() == Mode.AUDIT) {
        differences.add(grant + " is granted on trial: each use is counted and logged");
      }
    }
  }

  private static boolean meet(Destination wanted, DestinationGrant grant) {
    return wanted.and(grant.destination()).isPresent();
  }

  private static void secrets(Capabilities asked, Granted granted, List<String> differences) {
    for (var name : new TreeSet<>(asked.secrets())) {
      if (!granted.secrets().containsKey(name)) {
        differences.add("the secret " + name + " is asked for and not granted");
      }
    }
    for (var name : new TreeSet<>(granted.secrets().keySet())) {
      if (!asked.asksFor(name)) {
        differences.add("the secret " + name + " is granted and not asked for by the manifest");
      }
    }
  }

  private static void resourceClass(
      @Nullable ClassName asked, Granted granted, List<String> differences) {
    var largest = granted.resourceClass();
    if (asked == null) {
      return;
    }
    var wanted = granted.classes().get(asked);
    if (wanted == null) {
      differences.add(
          "the class %s is asked for and does not exist here; %s holds"
              .formatted(asked, largest.name()));
    } else if (wanted.memoryBytes() > largest.memoryBytes()) {
      differences.add(
          "the class %s is asked for, and %s is the largest that is granted"
              .formatted(asked, largest.name()));
    }
  }
}
