//! From a script to its commands.

use super::substitute::{Case, Piece, Substitute};
use crate::io::shown;
use crate::regex::{Options, Regex, Unit, unit};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A pattern; none is the one that was used last.
pub type Pattern = Option<Rc<Regex>>;

/// Which line is meant.
#[derive(Debug)]
pub enum Address {
    /// The line of this number; 0 is before the first one.
    Line(usize),
    Last,
    Matching(Pattern),
    /// From a line on, each so many lines.
    Step(usize, usize),
}

/// Where a range of lines ends.
#[derive(Debug)]
pub enum End {
    Line(usize),
    Last,
    Matching(Pattern),
    /// So many lines later.
    Plus(usize),
    /// At the next line whose number is a multiple.
    Multiple(usize),
}

/// A command and the lines it is for.
#[derive(Debug)]
pub struct Command {
    pub first: Option<Address>,
    pub last: Option<End>,
    /// It is for all other lines.
    pub negated: bool,
    pub action: Action,
}

/// What is done.
#[derive(Debug)]
pub enum Action {
    /// What follows up to the end of the block, which is at this place.
    Block(usize),
    Nothing,
    Append(Vec<u8>),
    Insert(Vec<u8>),
    Change(Vec<u8>),
    /// Goes to a place of the script: always, after a replacement, or without one.
    Branch(usize),
    BranchIf(usize),
    BranchUnless(usize),
    Delete,
    DeleteFirst,
    Get,
    GetMore,
    Hold,
    HoldMore,
    Exchange,
    List(Option<usize>),
    Next,
    NextMore,
    Number,
    Print,
    PrintFirst,
    Quit(u8),
    QuitSilently(u8),
    ReadFile(Vec<u8>),
    ReadLine(Vec<u8>),
    Substitute(Box<Substitute>),
    Translate(BTreeMap<Unit, Unit>),
    Write(Vec<u8>),
    WriteFirst(Vec<u8>),
    Empty,
}

/// Reads a script.
pub fn parse(text: &[u8], extended: bool) -> Result<Vec<Command>, String> {
    let mut parser = Parser {
        text,
        at: 0,
        extended,
        commands: Vec::new(),
        open: Vec::new(),
        labels: BTreeMap::new(),
        branches: Vec::new(),
    };
    match parser.script() {
        Ok(()) => Ok(parser.commands),
        Err(problem) => Err(format!("char {}: {problem}", parser.at)),
    }
}

