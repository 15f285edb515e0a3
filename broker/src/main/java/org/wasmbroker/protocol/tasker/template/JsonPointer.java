package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.step.SafeText;

/** Where a value stands, as a JSON pointer. */
record JsonPointer(String value) {
  static final JsonPointer ROOT = new JsonPointer("");

  JsonPointer member(String name) {
    return new JsonPointer(value + "/" + name.replace("~", "~0").replace("/", "~1"));
  }

  JsonPointer element(int index) {
    return new JsonPointer(value + "/" + index);
  }

  /** For messages. */
  @Override
  public String toString() {
    return value.isEmpty() ? "the document" : SafeText.sanitize(value, 200);
  }
}
