//! `grep`: lines that match a pattern.

use crate::io::{self, Io, Lines, shown};
use crate::options::{self, Call, Known, Value, flag, plain_number, valued};
use crate::regex::{Match, Options, Regex};
use crate::{Command, Fail};
use std::collections::VecDeque;
use std::fs;

const HELP: &str = "\
Usage: grep [OPTION]... PATTERN [FILE]...
       grep [OPTION]... -e PATTERN|-f FILE... [FILE]...
Writes the lines that match a pattern. Without FILE, or when it is -, standard input; with -r the working directory.

  -E, --extended-regexp      patterns are extended regular expressions
  -F, --fixed-strings        patterns are texts
  -G, --basic-regexp         patterns are basic regular expressions (default)
  -e, --regexp PATTERN       a pattern; several may be given, in lines or by several options
  -f, --file FILE            patterns, one a line
  -i, -y, --ignore-case      small letters and capitals are the same
      --no-ignore-case       they are not (default)
  -v, --invert-match         lines that do not match
  -w, --word-regexp          matches are whole words
  -x, --line-regexp          matches are whole lines

  -b, --byte-offset          before each line or match, its place in bytes, from 0
  -c, --count                only how many lines
  -h, --no-filename          never the names of the files
  -H, --with-filename        always the names of the files
  -l, --files-with-matches   only the names of files with such lines
  -L, --files-without-match  only the names of files without
  -m, --max-count N          stop after N lines of a file
  -n, --line-number          before each line, its number
  -o, --only-matching        only the matches, one a line
  -q, --quiet, --silent      nothing; stop at the first
  -s, --no-messages          no messages about files that cannot be read
  -Z, --null                 a zero byte behind names of files
  -z, --null-data            lines end with a zero byte

  -A, --after-context N      N lines after
  -B, --before-context N     N lines before
  -C, -N, --context N        N lines before and after
      --group-separator=TEXT between groups of lines with context (default --)
      --no-group-separator   nothing between them

  -r, -R, --recursive        all files in directories
      --include GLOB, --exclude GLOB, --exclude-dir GLOB
                             of them, those whose names match, or do not; with * ? [...]
  -a, -I, -U, --text, --binary, --line-buffered, --color[=WHEN]
                             ignored: all files are taken for text, and nothing is coloured
      --help                 this text

Exit code: 0 if there was such a line; 1 if there was none; 2 if a file could not be read (unless -q found a line), or for
wrong options or patterns.
";

/// The command.
pub const COMMAND: Command = Command { name: "grep", help: HELP, trouble: 2, run };

const KNOWN: [Known; 48] = [
    valued(b'A', "after-context"),
    flag(b'a', "text"),
    valued(b'B', "before-context"),
    flag(b'b', "byte-offset"),
    valued(b'C', "context"),
    plain_number(b'C'),
    flag(b'c', "count"),
    flag(b'E', "extended-regexp"),
    valued(b'e', "regexp"),
    flag(b'F', "fixed-strings"),
    valued(b'f', "file"),
    flag(b'G', "basic-regexp"),
    flag(b'H', "with-filename"),
    flag(b'h', "no-filename"),
    flag(b'I', ""),
    flag(b'i', "ignore-case"),
    flag(b'y', ""),
    flag(b'1', "no-ignore-case"),
    flag(b'L', "files-without-match"),
    flag(b'l', "files-with-matches"),
    valued(b'm', "max-count"),
    flag(b'n', "line-number"),
    flag(b'o', "only-matching"),
    flag(b'q', "quiet"),
    flag(b'q', "silent"),
    flag(b'R', "dereference-recursive"),
    flag(b'r', "recursive"),
    flag(b's', "no-messages"),
    flag(b'U', "binary"),
    flag(b'v', "invert-match"),
    flag(b'w', "word-regexp"),
    flag(b'x', "line-regexp"),
    flag(b'Z', "null"),
    flag(b'z', "null-data"),
    valued(b'2', "include"),
    valued(b'3', "exclude"),
    valued(b'4', "exclude-dir"),
    valued(b'5', "group-separator"),
    flag(b'6', "no-group-separator"),
    flag(b'7', "line-buffered"),
    Known { letter: b'7', long: "color", value: Value::Optional },
    Known { letter: b'7', long: "colour", value: Value::Optional },
    // Old names.
    valued(b'e', "pattern"),
    flag(b'h', "no-filenames"),
    flag(b'l', "files-with-match"),
    flag(b'L', "files-without-matches"),
    flag(b'v', "invert"),
    flag(b'x', "line"),
];

