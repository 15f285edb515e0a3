//! The values that `jq` works on: from files, one after the other, as they are needed.

use crate::io::{self, Source, reason, shown};
use catalog_kit::jq::natives::surroundings::Inputs;
use catalog_kit::{Val, json};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;

/// So much is read at once at least, in bytes.
const PIECE: usize = 64 * 1024;

thread_local! {
    /// What is wrong with files that could not be read.
    static UNREAD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What is wrong with files that could not be read, if there were some.
pub fn unread() -> Option<Vec<String>> {
    Some(UNREAD.take()).filter(|problems| !problems.is_empty())
}

/// All values of a text.
pub fn values(text: &str) -> Result<Vec<Val>, json::Error> {
    let mut values = Vec::new();
    let mut at = 0;
    while let Some((value, end)) = json::parse_next(text, at)? {
        values.push(value);
        at = end;
    }
    Ok(values)
}

/// What becomes of the files.
#[derive(Clone, Copy)]
pub struct Form {
    /// Lines are strings.
    pub raw: bool,
    /// All is one value.
    pub slurp: bool,
}

/// The values of some files.
pub struct Documents {
    files: VecDeque<Vec<u8>>,
    form: Form,
    source: Option<Source>,
    /// The file that is read, unless it is the standard input.
    name: Option<String>,
    text: String,
    /// What of the text was taken.
    at: usize,
    /// Bytes of a character whose end was not read yet.
    held: Vec<u8>,
    /// Nothing comes behind the text.
    is_over: bool,
    lines: usize,
    /// The only value was given.
    is_done: bool,
}

impl Documents {
    /// Of these files, or else of the standard input.
    pub fn new(files: Vec<Vec<u8>>, form: Form) -> Self {
        Self {
            files: io::or_standard_input(files).into(),
            form,
            source: None,
            name: None,
            text: String::new(),
            at: 0,
            held: Vec::new(),
            is_over: false,
            lines: 0,
            is_done: false,
        }
    }

    /// Reads more of the file; a text that was read ends where a file ends, unless it is taken as a whole.
    fn more(&mut self) {
        self.text.drain(..self.at);
        self.at = 0;
        let Some(source) = &mut self.source else {
            self.is_over = true;
            return;
        };
        let mut piece = vec![0; PIECE.max(self.text.len())];
        match source.read(&mut piece) {
            Ok(0) => {
                self.text.push_str(&String::from_utf8_lossy(&self.held));
                self.held.clear();
                self.is_over = true;
            }
            Ok(count) => {
                self.held.extend_from_slice(&piece[..count]);
                let end = complete(&self.held);
                self.text.push_str(&String::from_utf8_lossy(&self.held[..end]));
                self.held.drain(..end);
            }
            Err(cause) => {
                let name = self.name.as_deref().unwrap_or("<stdin>");
                UNREAD.with_borrow_mut(|all| all.push(format!("Input error: {name}: {}", reason(&cause))));
                self.is_over = true;
            }
        }
    }

    /// Opens the next file; tells whether there is one.
    fn open(&mut self) -> bool {
        while let Some(name) = self.files.pop_front() {
            match io::open(&name) {
                Ok(source) => {
                    self.source = Some(source);
                    self.name = (name != b"-").then(|| shown(&name));
                    self.is_over = false;
                    self.lines = 0;
                    return true;
                }
                Err(cause) => {
                    let problem = format!("Could not open {}: {}", shown(&name), reason(&cause));
                    UNREAD.with_borrow_mut(|all| all.push(problem));
                }
            }
        }
        false
    }

    /// Counts the lines up to a place: a line counts as soon as something of it was taken.
    fn count(&mut self, upto: usize) {
        let bytes = self.text.as_bytes();
        self.lines += memchr::memchr_iter(b'\n', &bytes[self.at..upto]).count();
        self.at = upto;
        // The rest of the line, if nothing else is in it, was read with it.
        if let Some(end) = memchr::memchr(b'\n', &bytes[upto..]) {
            if bytes[upto..upto + end].iter().all(u8::is_ascii_whitespace) {
                self.at = upto + end + 1;
                self.lines += 1;
            }
        }
    }

    fn value(&mut self) -> Option<Result<Val, String>> {
        loop {
            match json::parse_next(&self.text, self.at) {
                Ok(None) if self.is_over => {
                    self.at = self.text.len();
                    if !self.open() {
                        return None;
                    }
                }
                // A number at the end may go on.
                Ok(Some((value, end))) if self.is_over || end < self.text.len() => {
                    self.count(end);
                    return Some(Ok(value));
                }
                Err(cause) if self.is_over || !self.may_go_on(cause.offset) => {
                    let taken = &self.text[..cause.offset.min(self.text.len())];
                    self.lines += memchr::memchr_iter(b'\n', taken[self.at.min(taken.len())..].as_bytes()).count();
                    let problem = cause.to_string();
                    self.at = self.text.len();
                    self.files.clear();
                    self.source = None;
                    self.is_over = true;
                    return Some(Err(problem));
                }
                Ok(_) | Err(_) => self.more(),
            }
        }
    }

    /// Whether what is wrong is only that the text ends: at its end, or in a word that is not whole.
    fn may_go_on(&self, offset: usize) -> bool {
        self.text.len() - offset.min(self.text.len()) < 16 || self.text[offset..].starts_with('"')
    }

    fn line(&mut self) -> Option<Result<Val, String>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]) {
                let line = Val::str(&self.text[self.at..self.at + end]);
                self.at += end + 1;
                self.lines += 1;
                return Some(Ok(line));
            }
            if !self.is_over {
                self.more();
            } else if self.source.is_none() || !self.open() {
                // Lines go on from file to file.
                if self.source.is_none() && self.open() {
                    continue;
                }
                let rest = self.text.split_off(self.at);
                return (!rest.is_empty()).then(|| Ok(Val::from(rest)));
            }
        }
    }

    fn all(&mut self) -> Option<Result<Val, String>> {
        if std::mem::replace(&mut self.is_done, true) {
            return None;
        }
        if self.form.raw {
            let mut all = String::new();
            while self.open() {
                while !self.is_over {
                    self.more();
                }
                all.push_str(&std::mem::take(&mut self.text));
            }
            return Some(Ok(Val::from(all)));
        }
        let mut values = Vec::new();
        while let Some(value) = self.value() {
            match value {
                Ok(value) => values.push(value),
                Err(problem) => return Some(Err(problem)),
            }
        }
        Some(Ok(Val::arr(values)))
    }
}

impl Inputs for Documents {
    fn next(&mut self) -> Option<Result<Val, String>> {
        match self.form {
            Form { slurp: true, .. } => self.all(),
            Form { raw: true, .. } => self.line(),
            _ => self.value(),
        }
    }

    fn file(&self) -> Option<String> {
        self.name.clone()
    }

    fn lines(&self) -> usize {
        self.lines
    }
}

/// How many of the bytes are whole characters, or none at all.
fn complete(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(_) => {
            let tail = bytes.len().saturating_sub(3);
            let start = bytes[tail..].iter().rposition(|byte| *byte >= 0xC0).map(|place| tail + place);
            match start.filter(|start| std::str::from_utf8(&bytes[*start..]).is_err_and(|cause| cause.error_len().is_none())) {
                Some(start) => start,
                None => bytes.len(),
            }
        }
    }
}
