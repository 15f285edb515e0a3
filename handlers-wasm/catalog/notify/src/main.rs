//! The handler as a plain program.

use catalog_kit::filter;
use catalog_kit::http::script;
use catalog_kit::program::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "notify",
        set_up: filter::set_up,
        prepare: notify::prepare,
        run: notify::run,
        case: script::run,
    }
    .main()
}
