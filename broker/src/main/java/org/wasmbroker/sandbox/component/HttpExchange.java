package org.wasmbroker.sandbox.component;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.Streams.IoError;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/**
 * One request of {@code wasi:http} on its way through {@code http_request}. It is sent as soon as
 * it was handled and its body, if the guest took one, is finished, and that call of the guest waits
 * for the head of the response. What is written before the request is handled is kept here; from
 * then on {@code http_request} has it. Each method counts as one host call of the guest at least.
 */
final class HttpExchange {
  private static final byte[] NOTHING = {};

  private final HttpEntry http;

  /** Whether the request is as the guest wants it. */
  private boolean handled;

  /** The request document from then on until {@code http_request} has it; empty else. */
  private byte[] document = NOTHING;

  /** What the request says of its length; negative if it says nothing. */
  private long declared = -1;

  /** Another one once it is forgotten: one that is reset keeps its memory. */
  private ByteArrayOutputStream early = new ByteArrayOutputStream();

  private long written;
  private boolean bodyTaken;
  private boolean bodyFinished;

  /** That of {@code http_request}: of the request, and then of the response; 0 if there is none. */
  private int handle;

  private boolean answered;
  private boolean unwanted;
  private @Nullable Choice failure;

  HttpExchange(HttpEntry http) {
    this.http = http;
  }

  HttpEntry http() {
    return http;
  }

  int handle() {
    return handle;
  }

  /** Whether there is a response, or it is known why there is none. */
  boolean isOver() {
    return answered || failure != null;
  }

  /** Why there is no response, an {@link HttpErrorCode}; null if there is or may be one. */
  @Nullable Choice failure() {
    return failure;
  }

  /** False if it was taken before. */
  boolean takeBody() {
    boolean first = !bodyTaken;
    bodyTaken = true;
    return first;
  }

  /**
   * The request is as the guest wants it.
   *
   * @param newDeclared the length that it says of its body; negative if it says none
   */
  void handle(byte[] newDocument, long newDeclared, ComponentCall call)
      throws GuestStoppedException {
    handled = true;
    declared = newDeclared;
    var body = early.toByteArray();
    forgetEarly(call);
    if (failure != null) {
      call.count();
      return;
    }
    HeldByHttp.of(call).add(newDocument.length, call);
    document = newDocument;
    if (!bodyTaken || bodyFinished) {
      if (isOfWrongLength()) {
        call.count();
        fail(HttpErrorCode.requestBodySize(written), call);
      } else {
        pass(body, 0, body.length, call);
        send(call);
      }
    } else if (body.length == 0) {
      call.count();
    } else {
      pass(body, 0, body.length, call);
    }
  }

  private boolean isOfWrongLength() {
    return declared >= 0 && declared != written;
  }

  /** Writes a piece of the body. */
  Choice write(Piece piece, ComponentCall call) throws GuestStoppedException {
    int count = piece.count();
    if (failure == null && declared >= 0 && count > declared - written) {
      fail(HttpErrorCode.requestBodySize(written + count), call);
    }
    if (failure != null || count == 0) {
      call.count();
    } else if (handled) {
      written += count;
      pass(piece.memory(), Piece.START, count, call);
    } else {
      call.count();
      if (HeldByHttp.of(call).hasRoomFor(count)) {
        HeldByHttp.of(call).add(count, call);
        written += count;
        early.write(piece.memory(), Piece.START, count);
      } else {
        fail(
            HttpErrorCode.internal(
                "more of a body is written before outgoing-handler.handle than the %d bytes that a"
                        .formatted(HeldByHttp.MAX_BYTES)
                    + " run can hold"),
            call);
      }
    }
    return failure == null ? Choice.OK : failed(failure);
  }

  /** What a stream answers of a body that failed. */
  static Choice failed(Choice code) {
    return Streams.failed(new IoError(HttpErrorCode.text(code), null, code));
  }

  private void pass(byte[] memory, int offset, int length, ComponentCall call)
      throws GuestStoppedException {
    if (length > 0) {
      int result = handle == 0 ? http.begin(call, takeDocument(call)) : handle;
      if (result > 0) {
        handle = result;
        result = http.write(call, handle, memory, offset, length);
      }
      if (result < 0) {
        fail(HttpErrorCode.ofRequest(result, http, call), call);
      }
    }
  }

  /** The body is whole; the error if it is not as long as was said. */
  @Nullable Choice finishBody(ComponentCall call) throws GuestStoppedException {
    bodyFinished = true;
    if (failure == null && handled && isOfWrongLength()) {
      fail(HttpErrorCode.requestBodySize(written), call);
      call.count();
      return failure;
    }
    if (failure != null || !handled) {
      call.count();
    } else {
      send(call);
    }
    return null;
  }

  private void send(ComponentCall call) throws GuestStoppedException {
    if (failure == null) {
      int result = handle == 0 ? http.send(call, takeDocument(call)) : http.finish(call, handle);
      if (result < 0) {
        handle = 0; // a refused request is gone
        failure = HttpErrorCode.ofRequest(result, http, call);
      } else {
        handle = result;
        answered = true;
        if (unwanted) {
          close(call);
        }
      }
    }
  }

  /** It will have no response, unless it has one. */
  void abandon(String why, ComponentCall call) throws GuestStoppedException {
    call.count();
    if (!isOver()) {
      fail(HttpErrorCode.internal(why), call);
    }
  }

  private void fail(Choice code, ComponentCall call) throws GuestStoppedException {
    failure = code;
    forgetEarly(call);
    var _ = takeDocument(call);
    if (handle != 0) {
      http.close(call, handle);
      handle = 0;
    }
  }

  /** Nobody will ask for the response. */
  void unwanted(ComponentCall call) throws GuestStoppedException {
    unwanted = true;
    if (answered) {
      close(call);
    } else {
      call.count();
    }
  }

  /** Nobody needs the response any more. */
  void close(ComponentCall call) throws GuestStoppedException {
    if (handle == 0) {
      call.count();
    } else {
      http.close(call, handle);
      handle = 0;
    }
  }

  private void forgetEarly(ComponentCall call) {
    HeldByHttp.of(call).remove(early.size());
    early = new ByteArrayOutputStream();
  }

  /** The request document, which is not kept here any more. */
  private byte[] takeDocument(ComponentCall call) {
    var taken = document;
    HeldByHttp.of(call).remove(taken.length);
    document = NOTHING;
    return taken;
  }
}
