//! A handler as a plain program, for comparing results and times with those of the sandbox.

use crate::answered;
use crate::cases::{self, Case};
use std::fs;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::process::ExitCode;
use std::time::Instant;

const OPTIONS: &str = "\
Reads a step document on standard input and writes the result document to standard output.

Options:
  --lines          read a step document from each line, write a result document to each
  --answered       read an object with a step document and the answers that its requests get (handlers-wasm/README.md);
                   send none of them, and write an object with them and the result document
  --bench N        read step documents as --lines does; run each N times and write how long a run takes,
                   without the set-up that a module has in its snapshot
  --cases FILE…    run the cases of the files, prepared and not, and compare the results with the recorded ones
  --record FILE…   run the cases of the files and write the results into them
  --help           show this text";

/// Whether a configuration is worked in before the run, as it is where an image is kept, or in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// Before it.
    Before,
    /// In it.
    Within,
}

/// Works a configuration in.
pub type Prepare<P> = fn(Vec<u8>) -> Option<P>;
/// Runs one step: the bytes of the step document to those of the result document.
pub type Run<P> = fn(Option<&P>, &[u8]) -> Vec<u8>;

/// A handler and what its program needs to know of it.
pub struct Program<P> {
    /// The name of the handler.
    pub name: &'static str,
    /// Sets up what no step changes.
    pub set_up: fn(),
    /// Works a configuration in.
    pub prepare: Prepare<P>,
    /// Runs one step.
    pub run: Run<P>,
    /// Runs one case, with its configuration prepared or without; gives the result document. That is [`alone`], or what gives
    /// the handler whom to talk to.
    pub case: fn(&Case, Preparation, Prepare<P>, Run<P>) -> Vec<u8>,
}

/// Runs a case that needs nothing but the handler.
#[must_use]
pub fn alone<P>(case: &Case, preparation: Preparation, prepare: Prepare<P>, run: Run<P>) -> Vec<u8> {
    let prepared = match preparation {
        Preparation::Before => prepare(case.configuration()),
        Preparation::Within => None,
    };
    run(prepared.as_ref(), case.document().as_bytes())
}

impl<P> Program<P> {
    /// The `main` of the program.
    #[must_use]
    pub fn main(&self) -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let done = match words.as_slice() {
            [] => return wasm_broker_sdk::native::main(|document| (self.run)(None, document)),
            ["--help"] => writeln!(io::stdout(), "{}", self.usage()).map(|()| true),
            ["--lines"] => self.lines(),
            ["--answered"] => self.answered(),
            ["--bench", runs] => match runs.parse() {
                Ok(runs @ 1..) => self.bench(runs),
                _ => return self.misused(&format!("--bench: '{runs}' is not a number of runs")),
            },
            ["--cases", files @ ..] if !files.is_empty() => self.check(files),
            ["--record", files @ ..] if !files.is_empty() => self.record(files),
            _ => return self.misused("no such options"),
        };
        match done {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(cause) => {
                eprintln!("{}-native: {cause}", self.name);
                ExitCode::FAILURE
            }
        }
    }

    fn usage(&self) -> String {
        format!("Usage: {}-native [OPTION]\n\n{OPTIONS}", self.name)
    }

    fn misused(&self, problem: &str) -> ExitCode {
        eprintln!("{}-native: {problem}\n{}", self.name, self.usage());
        ExitCode::from(2)
    }

    fn lines(&self) -> io::Result<bool> {
        let mut stdout = BufWriter::new(io::stdout().lock());
        for line in io::stdin().lock().lines() {
            stdout.write_all(&(self.run)(None, line?.as_bytes()))?;
            stdout.write_all(b"\n")?;
        }
        stdout.flush()?;
        Ok(true)
    }

    fn answered(&self) -> io::Result<bool> {
        let mut run = Vec::new();
        io::stdin().lock().read_to_end(&mut run)?;
        let done = answered::run(&run, |document| (self.run)(None, document)).map_err(io::Error::other)?;
        writeln!(io::stdout(), "{done}").map(|()| true)
    }

    fn bench(&self, runs: usize) -> io::Result<bool> {
        (self.set_up)();
        for line in io::stdin().lock().lines() {
            let document = line?;
            let mut micros: Vec<f64> = Vec::with_capacity(runs);
            let mut result = Vec::new();
            for _ in 0..runs {
                let start = Instant::now();
                result = (self.run)(None, document.as_bytes());
                micros.push(start.elapsed().as_secs_f64() * 1e6);
            }
            micros.sort_by(f64::total_cmp);
            writeln!(
                io::stdout(),
                "{} bytes in, {} bytes out: min {:.1} µs, p50 {:.1} µs, p99 {:.1} µs",
                document.len(),
                result.len(),
                micros[0],
                micros[runs / 2],
                micros[runs * 99 / 100],
            )?;
        }
        Ok(true)
    }

    fn check(&self, files: &[&str]) -> io::Result<bool> {
        let (mut passed, mut failed) = (0, 0);
        for file in files {
            for case in read(file)? {
                let mut as_recorded = true;
                for preparation in [Preparation::Before, Preparation::Within] {
                    let result = cases::recorded((self.case)(&case, preparation, self.prepare, self.run));
                    if result != case.expect {
                        as_recorded = false;
                        let (name, expect) = (&case.name, &case.expect);
                        eprintln!("{file}: {name}, prepared {preparation:?}\n  expected {expect}\n  got      {result}");
                    }
                }
                if as_recorded {
                    passed += 1;
                } else {
                    failed += 1;
                }
            }
        }
        writeln!(io::stdout(), "{} cases: {passed} passed, {failed} failed", self.name)?;
        Ok(failed == 0)
    }

    fn record(&self, files: &[&str]) -> io::Result<bool> {
        for file in files {
            let mut cases = read(file)?;
            for case in &mut cases {
                case.expect = cases::recorded((self.case)(case, Preparation::Within, self.prepare, self.run));
            }
            fs::write(file, cases::write(&cases))?;
            eprintln!("{file}: {} cases recorded", cases.len());
        }
        Ok(true)
    }
}

fn read(file: &str) -> io::Result<Vec<Case>> {
    let text = fs::read(file).map_err(|cause| io::Error::other(format!("{file}: {cause}")))?;
    cases::read(&text).map_err(|cause| io::Error::other(format!("{file}: {cause}")))
}
