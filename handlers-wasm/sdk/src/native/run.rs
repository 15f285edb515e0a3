//! Documents, content and cache of a native handler: those of one thread.

use crate::host::HostError;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

const MAX_KEY: usize = 512;
const MAX_VALUE: usize = 1 << 20;
/// As long as a policy allows; a clock cannot be asked for more than that.
const MAX_TTL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

thread_local! {
    static RUN: RefCell<Run> = RefCell::default();
}

#[derive(Default)]
struct Run {
    /// Standard input, unless it is given.
    input: Option<Vec<u8>>,
    /// What was appended; also what was written, if it is kept.
    output: Vec<u8>,
    keeps_output: bool,
    content: Option<Vec<u8>>,
    cache: BTreeMap<Vec<u8>, Entry>,
}

struct Entry {
    value: Vec<u8>,
    end: Instant,
}

impl Run {
    fn input(&mut self) -> Result<&[u8], HostError> {
        if self.input.is_none() {
            let mut document = Vec::new();
            io::stdin().read_to_end(&mut document).map_err(|_| HostError::IO)?;
            self.input = Some(document);
        }
        Ok(self.input.as_deref().unwrap_or_default())
    }
}

/// Gives the run of `function` this document, and returns the result document.
#[cfg(feature = "json")]
pub fn keeping_output(document: &[u8], function: impl FnOnce()) -> Vec<u8> {
    RUN.with_borrow_mut(|run| {
        run.input = Some(document.to_owned());
        run.output.clear();
        run.keeps_output = true;
    });
    function();
    RUN.with_borrow_mut(|run| {
        run.input = None;
        run.keeps_output = false;
        std::mem::take(&mut run.output)
    })
}

pub fn provide_content(content: &[u8]) {
    RUN.with_borrow_mut(|run| run.content = Some(content.to_owned()));
}

/// Writes what was appended to standard output.
#[cfg(feature = "json")]
pub fn hand_over_output() -> Result<(), HostError> {
    let appended = RUN.with_borrow_mut(|run| std::mem::take(&mut run.output));
    if appended.is_empty() { Ok(()) } else { print(&appended) }
}

fn print(document: &[u8]) -> Result<(), HostError> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(document)
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush())
        .map_err(|_| HostError::IO)
}

pub fn read_input() -> Result<Vec<u8>, HostError> {
    RUN.with_borrow_mut(|run| run.input().map(<[u8]>::to_vec))
}

pub fn input_length() -> Result<usize, HostError> {
    RUN.with_borrow_mut(|run| run.input().map(<[u8]>::len))
}

pub fn read_input_at(offset: usize, into: &mut [u8]) -> Result<usize, HostError> {
    RUN.with_borrow_mut(|run| {
        let rest = run.input()?.get(offset..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    })
}

pub fn append_output(piece: &[u8]) -> Result<(), HostError> {
    RUN.with_borrow_mut(|run| run.output.extend_from_slice(piece));
    Ok(())
}

pub fn write_output(document: &[u8]) -> Result<(), HostError> {
    let kept = RUN.with_borrow_mut(|run| {
        run.output.clear();
        if run.keeps_output {
            run.output.extend_from_slice(document);
        }
        run.keeps_output
    });
    if kept { Ok(()) } else { print(document) }
}

pub fn read_content() -> Result<Vec<u8>, HostError> {
    RUN.with_borrow(|run| run.content.clone().ok_or(HostError::NOT_FOUND))
}

fn check_key(key: &[u8]) -> Result<(), HostError> {
    match key.len() {
        0 => Err(HostError::INVALID),
        length if length > MAX_KEY => Err(HostError::TOO_LARGE),
        _ => Ok(()),
    }
}

pub fn cache_get(key: &[u8]) -> Result<Vec<u8>, HostError> {
    check_key(key)?;
    RUN.with_borrow(|run| {
        let entry = run.cache.get(key).filter(|entry| entry.end > Instant::now());
        entry.map(|entry| entry.value.clone()).ok_or(HostError::NOT_FOUND)
    })
}

pub fn cache_put(key: &[u8], value: &[u8], ttl_ms: i64) -> Result<(), HostError> {
    check_key(key)?;
    if value.len() > MAX_VALUE {
        return Err(HostError::TOO_LARGE);
    }
    let ttl = u64::try_from(ttl_ms).ok().filter(|ttl| *ttl > 0).ok_or(HostError::INVALID)?;
    let entry = Entry {
        value: value.to_owned(),
        end: Instant::now() + Duration::from_millis(ttl).min(MAX_TTL),
    };
    RUN.with_borrow_mut(|run| run.cache.insert(key.to_owned(), entry));
    Ok(())
}

pub fn cache_delete(key: &[u8]) -> Result<bool, HostError> {
    check_key(key)?;
    let deleted = RUN.with_borrow_mut(|run| run.cache.remove(key));
    Ok(deleted.is_some_and(|entry| entry.end > Instant::now()))
}
