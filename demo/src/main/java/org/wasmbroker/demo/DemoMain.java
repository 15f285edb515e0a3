package org.wasmbroker.demo;

import org.wasmbroker.cli.WasmBroker;

/** The broker's command line with the command {@code demo}. */
public final class DemoMain {
  private DemoMain() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(WasmBroker.execute(arguments, new DemoCommand()));
  }
}
