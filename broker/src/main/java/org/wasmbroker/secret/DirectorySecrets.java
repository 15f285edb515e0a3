package org.wasmbroker.secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.step.TimeSource;

/**
 * The files of a directory, one per secret, as mounted by Kubernetes, Docker, a Vault agent or a
 * CSI driver. One trailing line break is not part of the value.
 *
 * <p>A file's content is cached for a short time and then read again, whatever its timestamp says:
 * mounts swap a directory link, agents overwrite a file within the same second. A rotated value is
 * thus used after that time at the latest, and a value that nobody asks for is not kept beyond the
 * next lookup.
 *
 * <p>A link must stay inside the directory, as those of Kubernetes do. A name cannot lead out of it
 * either: it has no slashes and does not begin with a dot.
 */
public final class DirectorySecrets implements SecretSource {
  private final Path root;
  private final Duration refresh;
  private final TimeSource time;
  private final ConcurrentHashMap<SecretName, CachedValue> cache = new ConcurrentHashMap<>();

  private record CachedValue(SecretValue value, long readAt) {}

  /**
   * @param refresh how long a file's content is cached; zero reads it each time
   */
  public DirectorySecrets(Path root, Duration refresh, TimeSource time) {
    this.root = root.toAbsolutePath().normalize();
    this.refresh = refresh;
    this.time = time;
  }

  @Override
  public String location() {
    return "directory " + root;
  }

  @Override
  public @Nullable SecretValue find(SecretName name) {
    long now = time.nanos();
    cache.values().removeIf(each -> now - each.readAt >= refresh.toNanos());
    var cached = cache.get(name);
    if (cached != null) {
      return cached.value.copy();
    }
    var read = read(name);
    if (read != null && refresh.isPositive()) {
      cache.put(name, new CachedValue(read.copy(), now));
    }
    return read;
  }

  private @Nullable SecretValue read(SecretName name) {
    var file = root.resolve(name.text());
    try {
      var real = file.toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw unusable(file, "is a link out of the directory; put the file itself there", null);
      }
      if (!Files.isRegularFile(real)) {
        throw unusable(file, "is not a regular file", null);
      }
      return SecretValue.of(stripLineEnd(readContent(real, file)));
    } catch (NoSuchFileException | NotDirectoryException none) {
      return null;
    } catch (IOException failure) {
      throw unusable(file, "cannot be read: " + failure.getClass().getSimpleName(), failure);
    }
  }

  /** Reads a bounded number of bytes, whatever size the file claims to have. */
  private static byte[] readContent(Path real, Path file) throws IOException {
    try (var stream = Files.newInputStream(real)) {
      var bytes = stream.readNBytes(MAX_BYTES + 2);
      if (stripLineEnd(bytes).length > MAX_BYTES) {
        Arrays.fill(bytes, (byte) 0);
        throw unusable(
            file, "has more than " + MAX_BYTES + " bytes, the maximum size of a secret", null);
      }
      return bytes;
    }
  }

  private static byte[] stripLineEnd(byte[] bytes) {
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\n') {
      length -= length > 1 && bytes[length - 2] == '\r' ? 2 : 1;
    }
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  private static SecretUnavailableException unusable(
      Path file, String why, @Nullable Throwable cause) {
    return new SecretUnavailableException("the file " + file + " " + why, cause);
  }
}
