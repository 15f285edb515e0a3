// What the interpreter needs of quickjs-ng beside its own header; see quickjs_unit.c.
#ifndef QUICKJS_UNIT_H
#define QUICKJS_UNIT_H

#include <stdbool.h>
#include "quickjs.h"

// Which part of its life the module is in.
enum phase {
  BUILDING, // of the snapshot
  LOADING,  // of the script, in prepare
  RUNNING,  // of a step
};
extern enum phase phase;

// Called where a script that is being loaded reads a clock.
void clock_read_while_loading(void);

// A context with everything of the language, and one that draws its random numbers from random_double.
JSContext *new_context(JSRuntime *runtime, JSCFunction *random);

// Whether a text may become code from now on: by eval, Function and their like.
void allow_eval(JSContext *context, bool allowed);

// An error with the stack of where the script is now.
JSValue error_here(JSContext *context, JSValue error);

#endif
