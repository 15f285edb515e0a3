package org.wasmbroker.oci;

/** The annotations of the OCI image specification that are used here. */
public final class Annotations {
  public static final String TITLE = "org.opencontainers.image.title";
  public static final String VERSION = "org.opencontainers.image.version";

  private Annotations() {}
}
