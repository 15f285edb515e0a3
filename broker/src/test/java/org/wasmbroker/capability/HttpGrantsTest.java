package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.HttpGrants.Decision;
import org.wasmbroker.capability.HttpGrants.Decision.Allowed;
import org.wasmbroker.capability.HttpGrants.Decision.Refused;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;

class HttpGrantsTest {
  private static final DestinationGrant API = grant("https://api.example.com", Mode.ENFORCE, "a");
  private static final DestinationGrant ALL = grant("https://*.example.com", Mode.ENFORCE, "b");
  private static final DestinationGrant AUDITED = grant("https://*:443", Mode.AUDIT, "c");

  @Test
  void aGrantedButUnrequestedDestinationIsRefused() {
    var grants = new HttpGrants(List.of(Destination.parse("https://other.org")), List.of(API));

    assertThat(decide(grants, "api.example.com"))
        .isEqualTo(
            new Refused(
                "the handler's manifest does not request GET https://api.example.com:443 and this"
                    + " path"));
  }

  @Test
  void aRequestedButUngrantedDestinationIsRefused() {
    var grants = new HttpGrants(List.of(Destination.parse("https://*:443")), List.of(API));

    assertThat(decide(grants, "other.org"))
        .isEqualTo(
            new Refused(
                "the operator's policy does not grant GET https://other.org:443 and this path"));
    assertThat(decide(HttpGrants.NONE, "api.example.com")).isInstanceOf(Refused.class);
  }

  @Test
  void theLastMatchingGrantSetsTheTerms() {
    assertThat(decide(requestingAll(API, ALL), "api.example.com")).isEqualTo(new Allowed(ALL));
    assertThat(decide(requestingAll(ALL, API), "api.example.com")).isEqualTo(new Allowed(API));
    assertThat(decide(requestingAll(ALL, API), "www.example.com")).isEqualTo(new Allowed(ALL));
  }

  @Test
  void anAuditGrantIsUsedOnlyIfNoOtherMatches() {
    assertThat(decide(requestingAll(API, AUDITED), "api.example.com")).isEqualTo(new Allowed(API));
    assertThat(decide(requestingAll(API, AUDITED), "other.org")).isEqualTo(new Allowed(AUDITED));
  }

  @Test
  void effectiveGrantsAreNarrowedToWhatWasRequested() {
    var grants =
        new HttpGrants(
            List.of(
                Destination.parse("GET https://*.example.com/v1"),
                Destination.parse("GET https://other.org")),
            List.of(API, AUDITED));

    assertThat(grants.effective())
        .extracting(DestinationGrant::toString)
        .containsExactly(
            "GET https://api.example.com/v1 [a]",
            "GET https://*.example.com/v1 (audit) [c]",
            "GET https://other.org/ (audit) [c]");
  }

  private static HttpGrants requestingAll(DestinationGrant... granted) {
    return new HttpGrants(List.of(Destination.parse("* https://*:*")), List.of(granted));
  }

  private static DestinationGrant grant(String text, Mode mode, String rule) {
    return new DestinationGrant(Destination.parse(text), mode, List.of(), 0, null, rule);
  }

  private static Decision decide(HttpGrants grants, String host) {
    return grants.decide(HttpTarget.parse("GET", "https://" + host));
  }
}
