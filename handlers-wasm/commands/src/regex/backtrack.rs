//! Tries one way through a program after the other, as patterns with back-references need it.

use super::program::{Inst, Program};
use super::search::{candidate, holds};
use super::set::{fold, unit, width};
use super::{Match, NONE};

/// A search may take so many steps.
const MAX_STEPS: u64 = 20_000_000;

enum Frame {
    Way { step: usize, at: usize },
    Group { slot: usize, place: usize },
    Mark { mark: usize, place: usize },
}

/// The leftmost match, and the longest of those.
pub fn find(program: &Program, text: &[u8], from: usize) -> Result<Option<Match>, String> {
    let mut steps = 0;
    let mut from = from;
    while let Some(start) = candidate(program, text, from) {
        let found = longest(program, text, start, &mut steps)?;
        if found.is_some() || start == text.len() {
            return Ok(found);
        }
        from = start + width(text, start);
    }
    Ok(None)
}

fn longest(program: &Program, text: &[u8], start: usize, steps: &mut u64) -> Result<Option<Match>, String> {
    let mut groups = vec![NONE; program.groups * 2];
    let mut marks = vec![NONE; program.marks];
    let mut frames = vec![Frame::Way { step: 0, at: start }];
    let mut best: Option<Match> = None;
    while let Some(frame) = frames.pop() {
        let (mut step, mut at) = match frame {
            Frame::Way { step, at } => (step, at),
            Frame::Group { slot, place } => {
                groups[slot] = place;
                continue;
            }
            Frame::Mark { mark, place } => {
                marks[mark] = place;
                continue;
            }
        };
        loop {
            *steps += 1;
            if *steps > MAX_STEPS {
                return Err("the search for a pattern with back-references takes too long".to_owned());
            }
            match program.code[step] {
                Inst::Split(first, second) => {
                    frames.push(Frame::Way { step: second as usize, at });
                    step = first as usize;
                    continue;
                }
                Inst::Jump(to) => {
                    step = to as usize;
                    continue;
                }
                Inst::Save(slot) => {
                    let slot = slot as usize;
                    frames.push(Frame::Group { slot, place: groups[slot] });
                    groups[slot] = at;
                }
                Inst::Enter(mark) => {
                    let mark = mark as usize;
                    frames.push(Frame::Mark { mark, place: marks[mark] });
                    marks[mark] = at;
                }
                // Another round that matches nothing leads nowhere.
                Inst::Leave(mark) => {
                    if marks[mark as usize] == at {
                        break;
                    }
                }
                Inst::Assert(assert) => {
                    if !holds(assert, text, at, program.lines) {
                        break;
                    }
                }
                Inst::BackReference(number) => {
                    let number = number as usize;
                    let (first, last) = (groups[number * 2 - 2], groups[number * 2 - 1]);
                    if first == NONE || last == NONE {
                        break;
                    }
                    match repeated(&text[first..last], text, at, program.ignore_case) {
                        Some(end) => at = end,
                        None => break,
                    }
                }
                Inst::Match => {
                    if best.as_ref().is_none_or(|best| at > best.end) {
                        best = Some(Match { start, end: at, groups: groups.clone() });
                    }
                    if at == text.len() {
                        return Ok(best);
                    }
                    break;
                }
                _ if at == text.len() => break,
                inst => {
                    let (c, width) = unit(text, at);
                    let matches = match inst {
                        Inst::Char(wanted) if program.ignore_case => fold(c) == wanted,
                        Inst::Char(wanted) => c == wanted,
                        Inst::Set(set) => program.sets[set as usize].has(c),
                        _ => true,
                    };
                    if !matches {
                        break;
                    }
                    at += width;
                }
            }
            step += 1;
        }
    }
    Ok(best)
}

/// Where a text ends that comes again.
fn repeated(wanted: &[u8], text: &[u8], mut at: usize, ignore_case: bool) -> Option<usize> {
    if !ignore_case {
        return text[at..].starts_with(wanted).then_some(at + wanted.len());
    }
    let mut wanted_at = 0;
    while wanted_at < wanted.len() {
        if at == text.len() {
            return None;
        }
        let (expected, expected_width) = unit(wanted, wanted_at);
        let (found, width) = unit(text, at);
        if fold(expected) != fold(found) {
            return None;
        }
        wanted_at += expected_width;
        at += width;
    }
    Some(at)
}
