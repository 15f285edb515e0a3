// A handler whose script is the module's content or, without one, `config.script`. `prepare` compiles the script, runs its
// top level and keeps its default export, which `run` calls with the step document.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocator.h"
#include "broker.h"
#include "document.h"
#include "host.h"
#include "quickjs_unit.h"

#define EXPORT(name) __attribute__((export_name(#name)))

// Of the stack in the module's memory. As deep as scripts get in it, the engine's own stack (engine.stack, 512 KiB) suffices.
#ifdef TRANSLATOR
#define SCRIPT_STACK (960 << 10)
#else
#define SCRIPT_STACK (128 << 10)
#endif
// The compiler takes more of the engine's stack for each byte of that.
#define COMPILER_STACK (26 << 10)
// Runs are short and their memory is given back as a whole: garbage is collected when there may be much of it.
#define GC_THRESHOLD (4 << 20)
#define FILE_NAME "handler.js"
#define SCRIPT_MEMBER "script"
#define EVAL_MEMBER "eval"

static const char prelude[] =
#include "prelude.inc"
    ;
static const char url[] =
#include "url.inc"
    ;

#ifdef TRANSLATOR
// Another language, whose translator to JavaScript is a part of the snapshot: ../../python.
static JSValue load_translated = JS_UNDEFINED;
#endif

enum phase phase = BUILDING;

static JSRuntime *runtime;
static JSContext *context;
static JSValue handler = JS_UNDEFINED;
static JSValue config = JS_UNDEFINED;
static JSValue step = JS_UNDEFINED;
static JSValue fire_timer = JS_UNDEFINED;
static JSValue describe_failure = JS_UNDEFINED;
static JSValue describe_checkpoint = JS_UNDEFINED;
static JSValue checkpoint_prototype = JS_UNDEFINED;

// Why there is no handler: what was thrown, and its type for a failure that has none of its own.
static JSValue load_error = JS_UNDEFINED;
static const char *load_error_type;

// The first time that the script read a clock while it was loaded.
static JSValue clock_error = JS_UNDEFINED;

// --- the snapshot ----------------------------------------------------------------------------------------------------

static void must(bool condition) {
  if (!condition) {
    __builtin_trap(); // while the module is built
  }
}

static JSValue evaluate(const char *source, size_t length, const char *name) {
  JSValue value = JS_Eval(context, source, length, name, JS_EVAL_TYPE_GLOBAL);
  must(!JS_IsException(value));
  return value;
}

#ifdef TRANSLATOR
static void must_have(JSValueConst value, const char *of) {
  if (JS_IsException(value)) {
    const char *error = JS_ToCString(context, JS_GetException(context));
    fprintf(stderr, "%s: %s\n", of, error == NULL ? "?" : error);
    must(false);
  }
}

// Without the text, which each function would keep for toString.
static JSValue evaluate_without_text(const char *text, size_t length, const char *name) {
  JSValue code = JS_Eval(context, text, length, name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
  must_have(code, name);
  size_t size;
  uint8_t *bytes =
      JS_WriteObject(context, &size, code, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG);
  JS_FreeValue(context, code);
  must(bytes != NULL);
  code = JS_ReadObject(context, bytes, size, JS_READ_OBJ_BYTECODE);
  js_free(context, bytes);
  must_have(code, name);
  return JS_EvalFunction(context, code);
}

// While the module is built, the translator is on standard input: of each of its sources a line with the name and the length,
// and the text. The last one gives a function that takes the host and gives the one that makes a handler of a script.
static void start_translator(JSValueConst host) {
  JSValue last = JS_UNDEFINED;
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *length_text = strchr(line, ' ');
    must(length_text != NULL);
    *length_text = 0;
    size_t length = strtoul(length_text + 1, NULL, 10);
    char *text = malloc(length + 1);
    must(text != NULL && fread(text, 1, length, stdin) == length);
    text[length] = 0;
    JS_FreeValue(context, last);
    last = evaluate_without_text(text, length, line);
    free(text);
    must_have(last, line);
  }
  load_translated = JS_Call(context, last, JS_UNDEFINED, 1, &host);
  JS_FreeValue(context, last);
  must_have(load_translated, "the start of the translator");
}
#endif

