//! The handler as a plain program, for comparing results and times with those of the sandbox.

use std::fs;
use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;
use std::time::Instant;
use transform::cases::{self, Case};
use transform::transform;

const USAGE: &str = "\
Usage: transform-native [OPTION]

Reads a step document on standard input and writes the result document to standard output.

Options:
  --lines          read a step document from each line, write a result document to each
  --bench N        read step documents as --lines does; run each N times and write how long a run takes,
                   without the set-up that a module has in its snapshot
  --cases FILE…    run the cases of the files and compare the results with the recorded ones
  --record FILE…   run the cases of the files and write the results into them
  --help           show this text";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => return wasm_broker_sdk::native::main(transform),
        ["--help"] => writeln!(io::stdout(), "{USAGE}").map(|()| true),
        ["--lines"] => lines(),
        ["--bench", runs] => match runs.parse() {
            Ok(runs @ 1..) => bench(runs),
            _ => return usage(&format!("--bench: '{runs}' is not a number of runs")),
        },
        ["--cases", files @ ..] if !files.is_empty() => check(files),
        ["--record", files @ ..] if !files.is_empty() => record(files),
        _ => return usage("no such options"),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(cause) => {
            eprintln!("transform-native: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("transform-native: {problem}\n{USAGE}");
    ExitCode::from(2)
}

fn lines() -> io::Result<bool> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        stdout.write_all(&transform(line?.as_bytes()))?;
        stdout.write_all(b"\n")?;
    }
    stdout.flush()?;
    Ok(true)
}

fn bench(runs: usize) -> io::Result<bool> {
    transform::set_up();
    for line in io::stdin().lock().lines() {
        let document = line?;
        let mut micros: Vec<f64> = Vec::with_capacity(runs);
        let mut result = Vec::new();
        for _ in 0..runs {
            let start = Instant::now();
            result = transform(document.as_bytes());
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

fn check(files: &[&str]) -> io::Result<bool> {
    let (mut passed, mut failed) = (0, 0);
    for file in files {
        for case in read(file)? {
            let result = case.run();
            if result == case.expect {
                passed += 1;
            } else {
                failed += 1;
                eprintln!("{file}: {}\n  expected {}\n  got      {result}", case.name, case.expect);
            }
        }
    }
    writeln!(io::stdout(), "transform cases: {passed} passed, {failed} failed")?;
    Ok(failed == 0)
}

fn record(files: &[&str]) -> io::Result<bool> {
    for file in files {
        let mut cases = read(file)?;
        for case in &mut cases {
            case.expect = case.run();
        }
        fs::write(file, cases::write(&cases))?;
        eprintln!("{file}: {} cases recorded", cases.len());
    }
    Ok(true)
}

fn read(file: &str) -> io::Result<Vec<Case>> {
    let text = fs::read(file).map_err(|cause| io::Error::other(format!("{file}: {cause}")))?;
    cases::read(&text).map_err(|cause| io::Error::other(format!("{file}: {cause}")))
}
