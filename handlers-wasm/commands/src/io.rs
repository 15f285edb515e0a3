//! Arguments, files and streams.

use crate::Fail;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
#[cfg(unix)]
use std::os::unix::ffi::{OsStrExt, OsStringExt};
#[cfg(target_os = "wasi")]
use std::os::wasi::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// So much is read and written at once, in bytes.
const PIECE: usize = 32 * 1024;

/// All arguments, with the command's name.
#[must_use]
pub fn arguments() -> Vec<Vec<u8>> {
    std::env::args_os().map(OsString::into_vec).collect()
}

/// The working directory.
#[must_use]
pub fn working_directory() -> Vec<u8> {
    let directory = std::env::var_os("PWD").map(OsString::into_vec).unwrap_or_default();
    if directory.starts_with(b"/") { directory } else { b"/".to_vec() }
}

/// The absolute path of a file; `.` and `..` are resolved, as there are no links.
#[must_use]
pub fn path(name: &[u8]) -> PathBuf {
    let whole = match name {
        [b'/', ..] => name.to_vec(),
        _ => [&working_directory()[..], b"/", name].concat(),
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in whole.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut path = b"/".to_vec();
    path.extend_from_slice(&parts.join(&b'/'));
    PathBuf::from(OsStr::from_bytes(&path))
}

/// The bytes of a file's name.
#[must_use]
pub fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// A text as messages show it.
#[must_use]
pub fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Why something failed, in the system's words.
#[must_use]
pub fn reason(cause: &io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Where a command reads from.
pub enum Source {
    /// Its standard input.
    Standard(ManuallyDrop<File>),
    /// A file.
    File(File),
}

impl Source {
    /// The standard input.
    #[must_use]
    pub fn standard() -> Self {
        // SAFETY: the descriptor is open as long as the program runs, and is not closed here.
        Self::Standard(ManuallyDrop::new(unsafe { File::from_raw_fd(0) }))
    }

    /// The size of what is read, if it is a file.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        let file: &File = match self {
            Self::Standard(file) => file,
            Self::File(file) => file,
        };
        file.metadata().ok().filter(fs::Metadata::is_file).map(|data| data.len())
    }

    /// All that is left.
    ///
    /// # Errors
    ///
    /// Why it could not be read.
    pub fn read_all(&mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.read_to_end(&mut all)?;
        Ok(all)
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Standard(file) => file.read(into),
            Self::File(file) => file.read(into),
        }
    }
}

/// What a command writes to, and how it speaks of itself.
pub struct Io {
    /// The command's name.
    pub name: &'static str,
    out: ManuallyDrop<File>,
    buffer: Vec<u8>,
    /// Something went wrong with one of several files.
    pub failed: bool,
}

impl Io {
    /// Of the command of this name.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        // SAFETY: the descriptor is open as long as the program runs, and is not closed here.
        let out = ManuallyDrop::new(unsafe { File::from_raw_fd(1) });
        Self { name, out, buffer: Vec::new(), failed: false }
    }

    /// Writes to standard output.
    ///
    /// # Errors
    ///
    /// [`Fail::Write`]
    pub fn write(&mut self, text: &[u8]) -> Result<(), Fail> {
        if self.buffer.len() + text.len() > PIECE {
            self.flush()?;
            if text.len() > PIECE {
                return self.out.write_all(text).map_err(Fail::Write);
            }
        }
        self.buffer.extend_from_slice(text);
        Ok(())
    }

    /// Writes a text, and a byte behind it.
    ///
    /// # Errors
    ///
    /// [`Fail::Write`]
    pub fn line(&mut self, text: &[u8], end: u8) -> Result<(), Fail> {
        self.write(text)?;
        self.write(&[end])
    }

    /// Passes on what was written.
    ///
    /// # Errors
    ///
    /// [`Fail::Write`]
    pub fn flush(&mut self) -> Result<(), Fail> {
        let written = self.out.write_all(&self.buffer);
        self.buffer.clear();
        written.map_err(Fail::Write)
    }

    /// Says on standard error that something is wrong.
    pub fn complain(&mut self, problem: &str) {
        let _ = writeln!(io::stderr(), "{}: {problem}", self.name);
    }

    /// Says that something is wrong with a file; the others may go on.
    pub fn complain_of(&mut self, name: &[u8], cause: &io::Error) {
        self.failed = true;
        self.complain(&format!("{}: {}", shown(name), reason(cause)));
    }

    /// Opens a file, or the standard input, which is called `-`. What is wrong with it is told.
    pub fn open(&mut self, name: &[u8]) -> Option<Source> {
        match open(name) {
            Ok(source) => Some(source),
            Err(cause) => {
                self.complain_of(name, &cause);
                None
            }
        }
    }

    /// 1 if something was wrong with a file, else 0.
    #[must_use]
    pub fn code(&self) -> u8 {
        u8::from(self.failed)
    }
}

