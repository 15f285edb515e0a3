package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestSecrets;

class RedirectTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final EgressRig rig = new EgressRig();
  private final RawServer target = RawServer.responding(HELLO);

  @AfterEach
  void close() {
    target.close();
    rig.close();
  }

  private static RawServer redirecting(int status, String location) {
    return RawServer.responding(
        "HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
            .formatted(status, location));
  }

  @Test
  void anUngrantedRedirectIsReturnedAsTheResponse() throws Exception {
    try (var server = redirecting(302, target.url() + "/x")) {
      var reply = rig.guest(EgressRig.grant("* *://*:*", 0)).replyOf(server.url());

      assertThat(reply.status()).isEqualTo(302);
      assertThat(reply.head().get("headers").get("location").get(0).stringValue())
          .isEqualTo(target.url() + "/x");
      assertThat(target.accepted()).isZero();
    }
  }

  @Test
  void aGrantedRedirectIsFollowed() throws Exception {
    try (var server = redirecting(302, target.url() + "/x?y")) {
      var reply = rig.guest(EgressRig.grant("* *://*:*", 1)).replyOf(server.url());

      assertThat(reply.body()).isEqualTo("hello");
      assertThat(reply.head().get("url").stringValue()).isEqualTo(target.url() + "/x?y");
      assertThat(reply.head().get("redirects").intValue()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://10.0.0.1/",
        "http://metadata.example.com/",
        "//169.254.169.254/"
      })
  void aRedirectToANonPublicAddressIsRefused(String location) {
    rig.addName("metadata.example.com", "169.254.169.254");
    try (var server = redirecting(302, location)) {
      var refusal = rig.guest(EgressRig.grant("* *://*:*", 5)).refusalOf(server.url());

      assertThat(refusal.type()).isEqualTo("not_allowed");
      assertThat(refusal.message()).contains("not public");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "http://127.1/",
        "/\\x",
        "gopher://x/",
        "http://2130706433/"
      })
  void aRedirectToAnInvalidUrlIsRefused(String location) {
    try (var server = redirecting(302, location)) {
      assertThat(rig.guest(EgressRig.grant("* *://*:*", 5)).refusalOf(server.url()).type())
          .isEqualTo("not_allowed");
    }
  }

  @Test
  void aRedirectTargetNeedsItsOwnGrant() {
    try (var server = redirecting(302, target.url() + "/private")) {
      rig.addName("a.example.com", "127.0.0.1");
      var guest = rig.guest(EgressRig.grant("http://a.example.com:*", 5));

      var refusal = guest.refusalOf("http://a.example.com:" + server.port() + "/");

      assertThat(refusal.type()).isEqualTo("not_allowed");
      assertThat(target.accepted()).isZero();
    }
  }

  @Test
  void aRedirectToAPathOutsideThePrefixIsRefused() {
    try (var server = redirecting(302, "/admin")) {
      var guest = rig.guest(EgressRig.grant("http://127.0.0.1:*/v1", 5));

      assertThat(guest.refusalOf(server.url() + "/v1").type()).isEqualTo("not_allowed");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void aRedirectLoopEndsAtTheGrantedMaximum() {
    try (var server = redirecting(302, "/again")) {
      var refusal = rig.guest(EgressRig.grant("* *://*:*", 5)).refusalOf(server.url());

      assertThat(refusal.type()).isEqualTo("bad_response");
      assertThat(server.requests()).hasSize(6);
    }
  }

  @Test
  void everyRedirectCountsAgainstTheStepsCalls() {
    try (var server = redirecting(302, "/again")) {
      var guest =
          rig.guest(
              HttpGrants.of(EgressRig.grant("* *://*:*", 5)),
              EgressRig.limits(LimitKind.HTTP_CALLS, 3),
              TestSecrets.none(),
              "transform");

      assertThat(guest.refusalOf(server.url()).type()).isEqualTo("budget_exceeded");
      assertThat(server.requests()).hasSize(3);
    }
  }

  @Test
  void credentialsAreNotSentToAnotherOrigin() throws Exception {
    try (var server = redirecting(302, target.url())) {
      rig.guest(EgressRig.grant("* *://*:*", 1)).reply(withCredentials().formatted(server.url()));

      assertThat(server.requests().getFirst())
          .contains("Authorization: Basic x", "cookie: a=b", "X-Other: kept");
      assertThat(target.requests().getFirst())
          .doesNotContainIgnoringCase("authorization")
          .doesNotContainIgnoringCase("cookie")
          .contains("X-Other: kept");
    }
  }

  private static String withCredentials() {
    return """
    {"url":"%s","headers":{"Authorization":"Basic x","cookie":"a=b","X-Other":"kept"}}
    """;
  }

  @Test
  void credentialsAreKeptWithinTheSameOrigin() {
    try (var server = redirecting(302, "/again")) {
      var refusal =
          rig.guest(EgressRig.grant("* *://*:*", 1))
              .refusal(withCredentials().formatted(server.url()));

      assertThat(refusal.type()).isEqualTo("bad_response");
      assertThat(server.requests()).hasSize(2);
      assertThat(server.requests().get(1))
          .startsWith("GET /again ")
          .contains("Authorization: Basic x", "cookie: a=b");
    }
  }

  @Test
  void aHeaderWithASecretIsNotSentToAnotherOrigin() throws Exception {
    rig.addName("a.example.com", "127.0.0.1");
    try (var server = redirecting(302, target.url())) {
      var guest =
          rig.guest(
              HttpGrants.of(EgressRig.grant("* *://*:*", 1)),
              Limits.DEFAULTS,
              EgressRig.secret("hunter2", "a.example.com"),
              "transform");

      guest.reply(
          "{\"url\":\"http://a.example.com:%d/\",\"headers\":{\"X-Key\":\"{{secret:key}}\"}}"
              .formatted(server.port()));

      assertThat(server.requests().getFirst()).contains("X-Key: hunter2");
      assertThat(target.requests().getFirst()).doesNotContain("X-Key", "hunter2");
    }
  }

  @Test
  void aBodyWithASecretIsNotSentToAnotherOrigin() {
    rig.addName("a.example.com", "127.0.0.1");
    try (var server = redirecting(307, target.url())) {
      var guest =
          rig.guest(
              HttpGrants.of(EgressRig.grant("* *://*:*", 1)),
              Limits.DEFAULTS,
              EgressRig.secret("hunter2", "a.example.com"),
              "transform");

      var refusal =
          guest.refusal(
              "{\"method\":\"POST\",\"url\":\"http://a.example.com:%d/\",\"body\":{\"json\":{\"k\":\"{{secret:key}}\"}}}"
                  .formatted(server.port()));

      assertThat(refusal.type()).isEqualTo("not_allowed");
      assertThat(server.requests().getFirst()).endsWith("{\"k\":\"hunter2\"}");
      assertThat(target.accepted()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "301, POST, GET",
    "302, POST, GET",
    "303, POST, GET",
    "303, PUT, GET",
    "303, DELETE, GET",
    "303, HEAD, HEAD",
    "301, PUT, PUT",
    "302, DELETE, DELETE",
    "307, POST, POST",
    "308, PUT, PUT",
    "301, HEAD, HEAD",
    "308, GET, GET"
  })
  void theMethodFollowsTheStatus(int status, String method, String next) throws Exception {
    try (var server = redirecting(status, target.url())) {
      boolean bodied = !method.equals("HEAD") && !method.equals("GET");
      rig.guest(EgressRig.grant("* *://*:*", 1))
          .reply(
              "{\"method\":\"%s\",\"url\":\"%s\"%s}"
                  .formatted(
                      method,
                      server.url(),
                      bodied
                          ? ",\"body\":{\"text\":\"x\"},\"headers\":{\"Content-Language\":\"en\"}"
                          : ""));

      var request = target.requests().getFirst();
      assertThat(request).startsWith(next + " / HTTP/1.1\r\n");
      if (bodied && next.equals(method)) {
        assertThat(request).endsWith("\r\n\r\nx").contains("Content-Language: en");
      } else {
        assertThat(request).endsWith("\r\n\r\n").doesNotContain("Content-L", "Content-Type");
      }
    }
  }

  @Test
  void aRedirectWithoutLocationIsReturnedAsTheResponse() throws Exception {
    try (var server = RawServer.responding("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")) {
      assertThat(rig.guest(EgressRig.grant("* *://*:*", 5)).replyOf(server.url()).status())
          .isEqualTo(302);
    }
  }

  @Test
  void aRedirectWithTwoLocationsIsRefused() {
    try (var server =
        RawServer.responding(
            "HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")) {
      assertThat(rig.guest(EgressRig.grant("* *://*:*", 5)).refusalOf(server.url()).type())
          .isEqualTo("bad_response");
    }
  }
}
