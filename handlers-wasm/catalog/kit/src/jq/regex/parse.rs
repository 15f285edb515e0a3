//! From a pattern to a tree, in Oniguruma's Perl syntax with named groups.

use super::Error;
use super::set::{Class, Set};

/// Groups and repetitions may lie so deep in each other. Reading and compiling them takes some 80 KiB of stack.
const MAX_DEPTH: usize = 64;
/// A repetition may be counted so far.
const MAX_REPEAT: u32 = 100_000;

/// A part of a pattern.
#[derive(Clone, Debug)]
pub enum Node {
    /// Nothing.
    Empty,
    /// Characters as they stand here.
    Text { text: String, ignore_case: bool },
    /// Any character, or any but a line feed.
    Any { line_feed: bool },
    /// A character of a set.
    Set(Box<Set>),
    /// One after another.
    Concat(Vec<Node>),
    /// One of some, tried in this order.
    Alt(Vec<Node>),
    /// A group that tells what it matched.
    Group(usize, Box<Node>),
    /// A part with options of its own.
    Options(Box<Node>),
    /// A part that is not entered again once it matched.
    Atomic(Box<Node>),
    /// A part several times; without a `max` as often as there is something to match.
    Repeat { node: Box<Node>, min: u32, max: Option<u32>, greedy: bool },
    /// What comes next or came before matches, or does not.
    Look { node: Box<Node>, ahead: bool, negative: bool },
    /// What one of these groups matched; the last that matched anything counts.
    Backref { groups: Vec<usize>, ignore_case: bool },
    /// A place.
    Assert(Assert),
    /// A group of the pattern again; 0 is the whole pattern.
    Call(usize),
    /// The match begins here.
    Keep,
    /// One or the other.
    If { condition: Condition, yes: Box<Node>, no: Box<Node> },
}

/// What a choice depends on.
#[derive(Clone, Debug)]
pub enum Condition {
    /// One of these groups matched.
    Groups(Vec<usize>),
    /// This matches here.
    Matches(Box<Node>),
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assert {
    TextStart,
    TextEnd,
    /// The end, or before a line feed there.
    LastLineEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
    /// Where the search began.
    SearchStart,
}

/// A pattern that was read.
#[derive(Debug)]
pub struct Pattern {
    pub node: Node,
    /// The name of each group that has one, from number 1.
    pub names: Vec<Option<String>>,
    /// Which groups are called; 0 is the whole pattern.
    pub called: Vec<bool>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub ignore_case: bool,
    pub extended: bool,
    /// `.` matches a line feed too.
    pub dot_all: bool,
    /// `^` and `$` match at every line.
    pub lines: bool,
}

/// Reads a pattern.
pub fn parse(pattern: &str, options: Options) -> Result<Pattern, Error> {
    let mut parser = Parser { pattern, at: 0, options, names: Vec::new(), calls: Vec::new(), max_ref: 0, depth: 0 };
    let node = parser.alternatives()?;
    if parser.at < pattern.len() {
        return Err("unmatched close parenthesis".into());
    }
    if parser.max_ref > parser.names.len() {
        return Err("invalid backref number/name".into());
    }
    let mut called = vec![false; parser.names.len() + 1];
    let mut places = Vec::with_capacity(parser.calls.len());
    for call in &parser.calls {
        let group = match call {
            Called::Number(number) if *number < called.len() => *number,
            Called::Number(number) => return Err(format!("undefined group <{number}> reference")),
            Called::Name(name) => match groups_of(&parser.names, name).as_slice() {
                [] => return Err(format!("undefined name <{name}> reference")),
                [group] => *group,
                _ => return Err(format!("multiplex definition name <{name}> call")),
            },
        };
        called[group] = true;
        places.push(group);
    }
    let mut node = node;
    resolve_calls(&mut node, &places);
    Ok(Pattern { node, names: parser.names, called })
}

/// Calls are numbered in the order in which they were read, until all groups are known.
fn resolve_calls(node: &mut Node, places: &[usize]) {
    match node {
        Node::Call(call) => *call = places[*call],
        Node::Concat(nodes) | Node::Alt(nodes) => {
            nodes.iter_mut().for_each(|node| resolve_calls(node, places));
        }
        Node::Group(_, node) | Node::Options(node) | Node::Atomic(node) => resolve_calls(node, places),
        Node::Repeat { node, .. } | Node::Look { node, .. } => resolve_calls(node, places),
        Node::If { condition, yes, no } => {
            if let Condition::Matches(node) = condition {
                resolve_calls(node, places);
            }
            resolve_calls(yes, places);
            resolve_calls(no, places);
        }
        _ => {}
    }
}

fn groups_of(names: &[Option<String>], name: &str) -> Vec<usize> {
    let named = names.iter().enumerate().filter(|(_, n)| n.as_deref() == Some(name));
    named.map(|(i, _)| i + 1).collect()
}

enum Called {
    Number(usize),
    Name(String),
}

/// What a name in a reference is.
enum Reference<'p> {
    Absolute(usize),
    Relative(isize),
    Name(&'p str),
}

struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    options: Options,
    names: Vec<Option<String>>,
    calls: Vec<Called>,
    /// The largest group that a number refers to.
    max_ref: usize,
    depth: usize,
}

