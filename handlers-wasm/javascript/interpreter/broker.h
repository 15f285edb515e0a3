// The broker's functions, as docs/guest-abi.md describes them.
#ifndef BROKER_H
#define BROKER_H

#include <stdint.h>

#define BROKER(name) __attribute__((import_module("wasm_broker_v1"), import_name(#name)))

BROKER(read_input) int32_t broker_read_input(void *ptr, uint32_t cap);
BROKER(read_content) int32_t broker_read_content(void *ptr, uint32_t cap);
BROKER(write_output) int32_t broker_write_output(const void *ptr, uint32_t len);
BROKER(log)
int32_t broker_log(uint32_t level, const void *msg, uint32_t msg_len, const void *fields, uint32_t fields_len);
BROKER(get_time) int64_t broker_get_time(uint32_t clock);
BROKER(http_request) int32_t broker_http_request(uint32_t op, uint32_t handle, void *ptr, uint32_t len);
BROKER(read_secret) int32_t broker_read_secret(const void *name, uint32_t name_len, void *value, uint32_t cap);

enum { TIME_REMAINING = 2 };
enum { HTTP_SEND, HTTP_HEAD, HTTP_BODY, HTTP_CLOSE, HTTP_ERROR };
enum { BROKER_INVALID = -2, BROKER_STATE = -4, BROKER_DENIED = -5, BROKER_NOT_FOUND = -6, BROKER_IO = -9 };

#endif
