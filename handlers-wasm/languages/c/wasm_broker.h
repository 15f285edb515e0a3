/*
 * Step handlers for the WASM broker, in C: one header, no library. C99 or newer, with wasi-libc.
 *
 *   #include "wasm_broker.h"
 *
 *   static wb_outcome run(wb_step step) {
 *     char *who = wb_text_of(wb_member(step.context, "who"));
 *     if (who == NULL) return wb_failed((wb_failure){.type = "nobody", .message = "context.who is missing"});
 *     wb_writer out = {0};
 *     wb_begin_object(&out);
 *     wb_name(&out, "greeting"), wb_write_text(&out, who);
 *     wb_end_object(&out);
 *     return wb_completed(wb_written(&out));
 *   }
 *   WB_HANDLER(run)
 *
 * A run is short and its instance is thrown away: what these functions allocate is never freed. A value of JSON is a view
 * of its text in the step document. If there is no memory, the run ends as a trap, and the broker says that memory was exceeded.
 *
 * Outside of WebAssembly the host functions are replaced, so that a test needs no broker: see wb_test_run.
 */
#ifndef WASM_BROKER_H
#define WASM_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define WB_UNUSED __attribute__((unused))
#else
#define WB_UNUSED
#endif

/* What a function of the host returns below 0. */
enum {
  WB_FAULT = -1, WB_INVALID = -2, WB_TOO_LARGE = -3, WB_STATE = -4, WB_DENIED = -5, WB_NOT_FOUND = -6,
  WB_RATE_LIMITED = -7, WB_TIMEOUT = -8, WB_IO = -9, WB_BUDGET = -10
};

typedef enum { WB_TRACE, WB_DEBUG, WB_INFO, WB_WARN, WB_ERROR } wb_level;

/* --- the host ----------------------------------------------------------------------------------------------------- */

#ifdef __wasm__
#define WB_IMPORT(name) __attribute__((import_module("wasm_broker_v1"), import_name(#name))) extern
WB_IMPORT(read_input) int32_t wb_host_read_input(void *into, uint32_t capacity);
WB_IMPORT(write_output) int32_t wb_host_write_output(const void *from, uint32_t length);
WB_IMPORT(log) int32_t wb_host_log(int32_t level, const void *message, uint32_t message_length, const void *fields, uint32_t fields_length);
WB_IMPORT(get_time) int64_t wb_host_get_time(int32_t clock);
WB_IMPORT(http_request) int32_t wb_host_http(int32_t op, int32_t handle, void *at, uint32_t length);
WB_IMPORT(read_secret) int32_t wb_host_read_secret(const void *name, uint32_t name_length, void *into, uint32_t capacity);
#undef WB_IMPORT
#else
#include <stdio.h>
#include <time.h>

static const char *wb_test_input = "{}";
static char *wb_test_output;
static const char *wb_test_secret_name, *wb_test_secret_value;

static WB_UNUSED int32_t wb_host_read_input(void *into, uint32_t capacity) {
  size_t length = strlen(wb_test_input);
  if (into != NULL && length <= capacity) memcpy(into, wb_test_input, length);
  return (int32_t)length;
}

static WB_UNUSED int32_t wb_host_write_output(const void *from, uint32_t length) {
  wb_test_output = calloc(length + 1u, 1);
  if (wb_test_output == NULL) abort();
  memcpy(wb_test_output, from, length);
  return 0;
}

static WB_UNUSED int32_t wb_host_log(int32_t level, const void *message, uint32_t message_length, const void *fields, uint32_t fields_length) {
  static const char *const names[] = {"trace", "debug", "info", "warn", "error"};
  fprintf(stderr, "%s: %.*s", names[level], (int)message_length, (const char *)message);
  if (fields != NULL) fprintf(stderr, " %.*s", (int)fields_length, (const char *)fields);
  fputc('\n', stderr);
  return 0;
}

