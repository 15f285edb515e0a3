//! Follows all ways through a program at once.

use super::parse::Assert;
use super::program::{Inst, Program};
use super::set::{Class, before, fold, unit};
use super::{Match, NONE};
use memchr::{memchr, memmem};

/// Whether a place is what an assertion says.
pub fn holds(assert: Assert, text: &[u8], at: usize, lines: bool) -> bool {
    let word_before = || at > 0 && Class::Word.has(unit(text, before(text, at)).0);
    let word_after = || at < text.len() && Class::Word.has(unit(text, at).0);
    match assert {
        Assert::Start => at == 0 || lines && text[at - 1] == b'\n',
        Assert::End => at == text.len() || lines && text[at] == b'\n',
        Assert::TextStart => at == 0,
        Assert::TextEnd => at == text.len(),
        Assert::WordStart => !word_before() && word_after(),
        Assert::WordEnd => word_before() && !word_after(),
        Assert::WordEdge => word_before() != word_after(),
        Assert::NoWordEdge => word_before() == word_after(),
        Assert::NoWordBefore => !word_before(),
        Assert::NoWordAfter => !word_after(),
    }
}

/// The next place where a match may begin.
pub fn candidate(program: &Program, text: &[u8], at: usize) -> Option<usize> {
    if program.at_start && at > 0 || at > text.len() {
        return None;
    }
    let rest = &text[at..];
    if let [byte] = program.prefix[..] {
        return memchr(byte, rest).map(|found| at + found);
    }
    if !program.prefix.is_empty() {
        return memmem::find(rest, &program.prefix).map(|found| at + found);
    }
    match &program.first {
        Some(first) => rest.iter().position(|byte| first[usize::from(*byte)]).map(|found| at + found),
        None => Some(at),
    }
}

/// The ways that are open at a place of the text, in the order in which they are preferred.
struct Ways {
    /// Steps of the program.
    steps: Vec<u32>,
    /// Where each match begins, and its groups.
    places: Vec<usize>,
    /// At which place of the text each step was reached last, counted from 1.
    reached: Vec<usize>,
}

/// What is left to do while ways are followed to the next character.
enum Job {
    Go(usize),
    Restore { slot: usize, place: usize },
}

struct Search<'s> {
    program: &'s Program,
    text: &'s [u8],
    /// The start of a match and its groups, as many as are kept of each way.
    slots: usize,
    jobs: Vec<Job>,
}

impl Search<'_> {
    /// Follows a way up to the next characters.
    fn add(&mut self, ways: &mut Ways, step: usize, at: usize, places: &mut [usize]) {
        self.jobs.push(Job::Go(step));
        while let Some(job) = self.jobs.pop() {
            let mut step = match job {
                Job::Go(step) => step,
                Job::Restore { slot, place } => {
                    places[slot] = place;
                    continue;
                }
            };
            loop {
                if ways.reached[step] == at + 1 {
                    break;
                }
                ways.reached[step] = at + 1;
                match self.program.code[step] {
                    Inst::Split(first, second) => {
                        self.jobs.push(Job::Go(second as usize));
                        step = first as usize;
                    }
                    Inst::Jump(to) => step = to as usize,
                    Inst::Save(slot) => {
                        let slot = slot as usize + 1;
                        if slot < self.slots {
                            self.jobs.push(Job::Restore { slot, place: places[slot] });
                            places[slot] = at;
                        }
                        step += 1;
                    }
                    Inst::Assert(assert) => {
                        if !holds(assert, self.text, at, self.program.lines) {
                            break;
                        }
                        step += 1;
                    }
                    Inst::Enter(_) | Inst::Leave(_) => step += 1,
                    Inst::Char(_) | Inst::Any | Inst::Set(_) | Inst::BackReference(_) | Inst::Match => {
                        ways.steps.push(u32::try_from(step).expect("a program is small"));
                        ways.places.extend_from_slice(places);
                        break;
                    }
                }
            }
        }
    }
}

/// The leftmost match, and the longest of those; any match if it is only asked for whether there is one.
pub fn find(program: &Program, text: &[u8], from: usize, is_any: bool) -> Option<Match> {
    if let Some(literal) = &program.literal {
        let start = from + memmem::find(text.get(from..)?, literal)?;
        return Some(Match { start, end: start + literal.len(), groups: Vec::new() });
    }
    let mut at = candidate(program, text, from)?;
    let slots = if is_any { 1 } else { 1 + program.groups * 2 };
    let length = program.code.len();
    let ways = || Ways { steps: Vec::new(), places: Vec::new(), reached: vec![0; length] };
    let (mut now, mut next) = (ways(), ways());
    let mut search = Search { program, text, slots, jobs: Vec::new() };
    let mut places = vec![NONE; slots];
    let mut best: Option<Match> = None;
    loop {
        if now.steps.is_empty() {
            if best.is_some() {
                return best;
            }
            match candidate(program, text, at) {
                Some(found) => at = found,
                None => return None,
            }
        }
        if best.is_none() && !(program.at_start && at > 0) {
            places.fill(NONE);
            places[0] = at;
            search.add(&mut now, 0, at, &mut places);
        }
        let (c, width) = if at < text.len() { unit(text, at) } else { (0, 0) };
        let compared = if program.ignore_case { fold(c) } else { c };
        for (place, step) in now.steps.iter().enumerate() {
            let way = &now.places[place * slots..(place + 1) * slots];
            if best.as_ref().is_some_and(|best| way[0] > best.start) {
                break;
            }
            let goes_on = match program.code[*step as usize] {
                Inst::Match => {
                    let found = Match { start: way[0], end: at, groups: way[1..].to_vec() };
                    if is_any {
                        return Some(found);
                    }
                    let is_better = |best: &Match| (found.start, best.end) < (best.start, found.end);
                    if best.as_ref().is_none_or(is_better) {
                        best = Some(found);
                    }
                    false
                }
                _ if width == 0 => false,
                Inst::Char(wanted) => wanted == compared,
                Inst::Any => true,
                Inst::Set(set) => program.sets[set as usize].has(c),
                _ => false,
            };
            if goes_on {
                places.copy_from_slice(way);
                search.add(&mut next, *step as usize + 1, at + width, &mut places);
            }
        }
        now.steps.clear();
        now.places.clear();
        std::mem::swap(&mut now, &mut next);
        if width == 0 {
            return best;
        }
        at += width;
    }
}
