package org.wasmbroker.grant;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;

/** Reads one destination of a rule: its text, or keys that say more. */
final class HttpRuleReader {
  private final Mode standard;
  private final Problems problems;

  /**
   * @param standard the mode of those that do not say one
   */
  HttpRuleReader(Mode standard, Problems problems) {
    this.standard = standard;
    this.problems = problems;
  }

  Optional<DestinationGrant> read(YamlNode node, String place) {
    if (node instanceof YamlNode.Value(var text, int line)) {
      return made(() -> Destination.parse(text), line, place)
          .map(
              destination ->
                  new DestinationGrant(destination, standard, List.of(), 0, null, place));
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
        known ->
            new DestinationGrant(
                known,
                mode == null ? standard : mode,
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
    boolean parts =
        section.has("scheme") || section.has("host") || section.has("port") || section.has("path");
    if (section.has("url") == parts) {
      section.problem("says where by url, or else by scheme, host, port and path");
      return Optional.empty();
    }
    if (section.has("url")) {
      return url == null
          ? Optional.empty()
          : made(() -> Destination.of(url, methods), section.line(), section.placeOf("url"));
    }
    if (host == null) {
      section.problem("has no host: a name, or * for all");
      return Optional.empty();
    }
    return made(
        () -> Destination.of(orElse(scheme, "https"), host, port, orElse(path, "/"), methods),
        section.line(),
        section.place());
  }

  private static String orElse(@Nullable String text, String otherwise) {
    return text == null ? otherwise : text;
  }

  private Optional<Destination> made(Made made, int line, String place) {
    try {
      return Optional.of(made.destination());
    } catch (IllegalArgumentException wrong) {
      problems.add(line, place, String.valueOf(wrong.getMessage()));
      return Optional.empty();
    }
  }

  private static int redirects(String text) {
    long most = LimitValues.count(text);
    if (most > DestinationGrant.MOST_REDIRECTS) {
      throw new IllegalArgumentException(
          "must be 0 to "
              + DestinationGrant.MOST_REDIRECTS
              + ", was "
              + SafeText.sanitize(text, 20));
    }
    return (int) most;
  }

  private interface Made {
    Destination destination();
  }
}
