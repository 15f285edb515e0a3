package org.wasmbroker.app;

/** The engines that a broker can be told to use. */
public enum EngineName {
  /** libwasmtime through {@code java.lang.foreign}. */
  WASMTIME,
  /** The wasmtime-java library. */
  WASMTIME_JAVA
}
