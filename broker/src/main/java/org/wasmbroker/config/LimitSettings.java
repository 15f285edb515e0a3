package org.wasmbroker.config;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;
import org.wasmbroker.sandbox.Limits;

/** What one run may use: a setting for each limit of a run. */
final class LimitSettings {
  private static final Map<LimitKind, Setting<?>> BY_KIND = settings();

  static final Setting<?> MEMORY = setting(LimitKind.MEMORY);
  static final Setting<?> LOG = setting(LimitKind.LOG);
  static final Setting<?> LOG_LINE = setting(LimitKind.LOG_LINE);
  static final List<Setting<?>> ALL = List.copyOf(BY_KIND.values());

  private LimitSettings() {}

  static Setting<?> setting(LimitKind kind) {
    var setting = BY_KIND.get(kind);
    if (setting == null) {
      throw new IllegalArgumentException(kind + " is not a limit of a run");
    }
    return setting;
  }

  static Limits read(Values values) {
    var limits = Limits.DEFAULTS;
    for (var one : BY_KIND.entrySet()) {
      limits = limits.with(one.getKey(), amount(values.get(one.getValue())));
    }
    return limits;
  }

  private static long amount(Object value) {
    return value instanceof Duration duration ? duration.toMillis() : (Long) value;
  }

  private static Map<LimitKind, Setting<?>> settings() {
    var settings = new EnumMap<LimitKind, Setting<?>>(LimitKind.class);
    for (var kind : LimitKind.of(Scope.RUN)) {
      settings.put(kind, newSetting(kind));
    }
    return settings;
  }

  private static Setting<?> newSetting(LimitKind kind) {
    var meaning =
        "%s %s to %s."
            .formatted(
                kind.meaning(),
                kind.measuredIn().show(kind.least()),
                kind.measuredIn().show(kind.ceiling()));
    long example =
        Math.max(kind.least(), kind.standard() == 0 ? 1_000_000_000 : kind.standard() / 4);
    return switch (kind.measuredIn()) {
      case BYTES -> setting(kind, Amounts.SIZE_IN_BYTES, kind.standard(), meaning, example);
      case MILLISECONDS ->
          setting(
              kind,
              Amounts.DURATION_OF_TIME,
              Duration.ofMillis(kind.standard()),
              meaning,
              Duration.ofMillis(example));
      case ELEMENTS,
          FUEL,
          CALLS,
          CHECKPOINTS,
          MEMORIES,
          TABLES,
          INSTANCES,
          ANSWERS,
          STEPS,
          LEVELS ->
          setting(kind, Amounts.COUNT, kind.standard(), meaning, example);
    };
  }

  private static <T> Setting<T> setting(
      LimitKind kind, Kind<T> type, T standard, String meaning, T example) {
    return Setting.of(kind.key(), type, standard, meaning, type.write().apply(example));
  }
}
