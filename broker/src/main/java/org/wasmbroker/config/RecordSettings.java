package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.recording.HandlerPattern;
import org.wasmbroker.recording.RecordedOutcomes;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.rollout.Percent;

/** The settings {@code record.*}. */
final class RecordSettings {
  private static final RecordingConfig DEFAULTS = RecordingConfig.DEFAULTS;
  private static final String NONE = "none";

  private static final SettingType<String> HANDLER =
      new SettingType<>(
          "pattern",
          "a handler's name with * for any characters, or none",
          text ->
              text.equals(NONE)
                  ? Optional.of(text)
                  : SettingTypes.parsed(HandlerPattern::new, text).map(HandlerPattern::text),
          text -> text,
          SettingTypes::printable);
  private static final SettingType<Percent> SHARE =
      new SettingType<>(
          "share",
          "a share from 0% to 100% with at most two decimals",
          text -> SettingTypes.parsed(Percent::parse, text),
          Percent::toString,
          SettingTypes::printable);

  static final Setting<List<String>> HANDLERS =
      Setting.of(
          "record.handlers",
          SettingTypes.listOf(HANDLER),
          List.of(NONE),
          "Handlers whose failed steps are recorded for a replay, with `*` for any characters; see"
              + " [recording.md](recording.md). `none` records nothing.",
          "http_request,report-*");
  static final Setting<Percent> SAMPLE =
      Setting.of(
          "record.sample",
          SHARE,
          new Percent((int) Math.round(DEFAULTS.percent() * 100)),
          "Share of these handlers' steps that are recorded. Which ones follows from their ids: all"
              + " attempts of a step, on whichever broker, or none.",
          "10%");
  static final Setting<RecordedOutcomes> ON =
      Setting.of(
          "record.on",
          SettingTypes.oneOf(RecordedOutcomes.class),
          DEFAULTS.on(),
          "`failed`: steps that failed and are not retried; `attempts`: also attempts that failed"
              + " and are retried; `all`: also steps that completed.",
          "attempts");
  static final Setting<Rate> RATE =
      Setting.of(
          "record.rate",
          SettingTypes.RATE,
          DEFAULTS.rate(),
          "Maximum rate of recordings; steps beyond it are not recorded, and counted.",
          "60/m");
  static final Setting<Integer> LARGEST =
      Setting.of(
          "record.largest",
          QuantityTypes.INT_SIZE,
          DEFAULTS.largestBytes(),
          "Maximum size of what is recorded of one step, and so what each running step may take of"
              + " the heap for it; of a step beyond it only the beginning and the end are kept,"
              + " which cannot be replayed. 4 KiB to 32 MiB.",
          "4MiB");
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "record.directory",
          SettingTypes.PATH,
          "`$XDG_STATE_HOME/wasm-broker/recordings`, else `~/.local/state/wasm-broker/recordings`",
          "Directory of the recordings; created if missing. Only the broker's user can read them.",
          "/var/lib/wasm-broker/recordings");
  static final Setting<Duration> KEEP_AGE =
      Setting.of(
          "record.keep-age",
          QuantityTypes.DURATION,
          DEFAULTS.maxAge(),
          "How long recordings are kept; 1 min to 87600 h.",
          "24h");
  static final Setting<Integer> KEEP_FILES =
      Setting.of(
          "record.keep-files",
          SettingTypes.INTEGER,
          DEFAULTS.maxFiles(),
          "Maximum number of recordings in the directory; the oldest are removed. 1 to 100000.",
          "200");
  static final Setting<Long> KEEP_SIZE =
      Setting.of(
          "record.keep-size",
          QuantityTypes.SIZE,
          DEFAULTS.maxBytes(),
          "Maximum size of all recordings in the directory; the oldest are removed. 1 MiB to 1"
              + " TiB.",
          "1GiB");
  static final List<Setting<?>> ALL =
      List.of(HANDLERS, SAMPLE, ON, RATE, LARGEST, DIRECTORY, KEEP_AGE, KEEP_FILES, KEEP_SIZE);

  private RecordSettings() {}

  /**
   * @param directory the configured one, or the default
   */
  static RecordingConfig read(SettingValues values, @Nullable Path directory) {
    return new RecordingConfig(
        values.get(HANDLERS).stream()
            .filter(text -> !text.equals(NONE))
            .map(HandlerPattern::new)
            .toList(),
        values.get(SAMPLE).hundredths() / 100.0,
        values.get(ON),
        values.get(RATE),
        values.get(LARGEST),
        directory,
        values.get(KEEP_AGE),
        values.get(KEEP_FILES),
        values.get(KEEP_SIZE));
  }
}
