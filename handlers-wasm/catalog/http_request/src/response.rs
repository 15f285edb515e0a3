//! The body of a response.

use catalog_kit::{Failure, Val, json};
use wasm_broker_sdk::base64;

/// A body that was read whole.
pub struct Body {
    bytes: Vec<u8>,
    /// The response says that it is JSON.
    is_json: bool,
}

impl Body {
    pub fn new(bytes: Vec<u8>, media_type: &str) -> Self {
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self {
            bytes,
            is_json: media_type == "application/json" || media_type.ends_with("+json"),
        }
    }

    /// The JSON value if it is declared as JSON; else its text, or base64 if it is not text; null if it is empty.
    pub fn value(&self) -> Result<Val, Failure> {
        if self.bytes.is_empty() {
            return Ok(Val::Null);
        }
        if self.is_json {
            return json::parse_bytes(&self.bytes).map_err(|cause| {
                Failure::new("bad_response", format!("the body is declared as JSON but is not: {cause}"))
                    .with_count("offset", cause.offset)
            });
        }
        Ok(match std::str::from_utf8(&self.bytes) {
            Ok(text) => Val::str(text),
            Err(_) => base64::encode(&self.bytes).into(),
        })
    }

    /// Whether the value is base64.
    pub fn is_binary(&self) -> bool {
        !self.is_json && std::str::from_utf8(&self.bytes).is_err()
    }
}
