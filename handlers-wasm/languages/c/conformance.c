/* The guest of the conformance kit: does what config.do says (docs/conformance.md). */
#include "wasm_broker.h"

static wb_outcome denied(int32_t code) { return wb_failed((wb_failure){.type = wb_error_name(code)}); }

static wb_outcome fail(wb_json config) {
  return wb_failed((wb_failure){
      .type = wb_text_of(wb_member(config, "type")),
      .message = wb_text_of(wb_member(config, "message")),
      .retryable = wb_is_true(wb_member(config, "retryable")),
      .retry_after_ms = wb_integer_or(wb_member(config, "retry_after_ms"), 0),
  });
}

static wb_outcome retry(wb_step step) {
  if (step.attempt < step.max_attempts) return wb_failed((wb_failure){.type = "again", .message = "not yet", .retryable = true});
  wb_writer out = {0};
  wb_begin_object(&out);
  wb_name(&out, "attempts"), wb_write_integer(&out, step.attempt);
  wb_end_object(&out);
  return wb_completed(wb_written(&out));
}

/* Handles one item in each run. */
static wb_outcome checkpoint(wb_step step) {
  int64_t items = wb_integer_or(wb_member(step.config, "items"), 1);
  int64_t done = wb_integer_or(wb_member(step.checkpoint, "cursor"), 0) + 1;
  int64_t sum = wb_integer_or(wb_member(wb_member(step.checkpoint, "accumulated_results"), "sum"), 0) + done;
  wb_writer out = {0}, cursor = {0};
  wb_begin_object(&out);
  wb_name(&out, "sum"), wb_write_integer(&out, sum);
  if (done < items) {
    wb_end_object(&out);
    wb_write_integer(&cursor, done);
    return wb_checkpoint(wb_written(&cursor), done, wb_written(&out));
  }
  wb_name(&out, "items"), wb_write_integer(&out, done);
  wb_name(&out, "resumed"), wb_write_bool(&out, !wb_is_null(step.checkpoint));
  wb_end_object(&out);
  return wb_completed(wb_written(&out));
}

static wb_outcome write_log(wb_json config) {
  static const char *const names[] = {"trace", "debug", "info", "warn", "error"};
  char *message = wb_text_of(wb_member(config, "message"));
  for (int level = 0; level < 5; level++)
    if (wb_is_text(wb_member(config, "do"), "log_all") || wb_is_text(wb_member(config, "level"), names[level]))
      wb_log_with((wb_level)level, message, wb_member(config, "fields"));
  return wb_completed(wb_json_of("null"));
}

static wb_outcome tell_time(void) {
  wb_writer out = {0};
  wb_begin_object(&out);
  wb_name(&out, "wall_ms"), wb_write_integer(&out, wb_time_now() / 1000000);
  wb_name(&out, "elapsed_us"), wb_write_integer(&out, wb_time_elapsed() / 1000);
  wb_name(&out, "remaining_ms"), wb_write_integer(&out, wb_time_remaining() / 1000000);
  wb_end_object(&out);
  return wb_completed(wb_written(&out));
}

static wb_outcome request(wb_json config) {
  wb_header headers[8];
  size_t count = 0;
  for (wb_items items = wb_items_of(wb_member(config, "headers")); count < 8 && wb_next(&items); count++)
    headers[count] = (wb_header){wb_text_of(items.name), wb_text_of(items.value)};
  wb_response response;
  if (!wb_http_send(
          (wb_request){
              .method = wb_text_of(wb_member(config, "method")),
              .url = wb_text_of(wb_member(config, "url")),
              .headers = headers,
              .header_count = count,
              .text = wb_text_of(wb_member(config, "text")),
          },
          &response))
    return wb_failed(wb_http_failure());
  size_t length;
  const char *body = wb_http_body(&response, 1 << 20, &length);
  if (body == NULL) return wb_failed(wb_http_failure());
  wb_http_close(&response);
  wb_writer out = {0};
  wb_begin_object(&out);
  wb_name(&out, "status"), wb_write_integer(&out, response.status);
  wb_name(&out, "body"), wb_write_bytes(&out, body, length);
  wb_end_object(&out);
  return wb_completed(wb_written(&out));
}

static wb_outcome secret(wb_json config) {
  int32_t length;
  if (wb_secret(wb_text_of(wb_member(config, "name")), &length) == NULL) return denied(length);
  wb_writer out = {0};
  wb_begin_object(&out);
  wb_name(&out, "length"), wb_write_integer(&out, length);
  wb_end_object(&out);
  return wb_completed(wb_written(&out));
}

static wb_outcome run(wb_step step) {
  wb_json what = wb_member(step.config, "do");
  if (wb_is_text(what, "echo")) return wb_completed(step.context);
  if (wb_is_text(what, "fail")) return fail(step.config);
  if (wb_is_text(what, "retry")) return retry(step);
  if (wb_is_text(what, "checkpoint")) return checkpoint(step);
  if (wb_is_text(what, "crash")) abort();
  if (wb_is_text(what, "spin"))
    for (volatile int turns = 0;;) turns++;
  if (wb_is_text(what, "allocate"))
    for (;;) *(volatile char *)wb_allocate(1 << 20) = 1;
  if (wb_is_text(what, "log") || wb_is_text(what, "log_all")) return write_log(step.config);
  if (wb_is_text(what, "time")) return tell_time();
  if (wb_is_text(what, "http")) return request(step.config);
  if (wb_is_text(what, "secret")) return secret(step.config);
  return wb_failed((wb_failure){.type = "invalid_config", .message = "config.do is unknown"});
}

WB_HANDLER(run)
