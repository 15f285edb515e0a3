package org.wasmbroker.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.ServerInspector;

/** The privileges that a role needs and does not have. */
public final class MissingPrivileges {
  private static final String REMEDY = "as the owner, run: ";

  private MissingPrivileges() {}

  /** A problem for each object with missing privileges, with the statement that grants them. */
  public static List<SetupProblem> of(Database database, List<Privilege> needed) {
    var inspector = new ServerInspector(database);
    var missing = inspector.missing(needed);
    if (missing.isEmpty()) {
      return List.of();
    }
    var role = inspector.inspect().role();
    return missing.stream()
        .collect(
            Collectors.groupingBy(
                Privilege::target,
                LinkedHashMap::new,
                Collectors.mapping(Privilege::name, Collectors.joining(", "))))
        .entrySet()
        .stream()
        .map(
            entry ->
                new SetupProblem(
                    "the role %s lacks %s on %s".formatted(role, entry.getValue(), entry.getKey()),
                    REMEDY
                        + "grant %s on %s to \"%s\""
                            .formatted(entry.getValue(), entry.getKey(), role)))
        .toList();
  }
}