static WB_UNUSED int64_t wb_host_get_time(int32_t clock) {
  return clock == 0 ? (int64_t)time(NULL) * 1000000000 : clock == 1 ? 0 : INT64_C(10000000000);
}

static WB_UNUSED int32_t wb_host_http(int32_t op, int32_t handle, void *at, uint32_t length) {
  static const char refused[] = "{\"type\":\"not_allowed\",\"message\":\"a test sends no requests\",\"retryable\":false}";
  (void)handle;
  if (op != 4) return WB_DENIED;
  if (at != NULL && length >= sizeof refused - 1) memcpy(at, refused, sizeof refused - 1);
  return (int32_t)(sizeof refused - 1);
}

static WB_UNUSED int32_t wb_host_read_secret(const void *name, uint32_t name_length, void *into, uint32_t capacity) {
  if (wb_test_secret_name == NULL || strlen(wb_test_secret_name) != name_length || memcmp(name, wb_test_secret_name, name_length) != 0)
    return WB_DENIED;
  size_t length = strlen(wb_test_secret_value);
  if (into != NULL && length <= capacity) memcpy(into, wb_test_secret_value, length);
  return (int32_t)length;
}

/* The secret that a test provides. */
static WB_UNUSED void wb_test_secret(const char *name, const char *value) {
  wb_test_secret_name = name;
  wb_test_secret_value = value;
}
#endif

static WB_UNUSED void *wb_allocate(size_t bytes) {
  void *memory = malloc(bytes);
  if (memory == NULL) abort();
  return memory;
}

static WB_UNUSED void *wb_enlarge(void *memory, size_t bytes) {
  memory = realloc(memory, bytes);
  if (memory == NULL) abort();
  return memory;
}

/* --- values of JSON ----------------------------------------------------------------------------------------------- */

/* The text of one value of a valid document. Length 0: there is no such value. */
typedef struct {
  const char *at;
  size_t length;
} wb_json;

static WB_UNUSED wb_json wb_json_of(const char *text) {
  wb_json json = {text, strlen(text)};
  return json;
}

static const char *wb_skip_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
  return at;
}

/* The end of the text that begins at a quote. */
static const char *wb_skip_text(const char *at, const char *end) {
  for (at++; at < end && *at != '"'; at++)
    if (*at == '\\') at++;
  return at < end ? at + 1 : end;
}

/* The end of the value that begins here. Loops, so that no depth of a document is too deep. */
static const char *wb_skip_value(const char *at, const char *end) {
  size_t open = 0;
  while (at < end) {
    char character = *at;
    if (character == '"') {
      at = wb_skip_text(at, end);
    } else if (character == '{' || character == '[') {
      open++, at++;
    } else if (character == '}' || character == ']') {
      if (open == 0) return at;
      open--, at++;
    } else if (open == 0) {
      while (at < end && strchr(",:]} \t\r\n", *at) == NULL) at++;
    } else {
      at++;
      continue;
    }
    if (open == 0) return at;
  }
  return at;
}

static WB_UNUSED bool wb_exists(wb_json value) { return value.length > 0; }
static WB_UNUSED bool wb_is_null(wb_json value) { return value.length == 0 || *value.at == 'n'; }
static WB_UNUSED bool wb_is_true(wb_json value) { return value.length > 0 && *value.at == 't'; }

/* The elements of an array or the members of an object, one after the other:
 *   for (wb_items items = wb_items_of(array); wb_next(&items);) use(items.value); */
typedef struct {
  const char *at, *end;
  bool named;
  wb_json name, value;
} wb_items;

static WB_UNUSED wb_items wb_items_of(wb_json container) {
  wb_items items;
  memset(&items, 0, sizeof items);
  if (container.length > 1 && (*container.at == '{' || *container.at == '[')) {
    items.at = container.at + 1;
    items.end = container.at + container.length - 1;
    items.named = *container.at == '{';
  }
  return items;
}

