package org.wasmbroker.registry;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.load.Candidate;
import org.wasmbroker.registry.load.LoadResult;
import org.wasmbroker.registry.load.ReleaseLoader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;
import org.wasmbroker.step.Version;

/**
 * The releases in service at one time, under one policy, and the resolutions that follow from them.
 * Each reference is resolved once; after that it is a single lookup.
 */
final class Catalog {
  private static final int MAX_RESOLUTIONS = 10_000;

  private final Map<ReleaseId, Candidate> candidates;
  private final Services services;
  private final Policy policy;
  private final NavigableMap<String, NavigableMap<Version, Candidate>> handlers = new TreeMap<>();
  private final ConcurrentHashMap<HandlerRef, Resolution> resolutions = new ConcurrentHashMap<>();
  private final Set<HandlerRef> unmatched = ConcurrentHashMap.newKeySet();

  /**
   * What all catalogs of a registry share.
   *
   * @param wanted has a candidate loaded soon
   * @param outgrown has one compiled anew for the limits of the policy in force
   */
  record Services(
      ReleaseLoader loader,
      Retired retired,
      Consumer<Candidate> wanted,
      Consumer<Candidate> outgrown) {}

  Catalog(Map<ReleaseId, Candidate> candidates, Policy policy, Services services) {
    this.candidates = Map.copyOf(candidates);
    this.policy = policy;
    this.services = services;
    for (var candidate : candidates.values()) {
      handlers
          .computeIfAbsent(candidate.id().handler(), name -> new TreeMap<>())
          .put(candidate.id().version(), candidate);
    }
  }

  Policy policy() {
    return policy;
  }

  Map<ReleaseId, Candidate> candidates() {
    return candidates;
  }

  /** Sorted by handler, then by version, newest first. */
  List<Candidate> all() {
    return handlers.values().stream()
        .flatMap(versions -> versions.descendingMap().values().stream())
        .toList();
  }

  boolean hasHandler(String name) {
    return handlers.containsKey(name);
  }

  boolean serves(HandlerRef ref) {
    return !matching(ref).isEmpty();
  }

  /** The newest release that the reference may get. */
  Optional<Candidate> newest(HandlerRef ref) {
    return matching(ref).stream().findFirst();
  }

  /**
   * Whether it is worth loading before a step asks for it: everything that is on this machine, and
   * what a reference without a version gets of a registry that may have thousands.
   */
  boolean isLikelyNeeded(Candidate candidate) {
    return !candidate.source().isRemote()
        || newest(new HandlerRef(candidate.id().handler(), null)).orElse(null) == candidate;
  }

  /**
   * The resolution if no module has to be loaded for it, else null. A new version of a handler that
   * is in service is passed over until it is loaded.
   */
  @Nullable Resolution known(HandlerRef ref) {
    var resolved = resolutions.get(ref);
    if (resolved != null) {
      return resolved;
    }
    return unmatched.contains(ref) ? null : known(ref, false);
  }

  /**
   * Like {@link #known}, but what is not known is reported as unknown, and a module that was
   * compiled for lower limits than the policy now grants has those.
   */
  Resolution current(HandlerRef ref) {
    var resolved = resolutions.get(ref);
    var known = resolved == null ? known(ref, true) : resolved;
    return known == null ? new Resolution.Unknown(unknownMessage(ref)) : known;
  }

  private @Nullable Resolution known(HandlerRef ref, boolean withLowerLimits) {
    boolean passedOver = false;
    @Nullable Resolution firstFailure = null;
    var matching = matching(ref);
    if (matching.isEmpty() && !isExact(ref) && unmatched.size() < MAX_RESOLUTIONS) {
      unmatched.add(ref); // a rollout may ask for it at every step
    }
    for (var candidate : matching) {
      switch (candidate.resultIfLoaded()) {
        case null -> {
          if (!candidate.isUpgrade()) {
            return null;
          }
          passedOver = true;
          services.wanted().accept(candidate);
        }
        case LoadResult.Broken broken -> {
          passedOver |= broken.mayPass();
          firstFailure = firstFailure == null ? refused(broken) : firstFailure;
        }
        case LoadResult.Usable usable -> {
          var grants = usable.manifest().grants(policy);
          boolean fits = services.loader().fits(usable, grants);
          if (!fits && !withLowerLimits) {
            return null;
          }
          var resolution = granted(usable, grants);
          if (fits && !passedOver) {
            remember(ref, resolution);
          }
          return resolution;
        }
      }
    }
    if (passedOver || firstFailure == null) {
      return null;
    }
    remember(ref, firstFailure);
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
    if (known != null) {
      return known;
    }
    if (Selector.of(ref.selector()) instanceof Selector.Exact(Digest module)) {
      loadUntilFound(ref.name(), module);
    }
    return loadAndResolve(ref);
  }

