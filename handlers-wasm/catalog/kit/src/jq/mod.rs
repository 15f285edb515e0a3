//! jq: a filter from its text to its outputs.

pub mod error;
pub mod natives;
pub mod ops;
mod regex;

pub use error::Error;
