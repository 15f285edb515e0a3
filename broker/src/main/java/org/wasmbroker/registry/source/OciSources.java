package org.wasmbroker.registry.source;

import java.util.List;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.Repository;

/**
 * The repositories of OCI registries that modules come from.
 *
 * @param repositories each of one handler
 * @param client how registries are reached, also by commands that publish
 */
public record OciSources(List<Repository> repositories, OciConfig client) {
  public static final OciSources NONE = new OciSources(List.of(), OciConfig.DEFAULTS);

  public OciSources {
    repositories = List.copyOf(repositories);
    repositories.forEach(OciModules::requireHandler);
  }

  /**
   * Reads the repository of a handler.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  public static Repository repository(String text) {
    var repository = Repository.parse(text);
    OciModules.requireHandler(repository);
    return repository;
  }
}
