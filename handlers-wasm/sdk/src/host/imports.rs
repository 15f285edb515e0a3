//! The host functions as imports of `wasm_broker_v1`.

use super::{Clock, HostError, Level};

mod imports {
    #[link(wasm_import_module = "wasm_broker_v1")]
    unsafe extern "C" {
        pub fn read_input(pointer: *mut u8, capacity: usize) -> i32;
        pub fn read_input_at(offset: usize, pointer: *mut u8, length: usize) -> i32;
        pub fn write_output(pointer: *const u8, length: usize) -> i32;
        pub fn append_output(pointer: *const u8, length: usize) -> i32;
        pub fn log(
            level: i32,
            message: *const u8,
            message_length: usize,
            fields: *const u8,
            fields_length: usize,
        ) -> i32;
        pub fn get_time(clock: i32) -> i64;
        pub fn http_request(op: i32, response: u32, pointer: *mut u8, length: usize) -> i32;
        pub fn read_secret(
            name: *const u8,
            name_length: usize,
            value: *mut u8,
            value_capacity: usize,
        ) -> i32;
        pub fn read_content(pointer: *mut u8, capacity: usize) -> i32;
        pub fn cache_get(
            key: *const u8,
            key_length: usize,
            value: *mut u8,
            value_capacity: usize,
        ) -> i32;
        pub fn cache_put(
            key: *const u8,
            key_length: usize,
            value: *const u8,
            value_length: usize,
            ttl_ms: i64,
        ) -> i32;
        pub fn cache_delete(key: *const u8, key_length: usize) -> i32;
    }
}

/// Many step documents fit, and are then read with one call. More would push apart what lies behind it in memory.
const FIRST_READ: usize = 2 * 1024;
/// So do heads, errors and secrets.
const FIRST_SMALL_READ: usize = 4 * 1024;

const SEND: i32 = 0;
const HEAD: i32 = 1;
const BODY: i32 = 2;
const CLOSE: i32 = 3;
const ERROR: i32 = 4;
const BEGIN: i32 = 5;
const WRITE: i32 = 6;
const FINISH: i32 = 7;

fn length(code: i32) -> Result<usize, HostError> {
    usize::try_from(code).map_err(|_| HostError(code))
}

fn check(code: i32) -> Result<(), HostError> {
    length(code).map(drop)
}

/// Reads something whose length the host gives: it writes it if there is room, or is asked again with enough of it.
fn read(first: usize, call: impl Fn(*mut u8, usize) -> i32) -> Result<Vec<u8>, HostError> {
    let mut capacity = first;
    loop {
        let mut bytes = Vec::<u8>::with_capacity(capacity);
        let length = length(call(bytes.as_mut_ptr(), capacity))?;
        if length <= capacity {
            // SAFETY: a length within the capacity means that the host wrote so many bytes.
            unsafe { bytes.set_len(length) };
            return Ok(bytes);
        }
        capacity = length;
    }
}

pub fn read_input() -> Result<Vec<u8>, HostError> {
    // SAFETY: the host writes at most `capacity` bytes at a pointer that owns as many.
    read(FIRST_READ, |pointer, capacity| unsafe { imports::read_input(pointer, capacity) })
}

pub fn input_length() -> Result<usize, HostError> {
    // SAFETY: without room nothing is written.
    length(unsafe { imports::read_input(std::ptr::null_mut(), 0) })
}

pub fn read_input_at(offset: usize, into: &mut [u8]) -> Result<usize, HostError> {
    // SAFETY: the host writes at most as many bytes as the slice has.
    length(unsafe { imports::read_input_at(offset, into.as_mut_ptr(), into.len()) })
}

pub fn append_output(piece: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host reads a slice that outlives the call.
    check(unsafe { imports::append_output(piece.as_ptr(), piece.len()) })
}

pub fn write_output(document: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host reads a slice that outlives the call.
    check(unsafe { imports::write_output(document.as_ptr(), document.len()) })
}

pub fn log(level: Level, message: &str, fields: &str) -> Result<(), HostError> {
    // SAFETY: the host reads two slices that outlive the call.
    check(unsafe {
        imports::log(
            level as i32,
            message.as_ptr(),
            message.len(),
            fields.as_ptr(),
            fields.len(),
        )
    })
}

