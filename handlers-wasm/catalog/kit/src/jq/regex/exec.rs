//! The matcher: it tries one way after another, and keeps what it may come back to on a stack of its own.

use super::parse::Assert;
use super::program::{Inst, Mode, One, Program};
use super::set::{Class, fold, fold_fully};
use super::{Error, Regex};

/// No place.
const NONE: usize = usize::MAX;
/// One match may come back so often, as in Oniguruma; a pattern that exceeds it would run for ages. Tests run unoptimized.
const MAX_RETRIES: u64 = if cfg!(test) { 1_000_000 } else { 10_000_000 };
/// So many ways may be open at once: 128 MiB.
const MAX_STACK: usize = 1 << 23;
/// Groups may call each other so deep.
const MAX_CALLS: usize = 10_000;

/// Where a match and its groups are.
#[derive(Debug, PartialEq, Eq)]
pub struct Captures(Vec<usize>);

impl Captures {
    /// The bytes that a group matched; 0 is the whole match.
    pub fn get(&self, group: usize) -> Option<std::ops::Range<usize>> {
        let (start, end) = (self.0[group * 2], self.0[group * 2 + 1]);
        (start != NONE && end != NONE).then_some(start..end)
    }

    /// The bytes of the whole match.
    pub fn whole(&self) -> std::ops::Range<usize> {
        let (start, end) = (self.0[0], self.0[1]);
        start..end.max(start)
    }
}

/// What the matcher comes back to, and what it has to undo on the way.
#[derive(Clone, Copy)]
enum Frame {
    /// Another way.
    Way { inst: u32, at: usize },
    /// Fewer of some characters: the fewest end at `low`, those that did not lead on ended at `high`.
    Fewer { inst: u32, low: usize, high: usize },
    /// One more of some characters.
    More { inst: u32, at: usize, left: u32 },
    /// A part that is decided once begins.
    Open { at: usize },
    Group { place: u32, was: usize },
    Slot { place: u32, was: usize },
    Kept { was: usize },
    Called,
    Returned { to: u32 },
}

/// What a search works on.
pub struct Matcher<'r, 't> {
    program: &'r Program,
    text: &'t str,
    search_start: usize,
    groups: Vec<usize>,
    slots: Vec<usize>,
    kept: usize,
    calls: Vec<u32>,
    stack: Vec<Frame>,
    longest: bool,
    skip_empty: bool,
    best: Option<Vec<usize>>,
}

impl<'r, 't> Matcher<'r, 't> {
    pub fn new(regex: &'r Regex, text: &'t str) -> Self {
        let program = &regex.program;
        Self {
            program,
            text,
            search_start: 0,
            groups: vec![NONE; program.group_count * 2],
            slots: vec![0; program.slot_count],
            kept: NONE,
            calls: Vec::new(),
            stack: Vec::new(),
            longest: regex.longest,
            skip_empty: regex.skip_empty,
            best: None,
        }
    }

    /// The first match that begins at a place or behind it.
    pub fn search(&mut self, from: usize) -> Result<Option<Captures>, Error> {
        self.search_start = from;
        self.best = None;
        let mut at = from;
        while let Some(start) = self.next_start(at, from) {
            if self.run(start)? {
                return Ok(Some(Captures(self.groups.clone())));
            }
            match self.text[start..].chars().next() {
                Some(c) => at = start + c.len_utf8(),
                None => break,
            }
        }
        Ok(self.best.take().map(Captures))
    }

    /// The next place where a match could begin.
    fn next_start(&self, at: usize, from: usize) -> Option<usize> {
        if self.program.at_start && at > 0 {
            return None;
        }
        let _ = from;
        let rest = &self.text[at..];
        if let Some(prefix) = &self.program.prefix {
            return rest.find(prefix.as_str()).map(|found| at + found);
        }
        match &self.program.first {
            Some(first) => {
                let mut bytes = rest.bytes();
                // A byte inside a character is none that a match begins with, unless it could begin with any.
                let found = bytes.position(|byte| first.contains(byte) && !(0x80..0xc0).contains(&byte));
                found.map(|found| at + found)
            }
            None => Some(at),
        }
    }

