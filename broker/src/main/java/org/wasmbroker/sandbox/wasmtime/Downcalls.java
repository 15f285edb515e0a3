package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Calls of C functions whose parameters and results are integers and pointers.
 *
 * <p>On the two platforms that we have a libwasmtime for (System V x86-64, AAPCS64) these travel in
 * 64-bit registers or stack cells, whatever their width. So one handle per number of parameters
 * serves all functions, and pointers are plain longs: a call allocates nothing. A result narrower
 * than 64 bits leaves the upper bits undefined.
 *
 * <p>The <em>critical</em> calls are for functions that neither block nor call back; the JVM does
 * not change the thread's state for them. Whatever runs guest code is never called through one.
 */
final class Downcalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL_0 = handle(0);
  private static final MethodHandle CALL_1 = handle(1);
  private static final MethodHandle CALL_2 = handle(2);
  private static final MethodHandle CALL_3 = handle(3);
  private static final MethodHandle CALL_4 = handle(4);
  private static final MethodHandle CALL_5 = handle(5);
  private static final MethodHandle CALL_6 = handle(6);
  private static final MethodHandle CALL_9 = handle(9);
  private static final MethodHandle CRITICAL_1 = handle(1, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_2 = handle(2, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_4 = handle(4, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_5 = handle(5, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_6 = handle(6, Linker.Option.critical(false));

  private Downcalls() {}

  static long call0(MemorySegment function) {
    try {
      return (long) CALL_0.invokeExact(function);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call1(MemorySegment function, long a) {
    try {
      return (long) CALL_1.invokeExact(function, a);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call2(MemorySegment function, long a, long b) {
    try {
      return (long) CALL_2.invokeExact(function, a, b);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call3(MemorySegment function, long a, long b, long c) {
    try {
      return (long) CALL_3.invokeExact(function, a, b, c);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call4(MemorySegment function, long a, long b, long c, long d) {
    try {
      return (long) CALL_4.invokeExact(function, a, b, c, d);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call5(MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (long) CALL_5.invokeExact(function, a, b, c, d, e);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call6(MemorySegment function, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) CALL_6.invokeExact(function, a, b, c, d, e, f);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long call9(MemorySegment function, long[] a) {
    try {
      return (long)
          CALL_9.invokeExact(function, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long critical1(MemorySegment function, long a) {
    try {
      return (long) CRITICAL_1.invokeExact(function, a);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long critical2(MemorySegment function, long a, long b) {
    try {
      return (long) CRITICAL_2.invokeExact(function, a, b);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long critical4(MemorySegment function, long a, long b, long c, long d) {
    try {
      return (long) CRITICAL_4.invokeExact(function, a, b, c, d);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long critical5(MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (long) CRITICAL_5.invokeExact(function, a, b, c, d, e);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  static long critical6(MemorySegment function, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) CRITICAL_6.invokeExact(function, a, b, c, d, e, f);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  /** A downcall throws nothing itself; what the JVM throws (no stack, no memory) is passed on. */
  private static RuntimeException unexpected(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a downcall failed", cause);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(int parameters, Linker.Option... options) {
    var longs = new MemoryLayout[parameters];
    Arrays.fill(longs, ValueLayout.JAVA_LONG);
    return LINKER.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs), options);
  }
}
