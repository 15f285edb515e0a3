//! The schema of the configuration that results must satisfy.

use crate::failure::Failure;
use crate::map::Map;
use crate::schema::{self, Place, Schema, ViolationOptions};
use crate::value::Val;

const PLACE: Place = Place {
    pointer: "/config/output",
    error_type: "output_schema_invalid",
};
const TELLING: ViolationOptions = ViolationOptions {
    limit: 10,
    values: true,
};

/// The schema of a configuration, if it has one.
///
/// # Errors
///
/// `invalid_config` when it is nothing that could be one.
pub fn of(config: &Map) -> Result<Option<&Val>, Failure> {
    config.contains_key("output").then(|| schema::of(config, "output")).transpose()
}

/// Looks the schema of a configuration over.
///
/// # Errors
///
/// `output_schema_invalid`
pub fn prepare(schema: &Val) -> Result<Schema<'_>, Failure> {
    Schema::prepare(schema, PLACE)
}

/// Looks the schema of a configuration over and keeps it as long as the instance lives.
///
/// # Errors
///
/// `output_schema_invalid`
pub fn kept(schema: &Val) -> Result<Schema<'static>, Failure> {
    Schema::kept(schema.clone(), PLACE)
}

/// Checks a result against it.
///
/// # Errors
///
/// `output_schema_violation`
pub fn check(schema: &Schema<'_>, result: &Val) -> Result<(), Failure> {
    let violations = schema.violations(result, TELLING)?;
    if violations.is_empty() {
        return Ok(());
    }
    let message = format!("the result does not satisfy the schema: {}", schema::listed(&violations));
    let violations = schema::as_values(violations);
    Err(Failure::new("output_schema_violation", message).with("violations", violations))
}
