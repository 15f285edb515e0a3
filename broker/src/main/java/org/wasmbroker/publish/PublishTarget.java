package org.wasmbroker.publish;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/** Where releases are published: a registry or a directory. Used by one thread. */
public interface PublishTarget extends AutoCloseable {
  /** The place of a release, for people and for other commands. */
  String location(ReleaseId id);

  /**
   * Whether a release can be put there.
   *
   * @return why not, and what to do; empty if it can
   */
  Optional<String> mismatch(ReleaseId id);

  /** The versions of a handler that are there. */
  List<Version> versions(String handler) throws IOException;

  /** A release that is there; empty if it is not. */
  Optional<Published> find(ReleaseId id) throws IOException;

  /**
   * Puts a release there, as a whole or not at all. The same content again changes nothing.
   *
   * @param progress is told each part
   * @throws PackageRefusedException if there is other content by now
   */
  void put(Publication publication, Consumer<String> progress) throws IOException;

  /** The signatures that a release has there. */
  List<Document> signatures(Publication publication) throws IOException;

  /** Adds signatures to a release that is there. */
  void sign(Publication publication, List<Document> signatures, Consumer<String> progress)
      throws IOException;

  @Override
  void close();

  /**
   * What is there.
   *
   * @param digest of its OCI manifest
   * @param manifest its {@code manifest.json}; empty if another tool put it there without one
   */
  record Published(Digest digest, Optional<Document> manifest) {}
}