/// Opens a file, or the standard input, which is called `-`.
///
/// # Errors
///
/// Why there is nothing to read.
pub fn open(name: &[u8]) -> io::Result<Source> {
    if name == b"-" {
        return Ok(Source::standard());
    }
    open_file(name).map(Source::File)
}

fn open_file(name: &[u8]) -> io::Result<File> {
    if name.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let path = path(name);
    let file = File::open(&path);
    match &file {
        Ok(opened) if opened.metadata().is_ok_and(|data| data.is_dir()) => Err(io::Error::other("Is a directory")),
        Err(_) if fs::metadata(&path).is_ok_and(|data| data.is_dir()) => Err(io::Error::other("Is a directory")),
        _ => file,
    }
}

/// The operands, or the standard input if there are none.
#[must_use]
pub fn or_standard_input(operands: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    if operands.is_empty() { vec![b"-".to_vec()] } else { operands }
}

/// Reads a source line by line.
pub struct Lines {
    source: Source,
    end: u8,
    buffer: Vec<u8>,
    /// What of the buffer was not taken yet.
    from: usize,
    upto: usize,
    is_over: bool,
}

/// A line without what ends it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'l> {
    /// Its text.
    pub text: &'l [u8],
    /// Something ends it: only the last line may be without.
    pub is_ended: bool,
}

impl Lines {
    /// Lines that end with this byte.
    #[must_use]
    pub fn new(source: Source, end: u8) -> Self {
        Self { source, end, buffer: Vec::new(), from: 0, upto: 0, is_over: false }
    }

    /// The next line.
    ///
    /// # Errors
    ///
    /// Why it could not be read.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut looked = self.from;
        loop {
            if let Some(found) = memchr::memchr(self.end, &self.buffer[looked..self.upto]) {
                let from = std::mem::replace(&mut self.from, looked + found + 1);
                return Ok(Some(Line { text: &self.buffer[from..looked + found], is_ended: true }));
            }
            looked = self.upto;
            if self.is_over {
                let from = std::mem::replace(&mut self.from, self.upto);
                let text = &self.buffer[from..self.upto];
                return Ok((!text.is_empty()).then_some(Line { text, is_ended: false }));
            }
            looked -= self.from;
            self.fill()?;
        }
    }

    /// Whether there is no other line.
    ///
    /// # Errors
    ///
    /// Why it could not be read.
    pub fn is_over(&mut self) -> io::Result<bool> {
        while self.from == self.upto && !self.is_over {
            self.fill()?;
        }
        Ok(self.from == self.upto)
    }

    /// Reads more; what is left begins at the start of the buffer afterwards.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.from..self.upto, 0);
        self.upto -= self.from;
        self.from = 0;
        if self.buffer.len() - self.upto < PIECE / 2 {
            self.buffer.resize((self.buffer.len() * 2).max(PIECE), 0);
        }
        let count = self.source.read(&mut self.buffer[self.upto..])?;
        self.upto += count;
        self.is_over = count == 0;
        Ok(())
    }
}

/// Copies what is left of a source to standard output, in pieces.
///
/// # Errors
///
/// [`Fail::Write`]. What is wrong with the source is told.
pub fn copy(io: &mut Io, name: &[u8], source: &mut Source) -> Result<(), Fail> {
    let mut piece = vec![0; PIECE];
    loop {
        match source.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => io.write(&piece[..count])?,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => {
                io.complain_of(name, &cause);
                return Ok(());
            }
        }
    }
}
