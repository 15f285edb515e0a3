//! The schema of the configuration that results must satisfy.

use catalog_kit::schema::{self, Place, Schema, ViolationOptions};
use catalog_kit::{Failure, Val};

const POINTER: Place = Place {
    pointer: "/config/output",
    error_type: "output_schema_invalid",
};
const TELLING: ViolationOptions = ViolationOptions {
    limit: 10,
    values: true,
};

/// Checks a result against the schema of a step's configuration.
pub fn check(schema: &Val, result: &Val) -> Result<(), Failure> {
    let violations = Schema::prepare(schema, POINTER)?.violations(result, TELLING)?;
    if violations.is_empty() {
        return Ok(());
    }
    let message = format!("the result does not satisfy the schema: {}", schema::listed(&violations));
    let violations = schema::as_values(violations);
    Err(Failure::new("output_schema_violation", message).with("violations", violations))
}
