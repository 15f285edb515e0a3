package org.wasmbroker.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.registry.index.Offer;
import org.wasmbroker.registry.load.Candidate;
import org.wasmbroker.registry.load.LoadResult;
import org.wasmbroker.registry.load.ReleaseLoader;
import org.wasmbroker.registry.release.ReleaseId;

/**
 * What follows for the candidates in service from what the sources offer now and from the
 * replacements that were loaded for some of them.
 */
final class ServiceUpdate {
  private final Map<ReleaseId, Candidate> current;
  private final Map<ReleaseId, Candidate> replacements;
  private final Map<ReleaseId, Candidate> next = new LinkedHashMap<>();
  private final List<Candidate> added = new ArrayList<>();

  /**
   * @param replacements to be loaded or loaded; those that are decided are removed
   */
  ServiceUpdate(
      Map<ReleaseId, Offer> offers,
      Catalog catalog,
      Map<ReleaseId, Candidate> replacements,
      ReleaseLoader loader) {
    this.current = catalog.candidates();
    this.replacements = replacements;
    replacements.keySet().retainAll(offers.keySet());
    for (var offer : offers.values()) {
      var candidate = current.get(offer.id());
      if (candidate == null) {
        candidate = new Candidate(offer, loader);
        if (catalog.hasHandler(offer.id().handler())) {
          candidate.markUpgrade();
        }
        added.add(candidate);
      } else {
        candidate = replaced(candidate, offer, loader);
      }
      next.put(offer.id(), candidate);
    }
  }

  /** What is in service stays until its replacement is loaded. */
  private Candidate replaced(Candidate candidate, Offer offer, ReleaseLoader loader) {
    if (!candidate.isFrom(offer.source())) {
      var replacement = replacements.get(offer.id());
      if (replacement == null || !replacement.isFrom(offer.source())) {
        replacements.put(offer.id(), new Candidate(offer, loader));
      }
    }
    var replacement = replacements.get(offer.id());
    if (replacement == null || replacement.resultIfLoaded() == null) {
      return candidate;
    }
    replacements.remove(offer.id());
    return isBetter(replacement, candidate) ? replacement : candidate;
  }

  private static boolean isBetter(Candidate replacement, Candidate candidate) {
    if (!replacement.isFrom(candidate.source())
        || replacement.resultIfLoaded() instanceof LoadResult.Usable) {
      return true;
    }
    var problem = candidate.problem();
    return problem != null && !problem.equals(replacement.problem());
  }

  Map<ReleaseId, Candidate> next() {
    return next;
  }

  boolean isChange() {
    return !next.equals(current);
  }

  /** Those that were not known before. */
  List<Candidate> added() {
    return added;
  }

  /** Those that serve no new steps any more. */
  List<Candidate> ended() {
    var ended = new HashMap<>(current);
    ended.values().removeAll(next.values());
    return List.copyOf(ended.values());
  }

  boolean isRemoved(Candidate candidate) {
    return !next.containsKey(candidate.id());
  }
}