static wb_json wb_next_value(wb_items *items) {
  const char *from = wb_skip_space(items->at, items->end);
  wb_json value = {from, 0};
  items->at = wb_skip_value(from, items->end);
  value.length = (size_t)(items->at - from);
  items->at = wb_skip_space(items->at, items->end);
  if (items->at < items->end && (*items->at == ',' || *items->at == ':')) items->at++;
  return value;
}

static WB_UNUSED bool wb_next(wb_items *items) {
  if (items->at == NULL || wb_skip_space(items->at, items->end) >= items->end) return false;
  if (items->named) items->name = wb_next_value(items);
  items->value = wb_next_value(items);
  return items->value.length > 0;
}

static uint32_t wb_hex4(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    char digit = at[i];
    value = value * 16 + (uint32_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
  }
  return value;
}

static char *wb_put_character(char *to, uint32_t point) {
  if (point < 0x80) {
    *to++ = (char)point;
  } else if (point < 0x800) {
    *to++ = (char)(0xc0 | point >> 6), *to++ = (char)(0x80 | (point & 63));
  } else if (point < 0x10000) {
    *to++ = (char)(0xe0 | point >> 12), *to++ = (char)(0x80 | (point >> 6 & 63)), *to++ = (char)(0x80 | (point & 63));
  } else {
    *to++ = (char)(0xf0 | point >> 18), *to++ = (char)(0x80 | (point >> 12 & 63));
    *to++ = (char)(0x80 | (point >> 6 & 63)), *to++ = (char)(0x80 | (point & 63));
  }
  return to;
}

/* The text in UTF-8 with a zero at its end, which is not counted; NULL if the value is no text. length may be NULL. */
static WB_UNUSED char *wb_text_with_length(wb_json value, size_t *length) {
  if (value.length < 2 || *value.at != '"') return NULL;
  char *text = wb_allocate(value.length), *to = text;
  const char *from = value.at + 1, *end = value.at + value.length - 1;
  while (from < end) {
    if (*from != '\\') {
      *to++ = *from++;
      continue;
    }
    char escape = from[1];
    from += 2;
    switch (escape) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': {
        uint32_t point = wb_hex4(from);
        from += 4;
        if (point >= 0xd800 && point < 0xdc00 && end - from >= 6 && from[0] == '\\' && from[1] == 'u') {
          uint32_t low = wb_hex4(from + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            from += 6;
          }
        }
        to = wb_put_character(to, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
        break;
      }
      default: *to++ = escape;
    }
  }
  *to = 0;
  if (length != NULL) *length = (size_t)(to - text);
  return text;
}

/* The same for texts that have no zero in them. */
static WB_UNUSED char *wb_text_of(wb_json value) { return wb_text_with_length(value, NULL); }

/* Whether the value is this text. */
static WB_UNUSED bool wb_is_text(wb_json value, const char *text) {
  size_t length = strlen(text);
  if (value.length == length + 2 && *value.at == '"' && memcmp(value.at + 1, text, length) == 0) return true;
  if (value.length < 2 || *value.at != '"' || memchr(value.at, '\\', value.length) == NULL) return false;
  size_t decoded = 0;
  const char *other = wb_text_with_length(value, &decoded);
  return other != NULL && decoded == length && memcmp(other, text, length) == 0;
}

/* The member of an object; absent if there is none, or if the value is no object. */
static WB_UNUSED wb_json wb_member(wb_json object, const char *name) {
  if (object.length > 0 && *object.at == '{')
    for (wb_items items = wb_items_of(object); wb_next(&items);)
      if (wb_is_text(items.name, name)) return items.value;
  wb_json absent = {NULL, 0};
  return absent;
}

/* Whether the value is a whole number that fits; no fraction and no exponent. */
static WB_UNUSED bool wb_integer_of(wb_json value, int64_t *number) {
  size_t i = value.length > 0 && *value.at == '-' ? 1 : 0;
  if (i >= value.length) return false;
  uint64_t magnitude = 0, most = i == 1 ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
  bool negative = i == 1;
  for (; i < value.length; i++) {
    if (value.at[i] < '0' || value.at[i] > '9') return false;
    uint64_t digit = (uint64_t)(value.at[i] - '0');
    if (magnitude > (most - digit) / 10) return false;
    magnitude = magnitude * 10 + digit;
  }
  *number = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return true;
}

