package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.Values.utf8;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * {@code wasi:http} for requests to other servers, over {@code http_request}: all of {@code types},
 * and {@code outgoing-handler}. Only {@code handle} needs a grant: what is in {@code types} does
 * nothing but with what {@code handle} gives.
 */
final class OutgoingHttp {
  static final String TYPES = "wasi:http/types";

  private static final String METHOD =
      "variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}";
  private static final String SCHEME = "variant{HTTP, HTTPS, other(string)}";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");
  private static final List<String> SCHEMES = List.of("http", "https");
  private static final String REQUEST = "borrow<outgoing-request>";
  private static final String TEXT = "option<string>";
  private static final int MAX_URL_PART = 8 << 10;

  private static final Pattern METHOD_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}");
  private static final Pattern SCHEME_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]{0,19}");

  /** Host and port: without user names, which no URL of a request has. */
  private static final Pattern AUTHORITY = Pattern.compile("[A-Za-z0-9._~%:\\[\\]-]{1,300}");

  private static final Pattern PATH = Pattern.compile("([/?][!-~&&[^#\\\\]]*)?");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private static final long MILLI = 1_000_000;

  private final ComponentFunctions functions;
  private final HttpEntry http;

  private OutgoingHttp(ComponentFunctions functions) {
    this.functions = functions;
    this.http = new HttpEntry(functions);
  }

  static void define(ComponentFunctions functions) {
    new OutgoingHttp(functions).define();
    HttpFieldsFunctions.define(functions);
    IncomingResponses.define(functions);
    HttpServing.define(functions);
  }

  /** A request that is not handled yet. */
  private static final class Request {
    private final HttpFields headers;
    private final HttpExchange exchange;
    private String method = "GET";
    private @Nullable String scheme;
    private @Nullable String authority;
    private @Nullable String path;

    Request(HttpFields headers, HttpExchange exchange) {
      this.headers = headers;
      this.exchange = exchange;
    }
  }

  /** In nanoseconds, unsigned; null for none. */
  private static final class Options {
    private @Nullable Long connect;
    private @Nullable Long firstByte;
    private @Nullable Long betweenBytes;
  }

  /** What a request's body is written to. */
  private static final class Body {
    private final HttpExchange exchange;
    private boolean streamTaken;
    private boolean streamOpen;

    Body(HttpExchange exchange) {
      this.exchange = exchange;
    }
  }

  private void define() {
    request();
    options();
    body();
    functions.define(
        "wasi:http/outgoing-handler",
        "handle",
        "func(own<outgoing-request>, option<own<request-options>>) ->"
            + " result<own<future-incoming-response>, "
            + HttpErrorCode.TYPE
            + ">",
        (call, arguments) ->
            handle(
                call,
                (Request) arguments[0],
                ((Choice) arguments[1]).value() instanceof Options given ? given : new Options()),
        HttpEntry.NAME);
  }

  private void request() {
    functions.define(
        TYPES,
        "[constructor]outgoing-request",
        "func(own<fields>) -> own<outgoing-request>",
        (call, arguments) -> {
          call.count();
          return new Request((HttpFields) arguments[0], new HttpExchange(http));
        });
    functions
        .droppers()
        .add(
            "outgoing-request",
            (call, value) -> {
              var request = (Request) value;
              request.headers.release(call);
              request.exchange.abandon("the request was dropped and not handled", call);
            });
    method("headers", REQUEST, "own<fields>", (request, _) -> request.headers.view());
    method(
        "body",
        REQUEST,
        "result<own<outgoing-body>>",
        (request, _) ->
            request.exchange.takeBody()
                ? Choice.ok(new Body(request.exchange))
                : Choice.error(null));
    method("method", REQUEST, METHOD, (request, _) -> named(METHODS, request.method));
    method(
        "set-method",
        REQUEST + ", " + METHOD,
        "result",
        (request, arguments) -> {
          var method = name((Choice) arguments[1], METHODS, METHOD_NAME);
          request.method = method == null ? request.method : method;
          return done(method != null);
        });
    method(
        "scheme",
        REQUEST,
        "option<" + SCHEME + ">",
        (request, _) ->
            request.scheme == null ? Choice.NONE : Choice.some(named(SCHEMES, request.scheme)));
    method(
        "set-scheme",
        REQUEST + ", option<" + SCHEME + ">",
        "result",
        (request, arguments) -> {
          var given = ((Choice) arguments[1]).value();
          var scheme = given == null ? null : name((Choice) given, SCHEMES, SCHEME_NAME);
          boolean valid = given == null || scheme != null;
          request.scheme = valid ? scheme : request.scheme;
          return done(valid);
        });
    method("authority", REQUEST, TEXT, (request, _) -> optional(request.authority));
    method(
        "set-authority",
        REQUEST + ", " + TEXT,
        "result",
        (request, arguments) -> {
          var given = (String) arguments[1];
          boolean valid = given == null || AUTHORITY.matcher(given).matches();
          request.authority = valid ? given : request.authority;
          return done(valid);
        });
    method("path-with-query", REQUEST, TEXT, (request, _) -> optional(request.path));
    method(
        "set-path-with-query",
        REQUEST + ", " + TEXT,
        "result",
        (request, arguments) -> {
          var given = (String) arguments[1];
          boolean valid = given == null || PATH.matcher(given).matches();
          request.path = valid ? given : request.path;
          return done(valid);
        });
  }

  /** What a method of a request does, with texts in the place of ranges of memory. */
  @FunctionalInterface
  private interface RequestMethod {
    Object call(Request request, @Nullable Object[] arguments);
  }

  private void method(String name, String params, String result, RequestMethod body) {
    functions.define(
        TYPES,
        "[method]outgoing-request." + name,
        "func(" + params + ") -> " + result,
        (call, arguments) -> {
          call.count();
          var read = new Object[arguments.length];
          for (int i = 0; i < read.length; i++) {
            read[i] =
                params.endsWith(TEXT) && i == 1
                    ? optionalText(call, arguments[i])
                    : texts(call, arguments[i]);
          }
          return body.call((Request) arguments[0], read);
        });
  }

  private static @Nullable String optionalText(ComponentCall call, Object option)
      throws GuestStoppedException {
    return ((Choice) option).value() instanceof Span span ? text(call, span) : null;
  }

  /** The same with texts in the place of ranges of memory. */
  private static Object texts(ComponentCall call, Object value) throws GuestStoppedException {
    return switch (value) {
      case Span span -> text(call, span);
      case Choice(int index, Object inner) when inner != null ->
          new Choice(index, texts(call, inner));
      default -> value;
    };
  }

  /** What is longer than anything that is valid is cut, and so still is not valid. */
  private static String text(ComponentCall call, Span span) throws GuestStoppedException {
    int length = (int) Math.min(MAX_URL_PART + 1L, Integer.toUnsignedLong(span.length()));
    var text =
        new String(call.guest().memory().read(span.offset(), length), StandardCharsets.UTF_8);
    return length > MAX_URL_PART ? text + '\0' : text;
  }

  private static @Nullable String name(Choice choice, List<String> names, Pattern other) {
    if (choice.index() < names.size()) {
      return names.get(choice.index());
    }
    return choice.value() instanceof String text && other.matcher(text).matches() ? text : null;
  }

  private static Choice named(List<String> names, String name) {
    int index = names.indexOf(name);
    return index < 0 ? new Choice(names.size(), utf8(name)) : Choice.of(index);
  }

  private static Choice optional(@Nullable String text) {
    return text == null ? Choice.NONE : Choice.some(utf8(text));
  }

  private static Choice done(boolean valid) {
    return valid ? Choice.OK : Choice.error(null);
  }

  /** Gets or sets one of the timeouts. */
  private interface Timeout {
    @Nullable Long get(Options options);

    void set(Options options, @Nullable Long nanos);
  }

  private void options() {
    functions.define(
        TYPES,
        "[constructor]request-options",
        "func() -> own<request-options>",
        (call, _) -> {
          call.count();
          return new Options();
        });
    timeout(
        "connect-timeout",
        new Timeout() {
          @Override
          public @Nullable Long get(Options options) {
            return options.connect;
          }

          @Override
          public void set(Options options, @Nullable Long nanos) {
            options.connect = nanos;
          }
        });
    timeout(
        "first-byte-timeout",
        new Timeout() {
          @Override
          public @Nullable Long get(Options options) {
            return options.firstByte;
          }

          @Override
          public void set(Options options, @Nullable Long nanos) {
            options.firstByte = nanos;
          }
        });
    timeout(
        "between-bytes-timeout",
        new Timeout() {
          @Override
          public @Nullable Long get(Options options) {
            return options.betweenBytes;
          }

          @Override
          public void set(Options options, @Nullable Long nanos) {
            options.betweenBytes = nanos;
          }
        });
  }

  private void timeout(String name, Timeout timeout) {
    functions.define(
        TYPES,
        "[method]request-options." + name,
        "func(borrow<request-options>) -> option<u64>",
        (call, arguments) -> {
          call.count();
          var nanos = timeout.get((Options) arguments[0]);
          return nanos == null ? Choice.NONE : Choice.some(nanos);
        });
    functions.define(
        TYPES,
        "[method]request-options.set-" + name,
        "func(borrow<request-options>, option<u64>) -> result",
        (call, arguments) -> {
          call.count();
          timeout.set((Options) arguments[0], (Long) ((Choice) arguments[1]).value());
          return Choice.OK;
        });
  }

  private void body() {
    functions.define(
        TYPES,
        "[method]outgoing-body.write",
        "func(borrow<outgoing-body>) -> result<own<output-stream>>",
        (call, arguments) -> {
          call.count();
          var body = (Body) arguments[0];
          if (body.streamTaken) {
            return Choice.error(null);
          }
          body.streamTaken = true;
          body.streamOpen = true;
          return Choice.ok(new BodyStream(body));
        });
    functions.define(
        TYPES,
        "[static]outgoing-body.finish",
        "func(own<outgoing-body>, option<own<fields>>) -> result<_, " + HttpErrorCode.TYPE + ">",
        (call, arguments) -> {
          var body = (Body) arguments[0];
          requireNoStream(body, call);
          if (((Choice) arguments[1]).value() instanceof HttpFields trailers) {
            boolean some = !trailers.all().isEmpty();
            trailers.release(call);
            if (some) {
              var why = "trailers are not supported";
              body.exchange.abandon(why, call);
              return Choice.error(HttpErrorCode.internal(why));
            }
          }
          var failure = body.exchange.finishBody(call);
          return failure == null ? Choice.OK : Choice.error(failure);
        });
    functions
        .droppers()
        .add(
            "outgoing-body",
            (call, value) -> {
              var body = (Body) value;
              requireNoStream(body, call);
              body.exchange.abandon("the request's body was dropped and not finished", call);
            });
  }

  private static void requireNoStream(Body body, ComponentCall call) throws GuestStoppedException {
    if (body.streamOpen) {
      throw call.run().violated("it gives an outgoing-body back before its output-stream");
    }
  }

  private record BodyStream(Body body) implements Streams.Output {
    @Override
    public Choice write(ComponentCall call, Piece piece) throws GuestStoppedException {
      return body.exchange.write(piece, call);
    }

    @Override
    public void drop(ComponentCall call) throws GuestStoppedException {
      body.streamOpen = false;
      call.count();
    }
  }

  private Choice handle(ComponentCall call, Request request, Options options)
      throws GuestStoppedException {
    var wrong = wrong(request);
    if (wrong != null) {
      request.headers.release(call);
      request.exchange.abandon("the request is invalid", call);
      return Choice.error(wrong);
    }
    var declared = declared(request);
    var document = document(request, options);
    request.headers.release(call);
    request.exchange.handle(document, declared, call);
    return Choice.ok(new IncomingResponses.Future(request.exchange));
  }

  private static @Nullable Choice wrong(Request request) {
    if ((request.scheme != null && !SCHEMES.contains(request.scheme))
        || request.authority == null) {
      return HttpErrorCode.HTTP_REQUEST_URI_INVALID.choice();
    }
    if (!request.method.equals(request.method.toUpperCase(Locale.ROOT))) {
      return HttpErrorCode.HTTP_REQUEST_METHOD_INVALID.choice();
    }
    var lengths = lengths(request);
    return lengths.size() > 1 || !lengths.stream().allMatch(LENGTH.asMatchPredicate())
        ? HttpErrorCode.internal("the header content-length is not one number")
        : null;
  }

  private static List<String> lengths(Request request) {
    var lengths = new ArrayList<String>();
    request.headers.byName(HttpFields::isContentLength).values().forEach(lengths::addAll);
    return lengths;
  }

  private static long declared(Request request) {
    var lengths = lengths(request);
    return lengths.isEmpty() ? -1 : Long.parseLong(lengths.getFirst());
  }

  /** The request document of ABI v1. */
  private static byte[] document(Request request, Options options) {
    var document = JsonNodeFactory.instance.objectNode();
    document.put("method", request.method);
    document.put(
        "url",
        (request.scheme == null ? "https" : request.scheme)
            + "://"
            + request.authority
            + (request.path == null ? "" : request.path));
    var headers = document.putObject("headers");
    for (Map.Entry<String, List<String>> field :
        request.headers.byName(name -> !HttpFields.isContentLength(name)).entrySet()) {
      var values = headers.putArray(field.getKey());
      field.getValue().forEach(values::add);
    }
    if (options.firstByte != null) {
      document.put(
          "timeout_ms",
          Math.max(
              1,
              millis(options.connect) + millis(options.firstByte) + millis(options.betweenBytes)));
    }
    return utf8(document.toString());
  }

  private static long millis(@Nullable Long nanos) {
    return nanos == null ? 0 : Long.divideUnsigned(nanos, MILLI) + 1;
  }
}
