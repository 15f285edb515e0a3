//! `tr`: replaces, squeezes or deletes characters.

use crate::echo::digits;
use crate::io::{Io, Source, shown};
use crate::options::{self, flag};
use crate::regex::{Class, Unit, push, unit};
use crate::{Command, Fail};
use std::collections::BTreeMap;
use std::io::Read;

const HELP: &str = r"Usage: tr [OPTION]... SET1 [SET2]
Replaces each character of SET1 that standard input has by the one at its place in SET2, the last one of which stands for
all further ones.

  -c, -C, --complement   SET1 is all characters that are not in it
  -d, --delete           delete the characters of SET1
  -s, --squeeze-repeats  of the same character several times, of the last set, only one
  -t, --truncate-set1    SET1 is only as long as SET2
      --help             this text

In sets: a-z; [:alpha:] and the like; [=c=]; in SET2 also [c*N] and [c*]; \a \b \f \n \r \t \v \\ \NNN (octal).
Exit code: 0; 1 if standard input could not be read; 2 for wrong options or sets.
";

/// The command.
pub const COMMAND: Command = Command { name: "tr", help: HELP, trouble: 1, run };

/// Characters as they were written.
enum Part {
    Range(Unit, Unit),
    Class(Class),
    /// So often; without a number as often as needed.
    Repeat(Unit, Option<usize>),
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            flag(b'c', "complement"),
            flag(b'C', ""),
            flag(b'd', "delete"),
            flag(b's', "squeeze-repeats"),
            flag(b't', "truncate-set1"),
        ],
    )?;
    let (complement, delete, squeeze) = (call.has(b'c') || call.has(b'C'), call.has(b'd'), call.has(b's'));
    let second_needed = if delete { squeeze } else { !squeeze };
    let (first, second) = match &call.operands[..] {
        [first] if !second_needed => (first, None),
        [first, second] if !delete || squeeze => (first, Some(second)),
        [] => return Err(Fail::Usage("a set is missing".to_owned())),
        [_] => return Err(Fail::Usage("a second set is missing".to_owned())),
        [_, extra, ..] if delete && !squeeze => {
            return Err(Fail::Usage(format!("-d without -s has only one set: '{}'", shown(extra))));
        }
        [_, _, extra, ..] => return Err(Fail::Usage(format!("there are too many sets: '{}'", shown(extra)))),
        _ => return Err(Fail::Usage("these sets do not go with these options".to_owned())),
    };
    let first = parse(first)?;
    let second = second.map(|set| parse(set)).transpose()?;
    if first.iter().any(|part| matches!(part, Part::Repeat(_, None))) {
        return Err(Fail::Usage("[c*] is for the second set only".to_owned()));
    }
    let members = Members::of(&first);
    let work = Work {
        delete,
        map: match &second {
            Some(second) if !delete => Some(mapping(&first, second, complement, call.has(b't'))?),
            _ => None,
        },
        squeezed: squeeze.then(|| match &second {
            Some(second) => (Members::of(second), false),
            None => (Members::of(&first), complement),
        }),
        members,
        complement,
    };
    work.run(io)
}

/// Which characters are in a set.
struct Members {
    ascii: [bool; 128],
    parts: Vec<(Unit, Unit)>,
    classes: Vec<Class>,
}

impl Members {
    fn of(set: &[Part]) -> Self {
        let mut members = Self { ascii: [false; 128], parts: Vec::new(), classes: Vec::new() };
        for part in set {
            match part {
                Part::Range(first, last) => members.parts.push((*first, *last)),
                Part::Class(class) => members.classes.push(*class),
                Part::Repeat(c, _) => members.parts.push((*c, *c)),
            }
        }
        for c in 0..128_u32 {
            members.ascii[c as usize] = members.lists(c);
        }
        members
    }

    fn has(&self, c: Unit) -> bool {
        if c < 128 { self.ascii[c as usize] } else { self.lists(c) }
    }

    fn lists(&self, c: Unit) -> bool {
        self.parts.iter().any(|(first, last)| (*first..=*last).contains(&c))
            || self.classes.iter().any(|class| class.has(c))
    }
}

/// What becomes of characters.
enum Map {
    Each(BTreeMap<Unit, Unit>),
    /// Of all that are in no set: the last of the second set.
    All(Unit),
}

fn mapping(first: &[Part], second: &[Part], complement: bool, truncate: bool) -> Result<Map, Fail> {
    let has_case = |set: &[Part]| {
        set.iter().any(|part| matches!(part, Part::Class(class) if !matches!(class, Class::Lower | Class::Upper)))
    };
    if has_case(second) {
        return Err(Fail::Usage("of classes, the second set can have [:lower:] and [:upper:] only".to_owned()));
    }
    let from = spelled_out(first, 0);
    let into = spelled_out(second, if complement { 0 } else { from.len() });
    let Some(last) = into.last().copied() else {
        return match truncate || from.is_empty() && !complement {
            true => Ok(Map::Each(BTreeMap::new())),
            false => Err(Fail::Usage("the second set is empty".to_owned())),
        };
    };
    if complement {
        return Ok(Map::All(last));
    }
    let pairs = from.iter().enumerate().take(if truncate { into.len() } else { usize::MAX });
    // Of a character that comes twice, the last place counts.
    Ok(Map::Each(pairs.map(|(place, c)| (*c, into.get(place).copied().unwrap_or(last))).collect()))
}

