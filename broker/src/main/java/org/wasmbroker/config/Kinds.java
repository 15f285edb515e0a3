package org.wasmbroker.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.egress.HttpProxy;
import org.wasmbroker.grant.Rate;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.step.SafeText;

/** The kinds of values that settings have, save for {@link Amounts}. */
final class Kinds {
  private static final int LONGEST_SHOWN = 200;
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,9}");

  static final Kind<Integer> WHOLE_NUMBER =
      new Kind<>(
          "number",
          "a whole number",
          text ->
              WHOLE.matcher(text).matches() ? Optional.of(Integer.valueOf(text)) : Optional.empty(),
          String::valueOf,
          Kinds::cut);

  static final Kind<Boolean> YES_OR_NO =
      new Kind<>(
          "boolean",
          "true or false",
          text ->
              switch (text) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
              },
          String::valueOf,
          Kinds::cut);

  static final Kind<String> TEXT =
      new Kind<>("text", "text", Kinds::unlessBlank, Function.identity(), Kinds::cut);

  /** Which may carry a password. */
  static final Kind<DatabaseAddress> ADDRESS =
      new Kind<>(
          "address",
          DatabaseAddress.ALLOWED,
          DatabaseAddress::parse,
          DatabaseAddress::url,
          text -> cut(DatabaseConfig.masked(text)));

  static final Kind<Password> PASSWORD =
      new Kind<>(
          "password",
          "text",
          text -> unlessBlank(text).map(Password::of),
          password -> "***",
          text -> "***");

  static final Kind<Path> PATH =
      new Kind<>(
          "path", "a path; ~/ is the home directory", Kinds::path, Path::toString, Kinds::cut);

  static final Kind<QueueName> QUEUE =
      new Kind<>(
          "queue",
          "a queue's name of small letters, digits and '_'",
          text -> made(QueueName::new, text),
          QueueName::value,
          Kinds::cut);

  static final Kind<Namespace> NAMESPACE =
      new Kind<>(
          "namespace",
          "of small letters, digits and '_', and 29 characters at most",
          text -> made(Namespace::new, text),
          Namespace::value,
          Kinds::cut);

  static final Kind<HttpProxy> PROXY =
      new Kind<>(
          "proxy",
          "http://host:port",
          text -> made(HttpProxy::parse, text),
          HttpProxy::toString,
          Kinds::cut);

  static final Kind<Rate> RATE =
      new Kind<>(
          "rate",
          "calls per second, minute or hour, such as 10/s, 600/m or 1000/h",
          text -> made(Rate::parse, text),
          Rate::toString,
          Kinds::cut);

  private Kinds() {}

  /** Several values, each once, with commas between them. */
  static <T> Kind<List<T>> listOf(Kind<T> one) {
    return new Kind<>(
        one.name() + "s",
        "one or more, each once and with commas between them; each is " + one.allowed(),
        text -> list(one, text),
        values -> values.stream().map(one.write()).collect(Collectors.joining(",")),
        Kinds::cut);
  }

  private static <T> Optional<List<T>> list(Kind<T> one, String text) {
    var values =
        Arrays.stream(text.split(",", -1)).map(part -> one.parse().apply(part.strip())).toList();
    boolean allowed =
        values.stream().allMatch(Optional::isPresent)
            && values.stream().distinct().count() == values.size();
    return allowed
        ? Optional.of(values.stream().flatMap(Optional::stream).toList())
        : Optional.empty();
  }

  /** The names of an enum, in small letters and with hyphens. */
  static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
    var constants = type.getEnumConstants();
    var allowed = Arrays.stream(constants).map(Kinds::word).collect(Collectors.joining(" or "));
    return new Kind<>(
        allowed,
        allowed,
        text -> Arrays.stream(constants).filter(value -> word(value).equals(text)).findFirst(),
        Kinds::word,
        Kinds::cut);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String cut(String text) {
    return SafeText.sanitize(text, LONGEST_SHOWN);
  }

  private static Optional<String> unlessBlank(String text) {
    return text.isBlank() ? Optional.empty() : Optional.of(text);
  }

  private static Optional<Path> path(String text) {
    try {
      return unlessBlank(text)
          .map(
              path ->
                  path.startsWith("~/")
                      ? System.getProperty("user.home") + path.substring(1)
                      : path)
          .map(Path::of);
    } catch (InvalidPathException notOne) {
      return Optional.empty();
    }
  }

  /** What the maker makes of it, unless it refuses. */
  private static <T> Optional<T> made(Function<String, T> maker, String text) {
    try {
      return Optional.of(maker.apply(text));
    } catch (IllegalArgumentException refused) {
      return Optional.empty();
    }
  }
}
