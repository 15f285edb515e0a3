//! The command `jq`, as a module of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::main(commands::JQ)
}

#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn initialize_snapshot() {
    commands::set_up_jq();
}
