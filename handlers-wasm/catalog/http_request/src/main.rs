//! The handler as a plain program.

use catalog_kit::program::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "http_request",
        run: http_request::http_request,
        set_up: http_request::set_up,
        case: http_request::cases::run,
    }
    .main()
}
