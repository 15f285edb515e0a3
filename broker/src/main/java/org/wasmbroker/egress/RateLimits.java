package org.wasmbroker.egress;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.step.TimeSource;

/**
 * Rate limits for requests: per handler, per handler and policy rule, and in total. Each rate has
 * its own periods, starting with its first use. Thread-safe.
 */
final class RateLimits {
  /**
   * Rules and rates change with the policy; the limiters of old ones are dropped when there are
   * many.
   */
  private static final int MAX_LIMITERS = 10_000;

  private record Key(String kind, String name, Rate rate) {}

  private final TimeSource time;
  private final @Nullable Rate total;
  private final @Nullable Rate perHandler;
  private final ConcurrentHashMap<Key, Limiter> limiters = new ConcurrentHashMap<>();

  RateLimits(@Nullable Rate total, @Nullable Rate perHandler, TimeSource time) {
    this.total = total;
    this.perHandler = perHandler;
    this.time = time;
  }

  /**
   * Takes one permit from each rate. The handler's own rates come first, so that a handler that
   * exceeds them does not consume the total rate.
   */
  void acquire(String handler, DestinationGrant grant) throws HttpRequestException {
    acquire(new Key("handler", handler, orUnlimited(perHandler)), perHandler);
    acquire(new Key("rule", handler + " " + grant.rule(), orUnlimited(grant.rate())), grant.rate());
    acquire(new Key("all", "", orUnlimited(total)), total);
  }

  private static final Rate UNLIMITED = new Rate(1, Duration.ofHours(1));

  private static Rate orUnlimited(@Nullable Rate rate) {
    return rate == null ? UNLIMITED : rate;
  }

  private void acquire(Key key, @Nullable Rate rate) throws HttpRequestException {
    if (rate == null) {
      return;
    }
    if (limiters.size() > MAX_LIMITERS) {
      limiters.clear();
    }
    var wait = limiters.computeIfAbsent(key, _ -> new Limiter(rate, time.nanos())).acquire(time);
    if (wait != null) {
      throw HttpRequestException.rateLimited(
          switch (key.kind()) {
            case "handler" -> "the handler exceeds its rate of " + rate + " requests";
            case "rule" ->
                "the handler exceeds its rate of " + rate + " requests to this destination";
            default -> "the broker exceeds its rate of " + rate + " requests";
          },
          wait);
    }
  }

  private static final class Limiter {
    private final RateLimiter limiter;
    private final long period;
    private final long started;

    Limiter(Rate rate, long started) {
      this.started = started;
      this.period = rate.per().toNanos();
      this.limiter =
          RateLimiter.of(
              "egress",
              RateLimiterConfig.custom()
                  .limitForPeriod(rate.calls())
                  .limitRefreshPeriod(rate.per())
                  .timeoutDuration(Duration.ZERO)
                  .build());
    }

    /** Null if the request is permitted, else the time until the next period. */
    @Nullable Duration acquire(TimeSource time) {
      return limiter.acquirePermission()
          ? null
          : Duration.ofNanos(period - Math.floorMod(time.nanos() - started, period));
    }
  }
}
