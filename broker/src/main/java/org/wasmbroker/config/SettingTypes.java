package org.wasmbroker.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.egress.HttpProxy;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.WireName;

/** The types of settings, other than {@link QuantityTypes}. */
final class SettingTypes {
  private static final int MAX_DISPLAY_LENGTH = 200;
  private static final Pattern INTEGER_PATTERN = Pattern.compile("-?[0-9]{1,9}");

  static final SettingType<Integer> INTEGER =
      new SettingType<>(
          "number",
          "a whole number",
          text ->
              INTEGER_PATTERN.matcher(text).matches()
                  ? Optional.of(Integer.valueOf(text))
                  : Optional.empty(),
          String::valueOf,
          SettingTypes::printable);

  static final SettingType<Boolean> BOOLEAN =
      new SettingType<>(
          "boolean",
          "true or false",
          text ->
              switch (text) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
              },
          String::valueOf,
          SettingTypes::printable);

  static final SettingType<String> TEXT =
      new SettingType<>(
          "text", "text", SettingTypes::nonBlank, Function.identity(), SettingTypes::printable);

  /** May contain a password. */
  static final SettingType<DatabaseUrl> DATABASE_URL =
      new SettingType<>(
          "address",
          DatabaseUrl.SYNTAX,
          DatabaseUrl::parse,
          DatabaseUrl::jdbcUrl,
          text -> printable(DatabaseConfig.maskUrl(text)));

  static final SettingType<Password> PASSWORD =
      new SettingType<>(
          "password",
          "text",
          text -> nonBlank(text).map(Password::of),
          password -> "***",
          text -> "***");

  static final SettingType<Path> PATH =
      new SettingType<>(
          "path",
          "a path; a leading ~/ is the home directory",
          SettingTypes::path,
          Path::toString,
          SettingTypes::printable);

  static final SettingType<QueueName> QUEUE =
      new SettingType<>(
          "queue",
          "a queue name of lower-case letters, digits and '_'",
          text -> parsed(QueueName::new, text),
          QueueName::value,
          SettingTypes::printable);

  static final SettingType<Namespace> NAMESPACE =
      new SettingType<>(
          "namespace",
          "of lower-case letters, digits and '_', at most 29 characters",
          text -> parsed(Namespace::new, text),
          Namespace::value,
          SettingTypes::printable);

  static final SettingType<HttpProxy> PROXY =
      new SettingType<>(
          "proxy",
          "http://host:port",
          text -> parsed(HttpProxy::parse, text),
          HttpProxy::toString,
          SettingTypes::printable);

  static final SettingType<Rate> RATE =
      new SettingType<>(
          "rate",
          "calls per second, minute or hour, such as 10/s, 600/m or 1000/h",
          text -> parsed(Rate::parse, text),
          Rate::toString,
          SettingTypes::printable);

  private SettingTypes() {}

  /** A comma-separated list without duplicates. */
  static <T> SettingType<List<T>> listOf(SettingType<T> elementType) {
    return new SettingType<>(
        elementType.name() + "s",
        "a comma-separated list without duplicates; each is " + elementType.allowed(),
        text -> list(elementType, text),
        values -> values.stream().map(elementType.format()).collect(Collectors.joining(",")),
        SettingTypes::printable);
  }

  private static <T> Optional<List<T>> list(SettingType<T> elementType, String text) {
    var values =
        Arrays.stream(text.split(",", -1))
            .map(part -> elementType.parse().apply(part.strip()))
            .toList();
    boolean allowed =
        values.stream().allMatch(Optional::isPresent)
            && values.stream().distinct().count() == values.size();
    return allowed
        ? Optional.of(values.stream().flatMap(Optional::stream).toList())
        : Optional.empty();
  }

  /** The names of an enum, in lower case with hyphens. */
  static <E extends Enum<E>> SettingType<E> oneOf(Class<E> type) {
    var constants = type.getEnumConstants();
    var allowed =
        Arrays.stream(constants).map(SettingTypes::optionName).collect(Collectors.joining(" or "));
    return new SettingType<>(
        allowed,
        allowed,
        text ->
            Arrays.stream(constants).filter(value -> optionName(value).equals(text)).findFirst(),
        SettingTypes::optionName,
        SettingTypes::printable);
  }

  private static String optionName(Enum<?> value) {
    return WireName.hyphenated(value);
  }

  static String printable(String text) {
    return SafeText.sanitize(text, MAX_DISPLAY_LENGTH);
  }

  private static Optional<String> nonBlank(String text) {
    return text.isBlank() ? Optional.empty() : Optional.of(text);
  }

  private static Optional<Path> path(String text) {
    try {
      return nonBlank(text)
          .map(
              path ->
                  path.startsWith("~/")
                      ? System.getProperty("user.home") + path.substring(1)
                      : path)
          .map(Path::of);
    } catch (InvalidPathException invalid) {
      return Optional.empty();
    }
  }

  /** Applies a factory that rejects invalid values with an exception. */
  static <T> Optional<T> parsed(Function<String, T> parser, String text) {
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException refused) {
      return Optional.empty();
    }
  }
}
