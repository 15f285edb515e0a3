package org.wasmbroker.protocol.tasker.template;

import java.nio.file.Path;
import java.util.List;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

/** A document is not a valid task template. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  public TemplateException(List<Problem> problems) {
    super(Problem.join(problems));
    this.problems = List.copyOf(problems);
  }

  /** One problem of a file or directory as a whole. */
  static TemplateException of(Path file, String message) {
    return new TemplateException(List.of(new Problem(Location.of(file.toString()), "", message)));
  }

  /** Everything that is wrong. */
  public List<Problem> problems() {
    return problems;
  }
}
