//! The handler as a plain program: the step document on standard input, the result document on standard output.
fn main() -> std::process::ExitCode {
    wasm_broker_sdk::native::main(transform::transform)
}
