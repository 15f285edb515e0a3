#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#include "allocator.h"
#include "broker.h"
#include "quickjs_unit.h"

#define HOST(name) static JSValue name(JSContext *context, JSValueConst self, int argc, JSValueConst *argv)

static JSValue not_while_loading(JSContext *context, const char *what) {
  return JS_ThrowTypeError(context, "%s cannot be used while the script is loaded, since all steps share what it leaves: "
                           "use it in the handler", what);
}

// The bytes of a Uint8Array.
static uint8_t *bytes_of(JSContext *context, JSValueConst value, size_t *length) {
  return JS_GetUint8Array(context, length, value);
}

// A string of the bytes, which are freed.
static JSValue taken(JSContext *context, char *bytes, size_t length) {
  JSValue text = JS_NewStringLen(context, bytes, length);
  free(bytes);
  return text;
}

void host_log(uint32_t level, const char *text) { broker_log(level, text, strlen(text), NULL, 0); }

// log(level, message, fields): a line that does not fit into the budget is dropped, as the broker counts
HOST(log_line) {
  uint32_t level = 0;
  size_t length = 0, fields_length = 0;
  JS_ToUint32(context, &level, argv[0]);
  const char *message = JS_ToCStringLen(context, &length, argv[1]);
  if (message == NULL) {
    return JS_EXCEPTION;
  }
  const char *fields = NULL;
  if (argc > 2 && !JS_IsUndefined(argv[2])) {
    fields = JS_ToCStringLen(context, &fields_length, argv[2]);
    if (fields == NULL) {
      JS_FreeCString(context, message);
      return JS_EXCEPTION;
    }
  }
  int32_t answer = broker_log(level, message, length, fields, fields_length);
  JS_FreeCString(context, message);
  if (fields != NULL) {
    JS_FreeCString(context, fields);
  }
  return answer == BROKER_INVALID ? JS_ThrowTypeError(context, "the fields of a log line are a JSON object") : JS_UNDEFINED;
}

HOST(encode) {
  size_t length;
  const char *text = JS_ToCStringLen(context, &length, argv[0]);
  if (text == NULL) {
    return JS_EXCEPTION;
  }
  JSValue bytes = JS_NewUint8ArrayCopy(context, (const uint8_t *)text, length);
  JS_FreeCString(context, text);
  return bytes;
}

// Whether the bytes are UTF-8, without forms that are too long, surrogates and numbers beyond Unicode.
static bool is_utf8(const uint8_t *bytes, size_t length) {
  size_t at = 0;
  while (at < length) {
    uint8_t first = bytes[at++];
    if (first < 0x80) {
      continue;
    }
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || length - at < (size_t)more) {
      return false;
    }
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (int i = 0; i < more; i++) {
      if (bytes[at] < low || bytes[at] > high) {
        return false;
      }
      at++;
      low = 0x80;
      high = 0xbf;
    }
  }
  return true;
}

// decode(bytes, fatal)
HOST(decode) {
  size_t length;
  uint8_t *bytes = bytes_of(context, argv[0], &length);
  if (bytes == NULL && length > 0) {
    return JS_EXCEPTION;
  }
  if (JS_ToBool(context, argv[1]) && !is_utf8(bytes, length)) {
    return JS_ThrowTypeError(context, "the bytes are not UTF-8");
  }
  return JS_NewStringLen(context, (const char *)bytes, length);
}

HOST(base64) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t length;
  uint8_t *bytes = bytes_of(context, argv[0], &length);
  if (bytes == NULL && length > 0) {
    return JS_EXCEPTION;
  }
  size_t size = (length + 2) / 3 * 4;
  char *text = malloc(size + 1);
  if (text == NULL) {
    return JS_ThrowOutOfMemory(context);
  }
  char *out = text;
  for (size_t at = 0; at < length; at += 3) {
    uint32_t three = bytes[at] << 16;
    three |= at + 1 < length ? bytes[at + 1] << 8 : 0;
    three |= at + 2 < length ? bytes[at + 2] : 0;
    *out++ = digits[three >> 18];
    *out++ = digits[three >> 12 & 63];
    *out++ = at + 1 < length ? digits[three >> 6 & 63] : '=';
    *out++ = at + 2 < length ? digits[three & 63] : '=';
  }
  return taken(context, text, size);
}

// random(bytes): fills and returns them
HOST(random_bytes) {
  if (phase != RUNNING) {
    return not_while_loading(context, "randomness");
  }
  size_t length;
  uint8_t *bytes = bytes_of(context, argv[0], &length);
  if (bytes == NULL && length > 0) {
    return JS_EXCEPTION;
  }
  if (length > 65536) {
    return JS_ThrowRangeError(context, "at most 65536 random bytes at once");
  }
  if (length > 0 && __wasi_random_get(bytes, length) != 0) {
    return JS_ThrowInternalError(context, "no random bytes");
  }
  return JS_DupValue(context, argv[0]);
}

