package org.wasmbroker.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Code that takes bytes from strangers, and what has to hold whatever they are. One object takes
 * many inputs, on one thread.
 */
public interface FuzzTarget {
  /** Inputs to begin with: most are accepted, so that the fuzzer learns what is. */
  List<byte[]> seeds();

  /**
   * Takes one input.
   *
   * @throws Throwable if a property does not hold: what is thrown is the finding
   */
  void accept(byte[] input) throws Throwable;

  /** How many inputs a short run takes, in some seconds. */
  default int shortRun() {
    return 3_000;
  }

  /** Texts as seeds. */
  static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
