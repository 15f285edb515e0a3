//! Requests of a handler: where they go, what comes back, and whether to try again.
//!
//! For handlers that send one request in a step; `docs/egress.md` has the rules that they keep.

mod exchange;
pub mod fields;
mod response;
pub mod retry;
#[cfg(not(target_family = "wasm"))]
pub mod script;
pub mod url;

pub use exchange::{Response, exchange, milliseconds};
pub use response::Body;