// xorshift64*, whose state is no part of an image: it is 0 until the first number of a run is drawn.
static uint64_t random_state;

JSValue host_math_random(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
  if (phase != RUNNING) {
    return not_while_loading(context, "Math.random");
  }
  while (random_state == 0) {
    if (__wasi_random_get((uint8_t *)&random_state, sizeof random_state) != 0) {
      return JS_ThrowInternalError(context, "no random bytes");
    }
  }
  uint64_t x = random_state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  random_state = x;
  return JS_NewFloat64(context, (double)(x * 0x2545F4914F6CDD1D >> 11) * 0x1p-53);
}

HOST(require_running) {
  if (phase == RUNNING) {
    return JS_UNDEFINED;
  }
  const char *what = JS_ToCString(context, argv[0]);
  if (what == NULL) {
    return JS_EXCEPTION;
  }
  not_while_loading(context, what);
  JS_FreeCString(context, what);
  return JS_EXCEPTION;
}

// now(): milliseconds since the run started
HOST(now) {
  __wasi_timestamp_t time = 0;
  (void)!__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &time);
  return JS_NewFloat64(context, (double)time / 1e6);
}

// sleep(milliseconds): the broker ends the run at its deadline
HOST(sleep_millis) {
  double millis = 0;
  JS_ToFloat64(context, &millis, argv[0]);
  __wasi_subscription_t wait = {0};
  wait.u.tag = __WASI_EVENTTYPE_CLOCK;
  wait.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  wait.u.u.clock.timeout = millis > 1e12 ? (__wasi_timestamp_t)1e18 : (__wasi_timestamp_t)(millis * 1e6);
  __wasi_event_t event;
  __wasi_size_t events;
  (void)!__wasi_poll_oneoff(&wait, &event, 1, &events);
  return JS_UNDEFINED;
}

// remaining(): milliseconds until the deadline
HOST(remaining) {
  if (phase != RUNNING) {
    return not_while_loading(context, "step.remainingMs");
  }
  int64_t nanos = broker_get_time(TIME_REMAINING);
  return nanos < 0 ? JS_ThrowTypeError(context, "the clock is not granted: get_time is not in the policy or the manifest")
                   : JS_NewFloat64(context, (double)nanos / 1e6);
}

HOST(secret) {
  if (phase != RUNNING) {
    return not_while_loading(context, "step.secret");
  }
  size_t name_length;
  const char *name = JS_ToCStringLen(context, &name_length, argv[0]);
  if (name == NULL) {
    return JS_EXCEPTION;
  }
  uint32_t capacity = 256;
  char *value = malloc(capacity);
  int32_t length = value == NULL ? 0 : broker_read_secret(name, name_length, value, capacity);
  if (length > (int32_t)capacity) {
    free(value);
    capacity = length;
    value = malloc(capacity);
    length = value == NULL ? 0 : broker_read_secret(name, name_length, value, capacity);
  }
  JSValue result;
  if (value == NULL) {
    result = JS_ThrowOutOfMemory(context);
  } else if (length >= 0 && length <= (int32_t)capacity) {
    result = JS_NewStringLen(context, value, length);
  } else {
    const char *why = length == BROKER_DENIED      ? "is not granted: the manifest has to request it and the policy to allow it"
                      : length == BROKER_NOT_FOUND ? "does not exist: none of the broker's sources has it"
                      : length == BROKER_IO        ? "cannot be read at the moment"
                                                   : "is not a name that a secret can have";
    result = JS_ThrowTypeError(context, "the secret '%s' %s", name, why);
    if (length == BROKER_IO) {
      JSValue error = JS_GetException(context);
      JS_SetPropertyStr(context, error, "retryable", JS_TRUE);
      result = JS_Throw(context, error);
    }
  }
  free(value);
  JS_FreeCString(context, name);
  return result;
}

// A text of the broker that it copies if there is room for it, and whose length it tells in any case.
static JSValue http_text(JSContext *context, uint32_t op, uint32_t handle) {
  int32_t length = broker_http_request(op, handle, NULL, 0);
  char *text = length > 0 ? malloc(length) : NULL;
  if (text == NULL) {
    return length > 0 ? JS_ThrowOutOfMemory(context) : JS_NULL;
  }
  broker_http_request(op, handle, text, length);
  return taken(context, text, length);
}

