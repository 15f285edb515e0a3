package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;

/** The releases in the configured sources that the broker does not come with. */
final class UserReleases {
  private final Map<ReleaseId, ModuleSource> sources = new LinkedHashMap<>();
  private final Map<ReleaseId, Release> releases = new LinkedHashMap<>();

  /**
   * Lists the sources; nothing is compiled.
   *
   * @param all in the order of precedence
   */
  UserReleases(List<ModuleSource> all) {
    for (var source : all) {
      if (source.origin() == Origin.USER) {
        for (var release : source.list()) {
          if (sources.putIfAbsent(release.id(), source) == null) {
            releases.put(release.id(), release);
          }
        }
      }
    }
  }

  /**
   * One of them with its content.
   *
   * @param digest what an approval of it names
   */
  record Found(Release release, Artifact artifact, Digest digest) {
    boolean isNamed(Digest wanted) {
      return digest.equals(wanted) || artifact.wasm().digest().equals(wanted);
    }
  }

  /**
   * Those that a person named.
   *
   * @param text {@code handler}, {@code handler@version} or {@code sha256:…}, which is the digest
   *     of the release or of its module
   */
  List<Found> named(String text) {
    if (text.startsWith(Selector.DIGEST)) {
      var wanted = digest(text.substring(Selector.DIGEST.length()));
      return fetch(_ -> true).stream().filter(found -> found.isNamed(wanted)).toList();
    }
    var ref = HandlerArgument.parse(text);
    Predicate<ReleaseId> sameName = id -> id.handler().equals(ref.name());
    return switch (Selector.of(ref.selector())) {
      case Selector.Newest _ -> fetch(sameName);
      case Selector.Range(var versions) ->
          fetch(sameName.and(id -> versions.includes(id.version())));
      case Selector.Exact(var module) ->
          fetch(sameName).stream().filter(found -> found.isNamed(module)).toList();
      case Selector.Channel _ -> throw channel(ref);
    };
  }

  List<Found> all() {
    return fetch(_ -> true);
  }

  private static UsageException channel(HandlerRef ref) {
    return new UsageException(
        ref + " names a channel, whose release changes; name a version or a digest");
  }

  private static Digest digest(String hex) {
    try {
      return new Digest(hex);
    } catch (IllegalArgumentException invalid) {
      throw new UsageException(String.valueOf(invalid.getMessage()));
    }
  }

  private List<Found> fetch(Predicate<ReleaseId> wanted) {
    return releases.values().stream()
        .filter(release -> wanted.test(release.id()))
        .map(this::fetch)
        .toList();
  }

  private Found fetch(Release release) {
    var id = release.id();
    var source = sources.get(id);
    if (source == null) {
      throw new IllegalStateException("a release without a source: " + id);
    }
    var artifact = source.fetch(id);
    return new Found(release, artifact, TrustPolicy.approvalDigest(id, artifact.evidence()));
  }
}
