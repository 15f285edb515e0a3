package org.wasmbroker.registry.source;

import java.util.List;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;

/** A source of modules. Thread-safe. */
public interface ModuleSource {
  /** The location, for messages. */
  String location();

  /** Whose modules these are. */
  Origin origin();

  /**
   * The releases that it has now. May be slow, and is called without locks.
   *
   * @throws ModuleSourceException if it cannot be listed
   */
  List<Release> list();

  /**
   * Reads one module.
   *
   * @throws ModuleSourceException if it was removed, is unreadable, or does not match its digest
   */
  Artifact fetch(ReleaseId id);
}
