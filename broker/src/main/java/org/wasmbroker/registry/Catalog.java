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
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Version;

/**
 * The modules that one listing of the sources found, under one policy, and the resolutions that
 * follow from them. Each reference is resolved once; after that it is a single lookup.
 */
final class Catalog {
  private final Map<ReleaseId, Candidate> candidates;
  private final Policy policy;
  private final NavigableMap<String, NavigableMap<Version, Candidate>> handlers = new TreeMap<>();
  private final ConcurrentHashMap<HandlerRef, Resolution> resolutions = new ConcurrentHashMap<>();

  Catalog(Map<ReleaseId, Candidate> candidates, Policy policy) {
    this.candidates = Map.copyOf(candidates);
    this.policy = policy;
    for (var candidate : candidates.values()) {
      handlers
          .computeIfAbsent(candidate.id().handler(), name -> new TreeMap<>())
          .put(candidate.id().version(), candidate);
    }
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
    updated.replaceAll((id, candidate) -> reloaded.getOrDefault(candidate, candidate));
    return new Catalog(updated, next);
  }

  @Nullable Candidate candidate(ReleaseId id) {
    return candidates.get(id);
  }

  /** Sorted by handler, then by version, newest first. */
  List<Candidate> all() {
    return handlers.values().stream()
        .flatMap(versions -> versions.descendingMap().values().stream())
        .toList();
  }

  boolean hasCandidates(Map<ReleaseId, Candidate> updated) {
    return candidates.equals(updated);
  }

  boolean hasHandler(String name) {
    return handlers.containsKey(name);
  }

  boolean serves(HandlerRef ref) {
    return !matching(ref).isEmpty();
  }

  /**
   * The resolution if no module has to be loaded for it, else null. A new version of a handler that
   * is in service is passed over until it is loaded.
   */
  @Nullable Resolution known(HandlerRef ref) {
    return known(ref, false);
  }

  /**
   * Like {@link #known}, but what is not known is reported as unknown, and a module that was
   * compiled for lower limits than the policy now grants has those.
   */
  Resolution current(HandlerRef ref) {
    var known = known(ref, true);
    return known == null ? new Resolution.Unknown(unknownMessage(ref)) : known;
  }

  private @Nullable Resolution known(HandlerRef ref, boolean withLowerLimits) {
    var resolved = resolutions.get(ref);
    if (resolved != null) {
      return resolved;
    }
    boolean passedOver = false;
    @Nullable Resolution firstFailure = null;
    for (var candidate : matching(ref)) {
      switch (candidate.resultIfLoaded()) {
        case null -> {
          if (!candidate.isUpgrade()) {
            return null;
          }
          passedOver = true;
        }
        case LoadResult.Broken(var problem, _, boolean byModule) -> {
          passedOver |= !byModule;
          firstFailure = firstFailure == null ? new Resolution.Refused(problem) : firstFailure;
        }
        case LoadResult.Usable usable -> {
          var grants = usable.manifest().grants(policy);
          boolean fits = usable.fits(grants.limits());
          if (!fits && !withLowerLimits) {
            return null;
          }
          var resolution = granted(usable, grants);
          if (fits && !passedOver) {
            resolutions.put(ref, resolution);
          }
          return resolution;
        }
      }
    }
    if (passedOver || firstFailure == null) {
      return null;
    }
    resolutions.put(ref, firstFailure);
    return firstFailure;
  }

  /**
   * The newest usable version that matches the reference. Broken versions are skipped, so that a
   * new version that does not work leaves the old one in service; if all are broken, the newest one
   * gives the reason. Loads what is not loaded yet.
   *
   * @throws EngineUnavailableException if the newest one could not be loaded for a reason other
   *     than the module, and no other is usable
   */
  Resolution resolve(HandlerRef ref) {
    var known = known(ref);
    return known == null ? loadAndResolve(ref) : known;
  }

  private Resolution loadAndResolve(HandlerRef ref) {
    LoadResult.@Nullable Broken firstFailure = null;
    for (var candidate : matching(ref)) {
      switch (candidate.load()) {
        case LoadResult.Usable usable -> {
          var resolution = granted(candidate, usable);
          resolutions.put(ref, resolution);
          return resolution;
        }
        case LoadResult.Broken broken ->
            firstFailure = firstFailure == null ? broken : firstFailure;
      }
    }
    if (firstFailure == null) {
      return new Resolution.Unknown(unknownMessage(ref));
    }
    if (!firstFailure.byModule()) {
      throw new EngineUnavailableException(firstFailure.problem(), null);
    }
    var refused = new Resolution.Refused(firstFailure.problem());
    resolutions.put(ref, refused);
    return refused;
  }

  private Resolution granted(Candidate candidate, LoadResult.Usable usable) {
    var grants = usable.manifest().grants(policy);
    if (usable.fits(grants.limits())) {
      return granted(usable, grants);
    }
    // It was compiled for lower limits while the policy changed.
    return switch (candidate.retry().load()) {
      case LoadResult.Broken _ -> granted(usable, grants);
      case LoadResult.Usable fresh -> granted(fresh, grants);
    };
  }

  /** With no higher limits than the module was compiled for. */
  private static Resolution.Resolved granted(LoadResult.Usable usable, Grants grants) {
    var allowed =
        usable.fits(grants.limits())
            ? grants
            : grants.withLimits(clamp(grants, usable.compiledFor()));
    return new Resolution.Resolved(
        usable.id(), usable.module(), allowed, usable.manifest().outputSchema());
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
    return versions.descendingMap().entrySet().stream()
        .filter(version -> Selectors.includes(ref, version.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private String unknownMessage(HandlerRef ref) {
    var versions = handlers.get(ref.name());
    if (versions != null) {
      return "handler '%s' has no version %s; available: %s"
          .formatted(ref.name(), ref.selector(), Names.list(versions.descendingKeySet()));
    }
    return "no handler is named '%s'%s"
        .formatted(ref.name(), Names.suggest(ref.name(), handlers.keySet()));
  }
}
