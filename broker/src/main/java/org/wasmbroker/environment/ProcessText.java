package org.wasmbroker.environment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The text that this process was started with. Java decodes it with the locale's encoding and
 * replaces what that does not know: under {@code LC_ALL=C}, the default in many containers, every
 * byte beyond ASCII. Such text is read again, from {@code /proc}, as UTF-8. Names of files cannot
 * be helped in that way: Java cannot open a file whose name the locale does not know.
 */
public final class ProcessText {
  private static final Logger log = LoggerFactory.getLogger(ProcessText.class);

  private static final String REMEDY = "start it with LC_ALL=C.UTF-8";
  private static final Pattern OWN =
      Pattern.compile("WASM_BROKER_.*|TASKER_.*|(PGMQ_)?DATABASE_URL");
  private static final char REPLACEMENT = '\ufffd';
  private static final Path ENVIRONMENT = Path.of("/proc/self/environ");
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private static @Nullable Map<String, String> variables; // guarded by this class; never changes

  private ProcessText() {}

  /**
   * The environment variables. One that is not UTF-8 is left out, and logged by its name.
   *
   * @throws UnusableTextException if one that the broker reads is not UTF-8; the message names it
   */
  public static synchronized Map<String, String> environment() {
    if (variables == null) {
      var decoded = System.getenv();
      variables =
          decoded.values().stream().anyMatch(ProcessText::isDamaged)
              ? environment(bytes(ENVIRONMENT, "the environment"))
              : decoded;
    }
    return variables;
  }

  /**
   * The arguments of {@code main}.
   *
   * @param decoded as Java passes them
   * @throws UnusableTextException if one cannot be read; the message says which, and what to do
   */
  public static String[] arguments(String[] decoded) {
    return Arrays.stream(decoded).anyMatch(ProcessText::isDamaged)
        ? arguments(decoded, bytes(COMMAND_LINE, "the command line"))
        : decoded;
  }

  /**
   * A path.
   *
   * @throws UnusableTextException if no file can have that name; the message says what to do
   */
  public static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException invalid) {
      throw new UnusableTextException(problem(invalid), invalid);
    }
  }

  /** What is wrong with a path, and what to do. */
  public static String problem(InvalidPathException invalid) {
    return "'%s' cannot be the name of a file%s"
        .formatted(invalid.getInput(), fileNameHint(invalid.getInput()));
  }

  /** Why no file can have this name in the locale of this process, and what to do; or empty. */
  public static String fileNameHint(String text) {
    var encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return Charset.isSupported(encoding) && Charset.forName(encoding).newEncoder().canEncode(text)
        ? ""
        : " in the locale of this process, whose encoding is " + encoding + "; " + REMEDY;
  }

  private static boolean isDamaged(String text) {
    return text.indexOf(REPLACEMENT) >= 0;
  }

  private static byte[] bytes(Path file, String what) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new UnusableTextException(
          "%s has characters that the locale of this process does not know; %s"
              .formatted(what, REMEDY),
          unreadable);
    }
  }

  /**
   * @param block as in {@code /proc/self/environ}
   */
  static Map<String, String> environment(byte[] block) {
    var variables = new HashMap<String, String>();
    for (var entry : split(block)) {
      int equals = indexOf(entry, (byte) '=');
      if (equals > 0) {
        var name = new String(entry, 0, equals, StandardCharsets.UTF_8);
        try {
          variables.putIfAbsent(name, decode(entry, equals + 1));
        } catch (CharacterCodingException notUtf8) {
          if (OWN.matcher(name).matches()) {
            throw new UnusableTextException(
                "the environment variable " + name + " is not UTF-8", notUtf8);
          }
          log.atWarn()
              .addKeyValue("variable", name)
              .log("an environment variable is ignored, because it is not UTF-8");
        }
      }
    }
    return Map.copyOf(variables);
  }

  /**
   * @param commandLine as in {@code /proc/self/cmdline}: the arguments are its last ones
   */
  static String[] arguments(String[] decoded, byte[] commandLine) {
    var all = split(commandLine);
    int skipped = all.size() - decoded.length;
    var arguments = new String[decoded.length];
    for (int i = 0; i < decoded.length; i++) {
      arguments[i] = decoded[i];
      if (isDamaged(decoded[i])) {
        var bytes = skipped < 0 ? new byte[0] : all.get(skipped + i);
        arguments[i] = argument(i, decoded[i], bytes);
      }
    }
    return arguments;
  }

  /** An argument may come from an argument file of Java's, which is not on the command line. */
  private static String argument(int index, String decoded, byte[] bytes) {
    if (!ascii(decoded).equals(ascii(new String(bytes, StandardCharsets.ISO_8859_1)))) {
      throw new UnusableTextException(
          "argument %d has characters that the locale of this process does not know; %s"
              .formatted(index + 1, REMEDY));
    }
    try {
      return decode(bytes, 0);
    } catch (CharacterCodingException notUtf8) {
      throw new UnusableTextException("argument %d is not UTF-8".formatted(index + 1), notUtf8);
    }
  }

  private static String ascii(String text) {
    return text.replaceAll("[^\\x00-\\x7f]+", "");
  }

  private static String decode(byte[] bytes, int from) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes, from, bytes.length - from))
        .toString();
  }

  /** Each ends with a zero. */
  private static List<byte[]> split(byte[] block) {
    var parts = new ArrayList<byte[]>();
    int start = 0;
    for (int i = 0; i < block.length; i++) {
      if (block[i] == 0) {
        parts.add(Arrays.copyOfRange(block, start, i));
        start = i + 1;
      }
    }
    return parts;
  }

  private static int indexOf(byte[] bytes, byte wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