/// A repetition that was read: least, most, greedy, possessive.
struct Quantifier {
    min: u32,
    max: Option<u32>,
    greedy: bool,
    possessive: bool,
}

impl<'p> Parser<'p> {
    fn peek(&self) -> Option<char> {
        self.pattern[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.pattern[self.at..].starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("parse depth limit over".into());
        }
        Ok(())
    }

    /// Reads up to a closing parenthesis or the end; options that are set inside end with it.
    fn alternatives(&mut self) -> Result<Node, Error> {
        self.deeper()?;
        let options = self.options;
        let mut branches = vec![self.branch()?];
        while self.eat("|") {
            branches.push(self.branch()?);
        }
        self.options = options;
        self.depth -= 1;
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Alt(branches),
        })
    }

    fn branch(&mut self) -> Result<Node, Error> {
        let mut nodes = Vec::new();
        loop {
            self.skip_comments()?;
            let Some(c) = self.peek() else { break };
            if c == '|' || c == ')' {
                break;
            }
            let Some(node) = self.atom()? else { continue };
            let node = self.repeated(node)?;
            push_joined(&mut nodes, node);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Concat(nodes),
        })
    }

    /// Skips comments, and white space in an extended pattern.
    fn skip_comments(&mut self) -> Result<(), Error> {
        loop {
            if self.eat("(?#") {
                loop {
                    match self.next() {
                        Some('\\') => drop(self.next()),
                        Some(')') => break,
                        Some(_) => {}
                        None => return Err("end pattern in group".into()),
                    }
                }
            } else if self.options.extended && self.eat("#") {
                while self.next().is_some_and(|c| c != '\n') {}
            } else if self.options.extended
                && matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r' | '\u{c}'))
            {
                self.at += 1;
            } else {
                return Ok(());
            }
        }
    }

    fn text(&self, c: char) -> Node {
        Node::Text { text: c.to_string(), ignore_case: self.options.ignore_case }
    }

    /// Reads one part, without what repeats it; none if it was only an option.
    fn atom(&mut self) -> Result<Option<Node>, Error> {
        let start = self.at;
        let c = self.next().expect("the caller looked");
        Ok(Some(match c {
            '\\' => self.escape()?,
            '(' => return self.group(),
            '[' => Node::Set(Box::new(self.bracket()?)),
            '.' => Node::Any { line_feed: self.options.dot_all },
            '^' if self.options.lines => Node::Assert(Assert::LineStart),
            '^' => Node::Assert(Assert::TextStart),
            '$' if self.options.lines => Node::Assert(Assert::LineEnd),
            '$' => Node::Assert(Assert::LastLineEnd),
            '*' | '+' | '?' => return Err("target of repeat operator is not specified".into()),
            '{' => {
                self.at = start;
                if self.quantifier()?.is_some() {
                    return Err("target of repeat operator is not specified".into());
                }
                self.at = start + 1;
                self.text('{')
            }
            c => self.text(c),
        }))
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node, Error> {
        let depth = self.depth;
        loop {
            self.skip_comments()?;
            let Some(quantifier) = self.quantifier()? else { break };
            if is_no_target(&node) {
                return Err("target of repeat operator is invalid".into());
            }
            self.deeper()?;
            node = repeat(node, &quantifier)?;
        }
        self.depth = depth;
        Ok(node)
    }

    /// Reads what repeats a part, if it comes next.
    fn quantifier(&mut self) -> Result<Option<Quantifier>, Error> {
        let start = self.at;
        let (min, max) = match self.next() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.interval()? {
                Some(range) => range,
                None => {
                    self.at = start;
                    return Ok(None);
                }
            },
            _ => {
                self.at = start;
                return Ok(None);
            }
        };
        let greedy = !self.eat("?");
        let possessive = greedy && self.eat("+");
        Ok(Some(Quantifier { min, max, greedy, possessive }))
    }

    /// Reads `n}`, `n,}` or `n,m}`; anything else is not special.
    fn interval(&mut self) -> Result<Option<(u32, Option<u32>)>, Error> {
        let Some(min) = self.number()? else { return Ok(None) };
        let mut max = Some(min);
        if self.eat(",") {
            max = self.number()?;
        }
        if !self.eat("}") {
            return Ok(None);
        }
        if max.is_some_and(|max| max < min) {
            return Err("upper is smaller than lower in repeat range".into());
        }
        Ok(Some((min, max)))
    }

    fn number(&mut self) -> Result<Option<u32>, Error> {
        let mut number: Option<u32> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            let so_far = number.unwrap_or(0) * 10 + digit;
            if so_far > MAX_REPEAT {
                return Err("too big number for repeat range".into());
            }
            number = Some(so_far);
        }
        Ok(number)
    }

    // --- groups -----------------------------------------------------------------------------------------------------

    /// Reads what comes after `(`; none if it only sets options.
    fn group(&mut self) -> Result<Option<Node>, Error> {
        if !self.eat("?") {
            if self.peek() == Some('*') {
                return Err("callouts are not supported".into());
            }
            let number = self.open(None);
            return Ok(Some(Node::Group(number, Box::new(self.body()?))));
        }
        let start = self.at;
        let c = self.next().ok_or("end pattern in group")?;
        let node = match c {
            ':' => match self.body()? {
                // What repeats the group repeats all of the text.
                text @ Node::Text { .. } => Node::Concat(vec![text]),
                node => node,
            },
            '=' => self.look(true, false)?,
            '!' => self.look(true, true)?,
            '>' => Node::Atomic(Box::new(self.body()?)),
            '<' if self.eat("=") => self.look(false, false)?,
            '<' if self.eat("!") => self.look(false, true)?,
            '<' | '\'' => {
                let name = self.name(if c == '<' { '>' } else { '\'' })?.to_owned();
                let number = self.open(Some(name));
                Node::Group(number, Box::new(self.body()?))
            }
            '(' => self.condition()?,
            '&' => {
                let name = self.name(')')?.to_owned();
                self.call(Called::Name(name))
            }
            'R' if self.eat(")") => self.call(Called::Number(0)),
            'R' => return Err("undefined group option".into()),
            '0'..='9' | '+' | '-' if self.is_number(start) => {
                self.at = start;
                match self.reference(')')? {
                    Reference::Name(_) => return Err("invalid group name <>".into()),
                    reference => self.call_of(&reference)?,
                }
            }
            '~' => return Err("absent groups are not supported".into()),
            '{' => return Err("callouts are not supported".into()),
            '-' | 'i' | 'm' | 's' | 'x' => {
                self.at = start;
                return self.set_options();
            }
            _ => return Err("undefined group option".into()),
        };
        Ok(Some(node))
    }

    fn is_number(&self, at: usize) -> bool {
        let text = self.pattern[at..].trim_start_matches(['+', '-']);
        text.starts_with(|c: char| c.is_ascii_digit())
    }

    fn open(&mut self, name: Option<String>) -> usize {
        self.names.push(name);
        self.names.len()
    }

    /// Reads up to the closing parenthesis.
    fn body(&mut self) -> Result<Node, Error> {
        let node = self.alternatives()?;
        if self.eat(")") {
            Ok(node)
        } else {
            Err("end pattern with unmatched parenthesis".into())
        }
    }

    fn look(&mut self, ahead: bool, negative: bool) -> Result<Node, Error> {
        let node = Box::new(self.body()?);
        Ok(Node::Look { node, ahead, negative })
    }

    fn set_options(&mut self) -> Result<Option<Node>, Error> {
        let outside = self.options;
        let mut options = outside;
        let mut on = true;
        loop {
            match self.next() {
                Some('-') => on = false,
                Some('i') => options.ignore_case = on,
                Some('x') => options.extended = on,
                Some('s') => options.dot_all = on,
                Some('m') => options.lines = on,
                Some(')') => {
                    self.options = options;
                    return Ok(None);
                }
                Some(':') => {
                    self.options = options;
                    let node = self.body();
                    self.options = outside;
                    return Ok(Some(Node::Options(Box::new(node?))));
                }
                Some(_) => return Err("undefined group option".into()),
                None => return Err("end pattern in group".into()),
            }
        }
    }

    /// Reads what comes after `(?(`.
    fn condition(&mut self) -> Result<Node, Error> {
        let start = self.at;
        let c = self.next().ok_or("end pattern in group")?;
        let close = match c {
            '<' => Some('>'),
            '\'' => Some('\''),
            '0'..='9' | '+' | '-' => {
                self.at = start;
                Some(')')
            }
            _ => None,
        };
        let condition = if let Some(close) = close {
            let reference = self.reference(close)?;
            let groups = self.groups(&reference)?;
            if close != ')' && !self.eat(")") {
                return Err("end pattern in group".into());
            }
            Condition::Groups(groups)
        } else {
            self.at = start;
            Condition::Matches(Box::new(self.body()?))
        };
        if self.eat(")") {
            return match condition {
                Condition::Groups(_) => Ok(Node::If {
                    condition,
                    yes: Box::new(Node::Empty),
                    no: Box::new(Node::Alt(Vec::new())),
                }),
                Condition::Matches(_) => Err("invalid if-else syntax".into()),
            };
        }
        let only_no = self.eat("|");
        let (yes, no) = match self.body()? {
            node if only_no => (Node::Empty, node),
            Node::Alt(mut branches) => {
                let yes = branches.remove(0);
                let no = if branches.len() == 1 { branches.remove(0) } else { Node::Alt(branches) };
                (yes, no)
            }
            node => (node, Node::Empty),
        };
        Ok(Node::If { condition, yes: Box::new(yes), no: Box::new(no) })
    }

    /// Reads the name of a group up to a character.
    fn name(&mut self, close: char) -> Result<&'p str, Error> {
        let start = self.at;
        let rest = &self.pattern[start..];
        let end = rest.find([close, ')']).ok_or_else(|| format!("invalid group name <{rest}>"))?;
        let name = &rest[..end];
        if name.is_empty() {
            return Err("group name is empty".into());
        }
        if !rest[end..].starts_with(close) || name.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
            return Err(format!("invalid group name <{name}>"));
        }
        if !name.chars().all(|c| Class::Word.contains(c)) {
            return Err(format!("invalid char in group name <{name}>"));
        }
        self.at = start + end + close.len_utf8();
        Ok(name)
    }

    /// Reads what refers to a group, up to a character.
    fn reference(&mut self, close: char) -> Result<Reference<'p>, Error> {
        let start = self.at;
        if !self.is_number(start) {
            return self.name(close).map(Reference::Name);
        }
        let rest = &self.pattern[start..];
        let end = rest.find([close, ')']).unwrap_or(rest.len());
        let name = &rest[..end];
        let invalid = || format!("invalid group name <{name}>");
        if !rest[end..].starts_with(close) {
            return Err(invalid());
        }
        self.at = start + end + close.len_utf8();
        if name.starts_with(['+', '-']) {
            match name.parse() {
                Ok(0) | Err(_) => Err(invalid()),
                Ok(number) => Ok(Reference::Relative(number)),
            }
        } else {
            name.parse().map(Reference::Absolute).map_err(|_| invalid())
        }
    }

    fn absolute(&self, relative: isize) -> Option<usize> {
        let known = self.names.len();
        if relative > 0 {
            known.checked_add_signed(relative)
        } else {
            (known + 1).checked_add_signed(relative)
        }
    }

    /// The groups that a reference names.
    fn groups(&mut self, reference: &Reference<'_>) -> Result<Vec<usize>, Error> {
        let number = match reference {
            Reference::Absolute(number) => Some(*number),
            Reference::Relative(number) => self.absolute(*number),
            Reference::Name(name) => {
                let groups = groups_of(&self.names, name);
                if groups.is_empty() {
                    return Err(format!("undefined name <{name}> reference"));
                }
                return Ok(groups);
            }
        };
        let number = number.filter(|number| *number > 0).ok_or("invalid backref number/name")?;
        self.max_ref = self.max_ref.max(number);
        Ok(vec![number])
    }

    fn call(&mut self, called: Called) -> Node {
        self.calls.push(called);
        Node::Call(self.calls.len() - 1)
    }

    fn call_of(&mut self, reference: &Reference<'_>) -> Result<Node, Error> {
        let called = match reference {
            Reference::Absolute(number) => Called::Number(*number),
            Reference::Relative(number) => {
                let number = self.absolute(*number).ok_or("undefined group <> reference")?;
                Called::Number(number)
            }
            Reference::Name(name) => Called::Name((*name).to_owned()),
        };
        Ok(self.call(called))
    }

    // --- escapes ----------------------------------------------------------------------------------------------------

    fn escape(&mut self) -> Result<Node, Error> {
        let start = self.at;
        let c = self.next().ok_or("end pattern at escape")?;
        Ok(match c {
            'w' | 'W' => class(Class::Word, c == 'W'),
            'd' | 'D' => class(Class::Digit, c == 'D'),
            's' | 'S' => class(Class::Space, c == 'S'),
            'b' => Node::Assert(Assert::WordBoundary),
            'B' => Node::Assert(Assert::NoWordBoundary),
            'A' => Node::Assert(Assert::TextStart),
            'Z' => Node::Assert(Assert::LastLineEnd),
            'z' => Node::Assert(Assert::TextEnd),
            'G' => Node::Assert(Assert::SearchStart),
            'K' => Node::Keep,
            'N' => Node::Any { line_feed: false },
            'O' => Node::Any { line_feed: true },
            'R' => any_newline(),
            'X' | 'y' | 'Y' => return Err(format!("\\{c} is not supported")),
            'Q' => {
                let rest = &self.pattern[self.at..];
                let (text, skipped) = match rest.find("\\E") {
                    Some(end) => (&rest[..end], end + 2),
                    None => (rest, rest.len()),
                };
                self.at += skipped;
                if text.is_empty() {
                    Node::Empty
                } else {
                    Node::Text { text: text.to_owned(), ignore_case: self.options.ignore_case }
                }
            }
            'p' | 'P' if self.peek() == Some('{') => {
                let (class, negated) = self.property(c == 'P')?;
                Node::Set(Box::new(Set::of(class, negated)))
            }
            'k' if matches!(self.peek(), Some('<' | '\'')) => {
                let close = if self.next() == Some('<') { '>' } else { '\'' };
                let reference = self.reference(close)?;
                let groups = self.groups(&reference)?;
                Node::Backref { groups, ignore_case: self.options.ignore_case }
            }
            'g' if matches!(self.peek(), Some('<' | '\'')) => {
                let close = if self.next() == Some('<') { '>' } else { '\'' };
                let reference = self.reference(close)?;
                self.call_of(&reference)?
            }
            '1'..='9' => {
                let digits = self.pattern[start..].bytes().take_while(u8::is_ascii_digit).count();
                let number: usize = self.pattern[start..start + digits].parse().unwrap_or(usize::MAX);
                if number <= 9 || number <= self.names.len() {
                    self.at = start + digits;
                    self.max_ref = self.max_ref.max(number);
                    Node::Backref { groups: vec![number], ignore_case: self.options.ignore_case }
                } else if c >= '8' {
                    self.text(c)
                } else {
                    self.at = start;
                    let byte = self.octal(3)?;
                    let c = self.bytes(byte)?;
                    self.text(c)
                }
            }
            '0' => {
                let byte = self.octal(2)?;
                let c = self.bytes(byte)?;
                self.text(c)
            }
            'x' if self.peek() != Some('{') => {
                let byte = self.hexadecimal();
                let c = self.bytes(byte)?;
                self.text(c)
            }
            _ => {
                self.at = start;
                let c = self.character()?;
                self.text(c)
            }
        })
    }

    /// Reads `{name}` or `{^name}`.
    fn property(&mut self, negated: bool) -> Result<(Class, bool), Error> {
        self.at += 1;
        let negated = negated != self.eat("^");
        let rest = &self.pattern[self.at..];
        let end = rest.find(['}', '(', ')', '{', '|']).filter(|end| rest[*end..].starts_with('}'));
        let end = end.ok_or("end pattern with unmatched parenthesis")?;
        let name = &rest[..end];
        self.at += end + 1;
        let class = Class::property(name)
            .ok_or_else(|| format!("invalid character property name {{{name}}}"))?;
        Ok((class, negated))
    }

    /// Reads a character after a backslash, in a bracket or outside.
    fn character(&mut self) -> Result<char, Error> {
        let c = self.next().ok_or("end pattern at escape")?;
        Ok(match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            'c' => {
                let c = self.next().ok_or("end pattern at control")?;
                match c {
                    '?' => '\u{7f}',
                    '\\' => char::from(u8::try_from(u32::from(self.character()?) & 0x9f).unwrap_or(0)),
                    c => char::from(u8::try_from(u32::from(c) & 0x9f).unwrap_or(0)),
                }
            }
            'x' if self.peek() == Some('{') => self.code_point(16, 8)?,
            'o' if self.peek() == Some('{') => self.code_point(8, 11)?,
            c => c,
        })
    }

    /// Reads `{digits}`.
    fn code_point(&mut self, base: u32, max: usize) -> Result<char, Error> {
        self.at += 1;
        let rest = &self.pattern[self.at..];
        let digits = rest.chars().take_while(|c| c.is_digit(base)).count();
        if digits > max {
            return Err("too long wide-char value".into());
        }
        let code = u32::from_str_radix(&rest[..digits], base);
        self.at += digits;
        if !self.eat("}") {
            return Err("invalid code point value".into());
        }
        let code = code.map_err(|_| "invalid code point value")?;
        char::from_u32(code).ok_or_else(|| "invalid code point value".into())
    }

    /// Reads up to some octal digits.
    fn octal(&mut self, max: usize) -> Result<u8, Error> {
        let rest = &self.pattern[self.at..];
        let digits = rest.chars().take(max).take_while(|c| c.is_digit(8)).count();
        let code = u32::from_str_radix(&rest[..digits], 8).unwrap_or(0);
        self.at += digits;
        u8::try_from(code).map_err(|_| "too big number".into())
    }

    /// Reads up to two hexadecimal digits.
    fn hexadecimal(&mut self) -> u8 {
        let rest = &self.pattern[self.at..];
        let digits = rest.chars().take(2).take_while(char::is_ascii_hexdigit).count();
        self.at += digits;
        u8::from_str_radix(&rest[..digits], 16).unwrap_or(0)
    }

    /// The character that begins with a byte; reads its other bytes.
    fn bytes(&mut self, first: u8) -> Result<char, Error> {
        let length = match first {
            0..0x80 => return Ok(char::from(first)),
            0xc2..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0..0xf5 => 4,
            _ => return Err("invalid code point value".into()),
        };
        let mut bytes = vec![first];
        while bytes.len() < length {
            if !self.eat("\\x") {
                return Err("too short multibyte code string".into());
            }
            bytes.push(self.hexadecimal());
        }
        let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
        text.ok_or_else(|| "invalid code point value".into())
    }

    // --- brackets ---------------------------------------------------------------------------------------------------

    /// Reads what comes after `[`.
    fn bracket(&mut self) -> Result<Set, Error> {
        let negated = self.eat("^");
        let mut set = Set::default();
        if self.peek() == Some(']') {
            // A bracket that closes at once is a character, if another one follows.
            if !self.pattern[self.at + 1..].contains(']') {
                return Err("empty char-class".into());
            }
        }
        let mut first = true;
        loop {
            let item = self.item(first)?;
            let Some(item) = item else { break };
            first = false;
            let low = match item {
                Item::Class(class, negated) => {
                    set.add_class(class, negated);
                    // `[\w-x]`: the dash is a character.
                    if self.eat("-") {
                        set.add(u32::from('-'), u32::from('-'));
                    }
                    continue;
                }
                Item::Char(c) => c,
            };
            let dash = self.at;
            if !self.eat("-") {
                set.add(u32::from(low), u32::from(low));
                continue;
            }
            if self.peek() == Some(']') {
                self.at = dash;
                set.add(u32::from(low), u32::from(low));
                continue;
            }
            match self.item(true)? {
                Some(Item::Char(high)) if low <= high => {
                    set.add(u32::from(low), u32::from(high));
                    // `[a-b-c]`: the second dash is a character.
                    if self.eat("-") {
                        set.add(u32::from('-'), u32::from('-'));
                    }
                }
                Some(Item::Char(_)) => return Err("empty range in char class".into()),
                Some(Item::Class(..)) => return Err("char-class value at end of range".into()),
                None => return Err("premature end of char-class".into()),
            }
        }
        Ok(set.finish(negated, self.options.ignore_case))
    }

    /// Reads one thing in a bracket; none at its end.
    fn item(&mut self, first: bool) -> Result<Option<Item>, Error> {
        let c = self.next().ok_or("premature end of char-class")?;
        Ok(Some(match c {
            ']' if !first => return Ok(None),
            '[' if self.peek() == Some(':') => match self.posix()? {
                Some(item) => item,
                None => Item::Char('['),
            },
            '\\' => {
                let start = self.at;
                let c = self.next().ok_or("end pattern at escape")?;
                match c {
                    'w' | 'W' => Item::Class(Class::Word, c == 'W'),
                    'd' | 'D' => Item::Class(Class::Digit, c == 'D'),
                    's' | 'S' => Item::Class(Class::Space, c == 'S'),
                    'p' | 'P' if self.peek() == Some('{') => {
                        let (class, negated) = self.property(c == 'P')?;
                        Item::Class(class, negated)
                    }
                    'b' => Item::Char('\u{8}'),
                    '0'..='7' => {
                        self.at = start;
                        let byte = self.octal(3)?;
                        Item::Char(self.bytes(byte)?)
                    }
                    'x' if self.peek() != Some('{') => {
                        let byte = self.hexadecimal();
                        Item::Char(self.bytes(byte)?)
                    }
                    _ => {
                        self.at = start;
                        Item::Char(self.character()?)
                    }
                }
            }
            c => Item::Char(c),
        }))
    }

    /// Reads `:name:]` or `:^name:]`, if that is what follows.
    fn posix(&mut self) -> Result<Option<Item>, Error> {
        let rest = &self.pattern[self.at + 1..];
        let Some(end) = rest.find(":]") else { return Ok(None) };
        let (negated, name) = match rest[..end].strip_prefix('^') {
            Some(name) => (true, name),
            None => (false, &rest[..end]),
        };
        if !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Ok(None);
        }
        let class = Class::posix(name).ok_or("invalid POSIX bracket type")?;
        self.at += 1 + end + 2;
        Ok(Some(Item::Class(class, negated)))
    }
}

