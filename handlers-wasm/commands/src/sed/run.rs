//! Runs a script on the lines of files.

use super::Settings;
use super::parse::{Action, Address, Command, End, Pattern};
use crate::Fail;
use crate::io::{self, Io, Lines, Source, reason, shown};
use crate::regex::{Regex, push, unit};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::Write;
use std::rc::Rc;

/// Runs the script; gives the exit code.
pub fn run(io: &mut Io, script: &[Command], settings: Settings, files: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let mut machine = Machine {
        script,
        ranges: script.iter().map(Range::of).collect(),
        input: Input { files: files.into(), current: None, name: Vec::new(), number: 0, end: settings.end },
        settings,
        pattern: Vec::new(),
        hold: Vec::new(),
        is_ended: true,
        replaced: false,
        appended: Vec::new(),
        last: None,
        edited: None,
        written: BTreeMap::new(),
        read: BTreeMap::new(),
        lacks_end: false,
    };
    for name in script.iter().filter_map(written_file) {
        machine.create(name)?;
    }
    let code = machine.run(io)?;
    Ok(match (code, io.failed) {
        (0, true) => 2,
        (code, _) => code,
    })
}

fn written_file(command: &Command) -> Option<&Vec<u8>> {
    match &command.action {
        Action::Write(name) | Action::WriteFirst(name) => Some(name),
        Action::Substitute(substitute) => substitute.write.as_ref(),
        _ => None,
    }
}

/// Whether a range is open.
#[derive(Clone, Copy)]
enum Range {
    Closed,
    Open,
    /// Up to the line of this number.
    Upto(usize),
}

impl Range {
    fn of(command: &Command) -> Self {
        match command.first {
            Some(Address::Line(0)) => Self::Open,
            _ => Self::Closed,
        }
    }
}

/// What is there to edit.
struct Input {
    files: VecDeque<Vec<u8>>,
    current: Option<Lines>,
    name: Vec<u8>,
    number: usize,
    end: u8,
}

impl Input {
    /// Opens the next file that has lines; tells whether there is one.
    fn has_more(&mut self, io: &mut Io, separate: bool) -> bool {
        loop {
            if let Some(lines) = &mut self.current {
                match lines.is_over() {
                    Ok(false) => return true,
                    Ok(true) => {}
                    Err(cause) => io.complain_of(&self.name, &cause),
                }
            }
            if separate {
                return false;
            }
            if !self.open_next(io) {
                self.current = None;
                return false;
            }
        }
    }

    fn open_next(&mut self, io: &mut Io) -> bool {
        while let Some(name) = self.files.pop_front() {
            match io::open(&name) {
                Ok(source) => {
                    self.name = name;
                    self.current = Some(Lines::new(source, self.end));
                    return true;
                }
                Err(cause) => {
                    io.failed = true;
                    io.complain(&format!("can't read {}: {}", shown(&name), reason(&cause)));
                }
            }
        }
        false
    }
}

enum Appended {
    Text(Vec<u8>),
    File(Vec<u8>),
}

/// What follows a command.
enum Then {
    Next,
    Goto(usize),
    /// The line is done; it is written unless that is not wanted.
    Done,
    Deleted,
    /// The script begins again with what is left.
    Again,
    Quit(u8),
    QuitSilently(u8),
}

struct Machine<'s> {
    script: &'s [Command],
    settings: Settings,
    ranges: Vec<Range>,
    input: Input,
    pattern: Vec<u8>,
    hold: Vec<u8>,
    /// Something ends the line that was read last.
    is_ended: bool,
    /// Something was replaced since the line was read, or since the last branch.
    replaced: bool,
    appended: Vec<Appended>,
    /// The pattern that was used last.
    last: Option<Rc<Regex>>,
    /// What becomes of the file that is written anew.
    edited: Option<Vec<u8>>,
    written: BTreeMap<Vec<u8>, File>,
    /// Files of which the command `R` reads one line after the other.
    read: BTreeMap<Vec<u8>, Option<Lines>>,
    /// The last line that was written had nothing at its end.
    lacks_end: bool,
}

