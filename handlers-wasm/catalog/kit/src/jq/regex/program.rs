//! From a tree to the instructions of the matcher.

use super::Error;
use super::parse::{Assert, Condition, Node, Pattern};
use super::set::{FirstBytes, Set, fold, fold_fully};

/// A program may have so many instructions.
const MAX_LENGTH: usize = 200_000;
/// A look-behind may go back so many characters.
const MAX_LOOK_BEHIND: usize = 10_000;

/// One step of a match.
#[derive(Clone, Copy, Debug)]
pub enum Inst {
    /// Text as it stands in the pool of bytes.
    Bytes { start: u32, len: u32 },
    /// Text in any case, from the pool of folded characters.
    Folded { start: u32, len: u32 },
    /// One character.
    One(One),
    /// One character several times, without trying other counts inside.
    Many { one: One, min: u32, max: u32, mode: Mode },
    /// Goes on at `first`, or else at `second`.
    Fork { first: u32, second: u32 },
    Jump(u32),
    /// Remembers the place as the start or end of a group.
    Save(u32),
    Keep,
    Assert(Assert),
    /// Begins a part that is decided once.
    Open,
    /// Ends it: no other way through it is tried.
    CloseAtomic,
    /// The same, and goes back to where it began.
    CloseLook,
    /// The same, and forgets the fork before it too.
    CloseCondition,
    /// The part matched where it must not.
    CloseNegative,
    /// Goes back some characters.
    Back(u32),
    /// Remembers in a slot where an iteration began.
    Enter(u32),
    /// Leaves the loop if the iteration matched nothing.
    Leave { slot: u32, out: u32 },
    /// Sets a counter to 0.
    Zero(u32),
    /// Counts an iteration, and enters another at `body` or goes on.
    Count { slot: u32, min: u32, max: u32, greedy: bool, body: u32 },
    /// What some groups matched.
    Backref { first: u32, count: u32, ignore_case: bool },
    /// Goes on if one of some groups matched, or else at `no`.
    IfGroups { first: u32, count: u32, no: u32 },
    Call(u32),
    Return,
    Fail,
    Match,
}

/// What one character may be.
#[derive(Clone, Copy, Debug)]
pub enum One {
    Any,
    AnyButLineFeed,
    Char(char),
    Folded(char),
    /// A set by its place.
    Set(u32),
}

/// How many of some characters are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Greedy,
    Lazy,
    Possessive,
}

/// A pattern that can be run.
#[derive(Debug)]
pub struct Program {
    pub code: Vec<Inst>,
    pub bytes: Vec<u8>,
    pub folded: Vec<char>,
    pub sets: Vec<Set>,
    /// Groups that backreferences and conditions name.
    pub groups: Vec<u32>,
    /// How many groups there are, with the whole match.
    pub group_count: usize,
    pub slot_count: usize,
    /// The bytes that a match can begin with, if it is never empty.
    pub first: Option<FirstBytes>,
    /// A text that each match begins with.
    pub prefix: Option<String>,
    /// A match can only begin where the text does.
    pub at_start: bool,
}

/// Compiles a pattern.
pub fn compile(pattern: &Pattern) -> Result<Program, Error> {
    let mut compiler = Compiler {
        program: Program {
            code: Vec::new(),
            bytes: Vec::new(),
            folded: Vec::new(),
            sets: Vec::new(),
            groups: Vec::new(),
            group_count: pattern.names.len() + 1,
            slot_count: 0,
            first: None,
            prefix: None,
            at_start: starts_at_start(&pattern.node),
        },
        called: &pattern.called,
        has_calls: pattern.called.contains(&true),
        entries: vec![None; pattern.names.len() + 1],
        calls: Vec::new(),
    };
    if pattern.called[0] {
        compiler.emit(Inst::Call(2))?;
        compiler.emit(Inst::Match)?;
        compiler.entries[0] = Some(2);
        compiler.node(&pattern.node)?;
        compiler.emit(Inst::Return)?;
    } else {
        compiler.node(&pattern.node)?;
        compiler.emit(Inst::Match)?;
    }
    for (place, group) in std::mem::take(&mut compiler.calls) {
        let entry = compiler.entries[group].ok_or_else(|| format!("undefined group <{group}> reference"))?;
        compiler.program.code[place] = Inst::Call(entry);
    }
    let mut program = compiler.program;
    let mut first = FirstBytes::default();
    if !first_bytes(&pattern.node, &mut first) {
        program.first = Some(first);
    }
    program.prefix = prefix(&pattern.node);
    Ok(program)
}

