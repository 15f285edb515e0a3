//! The handler as a plain program.

use catalog_kit::filter;
use catalog_kit::http::script;
use catalog_kit::program::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "http_request",
        set_up: filter::set_up,
        prepare: http_request::prepare,
        run: http_request::run,
        case: script::run,
    }
    .main()
}