struct Parser<'s> {
    text: &'s [u8],
    at: usize,
    extended: bool,
    commands: Vec<Command>,
    /// Blocks that were not closed yet.
    open: Vec<usize>,
    labels: BTreeMap<Vec<u8>, usize>,
    branches: Vec<(usize, Vec<u8>)>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip(&mut self, bytes: &[u8]) {
        while self.peek().is_some_and(|byte| bytes.contains(&byte)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<usize> {
        let mut number: Option<usize> = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(usize::from(digit - b'0')));
            self.at += 1;
        }
        number
    }

    fn script(&mut self) -> Result<(), String> {
        loop {
            self.skip(b" \t\n;");
            if self.at == self.text.len() {
                break;
            }
            self.command()?;
        }
        if !self.open.is_empty() {
            return Err("unmatched `{'".to_owned());
        }
        for (place, label) in std::mem::take(&mut self.branches) {
            let to = match self.labels.get(&label) {
                _ if label.is_empty() => self.commands.len(),
                Some(to) => *to,
                None => return Err(format!("can't find label for jump to `{}'", shown(&label))),
            };
            match &mut self.commands[place].action {
                Action::Branch(place) | Action::BranchIf(place) | Action::BranchUnless(place) => *place = to,
                _ => {}
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<(), String> {
        let first = self.address()?;
        let mut last = None;
        self.skip(b" \t");
        if first.is_some() && self.eat(b',') {
            self.skip(b" \t");
            last = Some(self.end()?);
            self.skip(b" \t");
        }
        if matches!(first, Some(Address::Line(0))) && !matches!(last, Some(End::Matching(_))) {
            return Err("invalid usage of line address 0".to_owned());
        }
        let mut negated = false;
        while self.eat(b'!') {
            negated = true;
            self.skip(b" \t");
        }
        let Some(name) = self.peek() else { return Err("missing command".to_owned()) };
        self.at += 1;
        if b":}".contains(&name) && first.is_some() {
            return Err(format!("{} doesn't want any addresses", char::from(name)));
        }
        let place = self.commands.len();
        let action = match name {
            b'#' => {
                while self.peek().is_some_and(|byte| byte != b'\n') {
                    self.at += 1;
                }
                return Ok(());
            }
            b'{' => {
                self.open.push(place);
                self.commands.push(Command { first, last, negated, action: Action::Block(0) });
                return Ok(());
            }
            b'}' => {
                let start = self.open.pop().ok_or("unexpected `}'")?;
                self.commands[start].action = Action::Block(place);
                Action::Nothing
            }
            b':' => {
                self.skip(b" \t");
                let label = self.label(b" \t\n;");
                if label.is_empty() {
                    return Err("\":\" lacks a label".to_owned());
                }
                self.labels.insert(label, place);
                Action::Nothing
            }
            b'b' | b't' | b'T' => {
                self.skip(b" \t");
                let label = self.label(b" \t\n;}");
                self.branches.push((place, label));
                match name {
                    b'b' => Action::Branch(0),
                    b't' => Action::BranchIf(0),
                    _ => Action::BranchUnless(0),
                }
            }
            b'a' => Action::Append(self.lines()?),
            b'i' => Action::Insert(self.lines()?),
            b'c' => Action::Change(self.lines()?),
            b'd' => Action::Delete,
            b'D' => Action::DeleteFirst,
            b'g' => Action::Get,
            b'G' => Action::GetMore,
            b'h' => Action::Hold,
            b'H' => Action::HoldMore,
            b'x' => Action::Exchange,
            b'l' => {
                self.skip(b" \t");
                Action::List(self.number())
            }
            b'n' => Action::Next,
            b'N' => Action::NextMore,
            b'=' => Action::Number,
            b'p' => Action::Print,
            b'P' => Action::PrintFirst,
            b'q' | b'Q' => {
                if last.is_some() {
                    return Err("command only uses one address".to_owned());
                }
                self.skip(b" \t");
                let code = (self.number().unwrap_or(0) & 0xFF) as u8;
                if name == b'q' { Action::Quit(code) } else { Action::QuitSilently(code) }
            }
            b'r' => Action::ReadFile(self.file()?),
            b'R' => Action::ReadLine(self.file()?),
            b'w' => Action::Write(self.file()?),
            b'W' => Action::WriteFirst(self.file()?),
            b's' => Action::Substitute(Box::new(self.substitute()?)),
            b'y' => Action::Translate(self.translate()?),
            b'z' => Action::Empty,
            other => return Err(format!("unknown command: `{}'", shown(&[other]))),
        };
        self.commands.push(Command { first, last, negated, action });
        self.skip(b" \t");
        match self.peek() {
            None | Some(b'\n' | b';' | b'}' | b'#') => Ok(()),
            // What begins a line was read with the text before.
            Some(_) if b"aicrRwW".contains(&name) => Ok(()),
            Some(_) => Err("extra characters after command".to_owned()),
        }
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        if let Some(number) = self.number() {
            self.skip(b" \t");
            if self.eat(b'~') {
                self.skip(b" \t");
                return Ok(Some(Address::Step(number, self.number().unwrap_or(0))));
            }
            return Ok(Some(Address::Line(number)));
        }
        if self.eat(b'$') {
            return Ok(Some(Address::Last));
        }
        Ok(self.pattern()?.map(Address::Matching))
    }

    fn end(&mut self) -> Result<End, String> {
        if let Some(number) = self.number() {
            return Ok(End::Line(number));
        }
        if self.eat(b'$') {
            return Ok(End::Last);
        }
        if self.eat(b'+') {
            return self.number().map(End::Plus).ok_or_else(|| "unexpected `,'".to_owned());
        }
        if self.eat(b'~') {
            return self.number().map(End::Multiple).ok_or_else(|| "unexpected `,'".to_owned());
        }
        self.pattern()?.map(End::Matching).ok_or_else(|| "unexpected `,'".to_owned())
    }

    /// Reads `/…/` or `\c…c`, if it comes next.
    fn pattern(&mut self) -> Result<Option<Pattern>, String> {
        let delimiter = match self.peek() {
            Some(b'/') => b'/',
            Some(b'\\') => {
                self.at += 1;
                self.peek().ok_or("unterminated address regex")?
            }
            _ => return Ok(None),
        };
        self.at += 1;
        let text = self.delimited(delimiter, true).ok_or("unterminated address regex")?;
        let (mut ignore_case, mut lines) = (false, false);
        loop {
            match self.peek() {
                Some(b'I') => ignore_case = true,
                Some(b'M') => lines = true,
                _ => break,
            }
            self.at += 1;
        }
        self.compile(&text, ignore_case, lines).map(Some)
    }

    fn compile(&self, text: &[u8], ignore_case: bool, lines: bool) -> Result<Pattern, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let options =
            Options { extended: self.extended, ignore_case, escapes: true, lines, ..Options::default() };
        Regex::new(text, options).map(|regex| Some(Rc::new(regex)))
    }

    /// Reads up to a delimiter, which a backslash makes a character as any other. In brackets it is one anyway.
    fn delimited(&mut self, delimiter: u8, is_pattern: bool) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'\\' => {
                    let next = self.peek()?;
                    self.at += 1;
                    match next {
                        next if next == delimiter => {
                            // What is no operator with its backslash stays so.
                            if is_pattern && b".*[]^$".contains(&next) || !is_pattern && next == b'&' {
                                text.push(b'\\');
                            }
                            text.push(next);
                        }
                        b'\n' if is_pattern => text.push(b'\n'),
                        next => text.extend_from_slice(&[b'\\', next]),
                    }
                }
                byte if byte == delimiter => return Some(text),
                b'[' if is_pattern => {
                    text.push(b'[');
                    if let Some(end) = self.bracket_end() {
                        while self.at < end {
                            let is_escaped = self.text[self.at..end].starts_with(&[b'\\', delimiter]);
                            self.at += usize::from(is_escaped);
                            text.push(self.text[self.at]);
                            self.at += 1;
                        }
                    }
                }
                byte => text.push(byte),
            }
        }
    }

    /// Where the bracket ends that begins before this place.
    fn bracket_end(&self) -> Option<usize> {
        let mut at = self.at;
        at += usize::from(self.text.get(at) == Some(&b'^'));
        at += usize::from(self.text.get(at) == Some(&b']'));
        loop {
            match self.text.get(at)? {
                b'\n' => return None,
                b']' => return Some(at + 1),
                b'[' if self.text.get(at + 1).is_some_and(|byte| b":.=".contains(byte)) => {
                    let close = [self.text[at + 1], b']'];
                    at += 2 + memchr::memmem::find(&self.text[at + 2..], &close)? + 2;
                }
                _ => at += 1,
            }
        }
    }

    fn label(&mut self, ends: &[u8]) -> Vec<u8> {
        let start = self.at;
        while self.peek().is_some_and(|byte| !ends.contains(&byte)) {
            self.at += 1;
        }
        self.text[start..self.at].to_vec()
    }

    fn file(&mut self) -> Result<Vec<u8>, String> {
        self.skip(b" \t");
        let name = self.label(b"\n");
        if name.is_empty() { Err("missing filename in r/R/w/W commands".to_owned()) } else { Ok(name) }
    }

    /// Reads the text of `a`, `i` or `c`.
    fn lines(&mut self) -> Result<Vec<u8>, String> {
        self.skip(b" \t");
        if self.eat(b'\\') {
            let start = self.at;
            self.skip(b" \t");
            if !self.eat(b'\n') {
                self.at = start;
            }
            if self.at == self.text.len() {
                return Ok(Vec::new());
            }
        }
        if self.at == self.text.len() {
            return Err("expected \\ after `a', `c' or `i'".to_owned());
        }
        let mut text = Vec::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => {
                    if let Some(next) = self.peek() {
                        text.push(next);
                        self.at += 1;
                    }
                }
                b'\n' => break,
                byte => text.push(byte),
            }
        }
        text.push(b'\n');
        Ok(text)
    }

    fn substitute(&mut self) -> Result<Substitute, String> {
        const UNTERMINATED: &str = "unterminated `s' command";
        let delimiter = self.peek().filter(|byte| !b"\n\\".contains(byte)).ok_or(UNTERMINATED)?;
        self.at += 1;
        let pattern = self.delimited(delimiter, true).ok_or(UNTERMINATED)?;
        let replacement = self.delimited(delimiter, false).ok_or(UNTERMINATED)?;
        let mut substitute = Substitute {
            pattern: None,
            replacement: pieces(&replacement),
            number: 1,
            global: false,
            print: false,
            write: None,
        };
        let (mut ignore_case, mut lines) = (false, false);
        loop {
            match self.peek() {
                Some(b'g') => substitute.global = true,
                Some(b'p') => substitute.print = true,
                Some(b'i' | b'I') => ignore_case = true,
                Some(b'm' | b'M') => lines = true,
                Some(b'0'..=b'9') => {
                    substitute.number = self.number().unwrap_or(0);
                    if substitute.number == 0 {
                        return Err("number option to `s' command may not be zero".to_owned());
                    }
                    continue;
                }
                Some(b'w') => {
                    self.at += 1;
                    substitute.write = Some(self.file()?);
                    break;
                }
                None | Some(b'\n' | b';' | b'}' | b'#' | b' ' | b'\t') => break,
                Some(_) => return Err("unknown option to `s'".to_owned()),
            }
            self.at += 1;
        }
        substitute.pattern = self.compile(&pattern, ignore_case, lines)?;
        let groups = substitute.pattern.as_ref().map(|pattern| pattern.groups());
        for piece in &substitute.replacement {
            if let (Piece::Group(number), Some(groups)) = (piece, groups) {
                if *number > groups {
                    return Err(format!("invalid reference \\{number} on `s' command's RHS"));
                }
            }
        }
        Ok(substitute)
    }

    fn translate(&mut self) -> Result<BTreeMap<Unit, Unit>, String> {
        const UNTERMINATED: &str = "unterminated `y' command";
        let delimiter = self.peek().ok_or(UNTERMINATED)?;
        self.at += 1;
        let from = units(&self.delimited(delimiter, false).ok_or(UNTERMINATED)?);
        let into = units(&self.delimited(delimiter, false).ok_or(UNTERMINATED)?);
        if from.len() != into.len() {
            return Err("strings for `y' command are different lengths".to_owned());
        }
        let mut map = BTreeMap::new();
        for (from, into) in from.into_iter().zip(into) {
            map.entry(from).or_insert(into);
        }
        Ok(map)
    }
}

