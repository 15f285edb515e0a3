//! From a tree to a program.

use super::Options;
use super::parse::{Assert, Node, Parsed};
use super::set::{Set, Unit, fold, push};

/// A program may be so long.
const MAX_LENGTH: usize = 200_000;

/// A step of a program.
#[derive(Clone, Copy, Debug)]
pub enum Inst {
    Char(Unit),
    Any,
    Set(u32),
    /// Both ways, the first one rather.
    Split(u32, u32),
    Jump(u32),
    Save(u32),
    Assert(Assert),
    BackReference(u32),
    /// A repeated part that may match nothing begins, and ends.
    Enter(u32),
    Leave(u32),
    Match,
}

/// A pattern, ready to be searched for.
#[derive(Debug)]
pub struct Program {
    pub code: Vec<Inst>,
    pub sets: Vec<Set>,
    pub groups: usize,
    pub marks: usize,
    pub has_back_references: bool,
    pub ignore_case: bool,
    pub lines: bool,
    /// All of it is this text.
    pub literal: Option<Vec<u8>>,
    /// A match begins with this text.
    pub prefix: Vec<u8>,
    /// The bytes that a match can begin with, if it cannot be empty.
    pub first: Option<Box<[bool; 256]>>,
    /// A match begins at the start of the text.
    pub at_start: bool,
}

/// Compiles a pattern.
pub fn compile(parsed: Parsed, options: Options) -> Result<Program, String> {
    let Parsed { mut node, groups, has_back_references } = parsed;
    let wrapped = |first, node, last| Node::Concat(vec![Node::Assert(first), node, Node::Assert(last)]);
    if options.whole {
        node = wrapped(Assert::Start, node, Assert::End);
    } else if options.word {
        node = wrapped(Assert::NoWordBefore, node, Assert::NoWordAfter);
    }
    let mut compiler = Compiler { code: Vec::new(), sets: Vec::new(), marks: 0, ignore_case: options.ignore_case };
    compiler.node(&node)?;
    compiler.emit(Inst::Match)?;
    let Compiler { code, sets, marks, ignore_case } = compiler;
    let mut program = Program {
        code,
        sets,
        groups,
        marks,
        has_back_references,
        ignore_case,
        lines: options.lines,
        literal: None,
        prefix: Vec::new(),
        first: None,
        at_start: false,
    };
    program.look();
    Ok(program)
}

impl Program {
    /// Finds out what makes searching faster.
    fn look(&mut self) {
        self.at_start = !self.lines && matches!(self.code[0], Inst::Assert(Assert::Start | Assert::TextStart));
        if !self.ignore_case {
            let mut chars = self.code.iter();
            let mut prefix = Vec::new();
            let next = loop {
                match chars.next() {
                    Some(Inst::Char(c)) => push(&mut prefix, *c),
                    next => break next,
                }
            };
            if matches!(next, Some(Inst::Match)) {
                self.literal = Some(prefix.clone());
            }
            // Jumps lead to splits, and behind them: never into the characters before the first split.
            self.prefix = prefix;
        }
        let mut first = Box::new([false; 256]);
        let mut seen = vec![false; self.code.len()];
        if self.first_bytes(0, &mut first, &mut seen) {
            self.first = Some(first);
        }
    }

    /// Adds the bytes that a match from here begins with; tells whether they are all known.
    fn first_bytes(&self, from: usize, first: &mut [bool; 256], seen: &mut [bool]) -> bool {
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            match &self.code[at] {
                Inst::Char(c) if *c < 0x80 => {
                    let byte = *c as u8;
                    first[usize::from(byte)] = true;
                    if self.ignore_case {
                        first[usize::from(byte.to_ascii_uppercase())] = true;
                        // Some characters differ from ASCII letters only in case.
                        first[0x80..].fill(true);
                    }
                }
                Inst::Char(_) => first[0x80..].fill(true),
                Inst::Any => first.fill(true),
                Inst::Set(set) => {
                    let set = &self.sets[*set as usize];
                    (0..128_u32).filter(|unit| set.has(*unit)).for_each(|unit| first[unit as usize] = true);
                    first[0x80..].fill(true);
                }
                Inst::Split(a, b) => open.extend([*a as usize, *b as usize]),
                Inst::Jump(to) => open.push(*to as usize),
                Inst::Save(_) | Inst::Assert(_) | Inst::Enter(_) | Inst::Leave(_) => open.push(at + 1),
                Inst::BackReference(_) | Inst::Match => return false,
            }
        }
        true
    }
}

