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
  private static final int NAMED_AT_MOST = 20;

  private final Map<Entry, Candidate> candidates;
  private final Policy policy;
  private final NavigableMap<String, NavigableMap<Version, Candidate>> handlers = new TreeMap<>();
  private final ConcurrentHashMap<HandlerRef, Resolution> answers = new ConcurrentHashMap<>();

  Catalog(Map<Entry, Candidate> candidates, Policy policy) {
    this.candidates = Map.copyOf(candidates);
    this.policy = policy;
    for (var candidate : candidates.values()) {
      handlers
          .computeIfAbsent(candidate.entry().handler(), name -> new TreeMap<>())
          .put(candidate.entry().version(), candidate);
    }
  }

  @Nullable Resolution known(HandlerRef ref) {
    return answers.get(ref);
  }

  Policy policy() {
    return policy;
  }

  /** Those that this policy makes worth another try: broken ones, and those it gives more. */
  List<Candidate> toBeTriedAgain(Policy next) {
    return candidates.values().stream()
        .filter(
            candidate ->
                switch (candidate.loadedSoFar()) {
                  case null -> false;
                  case Loaded.Broken _ -> true;
                  case Loaded.Usable usable ->
                      !usable.fits(usable.manifest().grants(next).limits());
                })
        .toList();
  }

  /** The same modules under another policy, some of them tried again. */
  Catalog with(Policy next, Map<Candidate, Candidate> again) {
    var others = new HashMap<>(candidates);
    others.replaceAll((entry, candidate) -> again.getOrDefault(candidate, candidate));
    return new Catalog(others, next);
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
      var resolution = resolution(candidate);
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

  private Resolution resolution(Candidate candidate) {
    return switch (candidate.load()) {
      case Loaded.Broken(var problem, _) -> new Resolution.Refused(problem);
      case Loaded.Usable usable -> granted(candidate, usable);
    };
  }

  private Resolution granted(Candidate candidate, Loaded.Usable usable) {
    var grants = usable.manifest().grants(policy);
    if (usable.fits(grants.limits())) {
      return new Resolution.Resolved(
          usable.id(), usable.module(), grants, usable.manifest().outputSchema());
    }
    // It was being compiled for less while the policy changed.
    return switch (candidate.again().load()) {
      case Loaded.Broken(var problem, _) -> new Resolution.Refused(problem);
      case Loaded.Usable(var manifest, var id, var module, var compiledFor) ->
          new Resolution.Resolved(
              id, module, grants.withLimits(within(grants, compiledFor)), manifest.outputSchema());
    };
  }

  private static Limits within(Grants grants, Limits compiledFor) {
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
