package org.wasmbroker.config;

import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.document.Problem;

/** The configuration is invalid; carries all problems. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(
        problems.stream()
            .map(Problem::toString)
            .collect(Collectors.joining("\n  ", "the configuration is invalid:\n  ", "")));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