/// All characters of a set in order, of classes the ASCII ones; what may repeat fills up so many.
fn spelled_out(set: &[Part], wanted: usize) -> Vec<Unit> {
    let mut fixed = 0;
    for part in set {
        fixed += match part {
            Part::Range(first, last) => (last - first + 1) as usize,
            Part::Class(class) => (0..128).filter(|c| class.has(*c)).count(),
            Part::Repeat(_, count) => count.unwrap_or(0),
        };
    }
    let mut all = Vec::new();
    for part in set {
        match part {
            Part::Range(first, last) => all.extend(*first..=*last),
            Part::Class(class) => all.extend((0..128).filter(|c| class.has(*c))),
            Part::Repeat(c, count) => {
                all.extend(std::iter::repeat_n(*c, count.unwrap_or(wanted.saturating_sub(fixed))));
            }
        }
    }
    all
}

fn parse(set: &[u8]) -> Result<Vec<Part>, Fail> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < set.len() {
        let rest = &set[at..];
        if let Some((open, end)) = bracketed(rest) {
            let inside = &rest[2..end];
            at += end + 2;
            if open == b':' {
                let class = Class::named(inside);
                parts.push(Part::Class(class.ok_or_else(|| Fail::Usage(format!("no such class: '{}'", shown(inside))))?));
            } else {
                let (c, width) = if inside.is_empty() { (0, usize::MAX) } else { unit(inside, 0) };
                if width != inside.len() {
                    return Err(Fail::Usage(format!("[=c=] is for one character, not '{}'", shown(inside))));
                }
                parts.push(Part::Range(c, c));
            }
            continue;
        }
        if let Some((part, width)) = repeated(rest)? {
            parts.push(part);
            at += width;
            continue;
        }
        let first = character(set, &mut at);
        let mut last = first;
        if set.get(at) == Some(&b'-') && at + 1 < set.len() {
            at += 1;
            last = character(set, &mut at);
            if last < first {
                return Err(Fail::Usage(format!("a range that decreases: '{}'", shown(set))));
            }
        }
        parts.push(Part::Range(first, last));
    }
    Ok(parts)
}

/// Whether a class or `[=c=]` begins, and where its `:]` or `=]` is.
fn bracketed(rest: &[u8]) -> Option<(u8, usize)> {
    let open = *rest.get(1).filter(|open| rest[0] == b'[' && b":=".contains(open))?;
    let end = memchr::memmem::find(rest.get(2..)?, &[open, b']'])?;
    Some((open, end + 2))
}

/// Whether `[c*N]` begins, and how long it is.
fn repeated(rest: &[u8]) -> Result<Option<(Part, usize)>, Fail> {
    if rest[0] != b'[' || rest.len() < 4 {
        return Ok(None);
    }
    let mut at = 1;
    let c = character(rest, &mut at);
    if rest.get(at) != Some(&b'*') {
        return Ok(None);
    }
    let Some(end) = memchr::memchr(b']', &rest[at..]) else { return Ok(None) };
    let digits = &rest[at + 1..at + end];
    let radix = if digits.first() == Some(&b'0') { 8 } else { 10 };
    let count = match digits {
        b"" => None,
        digits => match std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text, radix).ok()) {
            Some(0) => None,
            Some(count) => Some(count.min(1 << 20)),
            None => return Ok(None),
        },
    };
    Ok(Some((Part::Repeat(c, count), at + end + 1)))
}

fn character(set: &[u8], at: &mut usize) -> Unit {
    let (c, width) = unit(set, *at);
    *at += width;
    if c != Unit::from(b'\\') || *at == set.len() {
        return c;
    }
    if let Some(byte) = digits(set, at, 8, 3) {
        return unit(&[byte], 0).0;
    }
    let (c, width) = unit(set, *at);
    *at += width;
    match u8::try_from(c) {
        Ok(b'a') => 7,
        Ok(b'b') => 8,
        Ok(b'f') => 12,
        Ok(b'n') => 10,
        Ok(b'r') => 13,
        Ok(b't') => 9,
        Ok(b'v') => 11,
        _ => c,
    }
}

struct Work {
    members: Members,
    complement: bool,
    delete: bool,
    map: Option<Map>,
    /// The characters that are squeezed, and whether it is all others instead.
    squeezed: Option<(Members, bool)>,
}

impl Work {
    fn run(&self, io: &mut Io) -> Result<u8, Fail> {
        let mut source = Source::standard();
        let mut piece = vec![0; 32 * 1024];
        let mut out = Vec::new();
        let mut held = 0;
        let mut last = None;
        loop {
            let read = match source.read(&mut piece[held..]) {
                Ok(read) => read,
                Err(cause) => {
                    io.complain_of(b"standard input", &cause);
                    return Ok(1);
                }
            };
            let text = &piece[..held + read];
            let mut at = 0;
            // A character has four bytes at the most.
            while at < text.len() && (read == 0 || text.len() - at >= 4 || text[at] < 0x80) {
                let (c, width) = unit(text, at);
                at += width;
                self.character(c, &mut out, &mut last);
            }
            io.write(&out)?;
            out.clear();
            if read == 0 {
                return Ok(0);
            }
            let end = text.len();
            piece.copy_within(at..end, 0);
            held = end - at;
        }
    }

    fn character(&self, c: Unit, out: &mut Vec<u8>, last: &mut Option<Unit>) {
        let mut c = c;
        let is_member = self.members.has(c) != self.complement;
        if self.delete && is_member {
            return;
        }
        match &self.map {
            Some(Map::Each(map)) => c = map.get(&c).copied().unwrap_or(c),
            Some(Map::All(into)) if is_member => c = *into,
            _ => {}
        }
        if let Some((squeezed, others)) = &self.squeezed {
            if *last == Some(c) && squeezed.has(c) != *others {
                return;
            }
            *last = Some(c);
        }
        push(out, c);
    }
}
