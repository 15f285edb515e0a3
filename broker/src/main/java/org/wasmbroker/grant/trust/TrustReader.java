package org.wasmbroker.grant.trust;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.signature.VerificationKey;
import org.wasmbroker.step.SafeText;

/** Reads the sections {@code signatures} and {@code approval} of a policy. */
public final class TrustReader {
  private static final int MAX_KEYS = 100;
  private static final Pattern KEY_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final KeyFiles files;
  private final Map<String, Optional<TrustKey>> keys = new LinkedHashMap<>();

  public TrustReader(KeyFiles files) {
    this.files = files;
  }

  public TrustRules read(ObjectReader root) {
    var signatures = root.object("signatures");
    readKeys(signatures.object("keys"));
    var rules = signatures.items("rules", rule -> rule(rule.object()));
    signatures.finish();
    if (root.has("signatures") && !signatures.has("rules")) {
      signatures.problem("has no rules, so nothing would have to be signed");
    }
    var approval = root.member("approval");
    return new TrustRules(
        keys.values().stream().flatMap(Optional::stream).toList(),
        rules,
        approval == null ? HandlerSet.NONE : approval(approval));
  }

  private void readKeys(ObjectReader section) {
    var entries = section.entries();
    if (entries.size() > MAX_KEYS) {
      section.problem("has %d keys; at most %d are allowed".formatted(entries.size(), MAX_KEYS));
      return;
    }
    entries.forEach(
        (name, value) -> {
          if (KEY_NAME.matcher(name).matches()) {
            keys.put(name, key(name, value.object()));
          } else {
            value.problem("a key's name has 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'");
          }
        });
  }

  private Optional<TrustKey> key(String name, ObjectReader section) {
    var inline = section.value("pem", VerificationKey::parse);
    var file = section.value("file", this::keyOfFile);
    var notBefore = section.value("not-before", text -> moment(text, 0));
    var notAfter = section.value("not-after", text -> moment(text, 1));
    section.finish();
    if (section.has("pem") == section.has("file")) {
      section.problem("needs either pem, a public key in PEM, or file, where one is");
    }
    var key = inline == null ? file : inline;
    if (key == null) {
      return Optional.empty();
    }
    keys.values().stream()
        .flatMap(Optional::stream)
        .filter(other -> other.key().equals(key))
        .findFirst()
        .ifPresent(other -> section.problem("is the same key as " + other.name()));
    return section.create(() -> new TrustKey(name, key, notBefore, notAfter));
  }

  private VerificationKey keyOfFile(String name) {
    return VerificationKey.parse(files.read(name));
  }

  /** A moment, or a day in UTC: its beginning, or with {@code days} 1 its end. */
  private static Instant moment(String text, int days) {
    try {
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).plusDays(days).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException invalid) {
      throw new IllegalArgumentException(
          "must be a day such as 2027-03-31, or a moment such as 2027-03-31T18:00:00Z, was '%s'"
              .formatted(SafeText.sanitize(text, 60)),
          invalid);
    }
  }

  private Optional<SignatureRule> rule(ObjectReader section) {
    var handlers = handlers(section, "handlers");
    if (!section.has("handlers")) {
      section.problem("has no handlers: names of handlers, or * for all");
    }
    var any = keys(section, "any-of");
    var all = keys(section, "all-of");
    section.finish();
    if (section.has("any-of") == section.has("all-of")) {
      section.problem("needs either any-of or all-of, with the names of keys");
    } else if (any.isEmpty() && all.isEmpty()) {
      section.problem(section.has("any-of") ? "any-of" : "all-of", "has no key");
    }
    boolean isAll = section.has("all-of");
    return Optional.of(
        new SignatureRule(section.pointer().dotted(), handlers, isAll, isAll ? all : any));
  }

  private List<TrustKey> keys(ObjectReader section, String name) {
    var read = new ArrayList<TrustKey>();
    for (var key : section.values(name, this::knownName)) {
      keys.getOrDefault(key, Optional.empty()).ifPresent(read::add);
    }
    return read;
  }

  private String knownName(String name) {
    if (!keys.containsKey(name)) {
      throw new IllegalArgumentException(Names.notOneOf(name, keys.keySet()));
    }
    return name;
  }

  private static HandlerSet approval(DocumentValue value) {
    if (value.isText()) {
      var read = value.parse(TrustReader::forAll);
      return read == null ? HandlerSet.NONE : read;
    }
    var section = value.object();
    if (!section.has("required")) {
      section.problem("has no member required: names of handlers, or * for all");
    }
    var handlers = handlers(section, "required");
    section.finish();
    return handlers;
  }

  private static @Nullable HandlerSet forAll(String text) {
    if (!text.equals("required")) {
      throw new IllegalArgumentException(
          "must be 'required', or an object with the member required, was '%s'"
              .formatted(SafeText.sanitize(text, 60)));
    }
    return HandlerSet.ALL;
  }

  private static HandlerSet handlers(ObjectReader section, String name) {
    return new HandlerSet(
        section.values(name, HandlerPattern::new), section.values("except", HandlerPattern::new));
  }
}
