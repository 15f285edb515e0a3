package org.wasmbroker.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.ServerLook;

/** What a role may not do and has to, in words. */
public final class MissingPrivileges {
  private static final String REMEDY = "as the owner, run: ";

  private MissingPrivileges() {}

  /** An obstacle for each thing on which rights are lacking, with the statement that gives them. */
  public static List<SetupProblem> of(Database database, List<Privilege> needed) {
    var inspector = new ServerLook(database);
    var missing = inspector.lacking(needed);
    if (missing.isEmpty()) {
      return List.of();
    }
    var role = inspector.facts().role();
    return missing.stream()
        .collect(
            Collectors.groupingBy(
                Privilege::on,
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
