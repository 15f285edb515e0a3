package org.wasmbroker.capability;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;

/** Reads the cache that a rule grants: a size, or an object of keys. */
final class CacheRuleReader {
  private CacheRuleReader() {}

  static CacheGrant read(ObjectReader rule) {
    var member = rule.member("cache");
    if (member == null) {
      return CacheGrant.NONE;
    }
    return member.json().isObject()
        ? grant(member.object())
        : orNone(member.parse(text -> CacheGrant.ofSize(size(text))));
  }

  private static CacheGrant grant(ObjectReader section) {
    var size = section.value("size", CacheRuleReader::size);
    var entries = section.value("entries", CacheRuleReader::entries);
    var ttl = section.value("ttl", CacheRuleReader::ttl);
    section.finish();
    if (!section.has("size")) {
      section.problem("has no size, such as 4MiB");
    }
    if (size == null) {
      return CacheGrant.NONE;
    }
    return section
        .create(
            () ->
                new CacheGrant(
                    size,
                    entries == null ? CacheGrant.DEFAULT_ENTRIES : entries,
                    ttl == null ? CacheGrant.DEFAULT_TTL : ttl))
        .orElse(CacheGrant.NONE);
  }

  private static CacheGrant orNone(@Nullable CacheGrant grant) {
    return grant == null ? CacheGrant.NONE : grant;
  }

  private static long size(String text) {
    return QuantityParser.parseBytes(text)
        .orElseThrow(() -> invalid(text, "a size such as 65536 or 4MiB"));
  }

  private static int entries(String text) {
    if (!text.matches("[0-9]{1,7}")) {
      throw invalid(text, "a whole number of at most 1000000");
    }
    return Integer.parseInt(text);
  }

  private static Duration ttl(String text) {
    return QuantityParser.parseDuration(text)
        .orElseThrow(() -> invalid(text, "a duration such as 30s or 1h"));
  }

  private static IllegalArgumentException invalid(String text, String allowed) {
    return new IllegalArgumentException(
        "must be " + allowed + ", was '" + SafeText.sanitize(text, 40) + "'");
  }
}
