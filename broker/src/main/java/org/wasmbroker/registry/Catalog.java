package org.wasmbroker.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.Version;

/**
 * The modules that there were at one look at the sources, and the answers that follow from them. An
 * answer is worked out once; then it is one look-up.
 */
final class Catalog {
  private static final int NAMED_AT_MOST = 20;

  private final Map<Entry, Candidate> candidates;
  private final NavigableMap<String, NavigableMap<Version, Candidate>> handlers = new TreeMap<>();
  private final ConcurrentHashMap<HandlerRef, Resolution> answers = new ConcurrentHashMap<>();

  Catalog(Map<Entry, Candidate> candidates) {
    this.candidates = Map.copyOf(candidates);
    for (var candidate : candidates.values()) {
      handlers
          .computeIfAbsent(candidate.entry().handler(), name -> new TreeMap<>())
          .put(candidate.entry().version(), candidate);
    }
  }

  @Nullable Resolution known(HandlerRef ref) {
    return answers.get(ref);
  }

  @Nullable Candidate candidate(Entry entry) {
    return candidates.get(entry);
  }

  /** By handler, and by version with the newest first. */
  List<Candidate> all() {
    return handlers.values().stream()
        .flatMap(versions -> versions.descendingMap().values().stream())
        .toList();
  }

  boolean holdsExactly(Map<Entry, Candidate> others) {
    return candidates.equals(others);
  }

  boolean serves(HandlerRef ref) {
    return !matching(ref).isEmpty();
  }

  /**
   * The newest usable version that the reference means. A broken one is passed over, so that a new
   * version that does not work leaves the old one in service; when all are broken, the newest says
   * why.
   */
  Resolution resolve(HandlerRef ref) {
    @Nullable Resolution firstRefused = null;
    for (var candidate : matching(ref)) {
      var resolution = candidate.load().asResolution();
      if (resolution instanceof Resolution.Resolved) {
        answers.put(ref, resolution);
        return resolution;
      }
      firstRefused = firstRefused == null ? resolution : firstRefused;
    }
    if (firstRefused == null) {
      return new Resolution.Unknown(whyUnknown(ref));
    }
    answers.put(ref, firstRefused);
    return firstRefused;
  }

  private List<Candidate> matching(HandlerRef ref) {
    var versions = handlers.get(ref.name());
    if (versions == null) {
      return List.of();
    }
    var prefix = ref.version();
    return versions.descendingMap().entrySet().stream()
        .filter(version -> prefix == null || version.getKey().matches(prefix))
        .map(Map.Entry::getValue)
        .toList();
  }

  private String whyUnknown(HandlerRef ref) {
    var versions = handlers.get(ref.name());
    if (versions != null) {
      return "handler '%s' has no version %s; there is %s"
          .formatted(ref.name(), ref.version(), named(versions.descendingKeySet()));
    }
    if (handlers.isEmpty()) {
      return "no handler is named '" + ref.name() + "'; there are no handlers at all";
    }
    return "no handler is named '%s'; there is %s%s"
        .formatted(
            ref.name(),
            named(handlers.keySet()),
            NearestName.of(ref.name(), handlers.keySet())
                .map(name -> "; did you mean '" + name + "'?")
                .orElse(""));
  }

  private static String named(Collection<?> things) {
    var text =
        things.stream()
            .limit(NAMED_AT_MOST)
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    return things.size() <= NAMED_AT_MOST
        ? text
        : text + " and " + (things.size() - NAMED_AT_MOST) + " more";
  }
}
