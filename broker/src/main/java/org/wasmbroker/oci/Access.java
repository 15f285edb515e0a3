package org.wasmbroker.oci;

/**
 * What a request does with a repository, for which the registry may want to know who asks.
 *
 * @param actions {@code pull} or {@code pull,push}
 */
record Access(Repository repository, String actions) {
  static Access pull(Repository repository) {
    return new Access(repository, "pull");
  }

  static Access push(Repository repository) {
    return new Access(repository, "pull,push");
  }

  /** As token servers name it. */
  String scope() {
    return repositoryScope() + actions;
  }

  String repositoryScope() {
    return "repository:" + repository.path() + ":";
  }
}
