//! From a pattern to a tree.

use super::Options;
use super::set::{Class, Set, Unit, unit};

/// Groups may lie so deep in each other: the stack of the module is small.
const MAX_DEPTH: usize = 60;
/// A repetition may be counted so far.
const MAX_REPEAT: u32 = 32_767;

/// A part of a pattern.
#[derive(Clone, Debug)]
pub enum Node {
    Empty,
    Char(Unit),
    Any,
    Set(Box<Set>),
    Assert(Assert),
    Group(usize, Box<Node>),
    BackReference(usize),
    Concat(Vec<Node>),
    Alt(Vec<Node>),
    Repeat { node: Box<Node>, min: u32, max: Option<u32> },
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assert {
    /// Of a line, where lines count, or else of the text.
    Start,
    End,
    TextStart,
    TextEnd,
    WordStart,
    WordEnd,
    WordEdge,
    NoWordEdge,
    /// The character before is none of a word.
    NoWordBefore,
    NoWordAfter,
}

/// A pattern that was read.
pub struct Parsed {
    pub node: Node,
    pub groups: usize,
    pub has_back_references: bool,
}

/// A text as a pattern.
pub fn literal(text: &[u8]) -> Parsed {
    let mut nodes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (c, length) = unit(text, at);
        nodes.push(Node::Char(c));
        at += length;
    }
    Parsed { node: Node::Concat(nodes), groups: 0, has_back_references: false }
}

/// Reads a pattern.
pub fn parse(pattern: &[u8], options: Options) -> Result<Parsed, String> {
    let mut parser =
        Parser { pattern, at: 0, options, groups: 0, closed: Vec::new(), has_back_references: false, depth: 0 };
    let node = parser.alternatives()?;
    if parser.at < pattern.len() {
        return Err("Unmatched ) or \\)".to_owned());
    }
    Ok(Parsed { node, groups: parser.groups, has_back_references: parser.has_back_references })
}

