package org.wasmbroker.egress;

import java.io.IOException;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.DestinationGrant;
import org.wasmbroker.grant.HttpGrants;
import org.wasmbroker.grant.HttpGrants.Decision;
import org.wasmbroker.grant.Mode;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.HttpAnswer;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunClock;
import org.wasmbroker.step.TimeSource;

/**
 * The HTTP of one step. Each request, and each redirect that it is sent on, goes the same way:
 * budget, destination, rate, secrets, addresses, connection. Used by the step's thread.
 */
public final class StepHttp implements GuestHttp {
  private final Caller caller;
  private final HttpGrants grants;
  private final Limits limits;
  private final RequestSecrets secrets;
  private final Outlet outlet;
  private final Watchdog watchdog;
  private final TimeSource time;
  private final CallEvents events;
  private final Budget budget;
  private long number;

  StepHttp(
      Caller caller,
      HttpGrants grants,
      Limits limits,
      RequestSecrets secrets,
      Outlet outlet,
      Watchdog watchdog,
      TimeSource time,
      CallEvents events) {
    this.caller = caller;
    this.grants = grants;
    this.limits = limits;
    this.secrets = secrets;
    this.outlet = outlet;
    this.watchdog = watchdog;
    this.time = time;
    this.events = events;
    this.budget = new Budget(limits, events::limitExceeded);
  }

  /** Requests that were sent, redirects among them. */
  public long calls() {
    return budget.requests();
  }

  public long sentBytes() {
    return budget.sent();
  }

  public long receivedBytes() {
    return budget.received();
  }

  @Override
  public HttpAnswer send(byte[] document, RunClock clock) throws CallRefusedException {
    number++;
    var origin = "";
    try {
      budget.checkCalls();
      var request = RequestReader.read(document);
      var url = url(request);
      origin = url.origin();
      HeaderRules.check(request.headers());
      Filling.checkLeaks(request, secrets);
      return send(request, Hop.first(request, url), clock);
    } catch (HttpFailure failure) {
      events.refused(failure, origin);
      throw failure.refusal();
    }
  }

  private static HttpUrl url(GuestRequest request) throws HttpFailure {
    try {
      var url = HttpUrl.parse(request.url());
      var _ = url.withQuery(Hop.encoded(request.query()));
      return url;
    } catch (IllegalArgumentException refused) {
      throw HttpFailure.of(FailureType.BAD_REQUEST, "url", String.valueOf(refused.getMessage()));
    }
  }

  private HttpAnswer send(GuestRequest request, Hop first, RunClock clock) throws HttpFailure {
    var key = request.idempotencyKey() ? IdempotencyKey.of(caller.step(), number, first) : null;
    var call = new HttpCall(time, nanos(request, clock), clock.cancellation());
    var sent = new SentCall(events, watchdog, call, time);
    Answer answer = null;
    var outcome = "failed";
    try {
      answer = follow(first, key, request.has("accept-encoding"), call, sent);
      return answer;
    } catch (HttpFailure failure) {
      outcome = failure.type().text();
      throw failure;
    } finally {
      if (answer == null) {
        sent.ended(outcome);
      }
    }
  }

  private long nanos(GuestRequest request, RunClock clock) {
    var most = limits.httpTimeout();
    var asked = request.timeout();
    var shorter = asked == null || asked.compareTo(most) > 0 ? most : asked;
    return Math.min(shorter.toNanos(), clock.left());
  }

  private Answer follow(
      Hop first, @Nullable String key, boolean asItComes, HttpCall call, SentCall sent)
      throws HttpFailure {
    var hop = first;
    while (true) {
      budget.call();
      var grant = allowed(hop.target());
      outlet.takeRate(caller.handler(), grant);
      var exchange = exchange(hop, grant, key, call, sent);
      boolean handedOver = false;
      try {
        var response = exchange.response();
        if (!Hop.isRedirect(response) || grant.redirects() == 0) {
          var answer = answer(hop, exchange, asItComes, call, sent);
          handedOver = true;
          return answer;
        }
        hop = redirected(hop, response, grant);
      } finally {
        if (!handedOver) {
          exchange.discard();
        }
      }
    }
  }

  private DestinationGrant allowed(HttpTarget target) throws HttpFailure {
    return switch (grants.decide(
        target.scheme(), target.host(), target.port(), target.path(), target.method())) {
      case Decision.Allowed(var grant) -> {
        if (grant.mode() == Mode.AUDIT) {
          events.audited(target, grant);
        }
        yield grant;
      }
      case Decision.Refused(var reason) ->
          throw HttpFailure.of(FailureType.NOT_ALLOWED, "destination", reason);
    };
  }

  private Exchange exchange(
      Hop hop, DestinationGrant grant, @Nullable String key, HttpCall call, SentCall sent)
      throws HttpFailure {
    var filling = new Filling(secrets, hop.target());
    var url = filling.url(hop);
    var request =
        WireRequest.of(
            hop, url, filling.headers(hop), filling.body(hop), caller.trace().traceparent(), key);
    long bytes = WireRequest.bytes(request);
    var addresses = outlet.addresses(url, grant, call);
    budget.send(bytes);
    sent.sending(grant.rule(), bytes);
    return outlet.send(request, url, addresses, caller.handler(), call);
  }

  private static Hop redirected(Hop hop, HttpResponse response, DestinationGrant grant)
      throws HttpFailure {
    if (hop.number() >= grant.redirects()) {
      throw HttpFailure.of(
          FailureType.BAD_RESPONSE,
          "redirect",
          "there are more redirects than the %d that are granted".formatted(grant.redirects()));
    }
    return hop.redirected(response);
  }

  private Answer answer(Hop hop, Exchange exchange, boolean asItComes, HttpCall call, SentCall sent)
      throws HttpFailure {
    var response = exchange.response();
    long headBytes = AnswerCheck.check(response);
    budget.receive(headBytes);
    sent.answered(response.getCode(), headBytes);
    var coding = coding(response, asItComes);
    if (coding == ContentCoding.IDENTITY && response.getEntity() != null) {
      checkLength(response.getEntity().getContentLength());
    }
    try {
      var raw = exchange.body();
      var body = response.getEntity() == null ? raw : coding.decode(raw);
      var head =
          AnswerHead.of(
              response,
              hop,
              coding != ContentCoding.IDENTITY,
              exchange.connectNanos(),
              sent.nanos());
      return new Answer(head, exchange, raw, body, budget, call, sent);
    } catch (IOException broken) {
      throw Failures.inTheBody(broken, call);
    }
  }

  private static ContentCoding coding(HttpResponse response, boolean asItComes) throws HttpFailure {
    var header = response.getFirstHeader("Content-Encoding");
    if (header == null || asItComes) {
      return ContentCoding.IDENTITY;
    }
    if (response.countHeaders("Content-Encoding") == 1) {
      var coding = ContentCoding.of(header.getValue());
      if (coding.isPresent()) {
        return coding.orElseThrow();
      }
    }
    throw HttpFailure.of(
        FailureType.BAD_RESPONSE,
        "response",
        "the answer is compressed in a way that was not asked for");
  }

  /** A body that says itself that it is too long need not be read until it is. */
  private void checkLength(long length) throws HttpFailure {
    if (length > budget.leftToReceive()) {
      budget.receive(length);
    }
  }
}
