//! Percent-encoding, as URLs and forms need it.

use std::fmt::Write;

/// Appends a text of which only letters, digits and `-._~` stand for themselves.
///
/// ```
/// let mut url = String::from("/files/");
/// wasm_broker_sdk::percent::encode(&mut url, "50 % off/ä");
/// assert_eq!(url, "/files/50%20%25%20off%2F%C3%A4");
/// ```
pub fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
