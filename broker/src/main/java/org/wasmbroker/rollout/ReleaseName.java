package org.wasmbroker.rollout;

/** A version of a handler, as text; what rollbacks are about. */
public record ReleaseName(String handler, String version) implements Comparable<ReleaseName> {
  @Override
  public int compareTo(ReleaseName other) {
    int byHandler = handler.compareTo(other.handler);
    return byHandler == 0 ? version.compareTo(other.version) : byHandler;
  }

  @Override
  public String toString() {
    return handler + "@" + version;
  }
}