struct Compiler<'p> {
    program: Program,
    called: &'p [bool],
    has_calls: bool,
    /// Where each group that is called begins.
    entries: Vec<Option<u32>>,
    calls: Vec<(usize, usize)>,
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a program is small")
}

impl Compiler<'_> {
    fn emit(&mut self, inst: Inst) -> Result<usize, Error> {
        if self.program.code.len() >= MAX_LENGTH {
            return Err("too big pattern".into());
        }
        self.program.code.push(inst);
        Ok(self.program.code.len() - 1)
    }

    fn here(&self) -> u32 {
        small(self.program.code.len())
    }

    fn slot(&mut self) -> u32 {
        self.program.slot_count += 1;
        small(self.program.slot_count - 1)
    }

    fn groups(&mut self, groups: &[usize]) -> (u32, u32) {
        let first = small(self.program.groups.len());
        self.program.groups.extend(groups.iter().map(|group| small(*group)));
        (first, small(groups.len()))
    }

    /// What a part is, if it is always one character.
    fn one(&mut self, node: &Node) -> Option<One> {
        Some(match node {
            Node::Any { line_feed: true } => One::Any,
            Node::Any { line_feed: false } => One::AnyButLineFeed,
            Node::Text { text, ignore_case } => {
                let mut characters = text.chars();
                let (Some(c), None) = (characters.next(), characters.next()) else { return None };
                if *ignore_case && has_case(c) {
                    if is_folded_long(c) {
                        return None;
                    }
                    One::Folded(fold(c))
                } else {
                    One::Char(c)
                }
            }
            Node::Set(set) => {
                self.program.sets.push(set.as_ref().clone());
                One::Set(small(self.program.sets.len() - 1))
            }
            Node::Options(node) => return self.one(node),
            Node::Concat(nodes) if nodes.len() == 1 => return self.one(&nodes[0]),
            _ => return None,
        })
    }

    fn node(&mut self, node: &Node) -> Result<(), Error> {
        match node {
            Node::Empty => {}
            Node::Text { text, ignore_case } if *ignore_case && text.chars().any(has_case) => {
                if let Some(one) = self.one(node) {
                    self.emit(Inst::One(one))?;
                    return Ok(());
                }
                let start = self.program.folded.len();
                let folded = &mut self.program.folded;
                text.chars().for_each(|c| fold_fully(c, &mut |c| folded.push(c)));
                let len = small(self.program.folded.len() - start);
                self.emit(Inst::Folded { start: small(start), len })?;
            }
            Node::Text { text, .. } => {
                let start = small(self.program.bytes.len());
                self.program.bytes.extend_from_slice(text.as_bytes());
                self.emit(Inst::Bytes { start, len: small(text.len()) })?;
            }
            Node::Any { .. } | Node::Set(_) => {
                let one = self.one(node).expect("one character");
                self.emit(Inst::One(one))?;
            }
            Node::Concat(nodes) => nodes.iter().try_for_each(|node| self.node(node))?,
            Node::Alt(branches) => self.alternatives(branches)?,
            Node::Group(number, node) => self.group(*number, node)?,
            Node::Options(node) => self.node(node)?,
            Node::Atomic(inside) => self.atomic(inside)?,
            Node::Repeat { node, min, max, greedy } => self.repeat(node, *min, *max, *greedy)?,
            Node::Look { node, ahead, negative } => self.look(node, *ahead, *negative)?,
            Node::Backref { groups, ignore_case } => {
                let (first, count) = self.groups(groups);
                self.emit(Inst::Backref { first, count, ignore_case: *ignore_case })?;
            }
            Node::Assert(assert) => drop(self.emit(Inst::Assert(*assert))?),
            Node::Call(group) => {
                let place = self.emit(Inst::Fail)?;
                self.calls.push((place, *group));
            }
            Node::Keep => drop(self.emit(Inst::Keep)?),
            Node::If { condition, yes, no } => self.choice(condition, yes, no)?,
        }
        Ok(())
    }

    fn alternatives(&mut self, branches: &[Node]) -> Result<(), Error> {
        let Some((last, others)) = branches.split_last() else {
            self.emit(Inst::Fail)?;
            return Ok(());
        };
        let mut ends = Vec::with_capacity(others.len());
        for branch in others {
            let fork = self.emit(Inst::Fail)?;
            self.node(branch)?;
            ends.push(self.emit(Inst::Fail)?);
            let first = small(fork + 1);
            self.program.code[fork] = Inst::Fork { first, second: self.here() };
        }
        self.node(last)?;
        for end in ends {
            self.program.code[end] = Inst::Jump(self.here());
        }
        Ok(())
    }

    fn group(&mut self, number: usize, node: &Node) -> Result<(), Error> {
        let called = self.called[number] && self.entries[number].is_none();
        let mut end = 0;
        if called {
            let entry = self.here() + 2;
            self.emit(Inst::Call(entry))?;
            end = self.emit(Inst::Fail)?;
            self.entries[number] = Some(entry);
        }
        self.emit(Inst::Save(small(number * 2)))?;
        self.node(node)?;
        self.emit(Inst::Save(small(number * 2 + 1)))?;
        if called {
            self.emit(Inst::Return)?;
            self.program.code[end] = Inst::Jump(self.here());
        }
        Ok(())
    }

    fn atomic(&mut self, inside: &Node) -> Result<(), Error> {
        if let Node::Repeat { node, min, max, greedy: true } = inside {
            if let Some(one) = self.one(node) {
                let max = max.unwrap_or(u32::MAX);
                self.emit(Inst::Many { one, min: *min, max, mode: Mode::Possessive })?;
                return Ok(());
            }
        }
        self.emit(Inst::Open)?;
        self.node(inside)?;
        self.emit(Inst::CloseAtomic)?;
        Ok(())
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greedy: bool) -> Result<(), Error> {
        if max == Some(0) {
            // Never run, but perhaps called.
            if self.has_calls {
                let skip = self.emit(Inst::Fail)?;
                self.node(node)?;
                self.program.code[skip] = Inst::Jump(self.here());
            }
            return Ok(());
        }
        if let Some(one) = self.one(node) {
            let mode = if greedy { Mode::Greedy } else { Mode::Lazy };
            self.emit(Inst::Many { one, min, max: max.unwrap_or(u32::MAX), mode })?;
            return Ok(());
        }
        match (min, max) {
            (0, Some(1)) => self.optional(node, greedy),
            (0, None) => self.star(node, greedy),
            (1, None) => self.plus(node, greedy),
            _ if self.has_calls => {
                for _ in 0..min {
                    self.node(node)?;
                }
                match max {
                    None => self.star(node, greedy),
                    Some(max) => {
                        let mut forks = Vec::new();
                        for _ in min..max {
                            forks.push(self.emit(Inst::Fail)?);
                            self.node(node)?;
                        }
                        for fork in forks {
                            self.program.code[fork] = forked(small(fork + 1), self.here(), greedy);
                        }
                        Ok(())
                    }
                }
            }
            _ => self.counted(node, min, max, greedy),
        }
    }

    fn optional(&mut self, node: &Node, greedy: bool) -> Result<(), Error> {
        let fork = self.emit(Inst::Fail)?;
        self.node(node)?;
        self.program.code[fork] = forked(small(fork + 1), self.here(), greedy);
        Ok(())
    }

    fn star(&mut self, node: &Node, greedy: bool) -> Result<(), Error> {
        let fork = self.emit(Inst::Fail)?;
        let leave = self.body(node)?;
        self.emit(Inst::Jump(small(fork)))?;
        let out = self.here();
        self.leave(leave, out);
        self.program.code[fork] = forked(small(fork + 1), out, greedy);
        Ok(())
    }

    /// Once or more. The part is not spelled out twice: those inside it would be four times, eight times, ….
    fn plus(&mut self, node: &Node, greedy: bool) -> Result<(), Error> {
        let start = self.here();
        let leave = self.body(node)?;
        let out = self.here() + 1;
        self.emit(forked(start, out, greedy))?;
        self.leave(leave, out);
        Ok(())
    }

    fn counted(&mut self, node: &Node, min: u32, max: Option<u32>, greedy: bool) -> Result<(), Error> {
        let slot = self.slot();
        self.emit(Inst::Zero(slot))?;
        let start = (min == 0).then(|| self.emit(Inst::Fail)).transpose()?;
        let body = self.here();
        let leave = self.body(node)?;
        let max = max.unwrap_or(u32::MAX);
        self.emit(Inst::Count { slot, min, max, greedy, body })?;
        let out = self.here();
        self.leave(leave, out);
        if let Some(start) = start {
            self.program.code[start] = forked(body, out, greedy);
        }
        Ok(())
    }

    /// What is repeated; gives the place of what leaves the repetition after a round in which nothing was matched, and its slot.
    fn body(&mut self, node: &Node) -> Result<Option<(usize, u32)>, Error> {
        let slot = can_be_empty(node).then(|| self.slot());
        if let Some(slot) = slot {
            self.emit(Inst::Enter(slot))?;
        }
        self.node(node)?;
        slot.map(|slot| Ok((self.emit(Inst::Fail)?, slot))).transpose()
    }

    fn leave(&mut self, leave: Option<(usize, u32)>, out: u32) {
        if let Some((place, slot)) = leave {
            self.program.code[place] = Inst::Leave { slot, out };
        }
    }

    fn look(&mut self, node: &Node, ahead: bool, negative: bool) -> Result<(), Error> {
        let fork = if negative { Some(self.emit(Inst::Fail)?) } else { None };
        self.emit(Inst::Open)?;
        if !ahead {
            let back = length(node).ok_or("invalid pattern in look-behind")?;
            if back > MAX_LOOK_BEHIND {
                return Err("invalid pattern in look-behind".into());
            }
            self.emit(Inst::Back(small(back)))?;
        }
        self.node(node)?;
        self.emit(if negative { Inst::CloseNegative } else { Inst::CloseLook })?;
        if let Some(fork) = fork {
            self.program.code[fork] = Inst::Fork { first: small(fork + 1), second: self.here() };
        }
        Ok(())
    }

    fn choice(&mut self, condition: &Condition, yes: &Node, no: &Node) -> Result<(), Error> {
        let fork = self.emit(Inst::Fail)?;
        if let Condition::Matches(node) = condition {
            self.emit(Inst::Open)?;
            self.node(node)?;
            self.emit(Inst::CloseCondition)?;
        }
        self.node(yes)?;
        let end = self.emit(Inst::Fail)?;
        let otherwise = self.here();
        self.program.code[fork] = match condition {
            Condition::Matches(_) => Inst::Fork { first: small(fork + 1), second: otherwise },
            Condition::Groups(groups) => {
                let (first, count) = self.groups(groups);
                Inst::IfGroups { first, count, no: otherwise }
            }
        };
        self.node(no)?;
        self.program.code[end] = Inst::Jump(self.here());
        Ok(())
    }
}

