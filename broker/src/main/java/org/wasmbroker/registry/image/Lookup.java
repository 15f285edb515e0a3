package org.wasmbroker.registry.image;

/** What a run of a module that prepares found, and so how it went on. */
public enum Lookup {
  /** An image, with which it started. */
  HIT,
  /** Nothing, and it made the image and started with it. */
  MADE,
  /** Nothing, and it prepared itself: the configuration was not seen before, or long ago. */
  NEW,
  /**
   * Nothing, and it prepared itself: the image is being made for another step, or images that were
   * made for the module did not pay yet.
   */
  DEFERRED,
  /** That the image would be too large, so it prepared itself. */
  TOO_LARGE,
  /** That the preparation fails, so it failed. */
  FAILED
}