  /** Some sources tell the digest of a module only when it is fetched. */
  private void loadUntilFound(String handler, Digest module) {
    for (var candidate : versions(handler).descendingMap().values()) {
      if (find(handler, module) != null) {
        return;
      }
      if (candidate.digest() == null) {
        var _ = candidate.load();
      }
    }
  }

  private Resolution loadAndResolve(HandlerRef ref) {
    LoadResult.@Nullable Broken firstFailure = null;
    for (var candidate : matching(ref)) {
      switch (candidate.load()) {
        case LoadResult.Usable usable -> {
          var resolution = granted(candidate, usable);
          remember(ref, resolution);
          return resolution;
        }
        case LoadResult.Broken broken ->
            firstFailure = firstFailure == null ? broken : firstFailure;
      }
    }
    if (firstFailure == null) {
      return new Resolution.Unknown(unknownMessage(ref));
    }
    if (firstFailure.mayPass()) {
      throw new EngineUnavailableException(firstFailure.problem(), null);
    }
    var refused = refused(firstFailure);
    remember(ref, refused);
    return refused;
  }

  /** There are more ways to write a reference than memory for them. */
  private void remember(HandlerRef ref, Resolution resolution) {
    if (resolutions.size() < MAX_RESOLUTIONS) {
      resolutions.put(ref, resolution);
    }
  }

  static Resolution refused(LoadResult.Broken broken) {
    var reason =
        switch (broken.fault()) {
          case MODULE, ENVIRONMENT -> Resolution.Reason.UNUSABLE;
          case TRUST -> Resolution.Reason.UNTRUSTED;
          case APPROVAL -> Resolution.Reason.AWAITING_APPROVAL;
        };
    return new Resolution.Refused(reason, broken.problem());
  }

  private Resolution granted(Candidate candidate, LoadResult.Usable usable) {
    var grants = usable.manifest().grants(policy);
    if (services.loader().fits(usable, grants)) {
      return granted(usable, grants);
    }
    services.outgrown().accept(candidate); // it was compiled while the policy changed
    return granted(usable, grants);
  }

  /** With no higher limits than the module was compiled for. */
  private Resolution.Resolved granted(LoadResult.Usable usable, Grants grants) {
    var allowed =
        services.loader().fits(usable, grants)
            ? grants
            : grants.withLimits(clamp(grants, usable.compiledFor()));
    return new Resolution.Resolved(
        usable.id(), usable.lease().module(), allowed, usable.manifest().outputSchema());
  }

  private static Limits clamp(Grants grants, Limits compiledFor) {
    var limits = grants.limits();
    return limits
        .withMemoryBytes(Math.min(limits.memoryBytes(), compiledFor.memoryBytes()))
        .with(
            LimitKind.TABLE_ELEMENTS,
            Math.min(limits.tableElements(), compiledFor.tableElements()));
  }

  /** By a digest, which may become known without another catalog. */
  static boolean isExact(HandlerRef ref) {
    return ref.selector() != null && ref.selector().startsWith(Selector.DIGEST);
  }

  /** The digest that a reference names, or null. */
  static @Nullable Digest exactly(HandlerRef ref) {
    return isExact(ref) && Selector.of(ref.selector()) instanceof Selector.Exact(Digest module)
        ? module
        : null;
  }

  /** What the reference may get, the newest first; a channel is the router's matter. */
  private List<Candidate> matching(HandlerRef ref) {
    var selector = Selector.of(ref.selector());
    if (selector instanceof Selector.Exact(Digest module)) {
      var found = find(ref.name(), module);
      return found == null ? List.of() : List.of(found);
    }
    return versions(ref.name()).descendingMap().entrySet().stream()
        .filter(version -> selector.selects(version.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private NavigableMap<Version, Candidate> versions(String handler) {
    return handlers.getOrDefault(handler, Collections.emptyNavigableMap());
  }

  /** The newest version with these bytes; one that left service serves those that ask for it. */
  private @Nullable Candidate find(String handler, Digest module) {
    return versions(handler).descendingMap().values().stream()
        .filter(candidate -> module.equals(candidate.digest()))
        .findFirst()
        .orElseGet(() -> services.retired().find(handler, module));
  }

  private String unknownMessage(HandlerRef ref) {
    var versions = handlers.get(ref.name());
    if (versions == null) {
      return "no handler is named '%s'%s"
          .formatted(ref.name(), Names.suggest(ref.name(), handlers.keySet()));
    }
    return ref.selector() == null
        ? "handler '%s' has pre-releases only, which a reference must name; available: %s"
            .formatted(ref.name(), Names.list(versions.descendingKeySet()))
        : "handler '%s' has no version %s; available: %s"
            .formatted(ref.name(), ref.selector(), Names.list(versions.descendingKeySet()));
  }
}
