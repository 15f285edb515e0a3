package org.wasmbroker.sandbox.component;

import org.wasmbroker.sandbox.HttpOperation;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * The function {@code http_request}, which is all that components have of requests. What returns an
 * {@code int} returns an error code of ABI v1 if it is negative.
 */
final class HttpEntry {
  static final String NAME = "http_request";

  private final Entry entry;

  HttpEntry(ComponentFunctions functions) {
    this.entry = functions.entry(NAME);
  }

  /** Sends the request of a document in the guest's memory; the handle of its response. */
  int send(ComponentCall call, Span document) throws GuestStoppedException {
    return (int)
        call.call(entry, HttpOperation.SEND.code(), 0, document.offset(), document.length());
  }

  /** Sends the request of a document; the handle of its response. */
  int send(ComponentCall call, byte[] document) throws GuestStoppedException {
    return (int) call.callOn(document, entry, HttpOperation.SEND.code(), 0, 0, document.length);
  }

  /** Begins the request of a document; its handle. */
  int begin(ComponentCall call, byte[] document) throws GuestStoppedException {
    return (int) call.callOn(document, entry, HttpOperation.BEGIN.code(), 0, 0, document.length);
  }

  /** Adds bytes to the body of a request. */
  int write(ComponentCall call, int request, byte[] memory, int offset, int length)
      throws GuestStoppedException {
    return (int) call.callOn(memory, entry, HttpOperation.WRITE.code(), request, offset, length);
  }

  /** Begins the request of a document in the guest's memory; its handle. */
  int begin(ComponentCall call, Span document) throws GuestStoppedException {
    return (int)
        call.call(entry, HttpOperation.BEGIN.code(), 0, document.offset(), document.length());
  }

  /** Adds bytes of the guest's memory to the body of a request. */
  int write(ComponentCall call, int request, Span bytes) throws GuestStoppedException {
    return (int)
        call.call(entry, HttpOperation.WRITE.code(), request, bytes.offset(), bytes.length());
  }

  /** Sends a request with what was written to it; its handle is that of the response then. */
  int finish(ComponentCall call, int request) throws GuestStoppedException {
    return (int) call.call(entry, HttpOperation.FINISH.code(), request, 0, 0);
  }

  /** The number of the next bytes of the body of a response, of which there are none at its end. */
  int body(ComponentCall call, int response, byte[] into) throws GuestStoppedException {
    return (int) call.callOn(into, entry, HttpOperation.BODY.code(), response, 0, into.length);
  }

  /** The head document of a response; empty if there is no such response. */
  byte[] head(ComponentCall call, int response) throws GuestStoppedException {
    return document(call, HttpOperation.HEAD, response);
  }

  /** The document of the run's last error. */
  byte[] lastError(ComponentCall call) throws GuestStoppedException {
    return document(call, HttpOperation.ERROR, 0);
  }

  private byte[] document(ComponentCall call, HttpOperation operation, int handle)
      throws GuestStoppedException {
    var answer =
        HandlerInterfaces.filled(
            new byte[0],
            (memory, at, room) -> call.callOn(memory, entry, operation.code(), handle, at, room));
    return answer.value() instanceof byte[] document ? document : new byte[0];
  }

  /** Closes a response, or drops a request. */
  void close(ComponentCall call, int handle) throws GuestStoppedException {
    call.call(entry, HttpOperation.CLOSE.code(), handle, 0, 0);
  }
}
