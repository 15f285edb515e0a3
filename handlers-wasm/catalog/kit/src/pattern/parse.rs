//! The text of a pattern to a tree.
//!
//! Beyond the grammar that the flag `u` has, three things are read whose meaning nobody doubts: a backslash before any
//! ASCII character that is neither a letter nor a digit, `]` and `}` outside of classes and repetitions, and a hyphen
//! next to `\w` or another set within a class.

use super::Error;
use super::property::Property;
use super::set::{DIGITS, Item, Range, SPACE, Set, WORD};

/// What a dot does not stand for.
pub const LINE_ENDS: &[Range] = &[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];
pub const I_REGEXP_LINE_ENDS: &[Range] = &[(0x0a, 0x0a), (0x0d, 0x0d)];

const MAX_DEPTH: usize = 100;
/// Larger bounds of a repetition count as this one, which is too large for any program.
const MAX_COUNT: u32 = u32::MAX / 2;
const LAST_CHARACTER: u32 = 0x0010_ffff;

/// A part of a pattern.
#[derive(Debug)]
pub enum Node {
    Set(Set),
    Start,
    End,
    Boundary { negated: bool },
    Look { behind: bool, negated: bool, inner: Box<Node> },
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat { inner: Box<Node>, min: u32, max: Option<u32> },
}

/// Reads a pattern.
pub fn parse(pattern: &str, line_ends: &'static [Range]) -> Result<Node, Error> {
    let mut parser = Parser {
        pattern: pattern.chars().collect(),
        at: 0,
        line_ends,
    };
    let node = parser.choice(0)?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.error("a ')' closes no group")),
    }
}

struct Parser {
    pattern: Vec<char>,
    at: usize,
    line_ends: &'static [Range],
}

type Parsed<T> = Result<T, Error>;

/// What stands for itself in a class, or for many.
enum Atom {
    One(u32),
    Many(Item),
}

impl Parser {
    fn error(&self, reason: impl Into<String>) -> Error {
        Error {
            reason: reason.into(),
            at: self.at,
        }
    }

