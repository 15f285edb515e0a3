//! `ls`: what is in directories.

use crate::io::{self, Io};
use crate::options::{self, flag};
use crate::{Command, Fail};
use std::cmp::Ordering;
use std::fs::{self, Metadata};
use std::time::{SystemTime, UNIX_EPOCH};

const HELP: &str = "\
Usage: ls [OPTION]... [FILE]...
Lists the files, and what is in the directories; without FILE what is in the working directory. One name a line, in the
order of their bytes.

  -1               ignored: it is always so
  -a, --all        also names that begin with a dot, with . and ..
  -A, --almost-all the same without . and ..
  -d, --directory  directories themselves, and not what is in them
  -F, --classify   a / behind the names of directories
  -h, --human-readable  sizes as 1.5K, 2.0M
  -l               with type (d or -), size in bytes and time of the last change (UTC)
  -p               as -F
  -r, --reverse    the other way round
  -R, --recursive  also what is in directories below
  -S               by size, the largest first
  -t               by time, the newest first
      --help       this text

There are no owners, permissions and links. Exit code: 0; 2 if something could not be read, or for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "ls", help: HELP, trouble: 2, run };

#[derive(Clone, Copy)]
struct Style {
    hidden: bool,
    dots: bool,
    themselves: bool,
    slash: bool,
    long: bool,
    human: bool,
    reverse: bool,
    recursive: bool,
    by_size: bool,
    by_time: bool,
}

struct Entry {
    name: Vec<u8>,
    data: Metadata,
}

impl Entry {
    fn time(&self) -> SystemTime {
        self.data.modified().unwrap_or(UNIX_EPOCH)
    }
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            flag(b'a', "all"),
            flag(b'A', "almost-all"),
            flag(b'd', "directory"),
            flag(b'F', "classify"),
            flag(b'h', "human-readable"),
            flag(b'l', ""),
            flag(b'p', ""),
            flag(b'r', "reverse"),
            flag(b'R', "recursive"),
            flag(b'S', ""),
            flag(b't', ""),
            flag(b'1', ""),
        ],
    )?;
    let order = call.options.iter().rev().find(|(letter, _)| *letter == b'S' || *letter == b't');
    let style = Style {
        hidden: call.has(b'a') || call.has(b'A'),
        dots: call.has(b'a'),
        themselves: call.has(b'd'),
        slash: call.has(b'F') || call.has(b'p'),
        long: call.has(b'l'),
        human: call.has(b'h'),
        reverse: call.has(b'r'),
        recursive: call.has(b'R') && !call.has(b'd'),
        by_size: order.is_some_and(|(letter, _)| *letter == b'S'),
        by_time: order.is_some_and(|(letter, _)| *letter == b't'),
    };
    let several = call.operands.len() > 1;
    let operands = if call.operands.is_empty() { vec![b".".to_vec()] } else { call.operands };
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    for name in operands {
        let data = match name.is_empty() {
            true => Err(std::io::ErrorKind::NotFound.into()),
            false => fs::metadata(io::path(&name)),
        };
        match data {
            Ok(data) if data.is_dir() && !style.themselves => directories.push(Entry { name, data }),
            Ok(data) => files.push(Entry { name, data }),
            Err(cause) => {
                io.failed = true;
                io.complain(&format!("cannot access '{}': {}", io::shown(&name), io::reason(&cause)));
            }
        }
    }
    sort(&mut files, style);
    sort(&mut directories, style);
    let mut gap = !files.is_empty();
    tell(io, &files, style)?;
    for directory in directories {
        let titled = several || style.recursive;
        // What is below a directory comes behind it, and before what comes next.
        let mut open = vec![directory.name];
        while let Some(name) = open.pop() {
            let below = list(io, &name, style, titled, &mut gap)?;
            open.extend(below.into_iter().rev());
        }
    }
    Ok(if io.failed { 2 } else { 0 })
}