static WB_UNUSED int64_t wb_integer_or(wb_json value, int64_t otherwise) {
  int64_t number;
  return wb_integer_of(value, &number) ? number : otherwise;
}

/* Whether the value is a number, as the nearest double. */
static WB_UNUSED bool wb_number_of(wb_json value, double *number) {
  if (value.length == 0 || strchr("-0123456789", *value.at) == NULL) return false;
  char *copy = wb_allocate(value.length + 1);
  memcpy(copy, value.at, value.length);
  copy[value.length] = 0;
  *number = strtod(copy, NULL);
  return true;
}

/* --- writing JSON ------------------------------------------------------------------------------------------------- */

/* Begins as {0}; commas are put where they belong. */
typedef struct {
  char *at;
  size_t length, capacity;
  bool comma;
} wb_writer;

static WB_UNUSED void wb_append(wb_writer *to, const char *from, size_t length) {
  if (length == 0) return;
  if (to->length + length > to->capacity) {
    to->capacity = (to->length + length) * 2 + 256;
    to->at = wb_enlarge(to->at, to->capacity);
  }
  memcpy(to->at + to->length, from, length);
  to->length += length;
}

static void wb_begin_value(wb_writer *to) {
  if (to->comma) wb_append(to, ",", 1);
  to->comma = true;
}

static WB_UNUSED wb_json wb_written(const wb_writer *from) {
  wb_json json = {from->at, from->length};
  return json;
}

static WB_UNUSED void wb_begin_object(wb_writer *to) { wb_begin_value(to), wb_append(to, "{", 1), to->comma = false; }
static WB_UNUSED void wb_end_object(wb_writer *to) { wb_append(to, "}", 1), to->comma = true; }
static WB_UNUSED void wb_begin_array(wb_writer *to) { wb_begin_value(to), wb_append(to, "[", 1), to->comma = false; }
static WB_UNUSED void wb_end_array(wb_writer *to) { wb_append(to, "]", 1), to->comma = true; }
static WB_UNUSED void wb_write_json(wb_writer *to, wb_json value) { wb_begin_value(to), wb_append(to, value.at, value.length); }
static WB_UNUSED void wb_write_null(wb_writer *to) { wb_write_json(to, wb_json_of("null")); }
static WB_UNUSED void wb_write_bool(wb_writer *to, bool value) { wb_write_json(to, wb_json_of(value ? "true" : "false")); }

static WB_UNUSED void wb_write_integer(wb_writer *to, int64_t value) {
  char digits[24];
  size_t at = sizeof digits;
  uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do digits[--at] = (char)('0' + magnitude % 10);
  while ((magnitude /= 10) > 0);
  if (value < 0) digits[--at] = '-';
  wb_json text = {digits + at, sizeof digits - at};
  wb_write_json(to, text);
}

/* Text of UTF-8. */
static WB_UNUSED void wb_write_bytes(wb_writer *to, const char *text, size_t length) {
  static const char hex[] = "0123456789abcdef";
  wb_begin_value(to);
  wb_append(to, "\"", 1);
  size_t plain = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char character = (unsigned char)text[i];
    if (character >= 0x20 && character != '"' && character != '\\') continue;
    wb_append(to, text + plain, i - plain);
    plain = i + 1;
    if (character >= 0x20) {
      char escape[2] = {'\\', (char)character};
      wb_append(to, escape, 2);
    } else {
      char escape[6] = {'\\', 'u', '0', '0', hex[character >> 4], hex[character & 15]};
      wb_append(to, escape, 6);
    }
  }
  wb_append(to, text + plain, length - plain);
  wb_append(to, "\"", 1);
}