// Throws the broker's document about the last request as a string, or an error if it has none.
static JSValue http_failure(JSContext *context, int32_t code) {
  JSValue document = code == BROKER_STATE ? JS_NULL : http_text(context, HTTP_ERROR, 0);
  if (JS_IsString(document)) {
    return JS_Throw(context, document);
  }
  JS_FreeValue(context, document);
  return JS_ThrowTypeError(context, "fetch failed: the broker refused it (%d)%s", (int)code,
                           code == BROKER_DENIED ? ": http_request is not granted" : "");
}

// httpSend(document): a handle
HOST(http_send) {
  size_t length;
  const char *document = JS_ToCStringLen(context, &length, argv[0]);
  if (document == NULL) {
    return JS_EXCEPTION;
  }
  int32_t handle = broker_http_request(HTTP_SEND, 0, (void *)document, length);
  JS_FreeCString(context, document);
  return handle > 0 ? JS_NewInt32(context, handle) : http_failure(context, handle);
}

// httpHead(handle): a document
HOST(http_head) {
  uint32_t handle = 0;
  JS_ToUint32(context, &handle, argv[0]);
  return http_text(context, HTTP_HEAD, handle);
}

// httpBody(handle): all of it, as bytes
HOST(http_body) {
  enum { PIECE = 65536 };
  uint32_t handle = 0;
  JS_ToUint32(context, &handle, argv[0]);
  uint8_t *body = NULL;
  size_t size = 0, capacity = 0;
  int32_t read = 0;
  do {
    size += read;
    if (capacity - size < PIECE / 4) {
      capacity = capacity == 0 ? PIECE : capacity * 2;
      uint8_t *larger = realloc(body, capacity);
      if (larger == NULL) {
        free(body);
        return JS_ThrowOutOfMemory(context);
      }
      body = larger;
    }
    read = broker_http_request(HTTP_BODY, handle, body + size, capacity - size);
  } while (read > 0);
  JSValue result = read < 0 ? http_failure(context, read) : JS_NewUint8ArrayCopy(context, body, size);
  free(body);
  return result;
}

HOST(http_close) {
  uint32_t handle = 0;
  JS_ToUint32(context, &handle, argv[0]);
  broker_http_request(HTTP_CLOSE, handle, NULL, 0);
  return JS_UNDEFINED;
}

#ifdef TRANSLATOR
// readSecret(name): the value, or an error code
HOST(secret_or_code) {
  size_t name_length;
  const char *name = JS_ToCStringLen(context, &name_length, argv[0]);
  if (name == NULL) {
    return JS_EXCEPTION;
  }
  int32_t length = broker_read_secret(name, name_length, NULL, 0);
  char *value = length > 0 ? malloc(length) : NULL;
  if (value != NULL) {
    broker_read_secret(name, name_length, value, length);
  }
  JS_FreeCString(context, name);
  return length < 0                      ? JS_NewInt32(context, length)
         : length > 0 && value == NULL ? JS_ThrowOutOfMemory(context)
                                         : taken(context, value, length);
}

// microseconds(clock): of the broker, or an error code
HOST(microseconds) {
  uint32_t clock = 0;
  JS_ToUint32(context, &clock, argv[0]);
  int64_t nanos = broker_get_time(clock);
  return JS_NewFloat64(context, nanos < 0 ? (double)nanos : (double)(nanos / 1000));
}

// boundStack(bytes): how much of the stack in the module's memory may be used from now on
HOST(bound_stack) {
  uint32_t bytes = 0;
  JS_ToUint32(context, &bytes, argv[0]);
  JS_SetMaxStackSize(JS_GetRuntime(context), bytes);
  return JS_UNDEFINED;
}

// outOfMemory(): whether the broker refused any
HOST(out_of_memory) { return JS_NewBool(context, memory_refused); }
#endif

JSValue host_functions(JSContext *context) {
  static const struct {
    const char *name;
    JSCFunction *function;
    int parameters;
  } functions[] = {
      {"log", log_line, 3},         {"encode", encode, 1},      {"decode", decode, 2},
      {"base64", base64, 1},        {"random", random_bytes, 1}, {"requireRunning", require_running, 1},
      {"now", now, 0},              {"sleep", sleep_millis, 1}, {"remaining", remaining, 0},
      {"secret", secret, 1},        {"httpSend", http_send, 1}, {"httpHead", http_head, 1},
      {"httpBody", http_body, 1},   {"httpClose", http_close, 1},
#ifdef TRANSLATOR
      {"readSecret", secret_or_code, 1}, {"microseconds", microseconds, 1}, {"outOfMemory", out_of_memory, 0},
      {"boundStack", bound_stack, 1},
#endif
  };
  JSValue host = JS_NewObject(context);
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    JS_DefinePropertyValueStr(
        context, host, functions[i].name,
        JS_NewCFunction(context, functions[i].function, functions[i].name, functions[i].parameters), 0);
  }
  return host;
}
