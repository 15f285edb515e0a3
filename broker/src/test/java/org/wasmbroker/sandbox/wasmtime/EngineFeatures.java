package org.wasmbroker.sandbox.wasmtime;

import java.nio.file.Path;
import java.util.List;

/** The features of WebAssembly that the engine is told to offer or not. */
public final class EngineFeatures {
  private EngineFeatures() {}

  /** Every feature that is switched on or off, by the name of libwasmtime's function. */
  public static List<String> switches() {
    return EngineSettings.features();
  }

  /** The library's file. */
  public static Path library() {
    return NativeLibrary.load(null, NativeLibrary.userCacheDirectory()).file();
  }
}
