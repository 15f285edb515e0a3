package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The size of the calling thread's stack according to the C library. */
final class ThreadStack {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SELF =
      handle("pthread_self", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  private static final MethodHandle GET_ATTRIBUTES =
      handle(
          "pthread_getattr_np",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
  private static final MethodHandle GET_SIZE =
      handle(
          "pthread_attr_getstacksize",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final MethodHandle DESTROY =
      handle(
          "pthread_attr_destroy", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  /** {@code pthread_attr_t} has 56 bytes on x86-64 and 64 on aarch64. */
  private static final long ATTRIBUTES_BYTES = 128;

  private ThreadStack() {}

  static long bytes() {
    try (var arena = Arena.ofConfined()) {
      var attributes = arena.allocate(ATTRIBUTES_BYTES, 16);
      var size = arena.allocate(ValueLayout.JAVA_LONG);
      int failed = (int) GET_ATTRIBUTES.invokeExact((long) SELF.invokeExact(), attributes);
      if (failed != 0) {
        throw new IllegalStateException("pthread_getattr_np failed: error " + failed);
      }
      int ignored = (int) GET_SIZE.invokeExact(attributes, size);
      ignored += (int) DESTROY.invokeExact(attributes);
      return ignored == 0 ? size.get(ValueLayout.JAVA_LONG, 0) : 0;
    } catch (RuntimeException | Error failed) {
      throw failed;
    } catch (Throwable other) {
      throw new IllegalStateException("a downcall failed", other);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String function, FunctionDescriptor type) {
    MemorySegment address = LINKER.defaultLookup().find(function).orElseThrow();
    return LINKER.downcallHandle(address, type);
  }
}
