package org.wasmbroker.oci;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.step.SafeText;

/**
 * A program {@code docker-credential-…} of the search path that keeps credentials, as Docker's file
 * names it. It has half a minute, and its output a limit; nothing of its output is shown.
 *
 * @param file that names it, for messages
 */
record CredentialHelper(String name, String file, Map<String, String> environment) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MAX_OUTPUT = 64 << 10;
  private static final String IDENTITY_TOKEN = "<token>";
  private static final DocumentReader READER =
      new DocumentReader(Syntax.JSON, MAX_OUTPUT, 8).withoutPositions();

  /** Empty if it has none for that server. */
  Optional<Credentials> get(String server) {
    if (!NAME.matcher(name).matches()) {
      throw failed("its name is not valid", null);
    }
    try {
      return read(run(server));
    } catch (IOException failure) {
      throw failed("it cannot be started, or its output not be read", failure);
    }
  }

  /** Its output; empty if it ended with an error, which it does for a server without any. */
  private byte[] run(String server) throws IOException {
    var builder =
        new ProcessBuilder(program().toString(), "get")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(environment);
    var process = builder.start();
    var limit =
        Thread.startVirtualThread(
            () -> {
              try {
                if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException over) {
                process.destroyForcibly();
              }
            });
    try (var out = process.getInputStream()) {
      try (var in = process.getOutputStream()) {
        in.write(server.getBytes(StandardCharsets.UTF_8));
      } catch (IOException unread) {
        // it ended without reading, and its exit code says why
      }
      var output = out.readNBytes(MAX_OUTPUT + 1);
      int code = process.waitFor();
      if (code > 128) {
        throw failed("it was killed, or did not end within " + LIMIT.toSeconds() + " s", null);
      }
      return code == 0 ? output : new byte[0];
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failed("the wait for it was interrupted", interrupted);
    } finally {
      limit.interrupt();
    }
  }

  private Path program() {
    var path = environment.getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .filter(directory -> !directory.isBlank())
        .map(directory -> Path.of(directory, "docker-credential-" + name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> failed("it is not in the PATH", null));
  }

  private Optional<Credentials> read(byte[] output) {
    if (output.length == 0) {
      return Optional.empty();
    }
    var document = READER.read("", output);
    if (document.hasProblems()) {
      throw failed("its output is not the JSON that is expected", null);
    }
    var root = document.object();
    var user = root.string("Username");
    var secret = root.string("Secret");
    if (document.hasProblems() || user == null || secret == null) {
      throw failed("its output has no Username and Secret", null);
    }
    return Optional.of(
        user.equals(IDENTITY_TOKEN)
            ? new Credentials.IdentityToken(secret)
            : new Credentials.UserPassword(user, secret));
  }

  private OciException failed(String why, @Nullable Throwable cause) {
    return new OciException(
        OciException.Kind.UNAUTHORIZED,
        "the credential helper docker-credential-%s that %s names cannot be used: %s"
            .formatted(SafeText.sanitize(name, 64), file, why),
        cause);
  }
}
