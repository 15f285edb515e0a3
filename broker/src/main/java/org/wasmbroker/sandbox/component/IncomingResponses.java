package org.wasmbroker.sandbox.component;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.HttpFields.Field;
import org.wasmbroker.sandbox.component.Streams.Pollable;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import tools.jackson.databind.json.JsonMapper;

/** What {@code wasi:http/types} has of responses that the guest gets. */
final class IncomingResponses {
  private IncomingResponses() {}

  /** A response that is there, or will be as soon as the guest finished the request's body. */
  static final class Future {
    private final HttpExchange exchange;
    private boolean taken;

    Future(HttpExchange exchange) {
      this.exchange = exchange;
    }
  }

  private static final class Response {
    private final HttpExchange exchange;
    private final int status;
    private final HttpFields headers;
    private boolean consumed;

    Response(HttpExchange exchange, int status, HttpFields headers) {
      this.exchange = exchange;
      this.status = status;
      this.headers = headers;
    }
  }

  private static final class Body {
    private final HttpExchange exchange;
    private boolean streamTaken;
    private boolean streamOpen;
    private @Nullable Choice failure;

    Body(HttpExchange exchange) {
      this.exchange = exchange;
    }
  }

  /** There are no trailers: {@code http_request} leaves them out. */
  private static final class Trailers {
    private final @Nullable Choice failure;
    private boolean taken;

    Trailers(@Nullable Choice failure) {
      this.failure = failure;
    }
  }

  static void define(ComponentFunctions functions) {
    future(functions);
    response(functions);
    body(functions);
    trailers(functions);
    functions.define(
        OutgoingHttp.TYPES,
        "http-error-code",
        "func(borrow<error>) -> option<" + HttpErrorCode.TYPE + ">",
        (call, arguments) -> {
          call.count();
          var code = ((Streams.IoError) arguments[0]).http();
          return code == null ? Choice.NONE : Choice.some(code);
        });
  }

  private static void future(ComponentFunctions functions) {
    functions.define(
        OutgoingHttp.TYPES,
        "[method]future-incoming-response.subscribe",
        "func(borrow<future-incoming-response>) -> own<pollable>",
        (call, arguments) -> {
          call.count();
          var exchange = ((Future) arguments[0]).exchange;
          return new Pollable(() -> !exchange.isOver());
        });
    functions.define(
        OutgoingHttp.TYPES,
        "[method]future-incoming-response.get",
        "func(borrow<future-incoming-response>) -> option<result<result<own<incoming-response>, "
            + HttpErrorCode.TYPE
            + ">>>",
        (call, arguments) -> get((Future) arguments[0], call));
    functions
        .droppers()
        .add(
            "future-incoming-response",
            (call, value) -> {
              var future = (Future) value;
              if (future.taken) {
                call.count();
              } else {
                future.exchange.unwanted(call);
              }
            });
  }

  private static Choice get(Future future, ComponentCall call) throws GuestStoppedException {
    var exchange = future.exchange;
    if (!exchange.isOver()) {
      call.count();
      return Choice.NONE;
    }
    if (future.taken) {
      call.count();
      return Choice.some(Choice.error(null));
    }
    future.taken = true;
    if (exchange.failure() != null) {
      call.count();
      return Choice.some(Choice.ok(Choice.error(exchange.failure())));
    }
    var head = JsonMapper.shared().readTree(exchange.http().head(call, exchange.handle()));
    var fields = new ArrayList<Field>();
    head.path("headers")
        .forEachEntry(
            (name, values) ->
                values.forEach(
                    value ->
                        fields.add(
                            new Field(
                                name, value.asString().getBytes(StandardCharsets.ISO_8859_1)))));
    var response =
        new Response(exchange, head.path("status").intValue(), HttpFields.received(fields, call));
    return Choice.some(Choice.ok(Choice.ok(response)));
  }

  private static void response(ComponentFunctions functions) {
    functions.define(
        OutgoingHttp.TYPES,
        "[method]incoming-response.status",
        "func(borrow<incoming-response>) -> u16",
        (call, arguments) -> {
          call.count();
          return (long) ((Response) arguments[0]).status;
        });
    functions.define(
        OutgoingHttp.TYPES,
        "[method]incoming-response.headers",
        "func(borrow<incoming-response>) -> own<fields>",
        (call, arguments) -> {
          call.count();
          return ((Response) arguments[0]).headers.view();
        });
    functions.define(
        OutgoingHttp.TYPES,
        "[method]incoming-response.consume",
        "func(borrow<incoming-response>) -> result<own<incoming-body>>",
        (call, arguments) -> {
          call.count();
          var response = (Response) arguments[0];
          if (response.consumed) {
            return Choice.error(null);
          }
          response.consumed = true;
          return Choice.ok(new Body(response.exchange));
        });
    functions
        .droppers()
        .add(
            "incoming-response",
            (call, value) -> {
              var response = (Response) value;
              response.headers.release(call);
              if (response.consumed) {
                call.count();
              } else {
                response.exchange.close(call);
              }
            });
  }

  private static void body(ComponentFunctions functions) {
    functions.define(
        OutgoingHttp.TYPES,
        "[method]incoming-body.stream",
        "func(borrow<incoming-body>) -> result<own<input-stream>>",
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
        OutgoingHttp.TYPES,
        "[static]incoming-body.finish",
        "func(own<incoming-body>) -> own<future-trailers>",
        (call, arguments) -> {
          var body = (Body) arguments[0];
          close(body, call);
          return new Trailers(body.failure);
        });
    functions.droppers().add("incoming-body", (call, body) -> close((Body) body, call));
  }

  private static void close(Body body, ComponentCall call) throws GuestStoppedException {
    if (body.streamOpen) {
      throw call.run().violated("it gives an incoming-body back before its input-stream");
    }
    body.exchange.close(call);
  }

  private record BodyStream(Body body) implements Streams.Input {
    @Override
    public Choice read(ComponentCall call, int count) throws GuestStoppedException {
      if (body.failure != null) {
        call.count();
        return Streams.closed();
      }
      var exchange = body.exchange;
      var piece = new byte[count];
      int result = exchange.http().body(call, exchange.handle(), piece);
      if (result < 0) {
        body.failure = HttpErrorCode.ofBody(result, exchange.http(), call);
        return HttpExchange.failed(body.failure);
      }
      return result == 0 && count > 0 ? Streams.closed() : Choice.ok(Arrays.copyOf(piece, result));
    }

    @Override
    public void drop(ComponentCall call) throws GuestStoppedException {
      body.streamOpen = false;
      call.count();
    }
  }

  private static void trailers(ComponentFunctions functions) {
    functions.define(
        OutgoingHttp.TYPES,
        "[method]future-trailers.subscribe",
        "func(borrow<future-trailers>) -> own<pollable>",
        (call, _) -> {
          call.count();
          return Pollable.READY;
        });
    functions.define(
        OutgoingHttp.TYPES,
        "[method]future-trailers.get",
        "func(borrow<future-trailers>) -> option<result<result<option<own<fields>>, "
            + HttpErrorCode.TYPE
            + ">>>",
        (call, arguments) -> {
          call.count();
          var trailers = (Trailers) arguments[0];
          if (trailers.taken) {
            return Choice.some(Choice.error(null));
          }
          trailers.taken = true;
          return Choice.some(
              Choice.ok(
                  trailers.failure == null
                      ? Choice.ok(Choice.NONE)
                      : Choice.error(trailers.failure)));
        });
  }
}