static WB_UNUSED void wb_write_text(wb_writer *to, const char *text) { wb_write_bytes(to, text, strlen(text)); }
static WB_UNUSED void wb_name(wb_writer *to, const char *name) { wb_write_text(to, name), wb_append(to, ":", 1), to->comma = false; }

/* --- steps and outcomes ------------------------------------------------------------------------------------------- */

/* The parts of the step document. What is null there, or not there, is absent or null: see wb_is_null. */
typedef struct {
  wb_json document, step, task, config, context, dependencies, previous, checkpoint;
  int64_t attempt, max_attempts;
} wb_step;

/* The result document. */
typedef struct {
  wb_json document;
} wb_outcome;

/* Why a step fails. Only the type is required; what is NULL or 0 is left out. */
typedef struct {
  const char *type, *message, *code;
  bool retryable;
  int64_t retry_after_ms;
} wb_failure;

static WB_UNUSED wb_step wb_step_of(wb_json document) {
  wb_step step;
  memset(&step, 0, sizeof step);
  const char *end = document.at + document.length, *from = wb_skip_space(document.at, end);
  document.length = (size_t)(wb_skip_value(from, end) - from);
  document.at = from;
  step.document = document;
  for (wb_items items = wb_items_of(document); wb_next(&items);) {
    if (wb_is_text(items.name, "step")) step.step = items.value;
    else if (wb_is_text(items.name, "task")) step.task = items.value;
    else if (wb_is_text(items.name, "config")) step.config = items.value;
    else if (wb_is_text(items.name, "context")) step.context = items.value;
    else if (wb_is_text(items.name, "deps")) step.dependencies = items.value;
    else if (wb_is_text(items.name, "prev")) step.previous = items.value;
    else if (wb_is_text(items.name, "checkpoint")) step.checkpoint = items.value;
  }
  step.attempt = wb_integer_or(wb_member(step.step, "attempt"), 1);
  step.max_attempts = wb_integer_or(wb_member(step.step, "max_attempts"), 1);
  return step;
}

static wb_outcome wb_outcome_of(const wb_writer *document) {
  wb_outcome outcome = {wb_written(document)};
  return outcome;
}

/* The step is done. An absent result is null. */
static WB_UNUSED wb_outcome wb_completed(wb_json result) {
  wb_writer out;
  memset(&out, 0, sizeof out);
  wb_begin_object(&out);
  wb_name(&out, "status"), wb_write_text(&out, "completed");
  wb_name(&out, "result"), wb_write_json(&out, wb_exists(result) ? result : wb_json_of("null"));
  wb_end_object(&out);
  return wb_outcome_of(&out);
}

static WB_UNUSED wb_outcome wb_failed(wb_failure failure) {
  wb_writer out;
  memset(&out, 0, sizeof out);
  wb_begin_object(&out);
  wb_name(&out, "status"), wb_write_text(&out, "failed");
  wb_name(&out, "error"), wb_begin_object(&out);
  wb_name(&out, "type"), wb_write_text(&out, failure.type);
  wb_name(&out, "message"), wb_write_text(&out, failure.message != NULL ? failure.message : failure.type);
  wb_name(&out, "retryable"), wb_write_bool(&out, failure.retryable);
  if (failure.code != NULL) wb_name(&out, "code"), wb_write_text(&out, failure.code);
  if (failure.retry_after_ms > 0) wb_name(&out, "retry_after_ms"), wb_write_integer(&out, failure.retry_after_ms);
  wb_end_object(&out);
  wb_end_object(&out);
  return wb_outcome_of(&out);
}

/* Some of the work is done: a fresh instance finds cursor and accumulated_results in step.checkpoint. */
static WB_UNUSED wb_outcome wb_checkpoint(wb_json cursor, int64_t items_processed, wb_json accumulated_results) {
  wb_writer out;
  memset(&out, 0, sizeof out);
  wb_begin_object(&out);
  wb_name(&out, "status"), wb_write_text(&out, "checkpoint");
  wb_name(&out, "cursor"), wb_write_json(&out, cursor);
  wb_name(&out, "items_processed"), wb_write_integer(&out, items_processed);
  if (wb_exists(accumulated_results)) wb_name(&out, "accumulated_results"), wb_write_json(&out, accumulated_results);
  wb_end_object(&out);
  return wb_outcome_of(&out);
}

