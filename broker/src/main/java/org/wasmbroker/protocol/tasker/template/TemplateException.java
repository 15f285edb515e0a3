package org.wasmbroker.protocol.tasker.template;

import java.util.List;

/** A document is no task template. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<String> problems;

  public TemplateException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, a sentence each, with the place. */
  public List<String> problems() {
    return problems;
  }
}
