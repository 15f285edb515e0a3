package org.wasmbroker.config;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;
import org.wasmbroker.sandbox.Limits;

/** The settings {@code limits.*}: one for each limit of a run. */
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

  static Limits read(SettingValues values) {
    var limits = Limits.DEFAULTS;
    for (var entry : BY_KIND.entrySet()) {
      limits = limits.with(entry.getKey(), asLong(values.get(entry.getValue())));
    }
    return limits;
  }

  private static long asLong(Object value) {
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
    var description =
        "%s %s to %s."
            .formatted(
                kind.description(),
                kind.unit().format(kind.minimum()),
                kind.unit().format(kind.maximum()));
    long example =
        Math.max(
            kind.minimum(), kind.defaultValue() == 0 ? 1_000_000_000 : kind.defaultValue() / 4);
    return switch (kind.unit().quantity()) {
      case SIZE -> setting(kind, QuantityTypes.SIZE, kind.defaultValue(), description, example);
      case DURATION ->
          setting(
              kind,
              QuantityTypes.DURATION,
              Duration.ofMillis(kind.defaultValue()),
              description,
              Duration.ofMillis(example));
      case COUNT -> setting(kind, QuantityTypes.LONG, kind.defaultValue(), description, example);
    };
  }

  private static <T> Setting<T> setting(
      LimitKind kind, SettingType<T> type, T defaultValue, String description, T example) {
    return Setting.of(kind.key(), type, defaultValue, description, type.format().apply(example));
  }
}
