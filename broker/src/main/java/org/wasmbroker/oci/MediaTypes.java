package org.wasmbroker.oci;

/** The media types of manifests. */
public final class MediaTypes {
  public static final String IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String IMAGE_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /** The config of an artifact that has none; its bytes are {@code {}}. */
  public static final String EMPTY = "application/vnd.oci.empty.v1+json";

  private MediaTypes() {}
}
