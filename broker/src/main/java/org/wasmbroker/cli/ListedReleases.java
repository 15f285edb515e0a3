package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;
import org.wasmbroker.step.Version;

/** The releases in the configured sources, each of the first source that has it. */
final class ListedReleases {
  private final Map<ReleaseId, ModuleSource> sources = new LinkedHashMap<>();
  private final Map<ReleaseId, Release> releases = new LinkedHashMap<>();

  private final List<String> problems = new ArrayList<>();

  private ListedReleases(List<ModuleSource> all) {
    for (var source : all) {
      try {
        for (var release : source.list()) {
          if (sources.putIfAbsent(release.id(), source) == null) {
            releases.put(release.id(), release);
          }
        }
      } catch (ModuleSourceException unreadable) {
        problems.add(String.valueOf(unreadable.getMessage()));
      }
    }
  }

  /**
   * Lists the sources; nothing is compiled.
   *
   * @param all in the order of precedence
   */
  static ListedReleases of(List<ModuleSource> all) {
    return new ListedReleases(all);
  }

  /**
   * Those that the broker does not come with.
   *
   * @param all in the order of precedence
   */
  static ListedReleases ofUsers(List<ModuleSource> all) {
    var listed =
        new ListedReleases(all.stream().filter(source -> source.origin() == Origin.USER).toList());
    if (!listed.problems.isEmpty()) {
      throw new UnavailableException(String.join("; ", listed.problems));
    }
    return listed;
  }

  /** Why some sources could not be listed. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** By handler, the newest version first. */
  List<Release> sorted() {
    return releases.values().stream()
        .sorted(
            Comparator.comparing((Release release) -> release.id().handler())
                .thenComparing(release -> release.id().version(), Comparator.reverseOrder()))
        .toList();
  }

  /** What it means in its source by now, if that is not what brokers use of it; else null. */
  @Nullable String change(Release release) {
    var source = sources.get(release.id());
    return source == null ? null : source.change(release.id());
  }

  /** Whether its content can be read without a network. */
  boolean isLocal(Release release) {
    var source = sources.get(release.id());
    return source != null && !source.isRemote();
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

  /** The newest of those that a person named, releases before pre-releases; only it is fetched. */
  Optional<Found> newest(String text) {
    if (text.startsWith(Selector.DIGEST)) {
      return named(text).stream().findFirst();
    }
    var ref = HandlerArgument.parse(text);
    return switch (Selector.of(ref.selector())) {
      case Selector.Newest _ -> newest(ref, _ -> true);
      case Selector.Range(var versions) -> newest(ref, versions::includes);
      case Selector.Exact _ -> named(text).stream().findFirst();
      case Selector.Channel _ -> throw channel(ref);
    };
  }

  private Optional<Found> newest(HandlerRef ref, Predicate<Version> wanted) {
    return releases.values().stream()
        .filter(release -> release.id().handler().equals(ref.name()))
        .filter(release -> wanted.test(release.id().version()))
        .max(
            Comparator.comparing((Release release) -> !release.id().version().isPreRelease())
                .thenComparing(release -> release.id().version()))
        .map(this::fetch);
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

  /** Reads its content. */
  Found fetch(Release release) {
    var id = release.id();
    var source = sources.get(id);
    if (source == null) {
      throw new IllegalStateException("a release without a source: " + id);
    }
    var artifact = source.fetch(id);
    return new Found(release, artifact, TrustPolicy.approvalDigest(id, artifact.evidence()));
  }
}
