//! The kit's jq as a program, for comparing it with jq itself: reads lines of JSON, `{"filter": "…", "input": "…"}` with
//! the input's own text, and answers each with a line: `{"out": […]}` with the texts of all outputs, and with `err`, the
//! text of the error's value, if one ended the filter; or `{"compile": "…"}` with what is wrong with the filter.

use catalog_kit::filter::Prelude;
use catalog_kit::{Val, json};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// Outputs beyond these are not counted.
const MAX_OUTPUTS: usize = 10_000;
/// What a filter may need of the stack, which is the machine's here, and the module's there.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    let answers = std::thread::Builder::new().stack_size(STACK).spawn(answer_all);
    match answers.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(cause))) | Err(cause) => {
            eprintln!("jq-native: {cause}");
            ExitCode::FAILURE
        }
        Ok(Err(_)) => ExitCode::FAILURE,
    }
}

fn answer_all() -> io::Result<()> {
    let prelude = Prelude::new();
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let mut answer = answer(&prelude, &line?).map_err(io::Error::other)?;
        answer.push('\n');
        stdout.write_all(answer.as_bytes())?;
        stdout.flush()?;
    }
    Ok(())
}

fn answer(prelude: &Prelude, line: &str) -> Result<String, String> {
    let question = json::parse(line).map_err(|cause| cause.to_string())?;
    let filter = member(&question, "filter")?;
    let mut answer = String::from("{");
    match prelude.compile(filter) {
        Err(failure) => {
            let mut text = String::new();
            failure.write(&mut text);
            answer.push_str("\"compile\":");
            json::write_str(&mut answer, &text);
        }
        Ok(filter) => {
            let (values, error) = match json::parse(member(&question, "input")?) {
                Ok(input) => {
                    let outputs = filter.outputs(input, MAX_OUTPUTS);
                    (outputs.values, outputs.error)
                }
                Err(cause) => (Vec::new(), Some(Val::str(&cause.to_string()))),
            };
            answer.push_str("\"out\":[");
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    answer.push(',');
                }
                json::write_str(&mut answer, &json::to_string(value));
            }
            answer.push(']');
            if let Some(error) = error {
                answer.push_str(",\"err\":");
                json::write_str(&mut answer, &json::to_string(&error));
            }
        }
    }
    answer.push('}');
    Ok(answer)
}

fn member<'a>(question: &'a Val, name: &str) -> Result<&'a str, String> {
    match question {
        Val::Obj(members) => match members.get(name) {
            Some(Val::Str(text)) => Ok(text),
            _ => Err(format!("the line has no string '{name}'")),
        },
        _ => Err("the line is not an object".to_owned()),
    }
}
