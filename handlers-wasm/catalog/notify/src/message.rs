//! What a step says: the configuration filled with its values.

use crate::config::{Channel, Config};
use crate::escape;
use catalog_kit::filter::Filter;
use catalog_kit::http::fields::append_values;
use catalog_kit::template::{self, Template};
use catalog_kit::{Failure, Map, Text, Val, json};

/// The parts of the step document that a filter sees.
const SEEN: [&str; 4] = ["context", "deps", "prev", "step"];
/// The host reads requests that are nested a hundred levels deep.
const MAX_DEPTH: usize = 90;
const MAX_THROTTLE_KEY: usize = 200;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

/// What a step says, before it is written as its channel wants it.
pub struct Message {
    /// The text, escaped for the channel.
    pub text: Option<String>,
    pub severity: Severity,
    pub throttle_key: Option<String>,
    pub recipients: Vec<Val>,
    /// What the configuration's filter made.
    pub body: Option<Val>,
    /// The step's id, if the document has one.
    pub step_uuid: Val,
}

impl Severity {
    const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The severity of a name.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|severity| severity.name() == name);
        found.ok_or_else(|| format!("expected one of {}, found {name:?}", Self::ALL.map(Self::name).join(", ")))
    }

    /// As it is configured.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// Whether somebody should look at it.
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::Warning | Self::Error | Self::Critical)
    }
}

impl Message {
    /// Fills a configuration.
    pub fn of(config: &Config, document: &Map) -> Result<Self, Failure> {
        let mut message = Self {
            text: config.template.as_ref().map(|text| filled_text(config, text, document)).transpose()?,
            severity: severity(&config.severity, document)?,
            throttle_key: config.throttle_key.as_ref().map(|key| throttle_key(key, document)).transpose()?,
            recipients: values(&config.recipients, document)?,
            body: None,
            step_uuid: step_uuid(document),
        };
        message.body = config.body.as_ref().map(|filter| message.made_by(filter, document)).transpose()?;
        Ok(message)
    }

    /// What a filter makes of the step document and of this.
    fn made_by(&self, filter: &Filter, document: &Map) -> Result<Val, Failure> {
        const POINTER: &str = "/config/body";
        let mut input = Map::with_capacity(8);
        let mut add = |key: &str, value| input.insert(Text::from(key), value);
        for part in SEEN {
            add(part, document.get(part).cloned().unwrap_or_default());
        }
        add("message", self.text.as_deref().map_or(Val::Null, Val::str));
        add("severity", Val::str(self.severity.name()));
        add("recipients", self.recipients.iter().cloned().collect());
        add("throttle_key", self.throttle_key.as_deref().map_or(Val::Null, Val::str));
        let made = filter.run(Val::obj(input)).map_err(|failure| failure.at(POINTER))?;
        if json::is_deeper_than(&made, MAX_DEPTH) {
            let message = format!("{POINTER}: the filter's result is nested deeper than {MAX_DEPTH} levels");
            return Err(Failure::new("invalid_value", message).at(POINTER));
        }
        template::check_value(&made, POINTER)?;
        Ok(made)
    }

    /// The members that a filter made, of which none is one that the channel writes itself.
    pub fn more(&self, own: &[&str]) -> Result<Map, Failure> {
        const POINTER: &str = "/config/body";
        let invalid = |problem: String| Failure::new("invalid_value", format!("{POINTER}: {problem}")).at(POINTER);
        match &self.body {
            None => Ok(Map::default()),
            Some(Val::Obj(members)) => match own.iter().find(|name| members.contains_key(name)) {
                Some(name) => Err(invalid(format!("the filter's result has the member {name}, which other keys of the configuration say"))),
                None => Ok((**members).clone()),
            },
            Some(other) => Err(invalid(format!("the filter's result must be an object, found {}", other.type_name()))),
        }
    }
}

/// The values of templates, each of which may stand for several.
pub fn values(templates: &[Template], document: &Map) -> Result<Vec<Val>, Failure> {
    let mut values = Vec::new();
    for template in templates {
        append_values(template, document, &mut values)?;
    }
    Ok(values)
}

/// A template's text in one line, as a header of an email has it.
pub fn line(template: &Template, document: &Map) -> Result<String, Failure> {
    let text = template.text(document, template::write_scalar)?;
    if text.contains(|c: char| c.is_control()) {
        return Err(refused(template, "must not contain control characters, such as line breaks"));
    }
    Ok(text)
}

/// The failure of a text that cannot stand where it is wanted.
pub fn refused(template: &Template, problem: &str) -> Failure {
    let pointer = &template.pointer;
    Failure::new("invalid_value", format!("{pointer}: {problem}")).at(pointer)
}

fn filled_text(config: &Config, template: &Template, document: &Map) -> Result<String, Failure> {
    let text = match config.channel {
        Channel::Slack(_) => template.text(document, escape::slack)?,
        Channel::Webhook(_) | Channel::Email(_) => template.text(document, template::write_any)?,
    };
    if text.trim().is_empty() {
        return Err(refused(template, "the text is empty"));
    }
    Ok(text)
}

fn severity(template: &Template, document: &Map) -> Result<Severity, Failure> {
    let name = template.text(document, template::write_scalar)?;
    Severity::named(&name).map_err(|problem| refused(template, &problem))
}

fn throttle_key(template: &Template, document: &Map) -> Result<String, Failure> {
    let key = template.text(document, template::write_scalar)?;
    let is_printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if key.trim().is_empty() || key.len() > MAX_THROTTLE_KEY || !is_printable {
        return Err(refused(template, &format!("must have 1 to {MAX_THROTTLE_KEY} printable ASCII characters")));
    }
    Ok(key)
}

fn step_uuid(document: &Map) -> Val {
    match document.get("step") {
        Some(Val::Obj(step)) => match step.get("step_uuid") {
            Some(uuid @ Val::Str(_)) => uuid.clone(),
            _ => Val::Null,
        },
        _ => Val::Null,
    }
}
