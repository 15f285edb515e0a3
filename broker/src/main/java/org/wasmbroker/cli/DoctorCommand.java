package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.doctor.Doctor;
import org.wasmbroker.doctor.Finding;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Checks everything that a broker with this configuration needs. */
@Command(
    name = "doctor",
    description = {
      "Check everything that the broker needs, and suggest a fix for each problem.",
      "Checks engine, modules, database, privileges, queues and, with Tasker, its schema and task"
          + " templates.",
      "Changes nothing. Exits with 1 if a check failed; warnings do not count."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Override
  public Integer call() {
    protocol.applyTo(options.config());
    var config = options.load();
    protocol.checkAgainst(config);
    var console = Console.of(Objects.requireNonNull(spec));
    var findings = Doctor.check(config);
    if (options.json()) {
      console.line(JSON.writeValueAsString(document(config, findings)));
    } else {
      print(findings, console);
    }
    return count(findings, Level.FAILED) == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static void print(List<Finding> findings, Console console) {
    int widest = findings.stream().mapToInt(finding -> finding.subject().length()).max().orElse(0);
    for (var finding : findings) {
      console.line(
          "%s  %s  %s"
              .formatted(
                  level(finding.level(), console),
                  padRight(finding.subject(), widest),
                  finding.detail()));
      if (finding.remedy() != null) {
        console.line(" ".repeat(9 + widest) + "  → " + finding.remedy());
      }
    }
    console.line("");
    console.line(
        "%d ok, %d warnings, %d failed"
            .formatted(
                count(findings, Level.OK),
                count(findings, Level.WARNING),
                count(findings, Level.FAILED)));
  }

  private static String level(Level level, Console console) {
    var label = padRight(label(level), 7);
    return switch (level) {
      case OK -> console.success(label);
      case WARNING -> console.bold(label);
      case FAILED -> console.failure(label);
    };
  }

  private static String padRight(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  private static Map<String, Object> document(BrokerConfig config, List<Finding> findings) {
    var document = new LinkedHashMap<String, Object>();
    document.put("protocol", WireName.of(config.protocol()));
    for (var level : Level.values()) {
      document.put(label(level), count(findings, level));
    }
    document.put("findings", findings.stream().map(DoctorCommand::value).toList());
    return document;
  }

  private static Map<String, @Nullable Object> value(Finding finding) {
    var value = new LinkedHashMap<String, @Nullable Object>();
    value.put("level", label(finding.level()));
    value.put("subject", finding.subject());
    value.put("detail", finding.detail());
    value.put("remedy", finding.remedy());
    return value;
  }

  private static String label(Level level) {
    return WireName.of(level);
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }
}
