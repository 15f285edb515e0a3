//! Filters on what lies around a step: logs and inputs.

use super::Native;
use crate::jq::Error;
use crate::json;
use crate::value::Val;
use std::time::SystemTime;
use wasm_broker_sdk::{log, time};

/// The time of day.
#[must_use]
pub fn now() -> SystemTime {
    time::now()
}

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native {
        name: "debug",
        arity: 0,
        run: |v, _| {
            log::debug(&json::to_string(&v));
            Ok(v)
        },
    },
    Native {
        name: "stderr",
        arity: 0,
        run: |v, _| {
            match &v {
                Val::Str(text) => log::info(text),
                v => log::info(&json::to_string(v)),
            }
            Ok(v)
        },
    },
    // A step has one input, and no file that it comes from.
    Native { name: "input", arity: 0, run: |_, _| Err(Error::new("break")) },
    Native { name: "input_filename", arity: 0, run: |_, _| Ok(Val::Null) },
    Native { name: "input_line_number", arity: 0, run: |_, _| Ok(Val::Int(0)) },
];