struct Compiler {
    code: Vec<Inst>,
    sets: Vec<Set>,
    marks: usize,
    ignore_case: bool,
}

impl Compiler {
    fn emit(&mut self, inst: Inst) -> Result<usize, String> {
        if self.code.len() >= MAX_LENGTH {
            return Err("Regular expression too big".to_owned());
        }
        self.code.push(inst);
        Ok(self.code.len() - 1)
    }

    fn here(&self) -> u32 {
        small(self.code.len())
    }

    fn node(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Empty => {}
            Node::Char(c) => {
                let c = if self.ignore_case { fold(*c) } else { *c };
                self.emit(Inst::Char(c))?;
            }
            Node::Any => drop(self.emit(Inst::Any)?),
            Node::Set(set) => {
                let mut set = (**set).clone();
                set.finish(self.ignore_case);
                self.sets.push(set);
                self.emit(Inst::Set(small(self.sets.len() - 1)))?;
            }
            Node::Assert(assert) => drop(self.emit(Inst::Assert(*assert))?),
            Node::Group(number, inside) => {
                self.emit(Inst::Save(small(number * 2 - 2)))?;
                self.node(inside)?;
                self.emit(Inst::Save(small(number * 2 - 1)))?;
            }
            Node::BackReference(number) => drop(self.emit(Inst::BackReference(small(*number)))?),
            Node::Concat(nodes) => nodes.iter().try_for_each(|node| self.node(node))?,
            Node::Alt(branches) => {
                let mut ends = Vec::new();
                for (place, branch) in branches.iter().enumerate() {
                    if place + 1 == branches.len() {
                        self.node(branch)?;
                        continue;
                    }
                    let split = self.emit(Inst::Match)?;
                    self.node(branch)?;
                    ends.push(self.emit(Inst::Match)?);
                    self.code[split] = Inst::Split(small(split + 1), self.here());
                }
                for end in ends {
                    self.code[end] = Inst::Jump(self.here());
                }
            }
            Node::Repeat { node, min, max } => {
                for _ in 0..*min {
                    self.node(node)?;
                }
                match max {
                    None => self.star(node)?,
                    Some(max) => {
                        let mut splits = Vec::new();
                        for _ in *min..*max {
                            splits.push(self.emit(Inst::Match)?);
                            self.node(node)?;
                        }
                        for split in splits {
                            self.code[split] = Inst::Split(small(split + 1), self.here());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn star(&mut self, node: &Node) -> Result<(), String> {
        let split = self.emit(Inst::Match)?;
        let mark = can_be_empty(node).then(|| {
            self.marks += 1;
            small(self.marks - 1)
        });
        if let Some(mark) = mark {
            self.emit(Inst::Enter(mark))?;
        }
        self.node(node)?;
        if let Some(mark) = mark {
            self.emit(Inst::Leave(mark))?;
        }
        self.emit(Inst::Jump(small(split)))?;
        self.code[split] = Inst::Split(small(split + 1), self.here());
        Ok(())
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a program is small")
}

fn can_be_empty(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Assert(_) | Node::BackReference(_) => true,
        Node::Char(_) | Node::Any | Node::Set(_) => false,
        Node::Group(_, node) => can_be_empty(node),
        Node::Concat(nodes) => nodes.iter().all(can_be_empty),
        Node::Alt(nodes) => nodes.iter().any(can_be_empty),
        Node::Repeat { node, min, .. } => *min == 0 || can_be_empty(node),
    }
}