pub fn get_time(clock: Clock) -> i64 {
    // SAFETY: takes and gives plain numbers.
    unsafe { imports::get_time(clock as i32) }
}

pub fn http_send(request: &[u8]) -> Result<u32, HostError> {
    // SAFETY: the host only reads the slice, which outlives the call.
    let number = unsafe { imports::http_request(SEND, 0, request.as_ptr().cast_mut(), request.len()) };
    u32::try_from(number).map_err(|_| HostError(number))
}

pub fn http_begin(request: &[u8]) -> Result<u32, HostError> {
    // SAFETY: the host only reads the slice, which outlives the call.
    let number = unsafe { imports::http_request(BEGIN, 0, request.as_ptr().cast_mut(), request.len()) };
    u32::try_from(number).map_err(|_| HostError(number))
}

pub fn http_write(request: u32, piece: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host only reads the slice, which outlives the call.
    check(unsafe { imports::http_request(WRITE, request, piece.as_ptr().cast_mut(), piece.len()) })
}

pub fn http_finish(request: u32) -> Result<(), HostError> {
    // SAFETY: no memory is used.
    check(unsafe { imports::http_request(FINISH, request, std::ptr::null_mut(), 0) })
}

pub fn http_head(response: u32) -> Result<Vec<u8>, HostError> {
    // SAFETY: the host writes at most `capacity` bytes at a pointer that owns as many.
    read(FIRST_SMALL_READ, |pointer, capacity| unsafe {
        imports::http_request(HEAD, response, pointer, capacity)
    })
}

pub fn http_body(response: u32, into: &mut [u8]) -> Result<usize, HostError> {
    // SAFETY: the host writes at most as many bytes as the slice has.
    length(unsafe { imports::http_request(BODY, response, into.as_mut_ptr(), into.len()) })
}

pub fn http_close(response: u32) -> Result<(), HostError> {
    // SAFETY: no memory is used.
    check(unsafe { imports::http_request(CLOSE, response, std::ptr::null_mut(), 0) })
}

pub fn http_error() -> Vec<u8> {
    // SAFETY: the host writes at most `capacity` bytes at a pointer that owns as many.
    let document = read(FIRST_SMALL_READ, |pointer, capacity| unsafe {
        imports::http_request(ERROR, 0, pointer, capacity)
    });
    document.unwrap_or_default()
}

pub fn read_secret(name: &str) -> Result<Vec<u8>, HostError> {
    // SAFETY: the host reads a slice that outlives the call, and writes at most `capacity` bytes at a pointer that owns
    // as many.
    read(FIRST_SMALL_READ, |pointer, capacity| unsafe {
        imports::read_secret(name.as_ptr(), name.len(), pointer, capacity)
    })
}

pub fn read_content() -> Result<Vec<u8>, HostError> {
    // SAFETY: the host writes at most `capacity` bytes at a pointer that owns as many.
    read(FIRST_SMALL_READ, |pointer, capacity| unsafe { imports::read_content(pointer, capacity) })
}

pub fn cache_get(key: &[u8]) -> Result<Vec<u8>, HostError> {
    // SAFETY: the host reads a slice that outlives the call, and writes at most `capacity` bytes at a pointer that owns
    // as many.
    read(FIRST_SMALL_READ, |pointer, capacity| unsafe {
        imports::cache_get(key.as_ptr(), key.len(), pointer, capacity)
    })
}

pub fn cache_put(key: &[u8], value: &[u8], ttl_ms: i64) -> Result<(), HostError> {
    // SAFETY: the host reads two slices that outlive the call.
    check(unsafe { imports::cache_put(key.as_ptr(), key.len(), value.as_ptr(), value.len(), ttl_ms) })
}

pub fn cache_delete(key: &[u8]) -> Result<bool, HostError> {
    // SAFETY: the host reads a slice that outlives the call.
    length(unsafe { imports::cache_delete(key.as_ptr(), key.len()) }).map(|deleted| deleted > 0)
}
