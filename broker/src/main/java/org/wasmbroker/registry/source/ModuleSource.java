package org.wasmbroker.registry.source;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/** A source of modules. Thread-safe. */
public interface ModuleSource extends AutoCloseable {
  /** The location, for messages. */
  String location();

  /** What tells it from other sources, over restarts too. */
  default String id() {
    return location();
  }

  /** Whether its artifacts come over a network, so that they are worth keeping on this machine. */
  default boolean isRemote() {
    return false;
  }

  /** Whose modules these are. */
  Origin origin();

  /**
   * The releases that it has now. May be slow, and is called without locks.
   *
   * @throws ModuleSourceException if it cannot be listed
   */
  List<Release> list();

  /**
   * What it offered when it was last listed, perhaps before the broker was started, without asking
   * it; empty if it does not remember.
   */
  default List<Release> known() {
    return List.of();
  }

  /**
   * The signature documents that there are now of a release that was fetched before.
   *
   * @param manifest the digest that they name
   * @throws ModuleSourceException if the source does not answer
   */
  default List<Document> signatures(ReleaseId id, Digest manifest) {
    return List.of();
  }

  /**
   * A release with exactly this module that the source offered once and still has, as a source of
   * only that; for steps that began with it, or name its digest. Empty if there is none.
   */
  default Optional<ModuleSource> former(String handler, Digest module) {
    return Optional.empty();
  }

  /**
   * Reads one module.
   *
   * @throws ModuleSourceException if it was removed, is unreadable, or does not match its digest
   */
  Artifact fetch(ReleaseId id);

  /**
   * What changes when the content of a release does, cheap to get: it is compared only with what
   * this source said of the same release before. Null if the source cannot tell, or if the content
   * cannot change.
   *
   * @throws ModuleSourceException if the source cannot be asked now
   */
  default @Nullable String fingerprint(ReleaseId id) {
    return null;
  }

  /**
   * What a release means in the source by now, such as a digest, if that is not what is used of it:
   * what it meant first. As far as that was noticed, without asking anybody; else null.
   */
  default @Nullable String change(ReleaseId id) {
    return null;
  }

  /** Ends what is under way, so that nobody waits for a source that does not answer. */
  @Override
  default void close() {}
}
