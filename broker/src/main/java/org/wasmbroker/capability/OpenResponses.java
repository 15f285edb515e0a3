package org.wasmbroker.capability;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Document;

/** The responses that a run has not closed yet, by their handles. */
final class OpenResponses implements AutoCloseable {
  /** Bounds the connections that one guest can keep from others. */
  static final int MAX_OPEN = (int) LimitKind.HTTP_RESPONSES.defaultValue();

  private final Map<Integer, GuestHttpResponse> open = new HashMap<>();
  private Document lastError = Document.EMPTY;
  private int lastHandle;

  boolean isFull() {
    return open.size() >= MAX_OPEN;
  }

  int add(GuestHttpResponse response) {
    lastHandle++;
    open.put(lastHandle, response);
    return lastHandle;
  }

  @Nullable GuestHttpResponse find(int handle) {
    return open.get(handle);
  }

  /** Closes one response; false if the handle is not open. */
  boolean close(int handle) {
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
  }
}