EXPORT(initialize_snapshot) void initialize_snapshot(void) {
  runtime = JS_NewRuntime();
  JS_SetMaxStackSize(runtime, SCRIPT_STACK);
  context = new_context(runtime, host_math_random);
  must(context != NULL);
  JSValue define_prelude = evaluate(prelude, sizeof prelude - 1, "prelude.js");
  JSValue host = host_functions(context);
  JSValue parts = JS_Call(context, define_prelude, JS_UNDEFINED, 1, &host);
  must(!JS_IsException(parts));
  step = JS_GetPropertyStr(context, parts, "step");
  fire_timer = JS_GetPropertyStr(context, parts, "fireTimer");
  describe_failure = JS_GetPropertyStr(context, parts, "failure");
  describe_checkpoint = JS_GetPropertyStr(context, parts, "checkpoint");
  checkpoint_prototype = JS_GetPropertyStr(context, parts, "checkpointPrototype");
  JSValue define_url = evaluate(url, sizeof url - 1, "url.js");
  must(!JS_IsException(JS_Call(context, define_url, JS_UNDEFINED, 0, NULL)));
#ifdef TRANSLATOR
  start_translator(host);
#endif
  JS_RunGC(runtime);
#ifdef TRANSLATOR
  JSMemoryUsage usage;
  JS_ComputeMemoryUsage(runtime, &usage);
  JS_SetGCThreshold(runtime, usage.malloc_size + GC_THRESHOLD); // or each run would walk through all of the snapshot
#else
  JS_SetGCThreshold(runtime, GC_THRESHOLD);
#endif
}

// --- what both parts need --------------------------------------------------------------------------------------------

// Reads what `read` gives, with a zero after it; NULL if it does not fit into the memory or `read` refuses.
static char *read_all(int32_t (*read)(void *, uint32_t), size_t *length, int32_t *answer) {
  *answer = read(NULL, 0);
  if (*answer < 0) {
    return NULL;
  }
  char *text = malloc((size_t)*answer + 1);
  if (text != NULL) {
    read(text, *answer);
    text[*answer] = 0;
    *length = *answer;
  }
  return text;
}

#ifndef TRANSLATOR
// Whether a promise was settled; what the script left to do is done meanwhile. False after an exception, too.
static bool settle(JSValueConst promise) {
  for (;;) {
    JSContext *of;
    while (JS_IsJobPending(runtime)) {
      if (JS_ExecutePendingJob(runtime, &of) < 0) {
        return false;
      }
    }
    if (JS_PromiseState(context, promise) != JS_PROMISE_PENDING) {
      return true;
    }
    if (phase != RUNNING) {
      return false;
    }
    JSValue fired = JS_Call(context, fire_timer, JS_UNDEFINED, 0, NULL);
    if (JS_IsException(fired) || !JS_ToBool(context, fired)) {
      return false;
    }
  }
}

// The result of a promise, which is freed, or of anything else as it is. JS_EXCEPTION if it was rejected or never ends.
static JSValue settled(JSValue value, const char *never) {
  if (!JS_IsPromise(value)) {
    return value;
  }
  JS_PromiseMarkAsHandled(context, value);
  JSValue result = JS_EXCEPTION;
  if (settle(value)) {
    result = JS_PromiseResult(context, value);
    if (JS_PromiseState(context, value) == JS_PROMISE_REJECTED) {
      result = JS_Throw(context, result);
    }
  } else if (!JS_HasException(context)) {
    JS_ThrowTypeError(context, "%s", never);
  }
  JS_FreeValue(context, value);
  return result;
}
#endif

// --- prepare ---------------------------------------------------------------------------------------------------------

void clock_read_while_loading(void) {
  if (JS_IsUndefined(clock_error)) {
    clock_error = error_here(context, JS_NewTypeError(context, "a clock cannot be read while the script is loaded, since all "
                                                               "steps share what it leaves: read it in the handler"));
  }
}

static void refuse_to_load(const char *type, JSValue error) {
  load_error_type = type;
  load_error = error;
}

#ifdef TRANSLATOR
// Translates a script and runs its top level.
static void load(const char *script, size_t length) {
  JSValue text = JS_NewStringLen(context, script, length);
  handler = JS_Call(context, load_translated, JS_UNDEFINED, 1, &text);
  JS_FreeValue(context, text);
  if (JS_IsException(handler)) {
    refuse_to_load("script_load_error", JS_GetException(context));
  } else if (!JS_IsUndefined(clock_error)) {
    refuse_to_load("script_load_error", clock_error);
  }
}
#else
static bool is_syntax_error(JSValueConst error) {
  JSValue name = JS_GetPropertyStr(context, error, "name");
  const char *text = JS_ToCString(context, name);
  bool is = text != NULL && strcmp(text, "SyntaxError") == 0;
  JS_FreeCString(context, text);
  JS_FreeValue(context, name);
  return is;
}