fn forked(body: u32, out: u32, greedy: bool) -> Inst {
    if greedy {
        Inst::Fork { first: body, second: out }
    } else {
        Inst::Fork { first: out, second: body }
    }
}

/// Whether another character differs from this one only in case.
pub fn has_case(c: char) -> bool {
    c.is_ascii_alphabetic()
        || !c.is_ascii() && (fold(c) != c || !c.to_uppercase().eq([c]) || !c.to_lowercase().eq([c]))
}

fn is_folded_long(c: char) -> bool {
    let mut count = 0;
    fold_fully(c, &mut |_| count += 1);
    count > 1
}

fn can_be_empty(node: &Node) -> bool {
    match node {
        Node::Text { text, .. } => text.is_empty(),
        Node::Any { .. } | Node::Set(_) => false,
        Node::Concat(nodes) => nodes.iter().all(can_be_empty),
        Node::Alt(nodes) => nodes.iter().any(can_be_empty),
        Node::Group(_, node) | Node::Options(node) | Node::Atomic(node) => can_be_empty(node),
        Node::Repeat { node, min, .. } => *min == 0 || can_be_empty(node),
        Node::If { condition, yes, no } => {
            let condition = match condition {
                Condition::Groups(_) => true,
                Condition::Matches(node) => can_be_empty(node),
            };
            condition && can_be_empty(yes) || can_be_empty(no)
        }
        Node::Empty
        | Node::Look { .. }
        | Node::Backref { .. }
        | Node::Assert(_)
        | Node::Call(_)
        | Node::Keep => true,
    }
}