struct Grep {
    patterns: Vec<Regex>,
    invert: bool,
    only: bool,
    count: bool,
    /// Only names of files: those with lines (true) or without.
    listed: Option<bool>,
    quiet: bool,
    silent: bool,
    most: usize,
    named: bool,
    numbers: bool,
    offsets: bool,
    before: usize,
    after: usize,
    separator: Option<Vec<u8>>,
    end: u8,
    name_end: Option<u8>,
    /// Something of a group was written.
    is_later_group: bool,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let mut call = options::read(arguments, &KNOWN)?;
    let texts = patterns(&mut call)?;
    let recursive = call.has(b'r') || call.has(b'R');
    if call.operands.is_empty() {
        call.operands.push(if recursive { b".".to_vec() } else { b"-".to_vec() });
    }
    let named = call.options.iter().rev().find(|(letter, _)| *letter == b'h' || *letter == b'H');
    let number = |letter: u8, otherwise: usize| {
        call.value(letter).map_or(Ok(otherwise), |value| options::number(value, "number of lines"))
    };
    let context = number(b'C', 0)?;
    let mut grep = Grep {
        patterns: compile(&texts, &call)?,
        invert: call.has(b'v'),
        only: call.has(b'o'),
        count: call.has(b'c'),
        listed: match (call.has(b'l'), call.has(b'L')) {
            (_, true) => Some(false),
            (true, false) => Some(true),
            (false, false) => None,
        },
        quiet: call.has(b'q'),
        silent: call.has(b's'),
        most: number(b'm', usize::MAX)?,
        named: named.map_or(call.operands.len() > 1 || recursive, |(letter, _)| *letter == b'H'),
        numbers: call.has(b'n'),
        offsets: call.has(b'b'),
        before: number(b'B', context)?,
        after: number(b'A', context)?,
        separator: (!call.has(b'6')).then(|| call.value(b'5').unwrap_or(b"--").to_vec()),
        end: if call.has(b'z') { 0 } else { b'\n' },
        name_end: call.has(b'Z').then_some(0),
        is_later_group: false,
    };
    let mut found = false;
    let mut files = Vec::new();
    for name in &call.operands {
        if recursive && name != b"-" {
            grep.walk(io, name, &call, &mut files);
        } else {
            files.push(name.clone());
        }
    }
    for name in files {
        match grep.file(io, &name) {
            Ok(selected) => found |= selected,
            Err(Trouble::File(cause)) => grep.trouble(io, &name, &cause),
            Err(Trouble::Fail(fail)) => return Err(fail),
        }
        if found && grep.quiet {
            return Ok(0);
        }
    }
    Ok(match (io.failed, found) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 1,
    })
}

