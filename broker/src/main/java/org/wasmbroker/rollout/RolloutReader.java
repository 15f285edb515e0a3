package org.wasmbroker.rollout;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.WatchedFile;
import org.wasmbroker.document.WatchedFile.Source;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Version;

/**
 * Reads a rollout file: the channels first, and then the handlers, whose stable version they may
 * say.
 */
public final class RolloutReader {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_CHANNELS = 100;
  private static final int MAX_HANDLERS = 10_000;
  private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9-]{0,31}");
  private static final DocumentReader YAML =
      new DocumentReader(Syntax.YAML, MAX_BYTES, 10).withScalarsAsText();

  private final ParsedDocument document;

  private RolloutReader(ParsedDocument document) {
    this.document = document;
  }

  /** Reads a file; one that cannot be read is a problem like any other. */
  public static RolloutReadResult read(Path file) {
    return switch (WatchedFile.read(file, MAX_BYTES)) {
      case Source.Read(var content) -> read(file.toString(), content.bytes());
      case Source.Unreadable(var problem) -> new RolloutReadResult.Invalid(List.of(problem));
    };
  }

  /**
   * @param source the file's name for problems, or empty
   */
  public static RolloutReadResult read(String source, byte[] file) {
    var document = YAML.read(source, file);
    if (!document.hasProblems()) {
      var rollout = new RolloutReader(document).rollout(Digest.of(file));
      if (!document.hasProblems()) {
        return new RolloutReadResult.Valid(rollout);
      }
    }
    return new RolloutReadResult.Invalid(document.problems());
  }

  private Rollout rollout(Digest digest) {
    var root = document.object();
    var channels = channels(root.object("channels"));
    var defaultChannel = defaultChannel(root, channels);
    var inDefault =
        defaultChannel == null ? Map.<String, Version>of() : channels.get(defaultChannel);
    var handlers = new TreeMap<String, HandlerRollout>();
    if (inDefault != null) {
      inDefault.forEach(
          (name, version) -> handlers.put(name, new HandlerRollout(name, version, true, null)));
    }
    var sections = root.object("handlers").entries();
    if (sections.size() > MAX_HANDLERS) {
      root.problem(
          "handlers",
          "has %d handlers; at most %d are allowed".formatted(sections.size(), MAX_HANDLERS));
    }
    sections.forEach(
        (key, value) ->
            value
                .create(() -> new HandlerRef(key, null).name())
                .ifPresent(
                    name -> {
                      var handler = handler(name, value, handlers.get(name), defaultChannel);
                      if (handler != null) {
                        handlers.put(name, handler);
                      }
                    }));
    root.finish();
    return new Rollout(digest, channels, defaultChannel, handlers);
  }

  private static Map<String, Map<String, Version>> channels(ObjectReader section) {
    var channels = new TreeMap<String, Map<String, Version>>();
    var entries = section.entries();
    if (entries.size() > MAX_CHANNELS) {
      section.problem(
          "has %d channels; at most %d are allowed".formatted(entries.size(), MAX_CHANNELS));
    }
    entries.forEach(
        (key, value) ->
            value
                .create(() -> channelName(key))
                .ifPresent(name -> channels.put(name, versions(value.object()))));
    return channels;
  }

  private static Map<String, Version> versions(ObjectReader channel) {
    var versions = new TreeMap<String, Version>();
    channel
        .entries()
        .forEach(
            (key, value) ->
                value
                    .create(() -> new HandlerRef(key, null).name())
                    .ifPresent(
                        name -> {
                          var version = value.parse(Version::parse);
                          if (version != null) {
                            versions.put(name, version);
                          }
                        }));
    return versions;
  }

  private static String channelName(String text) {
    if (!CHANNEL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a channel's name has 1 to 32 of a-z, 0-9 and '-', and begins with a letter; was '%s'"
              .formatted(SafeText.sanitize(text, 80)));
    }
    return text;
  }

  private static @Nullable String defaultChannel(
      ObjectReader root, Map<String, Map<String, Version>> channels) {
    return root.value(
        "default-channel",
        text -> {
          if (!channels.containsKey(text)) {
            throw new IllegalArgumentException(Names.notOneOf(text, channels.keySet()));
          }
          return text;
        });
  }

  /**
   * @param channel what the default channel says about it, or null
   */
  private static @Nullable HandlerRollout handler(
      String name,
      DocumentValue value,
      @Nullable HandlerRollout channel,
      @Nullable String defaultChannel) {
    var section = value.object();
    var own = section.value("stable", Version::parse);
    var candidate = CandidateReader.read(section);
    section.finish();
    if (own != null && channel != null) {
      section.problem(
          "stable",
          "is said twice: the default channel %s has %s %s already; leave it out here, or the handler out there"
              .formatted(defaultChannel, name, channel.stable()));
    }
    var stable = own != null ? own : channel == null ? null : channel.stable();
    if (stable == null) {
      if (!section.has("stable")) {
        section.problem(
            "has no stable version; set stable, or list the handler in the default channel");
      }
      return null;
    }
    if (candidate != null && candidate.version().equals(stable)) {
      section.problem("candidate", "is the stable version, " + stable);
    }
    return new HandlerRollout(name, stable, own == null, candidate);
  }
}
