package org.wasmbroker.oci;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.url.HttpUrl;

/**
 * Sends requests to registries until one has a response that counts: with a proof of who asks when
 * a registry wants one, after a pause when it is overloaded or cannot be reached, and never while
 * it wants to be left alone.
 */
final class Sender {
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(8));

  /** Nobody waits for longer within a request; it has failed then. */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(15);

  private static final int MAX_LEFT_ALONE = 1000;

  private final RedirectFollower http;
  private final Authenticator authenticator;
  private final Pauses pauses;
  private final TimeSource time;

  /** Until when registries want to be left alone, by their origins, on the monotonic clock. */
  private final Map<String, Long> leftAlone = new ConcurrentHashMap<>();

  Sender(RedirectFollower http, Authenticator authenticator, Pauses pauses, TimeSource time) {
    this.http = http;
    this.authenticator = authenticator;
    this.pauses = pauses;
    this.time = time;
  }

  /**
   * The response, whatever its status is, except for those that say to try again later.
   *
   * @throws OciException if there is none after these attempts
   */
  Answer send(OciRequest request, Access access, int attempts) {
    leaveAlone(request.url());
    for (int attempt = 1; ; attempt++) {
      @Nullable Duration asked = null;
      OciException failure;
      try {
        var answer = authorized(request, access);
        if (!RegistryErrors.isTransient(answer.status())) {
          return answer;
        }
        asked = RetryAfter.parse(answer.header("Retry-After"), time.now());
        if (asked != null) {
          if (leftAlone.size() >= MAX_LEFT_ALONE) { // one that redirects to ever other hosts
            leftAlone.clear();
          }
          leftAlone.put(answer.url().origin(), time.nanos() + asked.toNanos());
        }
        failure = RegistryErrors.of(request.toString(), answer);
      } catch (OciException unavailable) {
        failure = unavailable;
      }
      if (!failure.isTransient() || attempt >= attempts || !request.isRepeatable()) {
        throw failure;
      }
      var backoff = backoff(attempt);
      if (asked != null && asked.compareTo(MAX_PAUSE) > 0) {
        throw failure;
      }
      pauses.pause(asked == null || asked.compareTo(backoff) < 0 ? backoff : asked);
    }
  }

  /** Waits before the next attempt of what consists of several requests. */
  void backOff(int failures) {
    pauses.pause(backoff(failures));
  }

  private static Duration backoff(int failures) {
    return BACKOFF.delay(failures, ThreadLocalRandom.current().nextDouble());
  }

  /** Waits a little, or fails at once. */
  private void leaveAlone(HttpUrl url) {
    var until = leftAlone.get(url.origin());
    if (until == null) {
      return;
    }
    var wait = Duration.ofNanos(until - time.nanos());
    if (wait.isNegative() || wait.isZero()) {
      leftAlone.remove(url.origin(), until);
    } else if (wait.compareTo(MAX_PAUSE) > 0) {
      throw new OciException(
          Kind.UNAVAILABLE,
          "the registry %s asked to be left alone for another %d s"
              .formatted(url.origin(), wait.toSeconds()));
    } else {
      pauses.pause(wait);
    }
  }

  private Answer authorized(OciRequest request, Access access) {
    var known = authenticator.known(access);
    var answer = http.send(request, known);
    if (answer.status() != 401 || !answer.url().isSameOrigin(request.url())) {
      return answer;
    }
    var challenges = answer.headers("WWW-Authenticate");
    authenticator.forget(access);
    if (challenges.isEmpty()) {
      return answer;
    }
    answer.close();
    var second = http.send(request, authenticator.answer(challenges, access));
    if (second.status() == 401) {
      authenticator.forget(access);
    }
    return second;
  }
}
