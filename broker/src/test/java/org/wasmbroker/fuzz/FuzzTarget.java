package org.wasmbroker.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Code that processes untrusted bytes, and the properties that must hold for any input. An instance
 * processes many inputs on one thread.
 */
public interface FuzzTarget {
  /** Initial inputs, most of them valid, so that the fuzzer learns the format. */
  List<byte[]> seeds();

  /**
   * Processes one input.
   *
   * @throws Throwable if a property does not hold; this is the finding
   */
  void accept(byte[] input) throws Throwable;

  /** The number of inputs in a short run, which takes a few seconds. */
  default int shortRun() {
    return 3_000;
  }

  /** Texts as seeds. */
  static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
