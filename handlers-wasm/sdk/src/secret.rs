//! Secrets that the operator granted to this handler.
//!
//! A secret that only has to go into a request is better left with the broker: write `{{secret:NAME}}` into a header, a
//! query value or a body, and the handler never has it. What a handler does read may not leave it: the broker refuses a
//! result, an error or an address that carries it.

use crate::host::{self, HostError};
use std::fmt;

/// The value of a secret, which is never printed by accident.
pub struct Secret(Vec<u8>);

impl Secret {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, if it is UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Reads a secret.
///
/// # Errors
///
/// [`HostError::INVALID`] for an invalid name, [`HostError::DENIED`] when it was not granted to this
/// handler, [`HostError::NOT_FOUND`] when the broker has no such secret, [`HostError::IO`] if its source fails.
pub fn read(name: &str) -> Result<Secret, HostError> {
    host::read_secret(name).map(Secret)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::host::HostError;
    use crate::native;

    #[test]
    fn a_secret_is_read_but_not_printed() {
        native::provide_secret("token", "s3cr3t");
        let secret = read("token").unwrap();
        assert_eq!(secret.text(), Some("s3cr3t"));
        assert_eq!(format!("{secret:?}"), "Secret(***)");
    }

    #[test]
    fn names_that_no_secret_has_are_refused() {
        assert_eq!(read("").unwrap_err(), HostError::INVALID);
        assert_eq!(read("a b").unwrap_err(), HostError::INVALID);
        assert_eq!(read("absent").unwrap_err(), HostError::NOT_FOUND);
    }
}
