package org.wasmbroker.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.Problem;
import org.wasmbroker.plan.Finding.Severity;
import org.wasmbroker.step.SafeText;

/** Collects the findings of one document, each place with the same message once. */
final class Findings {
  private static final int MAX_MESSAGE = 500;

  private final ParsedDocument document;
  private final List<Finding> all = new ArrayList<>();

  Findings(ParsedDocument document) {
    this.document = document;
  }

  void error(String rule, JsonPointer pointer, String message, String remedy) {
    add(Severity.ERROR, rule, pointer, message, remedy);
  }

  void warning(String rule, JsonPointer pointer, String message, String remedy) {
    add(Severity.WARNING, rule, pointer, message, remedy);
  }

  private void add(
      Severity severity, String rule, JsonPointer pointer, String message, String remedy) {
    add(
        new Finding(
            severity,
            rule,
            document.locate(pointer),
            pointer.display(),
            SafeText.sanitize(message, MAX_MESSAGE),
            remedy));
  }

  /** A problem that a reader found. */
  void problem(String rule, Problem problem) {
    add(
        new Finding(
            Severity.ERROR,
            rule,
            problem.location(),
            problem.subject(),
            SafeText.sanitize(problem.message(), MAX_MESSAGE),
            ""));
  }

  private void add(Finding finding) {
    if (!all.contains(finding)) {
      all.add(finding);
    }
  }

  /** Whether something is known to be wrong with the value or a part of it. */
  boolean hasErrorAt(JsonPointer pointer) {
    var shown = pointer.display();
    return all.stream()
        .filter(finding -> finding.severity() == Severity.ERROR)
        .anyMatch(
            finding ->
                finding.pointer().equals(shown) || finding.pointer().startsWith(shown + "/"));
  }

  /** In the order of the document. */
  List<Finding> list() {
    return all.stream()
        .sorted(
            Comparator.comparingInt((Finding finding) -> finding.location().line())
                .thenComparingInt(finding -> finding.location().column())
                .thenComparing(Finding::severity))
        .toList();
  }
}
