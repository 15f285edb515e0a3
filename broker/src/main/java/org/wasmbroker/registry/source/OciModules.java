package org.wasmbroker.registry.source;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.OciArtifacts.ModuleManifest;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.Version;

/**
 * One repository of an OCI registry: a handler, named by the last part of the repository's path,
 * whose versions are the tags that are semantic versions.
 *
 * <p>Anybody who may push can make a tag name something else. What a tag meant when it was first
 * seen is what its version means here, by digest; what it names now is looked up now and then, and
 * is the release's fingerprint.
 */
public final class OciModules implements ModuleSource {
  private static final Logger log = LoggerFactory.getLogger(OciModules.class);

  /** Older versions of a repository with thousands of them are not offered. */
  static final int MAX_VERSIONS = 200;

  /** What tags meant that are gone is forgotten then. */
  private static final int MAX_PINNED = 2000;

  /** However many ask, a registry is not listed more often. */
  private static final Duration MIN_LISTING_INTERVAL = Duration.ofSeconds(1);

  private static final Duration LOOK_UP_INTERVAL = Duration.ofMinutes(5);
  private static final int MAX_REPORTED = 1000;

  private final Repository repository;
  private final OciArtifacts artifacts;
  private final RegistryClient client;
  private final TimeSource time;

  /** What the versions meant when they were first seen. */
  private final Map<Version, Pinned> pinned = new ConcurrentHashMap<>();

  private final Set<String> reported = new HashSet<>(); // guarded by this
  private @Nullable Listing last; // guarded by this

  /**
   * The last listing.
   *
   * @param problem why there is none, or null
   * @param at on the monotonic clock
   */
  private record Listing(List<Release> releases, @Nullable String problem, long at) {}

  /** The manifest of a version, and what its tag names now as far as it was looked up. */
  private static final class Pinned {
    private final ModuleManifest manifest;
    private volatile Digest now;
    private volatile long lookedUp;

    Pinned(ModuleManifest manifest, long at) {
      this.manifest = manifest;
      this.now = manifest.digest();
      this.lookedUp = at;
    }
  }

  /**
   * @param client shared by all sources, whose close ends it
   * @param maxModuleBytes the size of the largest module that is fetched
   * @throws IllegalArgumentException if no handler can have the repository's name
   */
  public OciModules(
      Repository repository, RegistryClient client, int maxModuleBytes, TimeSource time) {
    requireHandler(repository);
    this.repository = repository;
    this.client = client;
    this.artifacts = new OciArtifacts(client, maxModuleBytes);
    this.time = time;
  }

  static void requireHandler(Repository repository) {
    if (!ModulePaths.isHandlerName(repository.lastName())) {
      throw new IllegalArgumentException(
          "the last part of a repository is its handler's name, of at most 64 of a-z, 0-9, '_' and"
              + " '-'; was '%s'".formatted(repository));
    }
  }

  @Override
  public String location() {
    return "oci://" + repository;
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public Origin origin() {
    return Origin.USER;
  }

  @Override
  public synchronized List<Release> list() {
    var known = last;
    if (known == null || time.nanos() - known.at() >= MIN_LISTING_INTERVAL.toNanos()) {
      known = listNow();
      last = known;
    }
    if (known.problem() != null) {
      throw new ModuleSourceException(known.problem(), null);
    }
    return known.releases();
  }

  private Listing listNow() {
    try {
      var versions = versions(client.tags(repository));
      if (pinned.size() > MAX_PINNED) {
        pinned.keySet().retainAll(versions);
      }
      var releases = versions.stream().flatMap(this::release).toList();
      return new Listing(releases, null, time.nanos());
    } catch (OciException failure) {
      return new Listing(List.of(), message(failure), time.nanos());
    }
  }

  /** The newest ones. */
  private List<Version> versions(List<String> tags) {
    var versions = new ArrayList<Version>();
    for (var tag : tags) {
      var version = OciArtifacts.version(tag);
      if (version != null) {
        versions.add(version);
      } else if (!tag.startsWith("sha256-")) {
        reportOnce(tag, "the tag is no semantic version such as 1.2.3, and not offered");
      }
    }
    versions.sort(Comparator.reverseOrder());
    if (versions.size() > MAX_VERSIONS) {
      reportOnce(
          "more than " + MAX_VERSIONS,
          "the repository has %d versions; the newest %d are offered"
              .formatted(versions.size(), MAX_VERSIONS));
      return versions.subList(0, MAX_VERSIONS);
    }
    return versions;
  }

  /** None if the registry has no usable manifest for it. */
  private Stream<Release> release(Version version) {
    try {
      var module = pinned(version).manifest.module().digest();
      return Stream.of(new Release(id(version), module, origin(), location(), null));
    } catch (OciException failure) {
      if (failure.isTransient() || failure.kind() == OciException.Kind.UNAUTHORIZED) {
        throw failure;
      }
      reportOnce(version.toString(), "the version cannot be used: " + failure.getMessage());
      return Stream.empty();
    }
  }

  private Pinned pinned(Version version) {
    var known = pinned.get(version);
    if (known != null) {
      return known;
    }
    var manifest = artifacts.manifest(Reference.of(repository, version.toString()));
    var seen = new Pinned(manifest, time.nanos());
    var first = pinned.putIfAbsent(version, seen);
    return first == null ? seen : first;
  }

  private ReleaseId id(Version version) {
    return new ReleaseId(repository.lastName(), version);
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    try {
      return artifacts.fetch(id, repository, pinned(id.version()).manifest);
    } catch (OciException failure) {
      throw new ModuleSourceException(message(failure), failure);
    }
  }

  @Override
  public List<Document> signatures(ReleaseId id, Digest manifest) {
    try {
      return artifacts.signatures(repository, manifest);
    } catch (OciException failure) {
      throw new ModuleSourceException(message(failure), failure);
    }
  }

  /** What the tag names now; looked up now and then, and as it was while the registry is silent. */
  @Override
  public @Nullable String fingerprint(ReleaseId id) {
    var known = pinned.get(id.version());
    if (known == null) {
      return null;
    }
    long now = time.nanos();
    if (now - known.lookedUp >= LOOK_UP_INTERVAL.toNanos()) {
      known.lookedUp = now;
      lookUp(id, known);
    }
    return Descriptor.text(known.now);
  }

  @Override
  public @Nullable String change(ReleaseId id) {
    var known = pinned.get(id.version());
    return known == null || known.now.equals(known.manifest.digest())
        ? null
        : Descriptor.text(known.now);
  }

  private void lookUp(ReleaseId id, Pinned known) {
    try {
      client
          .head(Reference.of(repository, id.version().toString()))
          .ifPresent(named -> known.now = named.digest());
    } catch (OciException failure) {
      log.debug("{} cannot be looked up in {}", id, location(), failure);
    }
  }

  private synchronized void reportOnce(String what, String message) {
    if (reported.size() < MAX_REPORTED && reported.add(what)) {
      log.atWarn()
          .addKeyValue("repository", location())
          .addKeyValue("tag", SafeText.sanitize(what, 128))
          .log(SafeText.sanitize(message, 500));
    }
  }

  private static String message(OciException failure) {
    return String.valueOf(failure.getMessage());
  }

  @Override
  public void close() {
    client.close();
  }
}
