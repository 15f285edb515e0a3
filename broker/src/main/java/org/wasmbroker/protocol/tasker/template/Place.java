package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.step.SafeText;

/** Where a value stands, as a JSON pointer. */
record Place(String pointer) {
  static final Place ROOT = new Place("");

  Place member(String name) {
    return new Place(pointer + "/" + name.replace("~", "~0").replace("/", "~1"));
  }

  Place element(int index) {
    return new Place(pointer + "/" + index);
  }

  /** For messages. */
  @Override
  public String toString() {
    return pointer.isEmpty() ? "the document" : SafeText.sanitize(pointer, 200);
  }
}
