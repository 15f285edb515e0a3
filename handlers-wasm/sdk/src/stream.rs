//! Documents that are larger than a handler's memory (guest ABI 1.2): read and written in pieces.
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//! use wasm_broker_sdk::{Failure, stream::{Input, Output}};
//!
//! /// Counts the lines of the step document.
//! fn count(input: &mut Input, output: &mut Output) -> Result<(), Failure> {
//!     let mut lines = 0;
//!     for line in BufReader::new(input).lines() {
//!         line?;
//!         lines += 1;
//!     }
//!     write!(output, "{{\"status\":\"completed\",\"result\":{lines}}}")?;
//!     Ok(())
//! }
//!
//! wasm_broker_sdk::stream_handler!(count);
//!
//! // In a test, without the broker:
//! # #[cfg(not(target_family = "wasm"))]
//! # {
//! use wasm_broker_sdk::native;
//! assert_eq!(native::run_stream(count, b"{\n}"), br#"{"status":"completed","result":2}"#);
//! # }
//! ```

use crate::host::{self, HostError};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A piece of the result is as large as this: each costs a call of the host.
const PIECE: usize = 64 * 1024;

/// The step document, read from the host as it is needed. The host has all of it: one may go back.
#[derive(Debug, Default)]
pub struct Input {
    position: u64,
}

impl Input {
    /// From its beginning.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Ok(offset) = usize::try_from(self.position) else { return Ok(0) };
        let count = host::read_input_at(offset, into).map_err(error)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = || host::input_length().map(|length| length as u64).map_err(error);
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => length()?.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// The result document, handed to the host in pieces. What was written is dropped if the run fails.
#[derive(Debug, Default)]
pub struct Output {
    buffer: Vec<u8>,
}

impl Output {
    /// Without anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let result = if self.buffer.is_empty() { Ok(()) } else { host::append_output(&self.buffer) };
        self.buffer.clear();
        result.map_err(error)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > PIECE {
            self.hand_over()?;
        }
        if bytes.len() >= PIECE {
            host::append_output(bytes).map_err(error)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}

fn error(cause: HostError) -> io::Error {
    io::Error::other(cause)
}

/// The body of the exported `run` of [`stream_handler!`](crate::stream_handler): a failure takes the place of what was written.
///
/// Returns 0, or 2 if the result could not be written.
#[cfg(feature = "json")]
pub fn serve(function: impl FnOnce(&mut Input, &mut Output) -> Result<(), crate::Failure>) -> i32 {
    let mut output = Output::new();
    let result = function(&mut Input::new(), &mut output).and_then(|()| Ok(output.flush()?));
    let Err(failure) = result else { return 0 };
    match host::write_output(&crate::outcome::encode(&Err(failure))) {
        Ok(()) => 0,
        Err(cause) => {
            eprintln!("the result document could not be written: {cause}");
            2
        }
    }
}

/// Exports a function from [`Input`] to [`Output`] to the broker as `run`. On other targets than WebAssembly it exports nothing.
///
/// The function writes a result document as the guest ABI has it; an error becomes one of its own, and what was written is
/// dropped.
#[cfg(feature = "json")]
#[macro_export]
macro_rules! stream_handler {
    ($function:expr) => {
        const _: () = {
            #[cfg(target_family = "wasm")]
            #[unsafe(no_mangle)]
            extern "C" fn run() -> i32 {
                $crate::stream::serve($function)
            }
        };
    };
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::{Input, Output, PIECE};
    use crate::{Failure, native};
    use std::io::{Read, Seek, SeekFrom, Write};

    fn backwards(input: &mut Input, output: &mut Output) -> Result<(), Failure> {
        let end = input.seek(SeekFrom::End(0))?;
        for at in (0..end).rev() {
            input.seek(SeekFrom::Start(at))?;
            let mut byte = [0];
            input.read_exact(&mut byte)?;
            output.write_all(&byte)?;
        }
        Ok(())
    }

    #[test]
    fn a_document_can_be_read_in_any_order() {
        assert_eq!(native::run_stream(backwards, b"abc"), b"cba");
        assert_eq!(native::run_stream(backwards, b""), b"");
    }

    #[test]
    fn pieces_of_every_size_arrive_in_their_order() {
        let sizes = [1, PIECE - 1, PIECE, 3, 2 * PIECE + 1, 0, 5];
        let written = native::run_stream(
            |_: &mut Input, output: &mut Output| {
                for (i, size) in sizes.iter().enumerate() {
                    output.write_all(&vec![b'a' + u8::try_from(i).unwrap_or(0); *size])?;
                }
                Ok(())
            },
            b"",
        );
        assert_eq!(written.len(), sizes.iter().sum::<usize>());
        assert!(written.is_sorted());
    }

    #[test]
    fn a_failure_takes_the_place_of_what_was_written() {
        let written = native::run_stream(
            |_: &mut Input, output: &mut Output| {
                output.write_all(&vec![b' '; 3 * PIECE])?;
                Err(Failure::permanent("too_bad", "it went wrong"))
            },
            b"",
        );
        assert_eq!(
            written,
            br#"{"status":"failed","error":{"type":"too_bad","message":"it went wrong","retryable":false}}"#
        );
    }
}
