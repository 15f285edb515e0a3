package org.wasmbroker.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.grant.trust.TrustKey;
import org.wasmbroker.grant.trust.TrustRules;

/** What a policy demands of modules before they run, for people. */
final class TrustPrinter {
  private TrustPrinter() {}

  /** The whole of it; nothing where it demands nothing. */
  static void print(TrustRules rules, Instant now, Console console) {
    for (var key : rules.keys()) {
      console.line(
          "  key %-14s %s sha256:%s%s"
              .formatted(
                  key.name(), key.key().algorithm(), key.key().fingerprint(), times(key, now)));
    }
    for (var rule : rules.signatures()) {
      console.line("  modules of %s: signed by %s".formatted(rule.handlers(), rule.describe()));
    }
    if (!rules.approval().patterns().isEmpty()) {
      console.line("  modules of %s: approved by a person".formatted(rules.approval()));
    }
  }

  private static String times(TrustKey key, Instant now) {
    var begin = key.isBeforeItsTime(now) ? ", not before " + key.notBefore() : "";
    if (key.notAfter() == null) {
      return begin;
    }
    return key.isOver(now) ? ", over since " + key.notAfter() : begin + ", until " + key.notAfter();
  }

  /** A line for each demand on the modules of one handler. */
  static List<String> demands(TrustRules rules, String handler) {
    var lines = new ArrayList<String>();
    for (var rule : rules.signaturesFor(handler)) {
      lines.add("signed by %s (%s)".formatted(rule.describe(), rule.location()));
    }
    if (rules.needsApproval(handler)) {
      lines.add("approved by a person (approval)");
    }
    return List.copyOf(lines);
  }
}