    fn peek(&self) -> Option<char> {
        self.pattern.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn take(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        let there = self.pattern[self.at..].iter().copied().take(length).eq(text.chars());
        if there {
            self.at += length;
        }
        there
    }

    fn choice(&mut self, depth: usize) -> Parsed<Node> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("groups are nested deeper than {MAX_DEPTH} levels")));
        }
        let mut choices = vec![self.sequence(depth)?];
        while self.take("|") {
            choices.push(self.sequence(depth)?);
        }
        Ok(Node::Choice(choices))
    }

    fn sequence(&mut self, depth: usize) -> Parsed<Node> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let start = self.at;
            let node = self.term(depth)?;
            let repeatable = !matches!(node, Node::Start | Node::End | Node::Boundary { .. } | Node::Look { .. });
            nodes.push(match self.repetition()? {
                None => node,
                Some((min, max)) if repeatable => Node::Repeat {
                    inner: Box::new(node),
                    min,
                    max,
                },
                Some(_) => {
                    self.at = start;
                    return Err(self.error("an assertion cannot be repeated"));
                }
            });
        }
        Ok(Node::Sequence(nodes))
    }

    fn term(&mut self, depth: usize) -> Parsed<Node> {
        let start = self.at;
        match self.next().unwrap_or_default() {
            '^' => Ok(Node::Start),
            '$' => Ok(Node::End),
            '(' => self.group(start, depth),
            '.' => Ok(set(Item::Ranges(self.line_ends, true))),
            '[' => self.class(start).map(Node::Set),
            '\\' => self.escape(start),
            '*' | '+' | '?' => {
                self.at = start;
                Err(self.error("there is nothing to repeat"))
            }
            '{' => {
                self.at = start;
                Err(self.error("a '{' repeats nothing; write \\{ for the character"))
            }
            c => Ok(set(one(u32::from(c)))),
        }
    }

    fn group(&mut self, start: usize, depth: usize) -> Parsed<Node> {
        let mut look = None;
        if self.take("?") {
            if self.take("=") {
                look = Some((false, false));
            } else if self.take("!") {
                look = Some((false, true));
            } else if self.take("<=") {
                look = Some((true, false));
            } else if self.take("<!") {
                look = Some((true, true));
            } else if self.take("<") {
                self.group_name(start)?;
            } else if !self.take(":") {
                self.at = start;
                return Err(self.error("a group of this kind is not served"));
            }
        }
        let inner = self.choice(depth + 1)?;
        if !self.take(")") {
            self.at = start;
            return Err(self.error("a group is not closed"));
        }
        Ok(match look {
            None => inner,
            Some((behind, negated)) => Node::Look {
                behind,
                negated,
                inner: Box::new(inner),
            },
        })
    }

    fn group_name(&mut self, start: usize) -> Parsed<()> {
        let first = self.at;
        while let Some(c) = self.next() {
            if c == '>' && self.at > first + 1 {
                return Ok(());
            }
            if !(c.is_ascii_alphabetic() || c == '_' || c == '$' || c.is_ascii_digit() && self.at > first + 1) {
                break;
            }
        }
        self.at = start;
        Err(self.error("the name of a group consists of ASCII letters, digits, _ and $"))
    }

    /// A repetition, if there is one here: how often at least and at most.
    fn repetition(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        let start = self.at;
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.at += 1;
                let min = self.number();
                let max = if self.take(",") { self.number() } else { min };
                let (Some(min), true) = (min, self.take("}")) else {
                    self.at = start;
                    return Err(self.error("a '{' repeats nothing; write \\{ for the character"));
                };
                if max.is_some_and(|max| max < min) {
                    self.at = start;
                    return Err(self.error("a repetition has its bounds in the wrong order"));
                }
                self.at -= 1;
                (min, max)
            }
            _ => return Ok(None),
        };
        self.at += 1;
        // Whether a repetition is greedy changes nothing in whether there is a match.
        self.take("?");
        Ok(Some(bounds))
    }

    /// A decimal number; the largest one for larger ones.
    fn number(&mut self) -> Option<u32> {
        let mut number: Option<u32> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit).min(MAX_COUNT));
            self.at += 1;
        }
        number
    }

    fn class(&mut self, start: usize) -> Parsed<Set> {
        let negated = self.take("^");
        let mut items = Vec::new();
        loop {
            let place = self.at;
            let from = match self.next() {
                None => {
                    self.at = start;
                    return Err(self.error("a class is not closed"));
                }
                Some(']') => return Ok(Set::new(items, negated)),
                Some(c) => self.class_atom(c, place)?,
            };
            let ranges = self.peek() == Some('-') && !matches!(self.pattern.get(self.at + 1), None | Some(']'));
            match from {
                Atom::One(from) if ranges => {
                    self.at += 1;
                    let to_place = self.at;
                    let c = self.next().unwrap_or_default();
                    match self.class_atom(c, to_place)? {
                        Atom::One(to) if from <= to => items.push(Item::Range((from, to))),
                        Atom::One(_) => {
                            self.at = place;
                            return Err(self.error("a range has its ends in the wrong order"));
                        }
                        Atom::Many(item) => items.extend([one(from), one(u32::from('-')), item]),
                    }
                }
                Atom::One(c) => items.push(one(c)),
                Atom::Many(item) => {
                    items.push(item);
                    if ranges {
                        self.at += 1;
                        items.push(one(u32::from('-')));
                    }
                }
            }
        }
    }

    fn class_atom(&mut self, c: char, place: usize) -> Parsed<Atom> {
        if c != '\\' {
            return Ok(Atom::One(u32::from(c)));
        }
        if self.take("b") {
            return Ok(Atom::One(8));
        }
        self.character_escape(place)
    }

    /// What comes after a backslash outside of a class.
    fn escape(&mut self, start: usize) -> Parsed<Node> {
        match self.peek() {
            Some(c @ ('b' | 'B')) => {
                self.at += 1;
                Ok(Node::Boundary { negated: c == 'B' })
            }
            Some('1'..='9' | 'k') => {
                self.at = start;
                Err(self.error("back-references are not served"))
            }
            _ => match self.character_escape(start)? {
                Atom::One(c) => Ok(set(one(c))),
                Atom::Many(item) => Ok(set(item)),
            },
        }
    }

    fn character_escape(&mut self, start: usize) -> Parsed<Atom> {
        let Some(c) = self.next() else {
            self.at = start;
            return Err(self.error("the pattern ends with a backslash"));
        };
        let negated = c.is_ascii_uppercase();
        let code = match c {
            'd' | 'D' => return Ok(Atom::Many(Item::Ranges(DIGITS, negated))),
            'w' | 'W' => return Ok(Atom::Many(Item::Ranges(WORD, negated))),
            's' | 'S' => return Ok(Atom::Many(Item::Ranges(SPACE, negated))),
            'p' | 'P' => return self.property(start, negated).map(Atom::Many),
            't' => Some(9),
            'n' => Some(10),
            'v' => Some(11),
            'f' => Some(12),
            'r' => Some(13),
            '0' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => Some(0),
            'c' => self.next().filter(char::is_ascii_alphabetic).map(|c| u32::from(c) % 32),
            'x' => self.hex(2),
            'u' => self.unicode(),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
            _ => None,
        };
        code.map(Atom::One).ok_or_else(|| {
            self.at = start;
            self.error("an escape is unknown or not complete")
        })
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        Some(code)
    }

    /// What comes after `\u`: four digits, two such halves of a character, or digits in braces.
    fn unicode(&mut self) -> Option<u32> {
        if self.take("{") {
            let mut code: u32 = 0;
            let start = self.at;
            while !self.take("}") {
                code = code.saturating_mul(16).saturating_add(self.next()?.to_digit(16)?);
            }
            return (self.at > start + 1 && code <= LAST_CHARACTER).then_some(code);
        }
        let first = self.hex(4)?;
        let rest = self.at;
        if (0xd800..0xdc00).contains(&first) && self.take("\\u") {
            if let Some(second @ 0xdc00..=0xdfff) = self.hex(4) {
                return Some(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
            self.at = rest;
        }
        Some(first)
    }

    fn property(&mut self, start: usize, negated: bool) -> Parsed<Item> {
        let mut name = String::new();
        let mut closed = false;
        if self.take("{") {
            while let Some(c) = self.next() {
                closed = c == '}';
                if closed {
                    break;
                }
                name.push(c);
            }
        }
        if !closed {
            self.at = start;
            return Err(self.error("a property is written \\p{Name}"));
        }
        match Property::named(&name) {
            Some(property) => Ok(Item::Property(property, negated)),
            None => {
                self.at = start;
                Err(self.error(format!("the property '{name}' is not served")))
            }
        }
    }
}

fn one(code: u32) -> Item {
    Item::Range((code, code))
}

fn set(item: Item) -> Node {
    Node::Set(Set::new(vec![item], false))
}
