package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.rollout.HandlerRollout;
import org.wasmbroker.rollout.ReleaseName;
import org.wasmbroker.rollout.Rollback;
import org.wasmbroker.rollout.Rollout;
import org.wasmbroker.rollout.RunCounts;
import org.wasmbroker.rollout.SharedState.Counted;
import org.wasmbroker.rollout.SharedState.Known;
import org.wasmbroker.rollout.SharedStateException;
import org.wasmbroker.rollout.state.RolloutTables;
import tools.jackson.databind.json.JsonMapper;

/**
 * What commands show of a rollout, as lines and as JSON.
 *
 * @param known what the brokers share; null if that could not be read
 * @param whyUnknown null if it could
 */
record RolloutView(Rollout rollout, @Nullable Known known, @Nullable String whyUnknown) {
  /** With what can be read of the shared state. */
  static RolloutView read(ReportOptions options, ProtocolOptions protocol) {
    protocol.applyTo(options.config());
    var config = options.load();
    var _ = RolloutFiles.of(config);
    var rollout = config.rollout().initial();
    try (var database = Protocols.database(config, "wasm-broker rollout")) {
      return new RolloutView(rollout, RolloutTables.forCommand(database).read(), null);
    } catch (SharedStateException unavailable) {
      return new RolloutView(
          rollout,
          null,
          "%s; without the tables each broker rolls back by itself, and says so in its health"
              .formatted(unavailable.getMessage()));
    }
  }

  void show(Console console, boolean json, boolean withCounts) {
    if (json) {
      console.line(JsonMapper.shared().writeValueAsString(json(withCounts)));
    } else {
      print(console, withCounts);
    }
  }

  /** What a plain reference to each handler means. */
  private void print(Console console, boolean withCounts) {
    if (rollout.defaultChannel() != null) {
      console.line("plain references mean channel " + rollout.defaultChannel());
    }
    rollout
        .channels()
        .forEach((name, versions) -> console.line("  channel %-12s %s".formatted(name, versions)));
    if (rollout.handlers().isEmpty()) {
      console.line("no handler has a version of its own: the newest serve");
    }
    for (var handler : rollout.handlers().values()) {
      print(handler, console, withCounts);
    }
    if (whyUnknown != null) {
      console.line("rollbacks are not known: " + whyUnknown);
    }
  }

  private void print(HandlerRollout handler, Console console, boolean withCounts) {
    var candidate = handler.candidate();
    var stable = console.bold(handler.handler()) + "  stable " + handler.stable();
    if (candidate == null) {
      console.line(stable);
      return;
    }
    var condition =
        candidate.condition().isEmpty() ? "" : " of those with " + candidate.condition();
    console.line(
        "%s, candidate %s for %s%s"
            .formatted(stable, candidate.version(), candidate.weight(), condition));
    console.line("  rolled back when " + candidate.rollback().describe());
    if (withCounts && known != null) {
      console.line("  candidate  " + line(counts(candidateName(handler))));
      console.line("  stable     " + line(counts(stableName(handler))));
    }
    var rollback = rollback(handler);
    if (rollback != null) {
      console.line(
          "  %s since %s by %s: %s"
              .formatted(
                  console.failure("rolled back"),
                  rollback.decidedAt(),
                  rollback.decidedBy(),
                  rollback.reason()));
    }
  }

  private static String line(RunCounts counts) {
    return "%d runs, %d traps, %d limits, %d permanent failures"
        .formatted(counts.runs(), counts.traps(), counts.limits(), counts.failures());
  }

  Map<String, @Nullable Object> json(boolean withCounts) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("default_channel", rollout.defaultChannel());
    var channels = new LinkedHashMap<String, Object>();
    rollout
        .channels()
        .forEach(
            (name, versions) -> {
              var texts = new LinkedHashMap<String, String>();
              versions.forEach((handler, version) -> texts.put(handler, version.toString()));
              channels.put(name, texts);
            });
    document.put("channels", channels);
    var handlers = new ArrayList<Object>();
    rollout.handlers().values().forEach(handler -> handlers.add(json(handler, withCounts)));
    document.put("handlers", handlers);
    document.put("rollbacks_known", known != null);
    document.put("problem", whyUnknown);
    return document;
  }

  private Map<String, @Nullable Object> json(HandlerRollout handler, boolean withCounts) {
    var value = new LinkedHashMap<String, @Nullable Object>();
    value.put("handler", handler.handler());
    value.put("stable", handler.stable().toString());
    var candidate = handler.candidate();
    value.put("candidate", candidate == null ? null : candidate.version().toString());
    if (candidate != null) {
      value.put("weight_percent", candidate.weight().hundredths() / 100.0);
      value.put("when", candidate.condition().isEmpty() ? null : candidate.condition());
      value.put("rollback_rule", candidate.rollback().describe());
      var rollback = rollback(handler);
      value.put("rolled_back", rollback == null ? null : json(rollback));
      if (withCounts && known != null) {
        value.put("candidate_runs", json(counts(candidateName(handler))));
        value.put("stable_runs", json(counts(stableName(handler))));
      }
    }
    return value;
  }

  static Map<String, Object> json(Rollback rollback) {
    var value = new LinkedHashMap<String, Object>();
    value.put("version", rollback.release().version());
    value.put("decided_at", rollback.decidedAt().toString());
    value.put("decided_by", rollback.decidedBy());
    value.put("candidate_runs", rollback.candidateRuns());
    value.put("candidate_bad", rollback.candidateBad());
    value.put("stable_version", rollback.stableVersion());
    value.put("stable_runs", rollback.stableRuns());
    value.put("stable_bad", rollback.stableBad());
    value.put("reason", rollback.reason());
    return value;
  }

  private static Map<String, Object> json(RunCounts counts) {
    var value = new LinkedHashMap<String, Object>();
    value.put("runs", counts.runs());
    value.put("traps", counts.traps());
    value.put("limits", counts.limits());
    value.put("permanent_failures", counts.failures());
    return value;
  }

  private @Nullable Rollback rollback(HandlerRollout handler) {
    var name = candidateName(handler);
    return known == null
        ? null
        : known.rolledBack().stream()
            .filter(each -> each.release().equals(name))
            .findFirst()
            .orElse(null);
  }

  private RunCounts counts(ReleaseName release) {
    var shared = Objects.requireNonNull(known);
    int episode =
        shared.others().stream()
            .filter(each -> each.release().equals(release))
            .mapToInt(Counted::episode)
            .max()
            .orElse(1); // what brokers counted before a reset is past
    return shared.others().stream()
        .filter(each -> each.release().equals(release) && each.episode() == episode)
        .map(Counted::counts)
        .reduce(RunCounts.NONE, RunCounts::plus);
  }

  private static ReleaseName candidateName(HandlerRollout handler) {
    var candidate = Objects.requireNonNull(handler.candidate());
    return new ReleaseName(handler.handler(), candidate.version().toString());
  }

  private static ReleaseName stableName(HandlerRollout handler) {
    return new ReleaseName(handler.handler(), handler.stable().toString());
  }
}