/// The texts of all patterns; one is taken from the operands if no option has any.
fn patterns(call: &mut Call) -> Result<Vec<Vec<u8>>, Fail> {
    let mut texts = Vec::new();
    for (letter, value) in &call.options {
        match letter {
            b'e' => texts.extend(value.split(|byte| *byte == b'\n').map(<[u8]>::to_vec)),
            b'f' => {
                let read = io::open(value).and_then(|mut source| source.read_all());
                let read =
                    read.map_err(|cause| Fail::Trouble(format!("{}: {}", shown(value), io::reason(&cause))))?;
                let lines = read.strip_suffix(b"\n").unwrap_or(&read);
                if !read.is_empty() {
                    texts.extend(lines.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
                }
            }
            _ => {}
        }
    }
    if !call.has(b'e') && !call.has(b'f') {
        if call.operands.is_empty() {
            return Err(Fail::Usage("a pattern is missing".to_owned()));
        }
        let pattern = call.operands.remove(0);
        texts = pattern.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    }
    Ok(texts)
}

fn compile(texts: &[Vec<u8>], call: &Call) -> Result<Vec<Regex>, Fail> {
    let kind = call.options.iter().rev().find(|(letter, _)| b"EFG".contains(letter)).map(|(letter, _)| *letter);
    let case = call.options.iter().rev().find(|(letter, _)| b"iy1".contains(letter)).map(|(letter, _)| *letter);
    let options = Options {
        extended: kind == Some(b'E'),
        ignore_case: matches!(case, Some(b'i' | b'y')),
        word: call.has(b'w'),
        whole: call.has(b'x'),
        ..Options::default()
    };
    let compiled = texts.iter().map(|text| match kind {
        Some(b'F') => Regex::literal(text, options),
        _ => Regex::new(text, options),
    });
    compiled.collect::<Result<_, _>>().map_err(Fail::Trouble)
}

enum Trouble {
    File(std::io::Error),
    Fail(Fail),
}

impl From<Fail> for Trouble {
    fn from(fail: Fail) -> Self {
        Self::Fail(fail)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(cause: std::io::Error) -> Self {
        Self::File(cause)
    }
}

/// A line, its number, and its place in the file.
struct Held {
    text: Vec<u8>,
    number: usize,
    offset: usize,
}

impl Grep {
    fn trouble(&self, io: &mut Io, name: &[u8], cause: &std::io::Error) {
        io.failed = true;
        if !self.silent {
            io.complain_of(name, cause);
        }
    }

    /// Collects the files of a directory, in the order of their names.
    fn walk(&self, io: &mut Io, operand: &[u8], call: &Call, files: &mut Vec<Vec<u8>>) {
        // Of the working directory, names are told without `./` if it was not asked for.
        let is_unnamed = operand == b"." && call.operands.len() == 1;
        let mut open = vec![operand.to_vec()];
        while let Some(name) = open.pop() {
            let is_operand = name == operand;
            let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let globs = |letter: u8| call.options.iter().filter(move |(found, _)| *found == letter);
            let any = |letter: u8| globs(letter).any(|(_, glob)| matches_glob(glob, last));
            let path = io::path(&name);
            if !fs::metadata(&path).is_ok_and(|data| data.is_dir()) {
                let is_included = globs(b'2').next().is_none() || any(b'2');
                if is_operand || is_included && !any(b'3') {
                    files.push(name);
                }
                continue;
            }
            if !is_operand && any(b'4') {
                continue;
            }
            let entries = fs::read_dir(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let entries = match entries {
                Ok(entries) => entries,
                Err(cause) => {
                    self.trouble(io, &name, &cause);
                    continue;
                }
            };
            let mut names: Vec<Vec<u8>> = entries.iter().map(|entry| io::bytes(&entry.file_name()).to_vec()).collect();
            names.sort_unstable();
            for entry in names.into_iter().rev() {
                open.push(match is_operand && is_unnamed {
                    true => entry,
                    false => [name.strip_suffix(b"/").unwrap_or(&name), b"/", &entry[..]].concat(),
                });
            }
        }
    }

    /// The first match in a line, from a place on.
    fn find(&self, line: &[u8], from: usize) -> Result<Option<Match>, Fail> {
        let mut best: Option<Match> = None;
        for pattern in &self.patterns {
            if let Some(found) = pattern.find(line, from).map_err(Fail::Trouble)? {
                let is_better = |best: &Match| (found.start, best.end) < (best.start, found.end);
                if best.as_ref().is_none_or(is_better) {
                    best = Some(found);
                }
            }
        }
        Ok(best)
    }

    fn selects(&self, line: &[u8]) -> Result<bool, Fail> {
        for pattern in &self.patterns {
            if pattern.is_match(line).map_err(Fail::Trouble)? {
                return Ok(!self.invert);
            }
        }
        Ok(self.invert)
    }

    /// Tells whether there was a line.
    fn file(&mut self, io: &mut Io, name: &[u8]) -> Result<bool, Trouble> {
        let mut lines = Lines::new(io::open(name)?, self.end);
        let name: &[u8] = if name == b"-" { b"(standard input)" } else { name };
        let is_short = self.quiet || self.listed.is_some();
        let writes = !is_short && !self.count;
        let (mut selected, mut number, mut offset) = (0, 0, 0);
        let mut before: VecDeque<Held> = VecDeque::new();
        let mut after = 0;
        // The number of the last line that was written.
        let mut written = 0;
        while selected < self.most || after > 0 {
            let Some(line) = lines.next()? else { break };
            number += 1;
            let at = offset;
            offset += line.text.len() + usize::from(line.is_ended);
            if selected < self.most && self.selects(line.text)? {
                selected += 1;
                if is_short {
                    break;
                }
                if !writes {
                    continue;
                }
                let first = before.front().map_or(number, |held| held.number);
                if (self.before > 0 || self.after > 0) && !self.only {
                    if self.is_later_group && (written == 0 || first > written + 1) {
                        if let Some(separator) = &self.separator {
                            io.line(separator, b'\n')?;
                        }
                    }
                    self.is_later_group = true;
                    for held in before.drain(..) {
                        self.tell(io, name, &held.text, held.number, held.offset, b'-')?;
                    }
                }
                if self.only {
                    self.matches(io, name, line.text, number, at)?;
                } else {
                    self.tell(io, name, line.text, number, at, b':')?;
                }
                written = number;
                after = self.after;
            } else if writes && after > 0 {
                // Behind the last line that counts, the next one ends what is shown.
                if selected == self.most && self.selects(line.text)? {
                    break;
                }
                after -= 1;
                if !self.only {
                    self.tell(io, name, line.text, number, at, b'-')?;
                }
                written = number;
            } else if writes && self.before > 0 {
                if before.len() == self.before {
                    before.pop_front();
                }
                before.push_back(Held { text: line.text.to_vec(), number, offset: at });
            }
        }
        if !self.quiet {
            if let Some(with) = self.listed {
                if with == (selected > 0) {
                    io.line(name, self.name_end.unwrap_or(b'\n'))?;
                }
            } else if self.count {
                self.head(io, name, None, None, b':')?;
                io.line(selected.to_string().as_bytes(), b'\n')?;
            }
        }
        Ok(match self.listed {
            Some(false) => selected == 0,
            _ => selected > 0,
        })
    }

    /// What stands before a line.
    fn head(
        &self,
        io: &mut Io,
        name: &[u8],
        number: Option<usize>,
        offset: Option<usize>,
        separator: u8,
    ) -> Result<(), Fail> {
        if self.named {
            io.line(name, self.name_end.unwrap_or(separator))?;
        }
        if let Some(number) = number.filter(|_| self.numbers) {
            io.line(number.to_string().as_bytes(), separator)?;
        }
        if let Some(offset) = offset.filter(|_| self.offsets) {
            io.line(offset.to_string().as_bytes(), separator)?;
        }
        Ok(())
    }

    fn tell(&self, io: &mut Io, name: &[u8], text: &[u8], number: usize, at: usize, mark: u8) -> Result<(), Fail> {
        self.head(io, name, Some(number), Some(at), mark)?;
        io.line(text, self.end)
    }

    /// Writes the matches of a line that are not empty.
    fn matches(&self, io: &mut Io, name: &[u8], text: &[u8], number: usize, at: usize) -> Result<(), Fail> {
        if self.invert {
            return Ok(());
        }
        let mut from = 0;
        while let Some(found) = self.find(text, from)? {
            if found.start < found.end {
                self.tell(io, name, &text[found.start..found.end], number, at + found.start, b':')?;
                from = found.end;
            } else if found.end < text.len() {
                from = found.end + crate::regex::unit(text, found.end).1;
            } else {
                break;
            }
        }
        Ok(())
    }
}

/// Whether a name matches a glob, with `*`, `?` and `[…]`.
fn matches_glob(glob: &[u8], name: &[u8]) -> bool {
    let mut pattern = Vec::new();
    let mut at = 0;
    while at < glob.len() {
        let c = glob[at];
        at += 1;
        match c {
            b'*' => pattern.extend_from_slice(b".*"),
            b'?' => pattern.push(b'.'),
            b'[' => {
                let end = glob[at..].iter().skip(1).position(|c| *c == b']').map(|end| at + end + 1);
                match end {
                    Some(end) => {
                        pattern.push(b'[');
                        let inside = &glob[at..end];
                        match inside.strip_prefix(b"!") {
                            Some(rest) => pattern.extend_from_slice(&[b"^", rest].concat()),
                            None => pattern.extend_from_slice(inside),
                        }
                        pattern.push(b']');
                        at = end + 1;
                    }
                    None => pattern.extend_from_slice(b"\\["),
                }
            }
            b'\\' if at < glob.len() => {
                pattern.extend_from_slice(&[b'\\', glob[at]]);
                at += 1;
            }
            c if b".+(){}|^$".contains(&c) => pattern.extend_from_slice(&[b'\\', c]),
            c => pattern.push(c),
        }
    }
    let options = Options { extended: true, whole: true, ..Options::default() };
    Regex::new(&pattern, options).is_ok_and(|regex| regex.is_match(name).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::matches_glob;

    #[test]
    fn names_are_matched_by_globs() {
        assert!(matches_glob(b"*.rs", b"main.rs"));
        assert!(!matches_glob(b"*.rs", b"main.rst"));
        assert!(matches_glob(b"a?[0-9]", b"ab1"));
        assert!(matches_glob(b"[!a]*", b"b"));
        assert!(!matches_glob(b"[!a]*", b"a"));
        assert!(matches_glob(b"a+b", b"a+b"));
    }
}
