package org.wasmbroker.oci;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.FileEntity;

/**
 * The content of a blob that is uploaded.
 *
 * @param entity makes the request's body, anew for each attempt
 */
record BlobContent(Supplier<HttpEntity> entity) {
  static BlobContent of(byte[] bytes) {
    return new BlobContent(() -> new ByteArrayEntity(bytes, ContentType.APPLICATION_OCTET_STREAM));
  }

  static BlobContent of(Path file) {
    return new BlobContent(
        () -> new FileEntity(file.toFile(), ContentType.APPLICATION_OCTET_STREAM));
  }
}
