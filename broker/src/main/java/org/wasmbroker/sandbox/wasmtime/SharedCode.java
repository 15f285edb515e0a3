package org.wasmbroker.sandbox.wasmtime;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.wasmbroker.sandbox.wasmtime.Compiler.Compiled;
import org.wasmbroker.step.Digest;

/**
 * The machine code of modules that carry content, each once: those that differ in their content
 * only have one code between them. Whoever asks first compiles it, the others wait. Thread-safe.
 */
final class SharedCode {
  private final Map<Digest, Entry> entries = new HashMap<>(); // guarded by this

  private static final class Entry {
    final CompletableFuture<Compiled> code = new CompletableFuture<>();
    int users; // guarded by SharedCode.this
  }

  /**
   * The code, for one user more. Whatever {@code compile} throws is thrown to who called it; those
   * that waited then compile themselves.
   *
   * @param digest of what is compiled
   */
  Compiled acquire(Digest digest, Supplier<Compiled> compile) {
    while (true) {
      Entry entry;
      boolean first;
      synchronized (this) {
        var existing = entries.get(digest);
        first = existing == null;
        entry = existing == null ? new Entry() : existing;
        entries.put(digest, entry);
        entry.users++;
      }
      if (first) {
        return compileFor(entry, digest, compile);
      }
      try {
        var code = entry.code.join();
        return new Compiled(code.module(), null, code.codeBytes());
      } catch (CompletionException _) {
        // the other one failed, perhaps since its thread was stopped
      }
    }
  }

  private Compiled compileFor(Entry entry, Digest digest, Supplier<Compiled> compile) {
    try {
      var code = compile.get();
      entry.code.complete(code);
      return code;
    } catch (Throwable failure) {
      synchronized (this) {
        entries.remove(digest);
      }
      entry.code.completeExceptionally(failure);
      throw failure;
    }
  }

  /** One user less. True if it was the last one, who has to free the code. */
  synchronized boolean release(Digest digest) {
    var entry = entries.get(digest);
    if (entry == null) {
      throw new IllegalStateException("code " + digest + " is not in use");
    }
    entry.users--;
    if (entry.users == 0) {
      entries.remove(digest);
    }
    return entry.users == 0;
  }

  /** How many use the code; 1 for code that is not shared. */
  synchronized int users(Digest digest) {
    var entry = entries.get(digest);
    return entry == null ? 1 : entry.users;
  }
}
