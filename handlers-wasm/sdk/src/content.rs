//! What the module carries beside its code (guest ABI 1.2), such as a table or a script: `handler.yaml` of a project says
//! where it comes from.

use crate::host::{self, HostError};

/// Reads it; none if the module carries nothing. It is the same in every run of a module.
///
/// # Errors
///
/// [`HostError::DENIED`] when it was not granted.
pub fn read() -> Result<Option<Vec<u8>>, HostError> {
    match host::read_content() {
        Ok(content) => Ok(Some(content)),
        Err(HostError::NOT_FOUND) => Ok(None),
        Err(cause) => Err(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::native;

    #[test]
    fn a_module_carries_something_or_nothing() {
        assert_eq!(read().unwrap(), None);
        native::provide_content(b"a table");
        assert_eq!(read().unwrap().as_deref(), Some(b"a table".as_slice()));
    }
}