static WB_UNUSED int wb_serve(wb_outcome (*run)(wb_step)) {
  int32_t length = wb_host_read_input(NULL, 0);
  if (length < 0) return 1;
  char *document = wb_allocate((size_t)length + 1);
  if (wb_host_read_input(document, (uint32_t)length) != length) return 1;
  document[length] = 0;
  wb_json json = {document, (size_t)length};
  wb_json result = run(wb_step_of(json)).document;
  return wb_host_write_output(result.at, (uint32_t)result.length) == 0 ? 0 : 1;
}

/* Exports a function as the handler. Once in a program. */
#ifdef __wasm__
#define WB_HANDLER(function) \
  __attribute__((export_name("run"))) int32_t wb_exported_run(void) { return wb_serve(function); }
#else
#define WB_HANDLER(function) \
  WB_UNUSED static int wb_tested_run(void) { return wb_serve(function); }

/* What a handler makes of a step document, in a test. */
static WB_UNUSED const char *wb_test_run(wb_outcome (*run)(wb_step), const char *document) {
  wb_test_input = document;
  return wb_serve(run) == 0 ? wb_test_output : NULL;
}
#endif

/* --- log, time, secrets ------------------------------------------------------------------------------------------- */

/* A line that the broker drops is dropped: a handler has no reason to fail for it. */
static WB_UNUSED void wb_log(wb_level level, const char *message) { wb_host_log(level, message, (uint32_t)strlen(message), NULL, 0); }

/* With fields, which are one object. */
static WB_UNUSED void wb_log_with(wb_level level, const char *message, wb_json fields) {
  wb_host_log(level, message, (uint32_t)strlen(message), fields.at, (uint32_t)fields.length);
}

/* Nanoseconds: since 1970, since the run started, until its deadline. */
static WB_UNUSED int64_t wb_time_now(void) { return wb_host_get_time(0); }
static WB_UNUSED int64_t wb_time_elapsed(void) { return wb_host_get_time(1); }
static WB_UNUSED int64_t wb_time_remaining(void) { return wb_host_get_time(2); }

/* A secret's value with a zero at its end, and its length; NULL if the host refuses it, with the reason in the length. */
static WB_UNUSED char *wb_secret(const char *name, int32_t *length) {
  *length = wb_host_read_secret(name, (uint32_t)strlen(name), NULL, 0);
  if (*length < 0) return NULL;
  char *value = wb_allocate((size_t)*length + 1);
  *length = wb_host_read_secret(name, (uint32_t)strlen(name), value, (uint32_t)*length);
  if (*length < 0) return NULL;
  value[*length] = 0;
  return value;
}

/* The name of an error code, such as "denied", which is fit for the type of a failure. */
static WB_UNUSED const char *wb_error_name(int32_t code) {
  static const char *const names[] = {"fault", "invalid", "too_large", "state", "denied", "not_found",
                                      "rate_limited", "timeout", "io", "budget"};
  return code <= WB_FAULT && code >= WB_BUDGET ? names[-code - 1] : "unknown";
}

/* --- HTTP --------------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *name, *value;
} wb_header;

/* A request; only the URL is required. {{secret:NAME}} in the value of a header or in the body is filled in by the host.
 * Of text and json at most one. */
typedef struct {
  const char *method, *url;
  const wb_header *headers;
  size_t header_count;
  const char *text;
  wb_json json;
  int64_t timeout_ms;
  bool idempotency_key;
} wb_request;

typedef struct {
  int32_t handle, status;
  wb_json head; /* the head document, with the headers */
} wb_response;

