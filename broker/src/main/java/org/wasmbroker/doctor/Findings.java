package org.wasmbroker.doctor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.protocol.SetupProblem;

/** Collects findings, in order. */
final class Findings {
  private final List<Finding> all = new ArrayList<>();

  void ok(String subject, String detail) {
    all.add(new Finding(Level.OK, subject, detail, null));
  }

  void warning(String subject, String detail, String remedy) {
    all.add(new Finding(Level.WARNING, subject, detail, remedy));
  }

  void failed(String subject, String detail, String remedy) {
    all.add(new Finding(Level.FAILED, subject, detail, remedy));
  }

  /** Adds a failure for each problem, or one OK finding if there are none. */
  void addProblems(String subject, Collection<SetupProblem> problems, String okDetail) {
    if (problems.isEmpty()) {
      ok(subject, okDetail);
    }
    problems.forEach(problem -> failed(subject, problem.description(), problem.remedy()));
  }

  /**
   * Returns the result of an action; if it throws, adds a failure with its message and returns
   * null.
   *
   * @param remedy what usually helps when it throws
   */
  <T> @Nullable T attempt(String subject, String remedy, Supplier<T> action) {
    try {
      return action.get();
    } catch (RuntimeException failure) {
      failed(subject, String.valueOf(failure.getMessage()), remedy);
      return null;
    }
  }

  List<Finding> all() {
    return List.copyOf(all);
  }
}