/// A part of a bracket.
enum Item {
    Char(char),
    Class(Class, bool),
}

fn class(class: Class, negated: bool) -> Node {
    Node::Set(Box::new(Set::of(class, negated)))
}

/// `\R`
fn any_newline() -> Node {
    let mut others = Set::default();
    others.add(0xa, 0xd);
    others.add(0x85, 0x85);
    others.add(0x2028, 0x2029);
    let both = Node::Text { text: "\r\n".to_owned(), ignore_case: false };
    let one = Node::Set(Box::new(others.finish(false, false)));
    Node::Atomic(Box::new(Node::Alt(vec![both, one])))
}

/// Appends a part; texts that follow each other become one.
fn push_joined(nodes: &mut Vec<Node>, node: Node) {
    match (nodes.last_mut(), node) {
        (
            Some(Node::Text { text, ignore_case: l }),
            Node::Text { text: more, ignore_case: r },
        ) if *l == r => text.push_str(&more),
        (_, node) => nodes.push(node),
    }
}

/// Whether nothing can repeat this.
fn is_no_target(node: &Node) -> bool {
    match node {
        Node::Assert(_) | Node::Look { .. } | Node::Keep => true,
        Node::Alt(nodes) => nodes.iter().any(is_no_target),
        _ => false,
    }
}

fn repeat(node: Node, quantifier: &Quantifier) -> Result<Node, Error> {
    let Quantifier { min, max, greedy, possessive } = *quantifier;
    if (min, max) == (1, Some(1)) {
        return Ok(node);
    }
    // Only the last character of a quotation is repeated.
    if let Node::Text { text, ignore_case } = &node {
        if let Some((last, _)) = text.char_indices().last().filter(|(at, _)| *at > 0) {
            let single = Node::Text { text: text[last..].to_owned(), ignore_case: *ignore_case };
            let before = Node::Text { text: text[..last].to_owned(), ignore_case: *ignore_case };
            return Ok(Node::Concat(vec![before, repeat(single, quantifier)?]));
        }
    }
    let repeated = Node::Repeat { node: Box::new(node), min, max, greedy };
    Ok(if possessive { Node::Atomic(Box::new(repeated)) } else { repeated })
}
