//! The command `s`.

use super::parse::Pattern;
use crate::regex::{Match, Regex, Unit, push, unit};

/// Replaces matches.
#[derive(Debug)]
pub struct Substitute {
    pub pattern: Pattern,
    pub replacement: Vec<Piece>,
    /// The first match that is replaced, from 1.
    pub number: usize,
    /// All further ones are, too.
    pub global: bool,
    pub print: bool,
    pub write: Option<Vec<u8>>,
}

/// A part of a replacement.
#[derive(Debug)]
pub enum Piece {
    Text(Vec<u8>),
    /// What a group matched; 0 is the whole match.
    Group(usize),
    Case(Case),
}

/// How what follows is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    AsItIs,
    Lower,
    Upper,
    /// The next character only.
    NextLower,
    NextUpper,
}

impl Substitute {
    /// The text with its replacements, if there was something to replace.
    pub fn apply(&self, pattern: &Regex, text: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let mut out = Vec::new();
        let (mut at, mut count, mut replaced) = (0, 0, false);
        let mut last_end = None;
        while at <= text.len() {
            let Some(found) = pattern.find(text, at)? else { break };
            out.extend_from_slice(&text[at..found.start]);
            let is_empty = found.start == found.end;
            // Right behind a match there is no empty one.
            if !is_empty || last_end != Some(found.start) {
                count += 1;
                if count >= self.number {
                    self.replace(&mut out, text, &found);
                    replaced = true;
                } else {
                    out.extend_from_slice(&text[found.start..found.end]);
                }
            }
            last_end = Some(found.end);
            at = found.end;
            if is_empty {
                if at == text.len() {
                    break;
                }
                let width = unit(text, at).1;
                out.extend_from_slice(&text[at..at + width]);
                at += width;
            }
            if replaced && !self.global {
                break;
            }
        }
        if !replaced {
            return Ok(None);
        }
        out.extend_from_slice(&text[at.min(text.len())..]);
        Ok(Some(out))
    }

    fn replace(&self, out: &mut Vec<u8>, text: &[u8], found: &Match) {
        let (mut case, mut next) = (Case::AsItIs, None);
        for piece in &self.replacement {
            let piece = match piece {
                Piece::Text(text) => &text[..],
                Piece::Group(number) => found.group(*number).map_or(&[][..], |range| &text[range]),
                Piece::Case(change @ (Case::NextLower | Case::NextUpper)) => {
                    next = Some(*change);
                    continue;
                }
                Piece::Case(change) => {
                    (case, next) = (*change, None);
                    continue;
                }
            };
            if case == Case::AsItIs && next.is_none() {
                out.extend_from_slice(piece);
                continue;
            }
            let mut at = 0;
            while at < piece.len() {
                let (c, width) = unit(piece, at);
                at += width;
                write(out, c, next.take().unwrap_or(case));
            }
        }
    }
}

fn write(out: &mut Vec<u8>, unit: Unit, case: Case) {
    let mut write = |c: char| out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    match (char::from_u32(unit), case) {
        (Some(c), Case::Lower | Case::NextLower) => c.to_lowercase().for_each(write),
        (Some(c), Case::Upper | Case::NextUpper) => c.to_uppercase().for_each(write),
        (Some(c), Case::AsItIs) => write(c),
        (None, _) => push(out, unit),
    }
}