// Compiles a module and runs its top level.
static void load(const char *script, size_t length) {
  JS_SetMaxStackSize(runtime, COMPILER_STACK);
  JSValue module = JS_Eval(context, script, length, FILE_NAME, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  JS_SetMaxStackSize(runtime, SCRIPT_STACK);
  if (JS_IsException(module)) {
    JSValue error = JS_GetException(context);
    refuse_to_load(is_syntax_error(error) ? "script_syntax_error" : "script_load_error", error);
    return;
  }
  JSModuleDef *definition = JS_VALUE_GET_PTR(module);
  JSValue evaluated = settled(JS_EvalFunction(context, module), "the top level of the script waits for what never happens");
  if (JS_IsException(evaluated)) {
    refuse_to_load("script_load_error", JS_GetException(context));
    return;
  }
  JS_FreeValue(context, evaluated);
  if (!JS_IsUndefined(clock_error)) {
    refuse_to_load("script_load_error", clock_error);
    return;
  }
  JSValue exports = JS_GetModuleNamespace(context, definition);
  handler = JS_GetPropertyStr(context, exports, "default");
  JS_FreeValue(context, exports);
  if (!JS_IsFunction(context, handler)) {
    refuse_to_load("script_load_error", JS_NewTypeError(context, "the script has no handler: it needs 'export default function "
                                                                 "(input, step) { … }'"));
  }
}

#endif

// The configuration as an object, or an error.
static bool read_config(void) {
  size_t length = 0;
  int32_t answer;
  char *text = read_all(broker_read_input, &length, &answer);
  if (text == NULL) {
    refuse_to_load("invalid_config", JS_NewTypeError(context, "the configuration cannot be read (%d)", (int)answer));
    return false;
  }
  config = JS_ParseJSON(context, text, length, "config");
  free(text);
  if (JS_IsException(config)) {
    refuse_to_load("invalid_config", JS_GetException(context));
    return false;
  }
  return true;
}

#ifndef TRANSLATOR
// Takes the script out of a configuration, which a handler need not see.
static void load_configured(void) {
  JSValue script = JS_IsObject(config) ? JS_GetPropertyStr(context, config, SCRIPT_MEMBER) : JS_UNDEFINED;
  size_t length;
  const char *text = JS_IsString(script) ? JS_ToCStringLen(context, &length, script) : NULL;
  JS_FreeValue(context, script);
  if (text == NULL) {
    refuse_to_load("invalid_config", JS_NewTypeError(context, "config.script is missing: the text of a JavaScript module"));
    return;
  }
  JSAtom name = JS_NewAtom(context, SCRIPT_MEMBER);
  JS_DeleteProperty(context, config, name, 0);
  JS_FreeAtom(context, name);
  JSValue eval = JS_GetPropertyStr(context, config, EVAL_MEMBER);
  load(text, length);
  JS_FreeCString(context, text);
  allow_eval(context, JS_VALUE_GET_TAG(eval) == JS_TAG_BOOL && JS_VALUE_GET_BOOL(eval));
  JS_FreeValue(context, eval);
}
#endif

EXPORT(prepare) void prepare(void) {
  if (runtime == NULL) { // the module is no snapshot
    initialize_snapshot();
  }
  JS_UpdateStackTop(runtime);
  phase = LOADING;
  if (read_config()) {
    size_t length = 0;
    int32_t answer;
    char *script = read_all(broker_read_content, &length, &answer);
    if (script != NULL) {
      load(script, length);
      free(script);
      allow_eval(context, false);
    } else if (answer == BROKER_NOT_FOUND) {
#ifdef TRANSLATOR
      refuse_to_load("script_load_error", JS_NewTypeError(context, "the module has no script"));
#else
      load_configured();
#endif
    } else {
      refuse_to_load("script_load_error",
                     JS_NewTypeError(context, answer == BROKER_DENIED
                                                  ? "the script cannot be read: read_content is not granted; the manifest has "
                                                    "to request it, and a policy that lists functions to name it"
                                                  : "the script cannot be read: it does not fit into the memory"));
    }
  }
}

// --- run -------------------------------------------------------------------------------------------------------------

// Writes a document; the exit code of the run.
static int write_document(const char *before, const char *text, size_t length, const char *after) {
  size_t start = strlen(before), end = strlen(after);
  char *document = malloc(start + length + end);
  if (document == NULL) {
    return 1;
  }
  memcpy(document, before, start);
  memcpy(document + start, text, length);
  memcpy(document + start + length, after, end);
  return broker_write_output(document, start + length + end) == 0 ? 0 : 1;
}

static int write_json(const char *before, JSValue json, const char *after) {
  size_t length;
  const char *text = JS_ToCStringLen(context, &length, json);
  return text == NULL ? 1 : write_document(before, text, length, after);
}

// Whether that is why something was thrown; there may not even be memory for an error.
static bool is_out_of_memory(JSValueConst error) {
  if (!memory_refused || !JS_IsObject(error)) {
    return memory_refused;
  }
  JSValue message = JS_IsError(error) ? JS_GetPropertyStr(context, error, "message") : JS_UNDEFINED;
  const char *text = JS_IsString(message) ? JS_ToCString(context, message) : NULL;
  return text != NULL && strcmp(text, "out of memory") == 0;
}

// What was thrown becomes a failure. With no memory left, the broker is to tell of the limit.
static int fail(JSValue thrown, const char *type) {
  if (is_out_of_memory(thrown)) {
    host_log(4, "the script is out of memory");
    return 1;
  }
  JSValue arguments[] = {thrown, JS_NewString(context, type)};
  JSValue document = JS_Call(context, describe_failure, JS_UNDEFINED, 2, arguments);
  if (JS_IsException(document) && memory_refused) {
    return 1;
  }
  if (JS_IsException(document)) {
    static const char unknown[] = "{\"status\":\"failed\",\"error\":{\"type\":\"script_error\",\"message\":\"what the script threw "
                                  "cannot be described\",\"retryable\":false}}";
    return write_document("", unknown, sizeof unknown - 1, "");
  }
  return write_json("", document, "");
}

#ifndef TRANSLATOR
static int complete(JSValue result) {
  JSValue prototype = JS_IsObject(result) ? JS_GetPrototype(context, result) : JS_UNDEFINED;
  bool checkpoint = JS_IsObject(prototype) && JS_VALUE_GET_PTR(prototype) == JS_VALUE_GET_PTR(checkpoint_prototype);
  JSValue json = checkpoint ? JS_Call(context, describe_checkpoint, JS_UNDEFINED, 1, &result)
                            : JS_JSONStringify(context, result, JS_UNDEFINED, JS_UNDEFINED);
  if (JS_IsException(json)) {
    return fail(JS_GetException(context), "invalid_result");
  }
  if (checkpoint) {
    return write_json("", json, "");
  }
  if (JS_IsUndefined(json)) { // of undefined, and of a function
    json = JS_NewString(context, "null");
  }
  return write_json("{\"status\":\"completed\",\"result\":", json, "}");
}
#endif

// The step document with the configuration that was read before. JS_EXCEPTION if it is not one, or there is no memory.
static JSValue read_step(void) {
  size_t length = 0;
  int32_t answer;
  char *text = read_all(broker_read_input, &length, &answer);
  if (text == NULL) {
    return answer < 0 ? JS_ThrowTypeError(context, "read_input is not granted (%d)", (int)answer) : JS_ThrowOutOfMemory(context);
  }
  struct range value;
  if (find_config(text, length, &value)) {
    memset(text + value.start, ' ', value.end - value.start);
    text[value.start] = '0';
  }
  JSValue document = JS_ParseJSON(context, text, length, "step");
  free(text);
  if (JS_IsObject(document)) {
    JS_SetPropertyStr(context, document, "config", config);
  } else if (!JS_IsException(document)) {
    document = JS_ThrowTypeError(context, "the step document is not an object");
  }
  return document;
}

#ifdef TRANSLATOR
// The other language writes its result documents itself; it has none if the script ended the program, or there is no memory.
static int translated(JSValue result) {
  if (JS_IsException(result)) {
    return fail(JS_GetException(context), "script_error");
  }
  return JS_IsString(result) ? write_json("", result, "") : 1;
}
#endif

EXPORT(run) int run(void) {
  JS_UpdateStackTop(runtime);
  phase = RUNNING;
  if (!JS_IsUndefined(load_error)) {
    return fail(load_error, load_error_type);
  }
  JSValue document = read_step();
  if (JS_IsException(document)) {
    return fail(JS_GetException(context), "invalid_step_document");
  }
#ifdef TRANSLATOR
  return translated(JS_Call(context, handler, JS_UNDEFINED, 1, &document));
#else
  JSValue arguments[] = {document, step};
  JSValue result = settled(JS_Call(context, handler, JS_UNDEFINED, 2, arguments),
                           "the handler waits for what never happens: no timer and no request is left");
  return JS_IsException(result) ? fail(JS_GetException(context), "script_error") : complete(result);
#endif
}
