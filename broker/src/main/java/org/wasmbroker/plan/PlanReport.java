package org.wasmbroker.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.plan.Finding.Severity;
import org.wasmbroker.step.WireName;

/**
 * What was found about one file.
 *
 * @param kind {@code plan}, {@code task_template}, or {@code unreadable}
 * @param steps how many there are
 * @param findings in the order of the file
 */
public record PlanReport(String file, String kind, int steps, List<Finding> findings) {
  public PlanReport {
    findings = List.copyOf(findings);
  }

  public int errors() {
    return count(Severity.ERROR);
  }

  public int warnings() {
    return count(Severity.WARNING);
  }

  private int count(Severity severity) {
    return (int) findings.stream().filter(each -> each.severity() == severity).count();
  }

  /** {@code file:line:column: error: /pointer: message; to do: remedy}. */
  public List<String> lines() {
    return findings.stream()
        .map(
            finding ->
                "%s: %s: %s%s%s"
                    .formatted(
                        finding.location(),
                        WireName.of(finding.severity()),
                        finding.pointer().isEmpty() ? "" : finding.pointer() + ": ",
                        finding.message(),
                        finding.remedy().isEmpty() ? "" : "; to do: " + finding.remedy()))
        .toList();
  }

  /** As plain values, for JSON. */
  public Map<String, Object> document() {
    var document = new LinkedHashMap<String, Object>();
    document.put("file", file);
    document.put("kind", kind);
    document.put("valid", errors() == 0);
    document.put("steps", steps);
    document.put("errors", errors());
    document.put("warnings", warnings());
    document.put("findings", findings.stream().map(PlanReport::row).toList());
    return document;
  }

  private static Map<String, @Nullable Object> row(Finding finding) {
    var row = new LinkedHashMap<String, @Nullable Object>();
    row.put("severity", WireName.of(finding.severity()));
    row.put("rule", finding.rule());
    row.put("line", finding.location().line() == 0 ? null : finding.location().line());
    row.put("column", finding.location().column() == 0 ? null : finding.location().column());
    row.put("pointer", finding.pointer());
    row.put("message", finding.message());
    row.put("remedy", finding.remedy().isEmpty() ? null : finding.remedy());
    return row;
  }
}