struct Parser<'p> {
    pattern: &'p [u8],
    at: usize,
    options: Options,
    groups: usize,
    /// The groups that were closed, which can be referred to.
    closed: Vec<usize>,
    has_back_references: bool,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &[u8] {
        &self.pattern[self.at..]
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Reads an operator, which is written with a backslash in a basic pattern.
    fn operator(&mut self, c: u8) -> bool {
        match self.options.extended {
            true => self.eat(&[c]),
            false => self.eat(&[b'\\', c]),
        }
    }

    fn is_operator(&self, c: u8) -> bool {
        match self.options.extended {
            true => self.rest().starts_with(&[c]),
            false => self.rest().starts_with(&[b'\\', c]),
        }
    }

    fn alternatives(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("Regular expression too big".to_owned());
        }
        let mut branches = vec![self.branch()?];
        while self.operator(b'|') {
            branches.push(self.branch()?);
        }
        self.depth -= 1;
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Alt(branches),
        })
    }

    fn branch(&mut self) -> Result<Node, String> {
        let mut nodes: Vec<Node> = Vec::new();
        // In a basic pattern, what comes first is no operator.
        let mut is_start = true;
        while self.at < self.pattern.len() && !self.is_operator(b'|') && !self.is_operator(b')') {
            let node = self.atom(is_start)?;
            is_start = !self.options.extended && is_start && matches!(node, Node::Assert(Assert::Start));
            let node = self.repeated(node, is_start)?;
            nodes.push(node);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Concat(nodes),
        })
    }

    fn atom(&mut self, is_start: bool) -> Result<Node, String> {
        if self.operator(b'(') {
            self.groups += 1;
            let number = self.groups;
            let inside = self.alternatives()?;
            if !self.operator(b')') {
                return Err("Unmatched ( or \\(".to_owned());
            }
            self.closed.push(number);
            return Ok(Node::Group(number, Box::new(inside)));
        }
        let extended = self.options.extended;
        let (c, length) = unit(self.pattern, self.at);
        self.at += length;
        let Ok(byte) = u8::try_from(c) else { return Ok(Node::Char(c)) };
        Ok(match byte {
            b'\\' => self.escape()?,
            b'[' => Node::Set(Box::new(self.bracket()?)),
            b'.' => Node::Any,
            b'^' if extended || is_start => Node::Assert(Assert::Start),
            b'$' if extended || self.is_end() => Node::Assert(Assert::End),
            // What repeats nothing is nothing.
            b'*' | b'+' | b'?' if extended && is_start => Node::Empty,
            b'{' if extended && is_start && self.interval_follows() => {
                self.interval()?;
                Node::Empty
            }
            _ => Node::Char(c),
        })
    }

    /// Whether a basic pattern, or the group, ends here.
    fn is_end(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || rest.starts_with(b"\\)") || rest.starts_with(b"\\|")
    }

    fn escape(&mut self) -> Result<Node, String> {
        if self.at == self.pattern.len() {
            return Err("Trailing backslash".to_owned());
        }
        let (c, length) = unit(self.pattern, self.at);
        self.at += length;
        let class = |class, has| Ok(Node::Set(Box::new(Set::of(class, has))));
        let assert = |assert| Ok(Node::Assert(assert));
        match u8::try_from(c).unwrap_or(0) {
            b'w' => class(Class::Word, true),
            b'W' => class(Class::Word, false),
            b's' => class(Class::Space, true),
            b'S' => class(Class::Space, false),
            b'<' => assert(Assert::WordStart),
            b'>' => assert(Assert::WordEnd),
            b'b' => assert(Assert::WordEdge),
            b'B' => assert(Assert::NoWordEdge),
            b'`' => assert(Assert::TextStart),
            b'\'' => assert(Assert::TextEnd),
            digit @ b'1'..=b'9' => {
                let number = usize::from(digit - b'0');
                if !self.closed.contains(&number) {
                    return Err("Invalid back reference".to_owned());
                }
                self.has_back_references = true;
                Ok(Node::BackReference(number))
            }
            b'{' if !self.options.extended => Err("Invalid preceding regular expression".to_owned()),
            escape if self.options.escapes => Ok(Node::Char(control(escape).unwrap_or(c))),
            _ => Ok(Node::Char(c)),
        }
    }

    fn repeated(&mut self, mut node: Node, is_start: bool) -> Result<Node, String> {
        // After `^` at the start of a basic pattern, `*` is a character.
        if is_start {
            return Ok(node);
        }
        loop {
            let (min, max) = if self.eat(b"*") {
                (0, None)
            } else if self.operator(b'+') {
                (1, None)
            } else if self.operator(b'?') {
                (0, Some(1))
            } else if self.is_operator(b'{') {
                if self.options.extended && !self.rest()[1..].first().is_some_and(|c| c.is_ascii_digit() || *c == b',') {
                    return Ok(node);
                }
                self.operator(b'{');
                self.interval()?
            } else {
                return Ok(node);
            };
            node = Node::Repeat { node: Box::new(node), min, max };
        }
    }

    fn interval_follows(&self) -> bool {
        self.rest().first().is_some_and(|c| c.is_ascii_digit() || *c == b',')
    }

    /// Reads `n}`, `n,}`, `,m}` or `n,m}`.
    fn interval(&mut self) -> Result<(u32, Option<u32>), String> {
        let min = self.number()?;
        let (min, max) = match self.eat(b",") {
            true => (min.unwrap_or(0), self.number()?),
            false => {
                let count = min.ok_or("Invalid content of \\{\\}")?;
                (count, Some(count))
            }
        };
        if !self.operator(b'}') {
            return Err("Unmatched { or \\{".to_owned());
        }
        if max.is_some_and(|max| max < min) {
            return Err("Invalid content of \\{\\}".to_owned());
        }
        Ok((min, max))
    }

    fn number(&mut self) -> Result<Option<u32>, String> {
        let mut number = None;
        while let Some(digit) = self.rest().first().filter(|c| c.is_ascii_digit()) {
            let so_far = number.unwrap_or(0) * 10 + u32::from(digit - b'0');
            if so_far > MAX_REPEAT {
                return Err("Regular expression too big".to_owned());
            }
            number = Some(so_far);
            self.at += 1;
        }
        Ok(number)
    }

    /// Reads a bracket, whose `[` was read.
    fn bracket(&mut self) -> Result<Set, String> {
        const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
        let mut set = Set::default();
        set.negated = self.eat(b"^");
        let mut is_first = true;
        loop {
            if self.at >= self.pattern.len() {
                return Err(UNMATCHED.to_owned());
            }
            if !is_first && self.eat(b"]") {
                return Ok(set);
            }
            is_first = false;
            if self.eat(b"[:") {
                let end = find(self.rest(), b":]").ok_or(UNMATCHED)?;
                let class = Class::named(&self.rest()[..end]).ok_or("Invalid character class name")?;
                set.classes.push((class, true));
                self.at += end + 2;
                continue;
            }
            let first = self.bracket_character()?;
            let rest = self.rest();
            let last = if rest.len() > 1 && rest[0] == b'-' && rest[1] != b']' {
                self.at += 1;
                self.bracket_character()?
            } else {
                first
            };
            if last < first {
                return Err("Invalid range end".to_owned());
            }
            set.ranges.push((first, last));
        }
    }

    fn bracket_character(&mut self) -> Result<Unit, String> {
        const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
        for (open, close) in [(b"[.", b".]"), (b"[=", b"=]")] {
            if self.eat(open) {
                let end = find(self.rest(), close).ok_or(UNMATCHED)?;
                let name = &self.rest()[..end];
                if name.is_empty() || unit(name, 0).1 != name.len() {
                    return Err("Invalid collation character".to_owned());
                }
                let c = unit(name, 0).0;
                self.at += end + 2;
                return Ok(c);
            }
        }
        if self.at >= self.pattern.len() {
            return Err(UNMATCHED.to_owned());
        }
        if self.options.escapes && self.rest()[0] == b'\\' {
            if let Some(c) = self.rest().get(1).and_then(|c| control(*c)) {
                self.at += 2;
                return Ok(c);
            }
        }
        let (c, length) = unit(self.pattern, self.at);
        self.at += length;
        Ok(c)
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The control character that an escape stands for.
fn control(escape: u8) -> Option<Unit> {
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
