package org.wasmbroker.capability;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Document;

/**
 * The responses that a run has not closed yet, and the requests whose bodies it still writes, by
 * their handles.
 */
final class OpenResponses implements AutoCloseable {
  /** Bounds the connections that one guest can keep from others. */
  static final int MAX_OPEN = (int) LimitKind.HTTP_RESPONSES.defaultValue();

  private final Map<Integer, GuestHttpResponse> open = new HashMap<>();
  private final Map<Integer, UnsentRequest> unsent = new HashMap<>();
  private Document lastError = Document.EMPTY;
  private int lastHandle;

  boolean isFull() {
    return open.size() + unsent.size() >= MAX_OPEN;
  }

  int add(GuestHttpResponse response) {
    lastHandle++;
    open.put(lastHandle, response);
    return lastHandle;
  }

  /** Begins a request whose body is written in pieces. */
  int begin(byte[] document) {
    lastHandle++;
    unsent.put(lastHandle, new UnsentRequest(document));
    return lastHandle;
  }

  @Nullable UnsentRequest findRequest(int handle) {
    return unsent.get(handle);
  }

  /** Takes a request to be sent; null if there is none with this handle. */
  @Nullable UnsentRequest takeRequest(int handle) {
    return unsent.remove(handle);
  }

  /** The request that was taken has a response, which gets its handle. */
  void answered(int handle, GuestHttpResponse response) {
    open.put(handle, response);
  }

  /** The bytes of all bodies that are not sent yet. */
  long unsentBytes() {
    long bytes = 0;
    for (var request : unsent.values()) {
      bytes += request.bodyBytes();
    }
    return bytes;
  }

  @Nullable GuestHttpResponse find(int handle) {
    return open.get(handle);
  }

  /** Closes one response, or drops a request; false if the handle is not open. */
  boolean close(int handle) {
    if (unsent.remove(handle) != null) {
      return true;
    }
    var response = open.remove(handle);
    if (response == null) {
      return false;
    }
    response.close();
    return true;
  }

  /** The error document of the last refused call; empty if none was. */
  Document lastError() {
    return lastError;
  }

  void lastError(Document document) {
    lastError = document;
  }

  @Override
  public void close() {
    open.values().forEach(GuestHttpResponse::close);
    open.clear();
    unsent.clear();
  }
}
