use crate::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One unit of work, as the broker hands it over.
///
/// The parts whose shape the handler or the user decides stay text until they are asked for.
#[derive(Debug, Deserialize)]
pub struct Step<'a> {
    /// Ids, names, attempt and deadline.
    #[serde(borrow)]
    pub step: StepInfo<'a>,
    /// The task that the step belongs to.
    #[serde(borrow, default)]
    pub task: TaskInfo<'a>,
    #[serde(borrow, default)]
    config: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
    #[serde(borrow, default)]
    deps: BTreeMap<Cow<'a, str>, &'a RawValue>,
    #[serde(borrow, default)]
    prev: Option<&'a RawValue>,
    #[serde(borrow, default)]
    checkpoint: Option<&'a RawValue>,
}

/// What the broker knows of a step. A part that a protocol does not have is empty or zero.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StepInfo<'a> {
    /// Which step.
    #[serde(borrow)]
    pub step_uuid: Cow<'a, str>,
    /// Which task it belongs to.
    #[serde(borrow)]
    pub task_uuid: Cow<'a, str>,
    /// What ties it to the request that caused it.
    #[serde(borrow)]
    pub correlation_id: Cow<'a, str>,
    /// Its name in the task.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// The handler that it asks for.
    #[serde(borrow)]
    pub handler: Cow<'a, str>,
    /// Which attempt this is; the first one is 1.
    pub attempt: u32,
    /// How many attempts there are.
    pub max_attempts: u32,
    /// How long this run may take, in milliseconds.
    pub deadline_ms: u64,
}

/// The task of a step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TaskInfo<'a> {
    /// Its name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// The namespace of its name.
    #[serde(borrow)]
    pub namespace: Cow<'a, str>,
    /// The version of its template.
    #[serde(borrow)]
    pub version: Cow<'a, str>,
}

/// The configuration of a handler.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a>(&'a str);

impl<'a> Config<'a> {
    /// Takes a text for a configuration.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_config` when it is not JSON.
    pub fn parse(text: &'a [u8]) -> Result<Self, Failure> {
        serde_json::from_slice::<&RawValue>(text)
            .map(|config| Self(config.get()))
            .map_err(|cause| Failure::permanent("invalid_config", format!("config: {cause}")))
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_config` when it is not what `T` wants.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        read(self.0, "config", "invalid_config")
    }
}

impl<'a> Step<'a> {
    /// The configuration of the handler for this step, as [`PreparedHandler`](crate::PreparedHandler) wants it: an empty
    /// object if there is none.
    #[must_use]
    pub fn configuration(&self) -> Config<'a> {
        Config(self.config.map_or("{}", RawValue::get))
    }

    /// Reads a step document.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_step_document` that names line and column.
    pub fn parse(document: &'a [u8]) -> Result<Self, Failure> {
        serde_json::from_slice(document).map_err(|cause| {
            Failure::permanent("invalid_step_document", format!("step document: {cause}"))
        })
    }

    /// The configuration of the handler for this step.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_config` when it is not what `T` wants.
    pub fn config<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        part(self.config, "config", "invalid_config")
    }

    /// The input of the task.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_input` when it is not what `T` wants.
    pub fn context<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        part(self.context, "context", "invalid_input")
    }

    /// The result of the step `name` that ran before this one, or none if there is no such step.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_input` when it is not what `T` wants.
    pub fn dependency<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
        match self.deps.get(name) {
            Some(value) => part(Some(value), &format!("deps.{name}"), "invalid_input").map(Some),
            None => Ok(None),
        }
    }

    /// The names of the steps whose results this step was given, in order of the alphabet.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.deps.keys().map(AsRef::as_ref)
    }

    /// The result of the step before this one in a chain; none when there is none.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_input` when it is not what `T` wants.
    pub fn previous<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        part(self.prev, "prev", "invalid_input")
    }

    /// The cursor and results that an earlier run of this step left with
    /// [`Success::checkpoint`](crate::Success::checkpoint); none on the first run.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_checkpoint` when it is not what `T` wants.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        part(self.checkpoint, "checkpoint", "invalid_checkpoint")
    }
}

fn part<T: DeserializeOwned>(
    value: Option<&RawValue>,
    name: &str,
    error: &'static str,
) -> Result<T, Failure> {
    read(value.map_or("null", RawValue::get), name, error)
}

fn read<T: DeserializeOwned>(text: &str, name: &str, error: &'static str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|cause| Failure::permanent(error, format!("{name}: {cause}")))
}

#[cfg(test)]
mod tests {
    use super::Step;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        page: u32,
    }

    const DOCUMENT: &[u8] = br#"{
        "step": {"step_uuid": "u", "name": "say \"hi\"", "attempt": 2, "deadline_ms": 500, "inputs": {}},
        "task": {"name": "t", "namespace": "n", "version": "1"},
        "config": {"page": 3}, "deps": {"b": {"page": 5}, "a": 1}, "prev": null, "unknown": 1}"#;

    #[test]
    fn parts_are_typed_when_asked_for() {
        let step = Step::parse(DOCUMENT).unwrap();
        assert_eq!(step.step.name, "say \"hi\"");
        assert_eq!(step.step.attempt, 2);
        assert_eq!(step.task.namespace, "n");
        assert_eq!(step.config::<Page>().unwrap(), Page { page: 3 });
        assert_eq!(step.dependency::<Page>("b").unwrap(), Some(Page { page: 5 }));
        assert_eq!(step.dependency::<Page>("c").unwrap(), None);
        assert_eq!(step.dependencies().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(step.previous::<Page>().unwrap(), None);
        assert_eq!(step.checkpoint::<Page>().unwrap(), None);
    }

    #[test]
    fn a_wrong_part_fails_for_good_and_is_named() {
        let step = Step::parse(DOCUMENT).unwrap();
        let failure = step.dependency::<Page>("a").unwrap_err();
        assert_eq!(failure.error_type(), "invalid_input");
        assert!(!failure.is_retryable());
        assert!(failure.message().starts_with("deps.a: "), "{failure:?}");
    }

    #[test]
    fn a_document_that_is_no_step_is_a_failure() {
        let failure = Step::parse(b"{").unwrap_err();
        assert_eq!(failure.error_type(), "invalid_step_document");
        assert!(failure.message().contains("line 1 column 1"), "{failure:?}");
    }
}
