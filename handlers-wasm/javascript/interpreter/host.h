// The functions of the broker as a script sees them.
#ifndef HOST_H
#define HOST_H

#include "quickjs.h"

// An object with the functions below it, for prelude.js.
JSValue host_functions(JSContext *context);

// Math.random: seeded anew in each run.
JSValue host_math_random(JSContext *context, JSValueConst self, int argc, JSValueConst *argv);

// Writes a log line of an error that nobody else reports.
void host_log(uint32_t level, const char *text);

#endif