/// The control character that an escape stands for.
fn control(escape: u8) -> Option<u8> {
    Some(match escape {
        b'a' => 7,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'v' => 11,
        _ => return None,
    })
}

fn units(text: &[u8]) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (c, width) = unit(text, at);
        at += width;
        let escape = (c == Unit::from(b'\\')).then(|| text.get(at).copied()).flatten();
        match escape {
            Some(b'\\') => at += 1,
            Some(escape) if control(escape).is_some() => {
                at += 1;
                units.push(Unit::from(control(escape).unwrap_or_default()));
                continue;
            }
            _ => {}
        }
        units.push(c);
    }
    units
}

fn pieces(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        let piece = match byte {
            b'&' => Piece::Group(0),
            b'\\' if at < text.len() => {
                let escape = text[at];
                at += 1;
                match escape {
                    b'0'..=b'9' => Piece::Group(usize::from(escape - b'0')),
                    b'L' => Piece::Case(Case::Lower),
                    b'U' => Piece::Case(Case::Upper),
                    b'l' => Piece::Case(Case::NextLower),
                    b'u' => Piece::Case(Case::NextUpper),
                    b'E' => Piece::Case(Case::AsItIs),
                    escape => {
                        literal.push(control(escape).unwrap_or(escape));
                        continue;
                    }
                }
            }
            byte => {
                literal.push(byte);
                continue;
            }
        };
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(piece);
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    pieces
}
