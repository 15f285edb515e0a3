//! A handler that knows nothing of the broker: a plain program of the standard library, compiled for `wasm32-wasip1`.
//!
//! The step document comes on standard input, the result document goes to standard output, and what is written to
//! standard error becomes log lines. The program touches every part of the WASI subset that the broker serves and
//! reports what it saw; a part that does not behave makes it fail with exit code 1.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const NAP: Duration = Duration::from_millis(2);

fn main() -> ExitCode {
    match run() {
        Ok(result) => {
            let mut stdout = io::stdout().lock();
            let written = stdout
                .write_all(result.as_bytes())
                .and_then(|()| stdout.flush());
            match written {
                Ok(()) => ExitCode::SUCCESS,
                Err(cause) => fail(&format!("the result could not be written: {cause}")),
            }
        }
        Err(reason) => fail(&reason),
    }
}

fn fail(reason: &str) -> ExitCode {
    eprintln!("wasi-command: {reason}");
    ExitCode::FAILURE
}

fn run() -> Result<String, String> {
    let mut input = Vec::new();
    io::stdin()
        .read_to_end(&mut input)
        .map_err(|cause| format!("the step document could not be read: {cause}"))?;
    eprintln!("wasi-command: read {} bytes", input.len());

    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| "the wall clock is before 1970".to_owned())?;

    let before = Instant::now();
    std::thread::sleep(NAP);
    let slept = before.elapsed();
    if slept < NAP {
        return Err(format!("a sleep of {NAP:?} took only {slept:?}"));
    }

    // A HashMap asks the host for random bytes: two maps with the same keys have their own order each.
    let mut words: HashMap<&[u8], u32> = HashMap::new();
    for word in input.split(|byte| !byte.is_ascii_alphanumeric()) {
        if !word.is_empty() {
            *words.entry(word).or_default() += 1;
        }
    }

    if std::env::args_os().len() > 1 || std::env::vars_os().next().is_some() {
        return Err("arguments and environment must be empty".to_owned());
    }
    if std::fs::read("/etc/passwd").is_ok() {
        return Err("a file could be opened".to_owned());
    }

    Ok(format!(
        r#"{{"status":"completed","result":{{"bytes":{},"words":{},"distinct_words":{},"after_2020":{},"slept":true}}}}"#,
        input.len(),
        words.values().sum::<u32>(),
        words.len(),
        wall.as_secs() > 1_577_836_800,
    ))
}