impl Machine<'_> {
    fn run(&mut self, io: &mut Io) -> Result<u8, Fail> {
        let mut keeps = false;
        loop {
            if !keeps && !self.next_line(io)? {
                return Ok(0);
            }
            keeps = false;
            let then = self.cycle(io)?;
            match then {
                Then::Deleted | Then::QuitSilently(_) | Then::Again => {}
                _ if self.settings.quiet => {}
                _ => self.print(io)?,
            }
            if !matches!(then, Then::QuitSilently(_)) {
                self.append(io)?;
            }
            match then {
                Then::Quit(code) | Then::QuitSilently(code) => {
                    self.finish_file(io, true)?;
                    return Ok(code);
                }
                Then::Again => keeps = true,
                _ => {}
            }
        }
    }

    /// Reads a line into the pattern space; tells whether there was one.
    fn next_line(&mut self, io: &mut Io) -> Result<bool, Fail> {
        if self.settings.separate {
            while !self.input.has_more(io, true) {
                self.finish_file(io, false)?;
                if !self.input.open_next(io) {
                    return Ok(false);
                }
                self.input.number = 0;
                self.edited = self.settings.in_place.is_some().then(Vec::new);
                self.lacks_end = false;
            }
        } else if !self.input.has_more(io, false) {
            return Ok(false);
        }
        let Some(lines) = &mut self.input.current else { return Ok(false) };
        match lines.next() {
            Ok(Some(line)) => {
                self.pattern.clear();
                self.pattern.extend_from_slice(line.text);
                self.is_ended = line.is_ended;
            }
            _ => return Ok(false),
        }
        self.input.number += 1;
        self.replaced = false;
        Ok(true)
    }

    /// Writes a file anew that was edited; with what was not read yet when the script ended before it.
    fn finish_file(&mut self, io: &mut Io, with_rest: bool) -> Result<(), Fail> {
        let Some(mut edited) = self.edited.take() else {
            self.input.current = None;
            return Ok(());
        };
        let name = std::mem::take(&mut self.input.name);
        let trouble = |cause: &std::io::Error| Fail::Trouble(format!("couldn't edit {}: {}", shown(&name), reason(cause)));
        if let Some(lines) = self.input.current.as_mut().filter(|_| with_rest) {
            while let Some(line) = lines.next().map_err(|cause| trouble(&cause))? {
                edited.extend_from_slice(line.text);
                if line.is_ended {
                    edited.push(self.settings.end);
                }
            }
        }
        self.input.current = None;
        let path = io::path(&name);
        let suffix = self.settings.in_place.as_deref().unwrap_or_default();
        let kept = match suffix.contains(&b'*') {
            true => {
                let place = name.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
                let parts: Vec<&[u8]> = suffix.split(|byte| *byte == b'*').collect();
                [&name[..place], &parts.join(&name[place..])].concat()
            }
            false => [&name, suffix].concat(),
        };
        let done = match suffix.is_empty() {
            true => Ok(()),
            false => fs::copy(&path, io::path(&kept)).map(drop),
        };
        if let Err(cause) = done.and_then(|()| fs::write(&path, &edited)) {
            io.complain(&format!("couldn't write {}: {}", shown(&name), reason(&cause)));
            io.flush()?;
            std::process::exit(4);
        }
        Ok(())
    }

    /// Runs the script on the line.
    fn cycle(&mut self, io: &mut Io) -> Result<Then, Fail> {
        let mut place = 0;
        let script = self.script;
        while let Some(command) = script.get(place) {
            let is_meant = self.is_meant(io, place, command)? != command.negated;
            place += 1;
            if !is_meant {
                if let Action::Block(end) = command.action {
                    place = end;
                }
                continue;
            }
            match self.act(io, place - 1, command)? {
                Then::Next => {}
                Then::Goto(to) => place = to,
                then => return Ok(then),
            }
        }
        Ok(Then::Done)
    }

    fn matches(&mut self, pattern: &Pattern) -> Result<bool, Fail> {
        let regex = self.resolved(pattern)?;
        regex.is_match(&self.pattern).map_err(Fail::Trouble)
    }

    fn resolved(&mut self, pattern: &Pattern) -> Result<Rc<Regex>, Fail> {
        if let Some(regex) = pattern {
            self.last = Some(Rc::clone(regex));
        }
        self.last.clone().ok_or_else(|| Fail::Trouble("no previous regular expression".to_owned()))
    }

    fn is_last(&mut self, io: &mut Io) -> bool {
        !self.input.has_more(io, self.settings.separate)
    }

    fn is_meant(&mut self, io: &mut Io, place: usize, command: &Command) -> Result<bool, Fail> {
        let number = self.input.number;
        let Some(first) = &command.first else { return Ok(true) };
        match (self.ranges[place], &command.last) {
            (Range::Open, Some(End::Matching(pattern))) => {
                if self.matches(pattern)? {
                    self.ranges[place] = Range::Closed;
                }
                return Ok(true);
            }
            (Range::Open, _) => {
                if self.is_last(io) {
                    self.ranges[place] = Range::Closed;
                }
                return Ok(true);
            }
            (Range::Upto(last), _) => {
                if number >= last {
                    self.ranges[place] = Range::Closed;
                }
                return Ok(number <= last);
            }
            (Range::Closed, _) => {}
        }
        let begins = match first {
            Address::Line(line) => *line == number,
            Address::Last => self.is_last(io),
            Address::Matching(pattern) => self.matches(pattern)?,
            Address::Step(first, 0) => *first == number,
            Address::Step(first, step) => number >= *first && (number - first) % step == 0,
        };
        if begins {
            let upto = |last: usize| if last > number { Range::Upto(last) } else { Range::Closed };
            self.ranges[place] = match &command.last {
                None => Range::Closed,
                Some(End::Line(last)) => upto(*last),
                Some(End::Plus(count)) => upto(number + count),
                Some(End::Multiple(0)) => Range::Closed,
                Some(End::Multiple(step)) => upto(number.div_ceil(*step) * step),
                Some(End::Last) if self.is_last(io) => Range::Closed,
                Some(End::Last | End::Matching(_)) => Range::Open,
            };
        }
        Ok(begins)
    }

    fn act(&mut self, io: &mut Io, place: usize, command: &Command) -> Result<Then, Fail> {
        match &command.action {
            Action::Block(_) | Action::Nothing => {}
            Action::Append(text) => self.appended.push(Appended::Text(text.clone())),
            Action::Insert(text) => self.write(io, text)?,
            Action::Change(text) => {
                let is_end = command.last.is_none() || command.negated || matches!(self.ranges[place], Range::Closed);
                if is_end {
                    self.write(io, text)?;
                }
                return Ok(Then::Deleted);
            }
            Action::Branch(to) => return Ok(Then::Goto(*to)),
            Action::BranchIf(to) => {
                if std::mem::take(&mut self.replaced) {
                    return Ok(Then::Goto(*to));
                }
            }
            Action::BranchUnless(to) => {
                if !std::mem::take(&mut self.replaced) {
                    return Ok(Then::Goto(*to));
                }
            }
            Action::Delete => return Ok(Then::Deleted),
            Action::DeleteFirst => match memchr::memchr(self.settings.end, &self.pattern) {
                None => return Ok(Then::Deleted),
                Some(end) => {
                    self.pattern.drain(..=end);
                    return Ok(Then::Again);
                }
            },
            Action::Get => self.pattern.clone_from(&self.hold),
            Action::GetMore => {
                self.pattern.push(self.settings.end);
                self.pattern.extend_from_slice(&self.hold);
            }
            Action::Hold => self.hold.clone_from(&self.pattern),
            Action::HoldMore => {
                self.hold.push(self.settings.end);
                self.hold.extend_from_slice(&self.pattern);
            }
            Action::Exchange => std::mem::swap(&mut self.pattern, &mut self.hold),
            Action::List(width) => {
                let listed = listed(&self.pattern, width.unwrap_or(self.settings.width));
                self.write(io, &listed)?;
            }
            Action::Next => {
                if self.is_last(io) && !self.has_next_file() {
                    return Ok(Then::Done);
                }
                if !self.settings.quiet {
                    self.print(io)?;
                }
                self.append(io)?;
                if !self.next_line_of(io)? {
                    return Ok(Then::QuitSilently(0));
                }
            }
            Action::NextMore => {
                self.append(io)?;
                if self.is_last(io) && !self.has_next_file() {
                    return Ok(Then::Done);
                }
                let mut before = std::mem::take(&mut self.pattern);
                let replaced = self.replaced;
                if !self.next_line(io)? {
                    self.pattern = before;
                    return Ok(Then::Done);
                }
                self.replaced = replaced;
                before.push(self.settings.end);
                before.extend_from_slice(&self.pattern);
                self.pattern = before;
            }
            Action::Number => {
                let number = format!("{}\n", self.input.number);
                self.write(io, number.as_bytes())?;
            }
            Action::Print => self.print(io)?,
            Action::PrintFirst => {
                let end = memchr::memchr(self.settings.end, &self.pattern).unwrap_or(self.pattern.len());
                let mut first = self.pattern[..end].to_vec();
                first.push(self.settings.end);
                self.write(io, &first)?;
            }
            Action::Quit(code) => return Ok(Then::Quit(*code)),
            Action::QuitSilently(code) => return Ok(Then::QuitSilently(*code)),
            Action::ReadFile(name) => self.appended.push(Appended::File(name.clone())),
            Action::ReadLine(name) => {
                let end = self.settings.end;
                let lines = self.read.entry(name.clone()).or_insert_with(|| {
                    io::open(name).ok().map(|source: Source| Lines::new(source, end))
                });
                if let Some(Ok(Some(line))) = lines.as_mut().map(Lines::next) {
                    let mut text = line.text.to_vec();
                    text.push(end);
                    self.appended.push(Appended::Text(text));
                }
            }
            Action::Substitute(substitute) => {
                let regex = self.resolved(&substitute.pattern)?;
                if let Some(changed) = substitute.apply(&regex, &self.pattern).map_err(Fail::Trouble)? {
                    self.pattern = changed;
                    self.replaced = true;
                    if substitute.print {
                        self.print(io)?;
                    }
                    if let Some(name) = &substitute.write {
                        let line = [&self.pattern[..], b"\n"].concat();
                        self.write_file(io, name, &line)?;
                    }
                }
            }
            Action::Translate(map) => {
                let mut text = Vec::with_capacity(self.pattern.len());
                let mut at = 0;
                while at < self.pattern.len() {
                    let (c, width) = unit(&self.pattern, at);
                    push(&mut text, map.get(&c).copied().unwrap_or(c));
                    at += width;
                }
                self.pattern = text;
            }
            Action::Write(name) => {
                let line = [&self.pattern[..], b"\n"].concat();
                self.write_file(io, name, &line)?;
            }
            Action::WriteFirst(name) => {
                let end = memchr::memchr(self.settings.end, &self.pattern).unwrap_or(self.pattern.len());
                let line = [&self.pattern[..end], b"\n"].concat();
                self.write_file(io, name, &line)?;
            }
            Action::Empty => self.pattern.clear(),
        }
        Ok(Then::Next)
    }

    /// Whether there is another file, where each counts by itself.
    fn has_next_file(&self) -> bool {
        self.settings.separate && !self.input.files.is_empty()
    }

    fn next_line_of(&mut self, io: &mut Io) -> Result<bool, Fail> {
        let replaced = self.replaced;
        let found = self.next_line(io)?;
        self.replaced = replaced;
        Ok(found)
    }

    /// Writes the pattern space; its end only if the line had one.
    fn print(&mut self, io: &mut Io) -> Result<(), Fail> {
        let mut line = self.pattern.clone();
        if self.is_ended {
            line.push(self.settings.end);
        }
        self.write(io, &line)?;
        self.lacks_end = !self.is_ended;
        Ok(())
    }

    /// Writes a text to what is written anew, or else to standard output.
    fn write(&mut self, io: &mut Io, text: &[u8]) -> Result<(), Fail> {
        let missing: &[u8] = if std::mem::take(&mut self.lacks_end) { &[self.settings.end] } else { b"" };
        match &mut self.edited {
            Some(edited) => {
                edited.extend_from_slice(missing);
                edited.extend_from_slice(text);
                Ok(())
            }
            None => {
                io.write(missing)?;
                io.write(text)
            }
        }
    }

    /// Writes what was to come behind the line.
    fn append(&mut self, io: &mut Io) -> Result<(), Fail> {
        for appended in std::mem::take(&mut self.appended) {
            match appended {
                Appended::Text(text) => self.write(io, &text)?,
                // A file that is not there is as good as empty.
                Appended::File(name) => {
                    let name = if name == b"/dev/stdin" { b"-".to_vec() } else { name };
                    if let Ok(text) = io::open(&name).and_then(|mut source| source.read_all()) {
                        if !text.is_empty() {
                            self.write(io, &text)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn create(&mut self, name: &[u8]) -> Result<(), Fail> {
        if name != b"/dev/stdout" && name != b"/dev/stderr" && !self.written.contains_key(name) {
            let file = File::create(io::path(name));
            let file = file.map_err(|cause| {
                Fail::Trouble(format!("couldn't open file {}: {}", shown(name), reason(&cause)))
            })?;
            self.written.insert(name.to_vec(), file);
        }
        Ok(())
    }

    fn write_file(&mut self, io: &mut Io, name: &[u8], text: &[u8]) -> Result<(), Fail> {
        match name {
            b"/dev/stdout" => io.write(text),
            b"/dev/stderr" => {
                let _ = std::io::stderr().write_all(text);
                Ok(())
            }
            name => {
                let Some(file) = self.written.get_mut(name) else { return Ok(()) };
                file.write_all(text)
                    .map_err(|cause| Fail::Trouble(format!("couldn't write to {}: {}", shown(name), reason(&cause))))
            }
        }
    }
}

/// A text in which every character can be seen, broken into lines.
fn listed(text: &[u8], width: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0;
    for byte in text {
        let shown = match byte {
            b'\\' => "\\\\".to_owned(),
            7 => "\\a".to_owned(),
            8 => "\\b".to_owned(),
            12 => "\\f".to_owned(),
            b'\n' => "\\n".to_owned(),
            b'\r' => "\\r".to_owned(),
            b'\t' => "\\t".to_owned(),
            11 => "\\v".to_owned(),
            b' '..=b'~' => char::from(*byte).to_string(),
            byte => format!("\\{byte:03o}"),
        };
        if width > 1 && column + shown.len() > width - 1 {
            out.extend_from_slice(b"\\\n");
            column = 0;
        }
        column += shown.len();
        out.extend_from_slice(shown.as_bytes());
    }
    out.extend_from_slice(b"$\n");
    out
}
