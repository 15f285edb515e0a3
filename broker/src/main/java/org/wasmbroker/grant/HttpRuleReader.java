package org.wasmbroker.grant;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

/** Reads one destination of a rule: its text, or keys that say more. */
final class HttpRuleReader {
  private final Mode defaultMode;
  private final Problems problems;

  /**
   * @param defaultMode the mode of those that do not say one
   */
  HttpRuleReader(Mode defaultMode, Problems problems) {
    this.defaultMode = defaultMode;
    this.problems = problems;
  }

  Optional<DestinationGrant> read(YamlNode node, String place) {
    if (node instanceof YamlNode.Value(var text, int line)) {
      return create(() -> Destination.parse(text), line, place)
          .map(
              destination ->
                  new DestinationGrant(destination, defaultMode, List.of(), 0, null, place));
    }
    return grant(Section.of(node, place, problems));
  }

  private Optional<DestinationGrant> grant(Section section) {
    var destination = destination(section);
    var mode = section.value("mode", RuleReader::mode);
    var networks = section.values("networks", Network::parse);
    var redirects = section.value("redirects", HttpRuleReader::redirects);
    var rate = section.value("rate", Rate::parse);
    section.end();
    return destination.map(
        parsed ->
            new DestinationGrant(
                parsed,
                mode == null ? defaultMode : mode,
                networks,
                redirects == null ? 0 : redirects,
                rate,
                section.place()));
  }

  private Optional<Destination> destination(Section section) {
    var url = section.value("url", text -> text);
    var scheme = section.value("scheme", text -> text);
    var host = section.value("host", text -> text);
    var port = section.value("port", text -> text);
    var path = section.value("path", text -> text);
    var methods = section.values("methods", text -> text);
    boolean hasParts =
        section.has("scheme") || section.has("host") || section.has("port") || section.has("path");
    if (section.has("url") == hasParts) {
      section.problem("says where by url, or else by scheme, host, port and path");
      return Optional.empty();
    }
    if (section.has("url")) {
      return url == null
          ? Optional.empty()
          : create(() -> Destination.of(url, methods), section.line(), section.placeOf("url"));
    }
    if (host == null) {
      section.problem("has no host: a name, or * for all");
      return Optional.empty();
    }
    return create(
        () -> Destination.of(orElse(scheme, "https"), host, port, orElse(path, "/"), methods),
        section.line(),
        section.place());
  }

  private static String orElse(@Nullable String text, String defaultValue) {
    return text == null ? defaultValue : text;
  }

  private Optional<Destination> create(DestinationFactory factory, int line, String place) {
    try {
      return Optional.of(factory.create());
    } catch (IllegalArgumentException invalid) {
      problems.add(line, place, String.valueOf(invalid.getMessage()));
      return Optional.empty();
    }
  }

  private static int redirects(String text) {
    long redirects = LimitsReader.count(text);
    if (redirects > DestinationGrant.MAX_REDIRECTS) {
      throw new IllegalArgumentException(
          "must be 0 to "
              + DestinationGrant.MAX_REDIRECTS
              + ", was "
              + SafeText.sanitize(text, 20));
    }
    return (int) redirects;
  }

  private interface DestinationFactory {
    Destination create();
  }
}