    /// Tries to match at a place.
    fn run(&mut self, start: usize) -> Result<bool, Error> {
        self.groups.fill(NONE);
        self.kept = start;
        self.calls.clear();
        self.stack.clear();
        let mut at = start;
        let mut inst = 0_usize;
        let mut retries = 0;
        loop {
            let goes_on = match self.program.code[inst] {
                Inst::Bytes { start, len } => {
                    let (start, len) = (start as usize, len as usize);
                    let wanted = &self.program.bytes[start..start + len];
                    let matches = self.text.as_bytes()[at..].starts_with(wanted);
                    if matches {
                        at += len;
                        inst += 1;
                    }
                    matches
                }
                Inst::Folded { start, len } => match self.folded(at, start as usize, len as usize) {
                    Some(end) => {
                        at = end;
                        inst += 1;
                        true
                    }
                    None => false,
                },
                Inst::One(one) => match self.one(one, at) {
                    Some(end) => {
                        at = end;
                        inst += 1;
                        true
                    }
                    None => false,
                },
                Inst::Many { one, min, max, mode } => match self.many(inst, one, min, max, mode, at)? {
                    Some(end) => {
                        at = end;
                        inst += 1;
                        true
                    }
                    None => false,
                },
                Inst::Fork { first, second } => {
                    self.push(Frame::Way { inst: second, at })?;
                    inst = first as usize;
                    true
                }
                Inst::Jump(to) => {
                    inst = to as usize;
                    true
                }
                Inst::Save(place) => {
                    let was = std::mem::replace(&mut self.groups[place as usize], at);
                    self.push(Frame::Group { place, was })?;
                    inst += 1;
                    true
                }
                Inst::Keep => {
                    let was = std::mem::replace(&mut self.kept, at);
                    self.push(Frame::Kept { was })?;
                    inst += 1;
                    true
                }
                Inst::Assert(assert) => {
                    inst += 1;
                    self.holds(assert, at)
                }
                Inst::Open => {
                    self.push(Frame::Open { at })?;
                    inst += 1;
                    true
                }
                Inst::CloseAtomic => {
                    self.close();
                    inst += 1;
                    true
                }
                Inst::CloseLook => {
                    at = self.close();
                    inst += 1;
                    true
                }
                Inst::CloseCondition => {
                    let opened = self.opened();
                    self.keep_undo(opened - 1);
                    inst += 1;
                    true
                }
                Inst::CloseNegative => {
                    let opened = self.opened();
                    while self.stack.len() > opened - 1 {
                        let frame = self.stack.pop().expect("it is not empty");
                        self.undo(frame);
                    }
                    false
                }
                Inst::Back(count) => match back(self.text, at, count) {
                    Some(before) => {
                        at = before;
                        inst += 1;
                        true
                    }
                    None => false,
                },
                Inst::Enter(slot) => {
                    self.set_slot(slot, at)?;
                    inst += 1;
                    true
                }
                Inst::Leave { slot, out } => {
                    inst = if self.slots[slot as usize] == at { out as usize } else { inst + 1 };
                    true
                }
                Inst::Zero(slot) => {
                    self.set_slot(slot, 0)?;
                    inst += 1;
                    true
                }
                Inst::Count { slot, min, max, greedy, body } => {
                    let count = self.slots[slot as usize] + 1;
                    self.set_slot(slot, count)?;
                    let out = u32::try_from(inst + 1).expect("a program is small");
                    if count < min as usize {
                        inst = body as usize;
                    } else if max != u32::MAX && count >= max as usize {
                        inst += 1;
                    } else {
                        let (first, second) = if greedy { (body, out) } else { (out, body) };
                        self.push(Frame::Way { inst: second, at })?;
                        inst = first as usize;
                    }
                    true
                }
                Inst::Backref { first, count, ignore_case } => {
                    match self.backref(first, count, ignore_case, at) {
                        Some(end) => {
                            at = end;
                            inst += 1;
                            true
                        }
                        None => false,
                    }
                }
                Inst::IfGroups { first, count, no } => {
                    inst = if self.matched(first, count).is_some() { inst + 1 } else { no as usize };
                    true
                }
                Inst::Call(to) => {
                    if self.calls.len() >= MAX_CALLS {
                        return Err("subexp-call-limit-in-search over".into());
                    }
                    self.calls.push(u32::try_from(inst + 1).expect("a program is small"));
                    self.push(Frame::Called)?;
                    inst = to as usize;
                    true
                }
                Inst::Return => {
                    let to = self.calls.pop().expect("a call comes before");
                    self.push(Frame::Returned { to })?;
                    inst = to as usize;
                    true
                }
                Inst::Fail => false,
                Inst::Match => {
                    if self.skip_empty && at == start {
                        false
                    } else {
                        self.groups[0] = self.kept;
                        self.groups[1] = at;
                        if !self.longest {
                            return Ok(true);
                        }
                        let is_longer = |best: &Vec<usize>| at - start > best[2 * self.program.group_count];
                        if self.best.as_ref().is_none_or(is_longer) {
                            let mut best = self.groups.clone();
                            best.push(at - start);
                            self.best = Some(best);
                        }
                        false
                    }
                }
            };
            if !goes_on {
                match self.backtrack(&mut at) {
                    Some(next) => inst = next,
                    None => return Ok(false),
                }
                retries += 1;
                if retries > MAX_RETRIES {
                    return Err("retry-limit-in-match over".into());
                }
            }
        }
    }

