package org.wasmbroker.registry;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.Version;

/**
 * The modules that there were at one look at the sources under one policy, and the answers that
 * follow from them. An answer is worked out once; then it is one look-up.
 */
final class Catalog {
  private static final int MAX_LISTED_NAMES = 20;

  private final Map<Entry, Candidate> candidates;
  private final Policy policy;
  private final NavigableMap<String, NavigableMap<Version, Candidate>> handlers = new TreeMap<>();
  private final ConcurrentHashMap<HandlerRef, Resolution> resolutions = new ConcurrentHashMap<>();

  Catalog(Map<Entry, Candidate> candidates, Policy policy) {
    this.candidates = Map.copyOf(candidates);
    this.policy = policy;
    for (var candidate : candidates.values()) {
      handlers
          .computeIfAbsent(candidate.entry().handler(), name -> new TreeMap<>())
          .put(candidate.entry().version(), candidate);
    }
  }

  @Nullable Resolution cached(HandlerRef ref) {
    return resolutions.get(ref);
  }

  Policy policy() {
    return policy;
  }

  /** Those that this policy makes worth another try: broken ones, and those it gives more. */
  List<Candidate> candidatesToReload(Policy next) {
    return candidates.values().stream()
        .filter(
            candidate ->
                switch (candidate.resultIfLoaded()) {
                  case null -> false;
                  case LoadResult.Broken _ -> true;
                  case LoadResult.Usable usable ->
                      !usable.fits(usable.manifest().grants(next).limits());
                })
        .toList();
  }

  /** The same modules under another policy, some of them tried again. */
  Catalog withPolicy(Policy next, Map<Candidate, Candidate> reloaded) {
    var updated = new HashMap<>(candidates);
    updated.replaceAll((entry, candidate) -> reloaded.getOrDefault(candidate, candidate));
    return new Catalog(updated, next);
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

  boolean hasCandidates(Map<Entry, Candidate> updated) {
    return candidates.equals(updated);
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
    @Nullable Resolution firstFailure = null;
    for (var candidate : matching(ref)) {
      var resolution = resolution(candidate);
      if (resolution instanceof Resolution.Resolved) {
        resolutions.put(ref, resolution);
        return resolution;
      }
      firstFailure = firstFailure == null ? resolution : firstFailure;
    }
    if (firstFailure == null) {
      return new Resolution.Unknown(unknownMessage(ref));
    }
    resolutions.put(ref, firstFailure);
    return firstFailure;
  }

  private Resolution resolution(Candidate candidate) {
    return switch (candidate.load()) {
      case LoadResult.Broken(var problem, _) -> new Resolution.Refused(problem);
      case LoadResult.Usable usable -> granted(candidate, usable);
    };
  }

  private Resolution granted(Candidate candidate, LoadResult.Usable usable) {
    var grants = usable.manifest().grants(policy);
    if (usable.fits(grants.limits())) {
      return new Resolution.Resolved(
          usable.id(), usable.module(), grants, usable.manifest().outputSchema());
    }
    // It was being compiled for less while the policy changed.
    return switch (candidate.retry().load()) {
      case LoadResult.Broken(var problem, _) -> new Resolution.Refused(problem);
      case LoadResult.Usable(var manifest, var id, var module, var compiledFor) ->
          new Resolution.Resolved(
              id, module, grants.withLimits(clamp(grants, compiledFor)), manifest.outputSchema());
    };
  }

  private static Limits clamp(Grants grants, Limits compiledFor) {
    var limits = grants.limits();
    return limits
        .withMemoryBytes(Math.min(limits.memoryBytes(), compiledFor.memoryBytes()))
        .with(
            LimitKind.TABLE_ELEMENTS,
            Math.min(limits.tableElements(), compiledFor.tableElements()));
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

  private String unknownMessage(HandlerRef ref) {
    var versions = handlers.get(ref.name());
    if (versions != null) {
      return "handler '%s' has no version %s; there is %s"
          .formatted(ref.name(), ref.version(), joinNames(versions.descendingKeySet()));
    }
    if (handlers.isEmpty()) {
      return "no handler is named '" + ref.name() + "'; there are no handlers at all";
    }
    return "no handler is named '%s'; there is %s%s"
        .formatted(
            ref.name(),
            joinNames(handlers.keySet()),
            NearestName.of(ref.name(), handlers.keySet())
                .map(name -> "; did you mean '" + name + "'?")
                .orElse(""));
  }

  private static String joinNames(Collection<?> names) {
    var text =
        names.stream()
            .limit(MAX_LISTED_NAMES)
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    return names.size() <= MAX_LISTED_NAMES
        ? text
        : text + " and " + (names.size() - MAX_LISTED_NAMES) + " more";
  }
}
