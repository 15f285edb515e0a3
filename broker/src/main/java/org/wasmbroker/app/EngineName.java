package org.wasmbroker.app;

/** The engines that a broker can use. */
public enum EngineName {
  /** libwasmtime through {@code java.lang.foreign}. */
  WASMTIME,
  /** The wasmtime-java library. */
  WASMTIME_JAVA
}
