package org.wasmbroker.capability;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

/** Reads one destination of a rule: its text form, or an object of keys. */
final class HttpRuleReader {
  private final Mode defaultMode;

  /**
   * @param defaultMode the mode of destinations that do not name one
   */
  HttpRuleReader(Mode defaultMode) {
    this.defaultMode = defaultMode;
  }

  Optional<DestinationGrant> read(DocumentValue value) {
    if (!value.isText()) {
      return grant(value.object());
    }
    return Optional.ofNullable(value.parse(Destination::parse))
        .map(
            destination ->
                new DestinationGrant(
                    destination, defaultMode, List.of(), 0, null, true, value.pointer().dotted()));
  }

  private Optional<DestinationGrant> grant(ObjectReader section) {
    var destination = destination(section);
    var mode = section.value("mode", Mode::parse);
    var networks = section.values("networks", Network::parse);
    var redirects = section.value("redirects", HttpRuleReader::redirects);
    var rate = section.value("rate", Rate::parse);
    var traceContext = section.value("trace-context", HttpRuleReader::flag);
    section.finish();
    return destination.map(
        parsed ->
            new DestinationGrant(
                parsed,
                mode == null ? defaultMode : mode,
                networks,
                redirects == null ? 0 : redirects,
                rate,
                traceContext == null || traceContext,
                section.pointer().dotted()));
  }

  private Optional<Destination> destination(ObjectReader section) {
    var url = section.string("url");
    var scheme = section.string("scheme");
    var host = section.string("host");
    var port = section.string("port");
    var path = section.string("path");
    var methods = section.values("methods", text -> text);
    boolean hasParts =
        section.has("scheme") || section.has("host") || section.has("port") || section.has("path");
    if (section.has("url") == hasParts) {
      section.problem("must have url, or else host with any of scheme, port and path");
      return Optional.empty();
    }
    if (section.has("url")) {
      return url == null ? Optional.empty() : section.create(() -> Destination.of(url, methods));
    }
    if (host == null) {
      section.problem("has no host: a name, or * for all");
      return Optional.empty();
    }
    return section.create(
        () -> Destination.of(orElse(scheme, "https"), host, port, orElse(path, "/"), methods));
  }

  private static String orElse(@Nullable String text, String defaultValue) {
    return text == null ? defaultValue : text;
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "must be true or false, was " + SafeText.sanitize(text, 20));
    };
  }

  private static int redirects(String text) {
    if (!text.matches("[0-5]")) {
      throw new IllegalArgumentException(
          "must be 0 to "
              + DestinationGrant.MAX_REDIRECTS
              + ", was "
              + SafeText.sanitize(text, 20));
    }
    return Integer.parseInt(text);
  }
}
