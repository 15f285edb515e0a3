package org.wasmbroker.egress;

import java.io.IOException;
import java.util.LinkedHashMap;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.HttpGrants.Decision;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.HttpTrace;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.url.HttpTarget;
import org.wasmbroker.url.HttpUrl;

/**
 * The HTTP client of one step. Each request, and each redirect that it follows, takes the same
 * path: budget, destination, rate, secrets, addresses, connection. Used by the step's thread.
 */
public final class StepHttp implements GuestHttp {
  private final Caller caller;
  private final HttpGrants grants;
  private final Limits limits;
  private final StepSecrets secrets;
  private final RequestSender sender;
  private final Watchdog watchdog;
  private final TimeSource time;
  private final CallEvents events;
  private final Tracing tracing;
  private final Budget budget;
  private long callNumber;
  private boolean sentUnrepeatable;

  StepHttp(
      Caller caller,
      HttpGrants grants,
      Limits limits,
      StepSecrets secrets,
      RequestSender sender,
      Watchdog watchdog,
      TimeSource time,
      CallEvents events,
      Tracing tracing) {
    this.caller = caller;
    this.grants = grants;
    this.limits = limits;
    this.secrets = secrets;
    this.sender = sender;
    this.watchdog = watchdog;
    this.time = time;
    this.events = events;
    this.tracing = tracing;
    this.budget = new Budget(limits, events::limitExceeded);
  }

  /** The number of requests sent, including redirects. */
  public long requests() {
    return budget.requests();
  }

  public long sentBytes() {
    return budget.sent();
  }

  public long receivedBytes() {
    return budget.received();
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    if (requests() == 0) {
      return null;
    }
    var counts = new LinkedHashMap<String, Long>();
    counts.put("calls", requests());
    counts.put("bytes_sent", sentBytes());
    counts.put("bytes_received", receivedBytes());
    return new CapabilityUsage(Capabilities.HTTP.name(), counts);
  }

  @Override
  public boolean isRepeatable() {
    return !sentUnrepeatable;
  }

  @Override
  public void checkpointSaved() {
    sentUnrepeatable = false;
  }

  @Override
  public GuestHttpResponse send(byte[] document, @Nullable Document body, RunDeadline clock)
      throws CallRefusedException {
    callNumber++;
    var origin = "";
    try {
      budget.requireCallLeft();
      var request = RequestReader.read(document, body);
      var url = url(request);
      origin = url.origin();
      HeaderRules.check(request.headers());
      SecretInjector.checkLeaks(request, secrets);
      return send(request, Hop.first(request, url), clock);
    } catch (HttpRequestException failure) {
      events.refused(failure, origin);
      throw failure.toRefusal();
    }
  }

  private static HttpUrl url(GuestRequest request) throws HttpRequestException {
    try {
      var url = HttpUrl.parse(request.url());
      var _ = url.withAppendedQuery(Hop.encodeQuery(request.query()));
      return url;
    } catch (IllegalArgumentException refused) {
      throw HttpRequestException.of(
          FailureType.BAD_REQUEST, "url", String.valueOf(refused.getMessage()));
    }
  }

  private GuestHttpResponse send(GuestRequest request, Hop first, RunDeadline clock)
      throws HttpRequestException {
    var key =
        request.idempotencyKey() ? IdempotencyKey.of(caller.step().id(), callNumber, first) : null;
    var call = new HttpCall(time, timeoutNanos(request, clock), clock.cancellation());
    var metrics = new CallMetrics(events, watchdog, call, time);
    Response result = null;
    var outcome = "failed";
    try {
      result =
          followRedirects(first, key, request.hasHeader("accept-encoding"), call, metrics, clock);
      return result;
    } catch (HttpRequestException failure) {
      outcome = failure.type().text();
      throw failure.in(call);
    } finally {
      sentUnrepeatable |= !call.isRepeatable();
      if (result == null) {
        metrics.ended(outcome);
      }
    }
  }

  private long timeoutNanos(GuestRequest request, RunDeadline clock) {
    var limit = limits.httpTimeout();
    var requested = request.timeout();
    var shorter = requested == null || requested.compareTo(limit) > 0 ? limit : requested;
    return Math.min(shorter.toNanos(), clock.remainingNanos());
  }

