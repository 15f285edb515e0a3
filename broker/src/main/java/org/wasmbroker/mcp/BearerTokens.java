package org.wasmbroker.mcp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.Digest;

/**
 * The tokens that clients may present, from a file that is read again when it changes. If it cannot
 * be read, those that were read before stay. Thread-safe.
 */
final class BearerTokens {
  private static final Logger log = LoggerFactory.getLogger(BearerTokens.class);
  private static final int MIN_LENGTH = 16;
  private static final String SCHEME = "bearer ";

  /** Whom a client acts for where no token is asked for. */
  private static final String ANYBODY = "";

  private final @Nullable Path file;
  private @Nullable FileTime read; // guarded by this
  private List<String> accepted = List.of(); // guarded by this; digests

  /**
   * @param file null to ask for no token
   * @throws IllegalArgumentException if the file cannot be read or has no token
   */
  BearerTokens(@Nullable Path file) {
    this.file = file;
    if (file != null) {
      try {
        read = Files.getLastModifiedTime(file);
        accepted = digests(file);
      } catch (IOException unreadable) {
        throw new IllegalArgumentException(
            "mcp.token-file cannot be read: " + unreadable.getMessage(), unreadable);
      }
    }
  }

  boolean areAskedFor() {
    return file != null;
  }

  /**
   * Whom a request acts for: the digest of its token.
   *
   * @param authorization the header, or null
   * @return empty if it has no token that is accepted
   */
  Optional<String> owner(@Nullable String authorization) {
    if (file == null) {
      return Optional.of(ANYBODY);
    }
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    var digest = digest(authorization.substring(SCHEME.length()).strip());
    return current(file).contains(digest) ? Optional.of(digest) : Optional.empty();
  }

  private synchronized List<String> current(Path from) {
    try {
      var changed = Files.getLastModifiedTime(from);
      if (!changed.equals(read)) {
        accepted = digests(from);
        read = changed;
        log.info("the tokens of MCP clients were read again: {}", accepted.size());
      }
    } catch (IOException | IllegalArgumentException unusable) {
      log.warn("the file of the tokens of MCP clients is unusable: {}", unusable.getMessage());
    }
    return accepted;
  }

  private static List<String> digests(Path from) throws IOException {
    var digests = new ArrayList<String>();
    for (var line : Files.readAllLines(from, StandardCharsets.UTF_8)) {
      var token = line.strip();
      if (!token.isEmpty() && token.length() < MIN_LENGTH) {
        throw new IllegalArgumentException(
            "mcp.token-file has a token of less than %d characters".formatted(MIN_LENGTH));
      }
      if (!token.isEmpty()) {
        digests.add(digest(token));
      }
    }
    if (digests.isEmpty()) {
      throw new IllegalArgumentException("mcp.token-file has no token");
    }
    return List.copyOf(digests);
  }

  /** Comparing digests tells nothing of a token by the time that it takes. */
  private static String digest(String token) {
    return Digest.of(token.getBytes(StandardCharsets.UTF_8)).hex();
  }
}