fn sort(entries: &mut [Entry], style: Style) {
    entries.sort_by(|a, b| {
        let first = match (style.by_size, style.by_time) {
            (true, _) => b.data.len().cmp(&a.data.len()),
            (_, true) => b.time().cmp(&a.time()),
            _ => Ordering::Equal,
        };
        let order = first.then_with(|| a.name.cmp(&b.name));
        if style.reverse { order.reverse() } else { order }
    });
}

/// Lists a directory, with its name before it, and a line between it and what was listed before. Gives the directories below
/// that are to be listed.
fn list(io: &mut Io, name: &[u8], style: Style, titled: bool, gap: &mut bool) -> Result<Vec<Vec<u8>>, Fail> {
    let entries = match read(name, style) {
        Ok(entries) => entries,
        Err(cause) => {
            io.failed = true;
            io.complain(&format!("cannot open directory '{}': {}", io::shown(name), io::reason(&cause)));
            return Ok(Vec::new());
        }
    };
    if titled {
        if *gap {
            io.write(b"\n")?;
        }
        io.write(name)?;
        io.write(b":\n")?;
    }
    *gap = true;
    tell(io, &entries, style)?;
    let is_below = |entry: &&Entry| {
        style.recursive && entry.data.is_dir() && entry.name != b"." && entry.name != b".."
    };
    let separator: &[u8] = if name.ends_with(b"/") { b"" } else { b"/" };
    Ok(entries.iter().filter(is_below).map(|entry| [name, separator, &entry.name].concat()).collect())
}

fn read(name: &[u8], style: Style) -> std::io::Result<Vec<Entry>> {
    let path = io::path(name);
    let mut entries = Vec::new();
    for entry in fs::read_dir(&path)? {
        let entry = entry?;
        let name = io::bytes(&entry.file_name()).to_vec();
        if style.hidden || !name.starts_with(b".") {
            let data = fs::metadata(path.join(entry.file_name()))?;
            entries.push(Entry { name, data });
        }
    }
    if style.dots {
        for dots in [&b"."[..], b".."] {
            let data = fs::metadata(io::path(&[name, b"/", dots].concat()))?;
            entries.push(Entry { name: dots.to_vec(), data });
        }
    }
    sort(&mut entries, style);
    Ok(entries)
}

fn tell(io: &mut Io, entries: &[Entry], style: Style) -> Result<(), Fail> {
    let size = |entry: &Entry| match style.human {
        true => human(entry.data.len()),
        false => entry.data.len().to_string(),
    };
    let width = entries.iter().map(|entry| size(entry).len()).max().unwrap_or(0);
    for entry in entries {
        if style.long {
            let kind = if entry.data.is_dir() { 'd' } else { '-' };
            io.write(format!("{kind} {:>width$} {} ", size(entry), utc(entry.time())).as_bytes())?;
        }
        io.write(&entry.name)?;
        io.write(if style.slash && entry.data.is_dir() { b"/\n" } else { b"\n" })?;
    }
    Ok(())
}

/// A size in at most three digits, rounded up.
fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut size = bytes as f64;
    let mut unit = 'B';
    for next in "KMGTPE".chars() {
        size /= 1024.0;
        unit = next;
        if size < 1023.0 {
            break;
        }
    }
    let tenths = (size * 10.0).ceil() / 10.0;
    if tenths < 10.0 { format!("{tenths:.1}{unit}") } else { format!("{}{unit}", size.ceil()) }
}

/// `2026-11-30 21:05:00`
fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the day that some have more is the last one; an era has 400 years.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + later;
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day_of_month:02} {hours:02}:{minutes:02}:{seconds:02}")
}

#[cfg(test)]
mod tests {
    use super::{human, utc};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn times_are_told_in_utc() {
        let at = |seconds| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01 00:00:00");
        assert_eq!(at(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(at(1_795_989_845), "2026-11-29 22:04:05");
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(human(1023), "1023");
        assert_eq!(human(1536), "1.5K");
        assert_eq!(human(10_241), "11K");
        assert_eq!(human(2 << 20), "2.0M");
    }
}