/// How many characters a part matches, if that is always the same.
fn length(node: &Node) -> Option<usize> {
    match node {
        Node::Empty | Node::Look { .. } | Node::Assert(_) => Some(0),
        Node::Text { text, .. } => Some(text.chars().count()),
        Node::Any { .. } | Node::Set(_) => Some(1),
        Node::Concat(nodes) => {
            nodes.iter().try_fold(0_usize, |sum, node| sum.checked_add(length(node)?))
        }
        Node::Alt(nodes) => {
            let (first, others) = nodes.split_first()?;
            let all = length(first)?;
            others.iter().all(|node| length(node) == Some(all)).then_some(all)
        }
        Node::Group(_, node) | Node::Options(node) | Node::Atomic(node) => length(node),
        Node::Repeat { node, min, max, .. } if *max == Some(*min) => {
            length(node)?.checked_mul(usize::try_from(*min).ok()?)
        }
        _ => None,
    }
}

/// Adds the bytes that a part can begin with; tells whether it can also match nothing.
fn first_bytes(node: &Node, first: &mut FirstBytes) -> bool {
    match node {
        Node::Text { text, ignore_case } => {
            let Some(c) = text.chars().next() else { return true };
            if *ignore_case && has_case(c) {
                if c.is_ascii() {
                    first.add(text.as_bytes()[0].to_ascii_lowercase());
                    first.add(text.as_bytes()[0].to_ascii_uppercase());
                } else {
                    // Some differ from ASCII letters only in case.
                    fold_fully(c, &mut |c| {
                        if c.is_ascii() {
                            first.add(u8::try_from(c).unwrap_or(0));
                            first.add(u8::try_from(c.to_ascii_uppercase()).unwrap_or(0));
                        }
                    });
                }
                first.add_beyond_ascii();
            } else {
                first.add(text.as_bytes()[0]);
            }
            false
        }
        Node::Any { line_feed } => {
            (0..128).filter(|byte| *line_feed || *byte != b'\n').for_each(|byte| first.add(byte));
            first.add_beyond_ascii();
            false
        }
        Node::Set(set) => {
            set.first_bytes(first);
            false
        }
        Node::Concat(nodes) => nodes.iter().all(|node| first_bytes(node, first)),
        Node::Alt(nodes) => {
            let mut empty = false;
            for node in nodes {
                empty |= first_bytes(node, first);
            }
            empty
        }
        Node::Group(_, node) | Node::Options(node) | Node::Atomic(node) => first_bytes(node, first),
        Node::Repeat { node, min, max, .. } => {
            *max == Some(0) || first_bytes(node, first) || *min == 0
        }
        _ => true,
    }
}

/// The text that each match begins with.
fn prefix(node: &Node) -> Option<String> {
    match node {
        Node::Text { text, ignore_case } if !*ignore_case || !text.chars().any(has_case) => {
            Some(text.clone())
        }
        Node::Concat(nodes) => prefix(nodes.first()?),
        Node::Group(_, node) | Node::Options(node) => prefix(node),
        _ => None,
    }
}

fn starts_at_start(node: &Node) -> bool {
    match node {
        Node::Assert(Assert::TextStart) => true,
        Node::Concat(nodes) => nodes.first().is_some_and(starts_at_start),
        Node::Alt(nodes) => !nodes.is_empty() && nodes.iter().all(starts_at_start),
        Node::Group(_, node) | Node::Options(node) | Node::Atomic(node) => starts_at_start(node),
        _ => false,
    }
}
