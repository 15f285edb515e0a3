package org.wasmbroker.bench.compare;

import java.util.List;

/**
 * Figures that are measured together. {@link #round} is called for both builds in turns, the first
 * of which changes from round to round.
 */
interface Part extends AutoCloseable {
  /** As on the command line of {@code bench/run --against}. */
  String name();

  /** One line for the help and above the table. */
  String about();

  /** In the order of the table. */
  List<Figure> figures();

  /** How often it is measured by default. */
  int rounds();

  /** Measures a build once. */
  void round(Build build, Samples samples) throws Exception;

  @Override
  default void close() {}
}
