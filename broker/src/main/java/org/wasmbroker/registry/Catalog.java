package org.wasmbroker.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Version;

/**
 * The modules that one listing of the sources found, under one policy, and the resolutions that
 * follow from them. Each reference is resolved once; after that it is a single lookup.
 */
final class Catalog {
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

  /** Those that have to be reloaded for a policy: broken ones, and those it grants more. */
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

  /** The same modules under another policy, some of them reloaded. */
  Catalog withPolicy(Policy next, Map<Candidate, Candidate> reloaded) {
    var updated = new HashMap<>(candidates);
    updated.replaceAll((entry, candidate) -> reloaded.getOrDefault(candidate, candidate));
    return new Catalog(updated, next);
  }

  @Nullable Candidate candidate(Entry entry) {
    return candidates.get(entry);
  }

  /** Sorted by handler, then by version, newest first. */
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
   * The newest usable version that matches the reference. Broken versions are skipped, so that a
   * new version that does not work leaves the old one in service; if all are broken, the newest one
   * gives the reason.
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
    // It was compiled for lower limits while the policy changed.
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
      return "handler '%s' has no version %s; available: %s"
          .formatted(ref.name(), ref.version(), Names.list(versions.descendingKeySet()));
    }
    return "no handler is named '%s'%s"
        .formatted(ref.name(), Names.suggest(ref.name(), handlers.keySet()));
  }
}