static WB_UNUSED char *wb_read_all(int32_t op, int32_t handle, int32_t *length) {
  *length = wb_host_http(op, handle, NULL, 0);
  if (*length <= 0) return NULL;
  char *text = wb_allocate((size_t)*length + 1);
  *length = wb_host_http(op, handle, text, (uint32_t)*length);
  if (*length > 0) text[*length] = 0;
  return text;
}

/* Whether there is a response; without one, wb_http_failure says why. A status such as 404 is a response. */
static WB_UNUSED bool wb_http_send(wb_request request, wb_response *response) {
  wb_writer out;
  memset(&out, 0, sizeof out);
  wb_begin_object(&out);
  wb_name(&out, "method"), wb_write_text(&out, request.method != NULL ? request.method : "GET");
  wb_name(&out, "url"), wb_write_text(&out, request.url);
  if (request.header_count > 0) {
    wb_name(&out, "headers"), wb_begin_object(&out);
    for (size_t i = 0; i < request.header_count; i++)
      wb_name(&out, request.headers[i].name), wb_write_text(&out, request.headers[i].value);
    wb_end_object(&out);
  }
  if (request.text != NULL || wb_exists(request.json)) {
    wb_name(&out, "body"), wb_begin_object(&out);
    if (request.text != NULL) wb_name(&out, "text"), wb_write_text(&out, request.text);
    else wb_name(&out, "json"), wb_write_json(&out, request.json);
    wb_end_object(&out);
  }
  if (request.timeout_ms > 0) wb_name(&out, "timeout_ms"), wb_write_integer(&out, request.timeout_ms);
  if (request.idempotency_key) wb_name(&out, "idempotency_key"), wb_write_bool(&out, true);
  wb_end_object(&out);
  memset(response, 0, sizeof *response);
  response->handle = wb_host_http(0, 0, out.at, (uint32_t)out.length);
  if (response->handle < 0) return false;
  int32_t length;
  response->head.at = wb_read_all(1, response->handle, &length);
  response->head.length = length > 0 ? (size_t)length : 0;
  response->status = (int32_t)wb_integer_or(wb_member(response->head, "status"), 0);
  return true;
}

/* The next bytes of the body; 0 at the end, below 0 if it broke off: see wb_http_failure. */
static WB_UNUSED int32_t wb_http_read(const wb_response *response, void *into, size_t capacity) {
  return wb_host_http(2, response->handle, into, (uint32_t)(capacity > 65536 ? 65536 : capacity));
}

/* All of the body with a zero at its end; NULL if it broke off or is larger than the limit. */
static WB_UNUSED char *wb_http_body(const wb_response *response, size_t limit, size_t *length) {
  char *body = NULL;
  *length = 0;
  for (size_t capacity = 0;;) {
    if (capacity - *length < 4096) body = wb_enlarge(body, (capacity = capacity * 2 + 8192) + 1);
    int32_t read = wb_http_read(response, body + *length, capacity - *length);
    if (read < 0) return NULL;
    *length += (size_t)read;
    body[*length] = 0;
    if (read == 0) return body;
    if (*length > limit) return NULL;
  }
}

static WB_UNUSED void wb_http_close(const wb_response *response) { wb_host_http(3, response->handle, NULL, 0); }

/* Why the last request or body failed, fit for wb_failed. */
static WB_UNUSED wb_failure wb_http_failure(void) {
  int32_t length;
  wb_json error = {wb_read_all(4, 0, &length), 0};
  error.length = length > 0 ? (size_t)length : 0;
  wb_failure failure;
  memset(&failure, 0, sizeof failure);
  failure.type = wb_text_of(wb_member(error, "type"));
  failure.message = wb_text_of(wb_member(error, "message"));
  failure.retryable = wb_is_true(wb_member(error, "retryable"));
  failure.retry_after_ms = wb_integer_or(wb_member(error, "retry_after_ms"), 0);
  if (failure.type == NULL) failure.type = "too_large", failure.message = "the response is too large";
  return failure;
}

#endif
