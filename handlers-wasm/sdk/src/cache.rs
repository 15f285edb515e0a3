//! What earlier steps of the same module left on this broker (guest ABI 1.2), within the operator's grant.
//!
//! Any entry may be gone at any time: a handler has to work without it, and its result should not depend on it. It is no
//! lock, no counter and no place for what has to be there. `docs/guest-abi.md` of the broker has the rules.
//!
//! ```
//! use std::time::Duration;
//! use wasm_broker_sdk::cache;
//!
//! fn rates() -> Vec<u8> {
//!     if let Ok(Some(known)) = cache::get(b"rates") {
//!         return known;
//!     }
//!     let rates = b"what a server answers".to_vec();
//!     // Nothing is lost if there is no room for it.
//!     let _ = cache::put(b"rates", &rates, Some(Duration::from_secs(60)));
//!     rates
//! }
//! # #[cfg(not(target_family = "wasm"))]
//! assert_eq!(rates(), rates());
//! ```

use crate::host::{self, HostError};
use std::time::Duration;

/// The value of a key of 1 to 512 bytes; none if there is no such entry, or not any more.
///
/// # Errors
///
/// [`HostError::DENIED`] when the cache was not granted, [`HostError::INVALID`] or [`HostError::TOO_LARGE`] for such a key.
pub fn get(key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
    match host::cache_get(key) {
        Ok(value) => Ok(Some(value)),
        Err(HostError::NOT_FOUND) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Keeps a value of up to 1 MiB, in place of the one that the key had: for `time`, or as long as the policy allows.
///
/// # Errors
///
/// As for [`get`]; [`HostError::INVALID`] for less than a millisecond, [`HostError::BUDGET`] when there is no room for it.
pub fn put(key: &[u8], value: &[u8], time: Option<Duration>) -> Result<(), HostError> {
    let ttl_ms = time.map_or(i64::MAX, |time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    host::cache_put(key, value, ttl_ms)
}

/// Forgets a value; returns whether there was one.
///
/// # Errors
///
/// As for [`get`].
pub fn delete(key: &[u8]) -> Result<bool, HostError> {
    host::cache_delete(key)
}

#[cfg(test)]
mod tests {
    use super::{delete, get, put};
    use crate::host::HostError;
    use std::time::Duration;

    #[test]
    fn a_value_is_found_until_it_is_deleted() {
        assert_eq!(get(b"k").unwrap(), None);
        put(b"k", b"v", None).unwrap();
        put(b"k", b"w", Some(Duration::from_secs(60))).unwrap();
        assert_eq!(get(b"k").unwrap().as_deref(), Some(b"w".as_slice()));
        assert!(delete(b"k").unwrap());
        assert!(!delete(b"k").unwrap());
        assert_eq!(get(b"k").unwrap(), None);
    }

    #[test]
    fn what_the_host_would_refuse_is_refused() {
        assert_eq!(get(b"").unwrap_err(), HostError::INVALID);
        assert_eq!(put(b"k", b"v", Some(Duration::ZERO)).unwrap_err(), HostError::INVALID);
        assert_eq!(put(&[b'k'; 513], b"v", None).unwrap_err(), HostError::TOO_LARGE);
        assert_eq!(put(b"k", &vec![0; (1 << 20) + 1], None).unwrap_err(), HostError::TOO_LARGE);
    }
}
