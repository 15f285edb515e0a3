// quickjs-ng as one unit, unchanged, with three things about it that can only be had here:
// - It bounds the stack, which its sources leave out for WASI: a script that calls itself for ever gets a RangeError. For
//   that it must not see that it is compiled for WASI.
// - Its clocks are those below.
// - The functions at the end look into its structures.

#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <wasi/api.h>

#include "quickjs_unit.h"

static uint64_t now_nanos(__wasi_clockid_t clock) {
  if (phase != RUNNING) {
    if (phase == LOADING) {
      clock_read_while_loading();
    }
    return 0; // the same in each build and for each configuration
  }
  __wasi_timestamp_t time = 0;
  return __wasi_clock_time_get(clock, 1, &time) == 0 ? time : 0;
}

static int unit_gettimeofday(struct timeval *time, void *zone) {
  uint64_t nanos = now_nanos(__WASI_CLOCKID_REALTIME);
  time->tv_sec = nanos / 1000000000;
  time->tv_usec = nanos % 1000000000 / 1000;
  return 0;
}

static int unit_clock_gettime(clockid_t clock, struct timespec *time) {
  uint64_t nanos = now_nanos(__WASI_CLOCKID_MONOTONIC);
  time->tv_sec = nanos / 1000000000;
  time->tv_nsec = nanos % 1000000000;
  return 0;
}

// Where quickjs-ng looks how deep it is, it looks at the stack in the module's memory. Much of what a function needs is on the
// engine's own stack, which nothing can look at; so each function that looks takes a part of the former for it.
#define FRAME 128
#define __builtin_frame_address(level)                                                                                        \
  ({                                                                                                                           \
    volatile char frame[FRAME];                                                                                                \
    frame[0] = 0;                                                                                                              \
    &frame[0];                                                                                                                 \
  })

#define gettimeofday unit_gettimeofday
#define clock_gettime unit_clock_gettime

#include "cutils.h"

#undef __wasi__
#include "quickjs.c"

JSContext *new_context(JSRuntime *runtime, JSCFunction *random) {
  JSContext *context = JS_NewContext(runtime);
  if (context != NULL) {
    JSValue math = JS_GetPropertyStr(context, context->global_obj, "Math");
    JS_DefinePropertyValueStr(context, math, "random", JS_NewCFunction(context, random, "random", 0),
                              JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    JS_FreeValue(context, math);
  }
  return context;
}

void allow_eval(JSContext *context, bool allowed) {
  context->eval_internal = allowed ? __JS_EvalInternal : NULL;
}

JSValue error_here(JSContext *context, JSValue error) {
  build_backtrace(context, error, JS_UNDEFINED, NULL, 0, 0, 0);
  return error;
}
