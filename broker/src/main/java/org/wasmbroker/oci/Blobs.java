package org.wasmbroker.oci;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Digest;

/** The blobs of a repository. */
record Blobs(Place place) {
  private static final int MAX_INITIAL_CAPACITY = 1 << 20;

  byte[] get(Descriptor blob, int maxBytes) {
    var what = what(blob.digest());
    if (blob.size() > maxBytes) {
      throw new OciException(
          Kind.TOO_LARGE,
          "%s has %d bytes by its manifest; at most %d are allowed"
              .formatted(what, blob.size(), maxBytes));
    }
    return place.repeated(once -> get(once, what, blob));
  }

  private static byte[] get(Place once, String what, Descriptor blob) {
    try (var answer = once.pull(once.transfer("GET", once.url(path(blob.digest()))))) {
      if (answer.status() != 200) {
        throw RegistryErrors.of(what + " cannot be read", answer);
      }
      return checked(what, blob, answer);
    }
  }

  private static byte[] checked(String what, Descriptor blob, Answer answer) {
    var bytes = new ByteArrayOutputStream((int) Math.min(blob.size(), MAX_INITIAL_CAPACITY));
    var hash = sha256();
    answer.copy(
        what,
        blob.size(),
        (buffer, offset, length) -> {
          bytes.write(buffer, offset, length);
          hash.update(buffer, offset, length);
        });
    var actual = new Digest(HexFormat.of().formatHex(hash.digest()));
    if (!actual.equals(blob.digest())) {
      throw new OciException(
          Kind.DIGEST_MISMATCH,
          "%s: the registry sent %d other bytes, whose digest is %s; they are not used"
              .formatted(what, bytes.size(), Descriptor.text(actual)));
    }
    return bytes.toByteArray();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  boolean exists(Digest digest) {
    try (var answer = place.push(place.request("HEAD", path(digest)))) {
      return switch (answer.status()) {
        case 200 -> true;
        case 404 -> false;
        default -> throw RegistryErrors.of(what(digest) + " cannot be looked up", answer);
      };
    }
  }

  private static String path(Digest digest) {
    return "blobs/" + Descriptor.text(digest);
  }

  private String what(Digest digest) {
    return "the blob %s@%s".formatted(place.repository(), Descriptor.text(digest));
  }
}
