//! What the handlers of the catalog share.
//!
//! They read step documents in their own way, not with serde: values are cheap to copy, numbers keep the text that they
//! were written in, and what a filter, a schema and a result work on is one type.

#[cfg(not(target_family = "wasm"))]
pub mod answered;
pub mod array;
#[cfg(not(target_family = "wasm"))]
pub mod cases;
pub mod config;
pub mod deep;
pub mod failure;
#[cfg(feature = "jq")]
pub mod filter;
#[cfg(feature = "jq")]
pub mod jq;
#[cfg(feature = "http")]
pub mod http;
pub mod handler;
pub mod json;
pub mod map;
mod order;
pub mod output;
pub mod pattern;
#[cfg(not(target_family = "wasm"))]
pub mod program;
pub mod schema;
pub mod seen;
pub mod template;
pub mod text;
pub mod value;

pub use array::Array;
pub use failure::Failure;
pub use map::Map;
pub use text::Text;
pub use value::Val;