  private Response followRedirects(
      Hop first,
      @Nullable String key,
      boolean keepEncoding,
      HttpCall call,
      CallMetrics metrics,
      RunDeadline clock)
      throws HttpRequestException {
    var hop = first;
    while (true) {
      budget.countCall();
      var grant = authorize(hop.target());
      sender.acquirePermit(caller.handler(), grant);
      var exchange = exchange(hop, grant, key, call, metrics, clock);
      boolean handedOver = false;
      try {
        var response = exchange.response();
        if (!Hop.isRedirect(response) || grant.redirects() == 0) {
          var result = response(hop, exchange, keepEncoding, call, metrics);
          handedOver = true;
          return result;
        }
        metrics.redirected(response.getCode());
        hop = nextHop(hop, response, grant);
      } finally {
        if (!handedOver) {
          exchange.discard();
        }
      }
    }
  }

  private DestinationGrant authorize(HttpTarget target) throws HttpRequestException {
    return switch (grants.decide(target)) {
      case Decision.Allowed(var grant) -> {
        if (grant.mode() == Mode.AUDIT) {
          events.audited(target, grant);
        }
        yield grant;
      }
      case Decision.Refused(var reason) ->
          throw HttpRequestException.of(FailureType.NOT_ALLOWED, "destination", reason);
    };
  }

  private Exchange exchange(
      Hop hop,
      DestinationGrant grant,
      @Nullable String key,
      HttpCall call,
      CallMetrics metrics,
      RunDeadline clock)
      throws HttpRequestException {
    metrics.tracedBy(trace(hop, grant));
    var injector = new SecretInjector(secrets, hop.target());
    var url = injector.url(hop);
    var request =
        WireRequest.of(
            hop,
            url,
            injector.headers(hop),
            injector.body(hop),
            grant.traceContext() ? metrics.context(caller.step().trace()) : TraceContext.NONE,
            key);
    long bytes = WireRequest.size(request);
    clock.beginWait();
    try {
      var addresses = sender.resolve(url, grant, call);
      budget.countSent(bytes);
      metrics.sending(grant.rule(), bytes);
      return sender.send(request, url, addresses, caller.handler(), call);
    } finally {
      clock.endWait();
    }
  }

  private HttpTrace trace(Hop hop, DestinationGrant grant) {
    return tracing.isOn()
        ? tracing.http(caller.step(), hop.exchange(grant.rule()))
        : HttpTrace.NONE;
  }

  private static Hop nextHop(Hop hop, HttpResponse response, DestinationGrant grant)
      throws HttpRequestException {
    if (hop.redirectCount() >= grant.redirects()) {
      throw HttpRequestException.of(
          FailureType.BAD_RESPONSE,
          "redirect",
          "there are more than the %d redirects that are granted".formatted(grant.redirects()));
    }
    return hop.redirect(response);
  }

  private Response response(
      Hop hop, Exchange exchange, boolean keepEncoding, HttpCall call, CallMetrics metrics)
      throws HttpRequestException {
    var response = exchange.response();
    long headBytes = ResponseCheck.check(response);
    budget.countReceived(headBytes);
    metrics.responseReceived(response.getCode(), headBytes);
    var coding = contentCoding(response, keepEncoding);
    if (coding == ContentCoding.IDENTITY && response.getEntity() != null) {
      checkLength(response.getEntity().getContentLength());
    }
    try {
      var rawBody = exchange.body();
      var head =
          ResponseHead.of(
              response, hop, coding.isDecoded(), exchange.connectNanos(), metrics.elapsedNanos());
      return new Response(head, exchange, rawBody, coding.decode(rawBody), budget, call, metrics);
    } catch (IOException broken) {
      throw HttpFailures.inBody(broken, call);
    }
  }

  private static ContentCoding contentCoding(HttpResponse response, boolean keepEncoding) {
    var header = response.getFirstHeader("Content-Encoding");
    if (header == null || keepEncoding) {
      return ContentCoding.IDENTITY;
    }
    return response.countHeaders("Content-Encoding") == 1
        ? ContentCoding.of(header.getValue())
        : ContentCoding.UNSUPPORTED;
  }

  /** A body whose declared length exceeds the budget is refused without reading it. */
  private void checkLength(long length) throws HttpRequestException {
    if (length > budget.remainingReceivable()) {
      budget.countReceived(length);
    }
  }
}
