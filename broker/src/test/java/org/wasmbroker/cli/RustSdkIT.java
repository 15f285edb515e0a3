package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.RustForWasm;
import org.wasmbroker.testing.Tutorial;

/**
 * What the Rust SDK has of guest ABI 1.2, by a compiler and in a run. It takes too long for every
 * build: {@code make templates-check}.
 */
class RustSdkIT {
  /** Reads the document in pieces, and remembers in the cache that it has run. */
  private static final String HANDLER =
      """
      use std::io::{Read, Write};
      use wasm_broker_sdk::{Failure, cache, content, stream::{Input, Output}};

      fn count(input: &mut Input, output: &mut Output) -> Result<(), Failure> {
          let refused = |cause: wasm_broker_sdk::host::HostError| Failure::permanent("refused", cause.to_string());
          let known = cache::get(b"run").map_err(refused)?.is_some();
          cache::put(b"run", b"1", None).map_err(refused)?;
          let carried = content::read().map_err(refused)?.is_some();
          let mut piece = [0; 1000];
          let mut bytes = 0;
          loop {
              let count = input.read(&mut piece)?;
              if count == 0 {
                  break;
              }
              bytes += count;
          }
          if bytes > 50_000 {
              output.write_all(&vec![b' '; 200_000])?;
              output.flush()?;
              return Err(Failure::permanent("too_long", format!("{bytes} bytes")));
          }
          write!(output, "{{\\"status\\":\\"completed\\",\\"result\\":")?;
          write!(output, "{{\\"bytes\\":{bytes},\\"known\\":{known},\\"carried\\":{carried}}}}}")?;
          Ok(())
      }

      wasm_broker_sdk::stream_handler!(count);
      """;

  private static final String MANIFEST =
      """
      {"name":"hello","version":"1.0.0","abi":"1","config_schema":{"type":"object"},
       "capabilities":{"host_functions":["read_input","read_input_at","append_output","write_output","read_content",
         "cache_get","cache_put"],"cache":true}}
      """;

  @TempDir private Path directory;

  @Test
  void documentsAreStreamedAndTheCacheAndTheContentAreReached() throws IOException {
    Files.writeString(directory.resolve("lib.rs"), HANDLER);
    Files.writeString(directory.resolve("manifest.json"), MANIFEST);
    Files.writeString(
        directory.resolve("policy.yaml"), "handlers: [{handler: hello, cache: {size: 1MiB}}]\n");
    Files.writeString(directory.resolve("short.json"), document(3_000));
    Files.writeString(directory.resolve("long.json"), document(60_000));
    var invoke =
        "wasm-broker invoke hello --set registry.directory=modules --policy policy.yaml --input ";
    var ended =
        new Tutorial(directory, RustForWasm.environment(directory))
            .run(
                List.of(
                    "wasm-broker new hello",
                    "cp lib.rs hello/src/lib.rs",
                    "cp manifest.json hello/manifest.json",
                    "rm -rf hello/examples",
                    "mkdir modules",
                    "wasm-broker publish hello modules",
                    invoke + "short.json",
                    invoke + "short.json --repeat 2",
                    invoke + "long.json || echo failed"));

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output())
        .containsSubsequence(
            "{\"bytes\":3000,\"known\":false,\"carried\":false}",
            "{\"bytes\":3000,\"known\":true,\"carried\":false}",
            "too_long",
            "60000 bytes",
            "failed");
  }

  private static String document(int bytes) {
    var frame = "{\"context\":\"%s\"}";
    return frame.formatted("a".repeat(bytes - frame.formatted("").length()));
  }
}
