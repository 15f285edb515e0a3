package org.wasmbroker.url;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * Which hosts are covered: one ({@code api.example.com}, {@code 192.0.2.1}, {@code [2001:db8::1]}),
 * those of a domain ({@code *.example.com}), or all ({@code *}).
 *
 * <p>A wildcard matches exactly one whole label, as in TLS certificates: {@code *.example.com}
 * covers {@code api.example.com}, and neither {@code example.com} nor {@code a.b.example.com} nor
 * {@code evilexample.com}. What follows the wildcards is read as the host of a request is, but has
 * to be written in its canonical form: an operator sees what is compared.
 */
public record HostPattern(String text) {
  private static final String WILDCARD = "*";
  private static final String WILDCARD_LABEL = "*.";
  private static final Pattern ASCII = Pattern.compile("\\p{ASCII}*");
  private static final int MAX_LENGTH = 253;

  // After the pattern that its check needs.
  public static final HostPattern ANY = new HostPattern("*");

  /**
   * @throws IllegalArgumentException if it is not a valid pattern; the message says why
   */
  public HostPattern {
    if (!text.equals(WILDCARD)) {
      text = normalize(text);
    }
  }

  private static String normalize(String text) {
    if (!ASCII.matcher(text).matches()) {
      throw invalid(text, "a host must be in its ASCII form, such as xn--bcher-kva.example");
    }
    if (text.length() > MAX_LENGTH) {
      throw invalid(text, "a host must have 1 to " + MAX_LENGTH + " characters");
    }
    int wildcards = 0;
    while (text.startsWith(WILDCARD_LABEL, wildcards)) {
      wildcards += WILDCARD_LABEL.length();
    }
    var named = text.substring(wildcards);
    if (named.equals(WILDCARD) || (named.isEmpty() && wildcards > 0)) {
      throw invalid(
          text, "a host must name a domain after its wildcards; a single * covers all hosts");
    }
    if (named.contains(WILDCARD)) {
      throw invalid(
          text,
          "a host may have a wildcard only for a whole label at the front, such as *.example.com");
    }
    HostName host;
    try {
      host = HostName.parseCanonical(named);
    } catch (IllegalArgumentException notAHost) {
      throw invalid(text, String.valueOf(notAHost.getMessage()));
    }
    if (wildcards > 0 && host.address() != null) {
      throw invalid(text, "an address must have no wildcards");
    }
    return text.substring(0, wildcards) + host.text();
  }

  private static IllegalArgumentException invalid(String text, String rule) {
    return new IllegalArgumentException(rule + ", was '" + SafeText.sanitize(text, 100) + "'");
  }

  /**
   * Whether the host is covered.
   *
   * @param host as {@link HostName#text} has it
   */
  public boolean matches(String host) {
    if (text.equals(WILDCARD)) {
      return !host.isEmpty();
    }
    if (!text.startsWith(WILDCARD)) {
      return text.equals(host.startsWith("[") ? normalizedAddress(host) : host);
    }
    var pattern = labels();
    var labels = List.of(host.split("\\.", -1));
    if (pattern.size() != labels.size()) {
      return false;
    }
    for (int i = 0; i < labels.size(); i++) {
      boolean isWildcard = pattern.get(i).equals(WILDCARD);
      if (isWildcard ? labels.get(i).isEmpty() : !pattern.get(i).equals(labels.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static String normalizedAddress(String host) {
    try {
      return HostName.parseCanonical(host).text();
    } catch (IllegalArgumentException notAnAddress) {
      return "";
    }
  }

  private List<String> labels() {
    return List.of(text.split("\\.", -1));
  }

  /** The hosts that both cover; empty if there are none. */
  Optional<HostPattern> intersect(HostPattern other) {
    if (text.equals(WILDCARD) || text.equals(other.text)) {
      return Optional.of(other);
    }
    if (other.text.equals(WILDCARD)) {
      return Optional.of(this);
    }
    if (text.startsWith("[") || other.text.startsWith("[")) {
      return Optional.empty();
    }
    var mine = labels();
    var theirs = other.labels();
    if (mine.size() != theirs.size()) {
      return Optional.empty();
    }
    var common = new ArrayList<String>();
    for (int i = 0; i < mine.size(); i++) {
      if (mine.get(i).equals(WILDCARD)) {
        common.add(theirs.get(i));
      } else if (theirs.get(i).equals(WILDCARD) || theirs.get(i).equals(mine.get(i))) {
        common.add(mine.get(i));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new HostPattern(String.join(".", common)));
  }

  @Override
  public String toString() {
    return text;
  }
}
