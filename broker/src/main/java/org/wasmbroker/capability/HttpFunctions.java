package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.HttpOperation;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.RunLocal;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.step.Document;

/**
 * Requests to other servers.
 *
 * <p>{@code http_request(op, handle, ptr, len) -> i32}:
 *
 * <ul>
 *   <li>0, send: the request document in, a handle of 1 or more out, once the head of the response
 *       has arrived. INVALID, TOO_LARGE, STATE (too many responses are open), DENIED, RATE_LIMITED,
 *       TIMEOUT, IO, BUDGET; op 4 then says more.
 *   <li>1, head: the length of the response's head document. It is copied if {@code len} is at
 *       least that.
 *   <li>2, body: copies at most {@code len} of the next bytes and returns their number, 0 at the
 *       end. TIMEOUT, IO, BUDGET.
 *   <li>3, close: 0.
 *   <li>4, error: the length of the document of the run's last refused call, 0 if none was. It is
 *       copied if {@code len} is at least that.
 *   <li>5, begin: the request document without a body in, the handle of a request out, to which its
 *       body is written. INVALID, TOO_LARGE, STATE.
 *   <li>6, write: the next bytes of the body in, 0 out. TOO_LARGE, BUDGET; the request remains.
 *   <li>7, finish: sends it; the handle is that of the response from now on. As of send.
 * </ul>
 *
 * FAULT; INVALID for another op; NOT_FOUND for a handle that is not open.
 */
final class HttpFunctions {
  static final List<HostFunction> ALL =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "http_request",
              List.of(I32, I32, I32, I32),
              I32,
              HttpFunctions::call));

  private static final RunLocal<OpenResponses> RESPONSES =
      new RunLocal<>(OpenResponses::new, OpenResponses::close);

  /** The largest request document: a body beyond it does not fit any budget. */
  private static final int REQUEST_BYTES = 16 << 20;

  /** The largest body that is written in pieces; the broker holds it until it is sent. */
  private static final long BODY_BYTES = 64 << 20;

  private static final Document OVER_BUDGET =
      Document.of(
          "{\"type\":\"budget_exceeded\",\"message\":\"the bodies that are not sent yet exceed"
              + " limits.http-sent\",\"retryable\":false,\"sent\":false}");

  /** The maximum number of bytes of a body that one call returns. */
  private static final int PIECE_BYTES = 64 << 10;

  private HttpFunctions() {}

  private static long call(HostCall call) throws GuestStoppedException {
    if (!call.memory().contains(call.i32(2), call.i32(3))) {
      return AbiError.FAULT.code();
    }
    return switch (HttpOperation.ofCode(call.i32(0))) {
      case null -> AbiError.INVALID.code();
      case SEND -> send(call);
      case HEAD -> head(call);
      case BODY -> body(call);
      case CLOSE -> RESPONSES.get(call.run()).close(call.i32(1)) ? 0 : AbiError.NOT_FOUND.code();
      case ERROR -> copied(call, RESPONSES.get(call.run()).lastError());
      case BEGIN -> begin(call);
      case WRITE -> write(call);
      case FINISH -> finish(call);
    };
  }

  private static GuestHttp http(RunState run) {
    var http = run.invocation().access().find(GuestHttp.class);
    return http == null ? GuestHttp.NONE : http;
  }

  private static long send(HostCall call) throws GuestStoppedException {
    var run = call.run();
    var wrong = wrongStart(call);
    if (wrong != null) {
      return wrong.code();
    }
    var request = call.memory().read(call.i32(2), call.i32(3));
    try {
      var answer = http(run).send(request, run);
      int handle = RESPONSES.get(run).add(answer);
      run.throwIfStopped();
      return handle;
    } catch (CallRefusedException refused) {
      return refused(run, refused);
    }
  }

  /** Why no request can begin with these arguments, or null if one can. */
  private static @Nullable AbiError wrongStart(HostCall call) {
    if (call.i32(1) != 0) {
      return AbiError.INVALID;
    }
    if (Integer.toUnsignedLong(call.i32(3)) > REQUEST_BYTES) {
      return AbiError.TOO_LARGE;
    }
    return RESPONSES.get(call.run()).isFull() ? AbiError.STATE : null;
  }

  private static long begin(HostCall call) {
    var wrong = wrongStart(call);
    return wrong == null
        ? RESPONSES.get(call.run()).begin(call.memory().read(call.i32(2), call.i32(3)))
        : wrong.code();
  }

  /** What all requests of the run have not sent yet is bounded by what one could send. */
  private static long write(HostCall call) {
    var run = call.run();
    var open = RESPONSES.get(run);
    var request = open.findRequest(call.i32(1));
    if (request == null) {
      return AbiError.NOT_FOUND.code();
    }
    long length = Integer.toUnsignedLong(call.i32(3));
    if (request.bodyBytes() + length > BODY_BYTES) {
      return AbiError.TOO_LARGE.code();
    }
    if (open.unsentBytes() + length > run.limits().of(LimitKind.HTTP_SENT)) {
      open.lastError(OVER_BUDGET);
      return AbiError.BUDGET.code();
    }
    request.append(call.memory().read(call.i32(2), call.i32(3)));
    return 0;
  }

  private static long finish(HostCall call) throws GuestStoppedException {
    var run = call.run();
    int handle = call.i32(1);
    var request = RESPONSES.get(run).takeRequest(handle);
    if (request == null) {
      return AbiError.NOT_FOUND.code();
    }
    try {
      var answer = http(run).send(request.document(), request.body(), run);
      RESPONSES.get(run).answered(handle, answer);
      run.throwIfStopped();
      return handle;
    } catch (CallRefusedException refused) {
      return refused(run, refused);
    }
  }

  private static long head(HostCall call) {
    var answer = RESPONSES.get(call.run()).find(call.i32(1));
    return answer == null ? AbiError.NOT_FOUND.code() : copied(call, answer.head());
  }

  private static long body(HostCall call) throws GuestStoppedException {
    var run = call.run();
    var answer = RESPONSES.get(run).find(call.i32(1));
    if (answer == null) {
      return AbiError.NOT_FOUND.code();
    }
    var piece = new byte[(int) Math.min(PIECE_BYTES, Integer.toUnsignedLong(call.i32(3)))];
    try {
      int count = piece.length == 0 ? 0 : answer.read(piece, run);
      run.throwIfStopped();
      call.memory().write(call.i32(2), piece, 0, count);
      return count;
    } catch (CallRefusedException refused) {
      return refused(run, refused);
    }
  }

  /** A call that failed because the run ended is not reported as the guest's error. */
  private static long refused(RunState run, CallRefusedException refused)
      throws GuestStoppedException {
    run.throwIfStopped();
    RESPONSES.get(run).lastError(refused.document());
    return refused.error().code();
  }

  private static long copied(HostCall call, Document document) {
    if (Integer.toUnsignedLong(call.i32(3)) >= document.size()) {
      call.memory().write(call.i32(2), document.bytes(), 0, document.size());
    }
    return document.size();
  }
}