    fn push(&mut self, frame: Frame) -> Result<(), Error> {
        if self.stack.len() >= MAX_STACK {
            return Err("match-stack limit over".into());
        }
        self.stack.push(frame);
        Ok(())
    }

    fn set_slot(&mut self, place: u32, value: usize) -> Result<(), Error> {
        let was = std::mem::replace(&mut self.slots[place as usize], value);
        self.push(Frame::Slot { place, was })
    }

    /// Goes back to the last way that is open: where to go on.
    fn backtrack(&mut self, at: &mut usize) -> Option<usize> {
        loop {
            match self.stack.pop()? {
                Frame::Way { inst, at: place } => {
                    *at = place;
                    return Some(inst as usize);
                }
                Frame::Fewer { inst, low, high } => {
                    let next = self.next_byte(inst as usize + 1);
                    let mut before = high;
                    loop {
                        before = back(self.text, before, 1).expect("there is one more than the fewest");
                        // What must follow is not there: this count leads nowhere.
                        if next.is_none_or(|next| self.text.as_bytes().get(before) == Some(&next)) {
                            if before > low {
                                self.stack.push(Frame::Fewer { inst, low, high: before });
                            }
                            *at = before;
                            return Some(inst as usize + 1);
                        }
                        if before == low {
                            break;
                        }
                    }
                }
                Frame::More { inst, at: place, left } => {
                    let Inst::Many { one, .. } = self.program.code[inst as usize] else {
                        unreachable!("only these take more");
                    };
                    if let Some(end) = self.one(one, place) {
                        if left > 1 {
                            let left = if left == u32::MAX { left } else { left - 1 };
                            self.stack.push(Frame::More { inst, at: end, left });
                        }
                        *at = end;
                        return Some(inst as usize + 1);
                    }
                }
                frame => self.undo(frame),
            }
        }
    }

    /// The byte that an instruction matches first, if it can be only one.
    fn next_byte(&self, inst: usize) -> Option<u8> {
        let mut inst = inst;
        // What a group begins or ends with does not matter.
        while let Inst::Save(_) = self.program.code[inst] {
            inst += 1;
        }
        match self.program.code[inst] {
            Inst::Bytes { start, .. } => self.program.bytes.get(start as usize).copied(),
            Inst::One(One::Char(c)) if c.is_ascii() => u8::try_from(c).ok(),
            _ => None,
        }
    }

    fn undo(&mut self, frame: Frame) {
        match frame {
            Frame::Group { place, was } => self.groups[place as usize] = was,
            Frame::Slot { place, was } => self.slots[place as usize] = was,
            Frame::Kept { was } => self.kept = was,
            Frame::Called => drop(self.calls.pop()),
            Frame::Returned { to } => self.calls.push(to),
            Frame::Way { .. } | Frame::Fewer { .. } | Frame::More { .. } | Frame::Open { .. } => {}
        }
    }

    /// Where the part that began last is on the stack.
    fn opened(&self) -> usize {
        let is_open = |frame: &Frame| matches!(frame, Frame::Open { .. });
        self.stack.iter().rposition(is_open).expect("a part that ends has begun")
    }

    /// Ends the part that began last; tells where it began.
    fn close(&mut self) -> usize {
        let opened = self.opened();
        let Frame::Open { at } = self.stack[opened] else { unreachable!("it was found") };
        self.keep_undo(opened);
        at
    }

    /// Drops the ways that are open since a frame, and keeps what must be undone.
    fn keep_undo(&mut self, from: usize) {
        let mut kept = from;
        for place in from..self.stack.len() {
            let frame = self.stack[place];
            let is_undo = !matches!(
                frame,
                Frame::Way { .. } | Frame::Fewer { .. } | Frame::More { .. } | Frame::Open { .. }
            );
            if is_undo {
                self.stack[kept] = frame;
                kept += 1;
            }
        }
        self.stack.truncate(kept);
    }

