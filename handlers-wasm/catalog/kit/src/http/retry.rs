//! Which statuses are expected, which failures are worth another attempt, and when.

use crate::{Failure, Map, Val, config};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::time::UNIX_EPOCH;
use wasm_broker_sdk::time;

/// A status, or all of a hundred.
#[derive(Clone, Copy)]
enum Statuses {
    One(i64),
    Class(i64),
}

impl Statuses {
    fn of(value: &Val) -> Option<Self> {
        match value {
            Val::Int(status @ 100..=599) => Some(Self::One(*status)),
            Val::Str(text) => match text.as_bytes() {
                [class @ b'1'..=b'5', b'x', b'x'] => Some(Self::Class(i64::from(class - b'0'))),
                [_, _, _] => match text.parse() {
                    Ok(status @ 100..=599) => Some(Self::One(status)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn has(self, status: u16) -> bool {
        match self {
            Self::One(one) => i64::from(status) == one,
            Self::Class(class) => i64::from(status / 100) == class,
        }
    }
}

/// One value or an array of some.
fn several(value: &Val) -> &[Val] {
    match value {
        Val::Arr(values) => values,
        value => std::slice::from_ref(value),
    }
}

/// The statuses that make a result.
pub struct Expected(Vec<Statuses>);

impl Expected {
    /// Reads `expected_status` of a configuration; any of 2xx if there is none.
    ///
    /// # Errors
    ///
    /// `invalid_config`
    pub fn of(config: &Map) -> Result<Self, Failure> {
        let Some(configured) = config.get("expected_status") else {
            return Ok(Self(vec![Statuses::Class(2)]));
        };
        let statuses = several(configured).iter().map(Statuses::of);
        match statuses.collect::<Option<Vec<_>>>() {
            Some(statuses) if !statuses.is_empty() => Ok(Self(statuses)),
            _ => Err(config::invalid(
                "/config/expected_status",
                "expected a status such as 200, a class such as \"2xx\", or an array of them",
            )),
        }
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn has(&self, status: u16) -> bool {
        self.0.iter().any(|statuses| statuses.has(status))
    }
}

/// What is worth another attempt.
pub struct RetryOn {
    statuses: Vec<Statuses>,
    kinds: Vec<String>,
    /// Nothing was configured: of failures without a response the host decides.
    default: bool,
}

impl RetryOn {
    /// What is configured is retried whatever the request is. By default a request that must not be sent twice is retried
    /// only if the server cannot have received it, or says that it has not handled it.
    ///
    /// # Errors
    ///
    /// `invalid_config` when `retry_on` is not what it should be.
    pub fn of(config: &Map, repeatable: bool) -> Result<Self, Failure> {
        let mut retry_on = Self {
            statuses: vec![Statuses::One(429)],
            kinds: Vec::new(),
            default: true,
        };
        if repeatable {
            retry_on.statuses.push(Statuses::Class(5));
        }
        let Some(configured) = config.get("retry_on") else {
            return Ok(retry_on);
        };
        retry_on.statuses.clear();
        retry_on.default = false;
        for value in several(configured) {
            match (Statuses::of(value), value) {
                (Some(statuses), _) => retry_on.statuses.push(statuses),
                (None, Val::Str(kind)) if matches!(kind.as_str(), "connect_failed" | "timeout" | "bad_response") => {
                    retry_on.kinds.push(kind.to_string());
                }
                _ => {
                    return Err(config::invalid(
                        "/config/retry_on",
                        "expected statuses such as 503 and \"5xx\", \"connect_failed\", \"timeout\" and \"bad_response\"",
                    ));
                }
            }
        }
        Ok(retry_on)
    }

    /// Whether a response of that status is worth another attempt.
    #[must_use]
    pub fn has_status(&self, status: u16) -> bool {
        self.statuses.iter().any(|statuses| statuses.has(status))
    }

    /// Whether a failure of the host's is worth another attempt.
    #[must_use]
    pub fn has_kind(&self, kind: &str, sent: bool, host_says: bool) -> bool {
        match kind {
            "connect_failed" | "timeout" | "bad_response" if !self.default => self.kinds.iter().any(|known| known == kind),
            "connect_failed" => !sent || host_says,
            _ => host_says,
        }
    }
}

/// No answer asks for a longer wait than a year.
const MAX_WAIT_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// The wait that a `Retry-After` asks for, in milliseconds: seconds, or a date, which counts from the response's own `Date`
/// if it has one, so that two clocks need not agree.
#[must_use]
pub fn retry_after_ms(retry_after: Option<&str>, date: Option<&str>) -> Option<u64> {
    let text = retry_after?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1000).min(MAX_WAIT_MS));
    }
    let then = http_date(text)?;
    let now = date.and_then(http_date).or_else(|| {
        let since_1970 = time::now().duration_since(UNIX_EPOCH).ok()?;
        DateTime::from_timestamp(i64::try_from(since_1970.as_secs()).ok()?, 0)
    })?;
    Some(u64::try_from((then - now).num_milliseconds()).unwrap_or(0).min(MAX_WAIT_MS))
}

/// A date in one of the three ways that HTTP has had.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let formats = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let read = |format: &&str| NaiveDateTime::parse_from_str(text.trim(), format).ok();
    formats.iter().find_map(read).map(|date| date.and_utc())
}

#[cfg(test)]
mod tests {
    use super::{MAX_WAIT_MS, retry_after_ms};

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (text, expected) in [
            ("0", Some(0)),
            ("120", Some(120_000)),
            (" 7 ", Some(7000)),
            ("99999999999999999999", Some(MAX_WAIT_MS)),
            ("Sat, 06 Nov 9999 08:49:37 GMT", Some(MAX_WAIT_MS)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60_000)),
            ("Sunday, 06-Nov-94 08:49:38 GMT", Some(1000)),
            ("Sun Nov  6 08:49:39 1994", Some(2000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(retry_after_ms(Some(text), date), expected, "{text}");
        }
        assert_eq!(retry_after_ms(None, date), None);
        assert_eq!(retry_after_ms(Some("Sun, 06 Nov 1994 08:50:37 GMT"), None), Some(0));
    }
}