    /// Where a character ends, if it is one of those wanted.
    #[inline]
    fn one(&self, one: One, at: usize) -> Option<usize> {
        let byte = *self.text.as_bytes().get(at)?;
        if byte.is_ascii() {
            let c = char::from(byte);
            let matches = match one {
                One::Any => true,
                One::AnyButLineFeed => byte != b'\n',
                One::Char(wanted) => c == wanted,
                One::Folded(wanted) => c.to_ascii_lowercase() == wanted,
                One::Set(set) => self.program.sets[set as usize].contains(c),
            };
            return matches.then_some(at + 1);
        }
        let c = self.text[at..].chars().next()?;
        let matches = match one {
            One::Any | One::AnyButLineFeed => true,
            One::Char(wanted) => c == wanted,
            One::Folded(wanted) => fold(c) == wanted,
            One::Set(set) => self.program.sets[set as usize].contains(c),
        };
        matches.then_some(at + c.len_utf8())
    }

    fn many(&mut self, inst: usize, one: One, min: u32, max: u32, mode: Mode, at: usize) -> Result<Option<usize>, Error> {
        let wanted = if mode == Mode::Lazy { min } else { max };
        let mut end = at;
        let mut low = at;
        let mut count = 0;
        while count < wanted {
            if count == min {
                low = end;
            }
            match self.one(one, end) {
                Some(next) => end = next,
                None => break,
            }
            count += 1;
        }
        if count < min {
            return Ok(None);
        }
        if count == min {
            low = end;
        }
        let inst = u32::try_from(inst).expect("a program is small");
        match mode {
            Mode::Greedy if end > low => self.push(Frame::Fewer { inst, low, high: end })?,
            Mode::Lazy if max > min => {
                let left = if max == u32::MAX { max } else { max - min };
                self.push(Frame::More { inst, at: end, left })?;
            }
            _ => {}
        }
        Ok(Some(end))
    }

    /// Where a text in any case ends.
    fn folded(&self, at: usize, start: usize, len: usize) -> Option<usize> {
        same_folded(&self.text[at..], self.program.folded[start..start + len].iter().copied())
            .map(|taken| at + taken)
    }

    fn matched(&self, first: u32, count: u32) -> Option<(usize, usize)> {
        let groups = &self.program.groups[first as usize..(first + count) as usize];
        groups.iter().rev().find_map(|group| {
            let (start, end) = (self.groups[*group as usize * 2], self.groups[*group as usize * 2 + 1]);
            (start != NONE && end != NONE).then_some((start, end))
        })
    }

    fn backref(&self, first: u32, count: u32, ignore_case: bool, at: usize) -> Option<usize> {
        let groups = &self.program.groups[first as usize..(first + count) as usize];
        groups.iter().rev().find_map(|group| {
            let (start, end) = (self.groups[*group as usize * 2], self.groups[*group as usize * 2 + 1]);
            if start == NONE || end == NONE || end < start {
                return None;
            }
            let (wanted, rest) = (&self.text[start..end], &self.text[at..]);
            if ignore_case {
                let folded = wanted.chars().map(fold);
                return same_folded(rest, folded).map(|taken| at + taken);
            }
            rest.starts_with(wanted).then_some(at + wanted.len())
        })
    }

    fn holds(&self, assert: Assert, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        match assert {
            Assert::TextStart => at == 0,
            Assert::TextEnd => at == bytes.len(),
            Assert::LastLineEnd => at == bytes.len() || at + 1 == bytes.len() && bytes[at] == b'\n',
            Assert::LineStart => at == 0 || bytes[at - 1] == b'\n' && at < bytes.len(),
            Assert::LineEnd => at == bytes.len() || bytes[at] == b'\n',
            Assert::WordBoundary => self.is_boundary(at),
            Assert::NoWordBoundary => !self.is_boundary(at),
            Assert::SearchStart => at == self.search_start,
        }
    }

    fn is_boundary(&self, at: usize) -> bool {
        let is_word = |c: Option<char>| c.is_some_and(|c| Class::Word.contains(c));
        is_word(self.text[..at].chars().next_back()) != is_word(self.text[at..].chars().next())
    }
}

/// How many bytes of a text are the same as folded characters but for case.
fn same_folded(text: &str, mut wanted: impl Iterator<Item = char> + Clone) -> Option<usize> {
    let mut taken = 0;
    let mut characters = text.chars();
    loop {
        if wanted.clone().next().is_none() {
            return Some(taken);
        }
        let c = characters.next()?;
        let mut same = true;
        fold_fully(c, &mut |c| same &= wanted.next() == Some(c));
        if !same {
            return None;
        }
        taken += c.len_utf8();
    }
}

/// Goes back some characters.
fn back(text: &str, mut at: usize, count: u32) -> Option<usize> {
    for _ in 0..count {
        at -= text[..at].chars().next_back()?.len_utf8();
    }
    Some(at)
}
