//! A run whose requests get answers that are given in advance, so that nothing is sent.
//!
//! An answer is an object. Of a response:
//!
//! | member | meaning |
//! |---|---|
//! | `head` | its head document, as guest ABI v1 describes it, in a string |
//! | `body` | the bytes of its body that arrive: a string, or parts as in the document of a case, and `{"base64": "…"}` for bytes; none if it is absent |
//! | `broken` | why no more of the body arrives, as of a request without a response; a complete body has none |
//!
//! and of a request without one:
//!
//! | member | meaning |
//! |---|---|
//! | `code` | the code that the call returns |
//! | `error` | the error document, in a string; none if it is absent |

use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use crate::{cases, json};
use wasm_broker_sdk::base64;
use wasm_broker_sdk::host::HostError;
use wasm_broker_sdk::native::{Answer, Refusal, Sent, with_answers};

/// Runs a handler on `{"document": …, "answers": […]}`; gives `{"requests": […], "result": …}`, the documents in strings.
///
/// # Errors
///
/// What is wrong with the text, or that a document of the handler's is not UTF-8.
pub fn run(text: &[u8], handler: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<String, String> {
    let Val::Obj(run) = json::parse_bytes(text).map_err(|cause| cause.to_string())? else {
        return Err("expected an object".to_owned());
    };
    let document = string(&run, "document").ok_or("document: expected a string")?;
    let answers = answers(run.get("answers").ok_or("answers: expected an array")?)?;
    let (result, sent) = with_answers(answers, || handler(document.as_bytes()));
    let result = String::from_utf8(result).map_err(|cause| format!("the result document: {cause}"))?;
    let members = [("requests", requests(&sent)?), ("result", result.into())];
    let members: Map = members.into_iter().map(|(name, value)| (Text::from(name), value)).collect();
    Ok(json::to_string(&Val::obj(members)))
}

/// Reads answers.
///
/// # Errors
///
/// What is wrong with them.
pub fn answers(answers: &Val) -> Result<Vec<Answer>, String> {
    let Val::Arr(answers) = answers else { return Err("expected an array of answers".to_owned()) };
    let answers = answers.iter().enumerate();
    answers.map(|(i, answer)| answer_of(answer).ok_or_else(|| format!("answer {i} is not an answer"))).collect()
}

fn answer_of(answer: &Val) -> Option<Answer> {
    let Val::Obj(members) = answer else { return None };
    let Some(head) = string(members, "head") else { return refusal(answer).map(Answer::Refused) };
    Some(Answer::Response {
        head: head.as_bytes().to_vec(),
        body: members.get("body").map_or_else(|| Some(Vec::new()), bytes)?,
        broken: match members.get("broken") {
            Some(broken) => Some(refusal(broken)?),
            None => None,
        },
    })
}

fn refusal(refusal: &Val) -> Option<Refusal> {
    let Val::Obj(members) = refusal else { return None };
    let Some(Val::Int(code)) = members.get("code") else { return None };
    Some(Refusal {
        code: HostError(i32::try_from(*code).ok().filter(|code| *code < 0)?),
        document: string(members, "error").map_or_else(Vec::new, |error| error.as_bytes().to_vec()),
    })
}

fn string<'a>(members: &'a Map, name: &str) -> Option<&'a str> {
    match members.get(name)? {
        Val::Str(text) => Some(text),
        _ => None,
    }
}

/// The documents of requests, in strings.
///
/// # Errors
///
/// Which of them is not UTF-8, or not all of the request.
pub fn requests(sent: &[Sent]) -> Result<Val, String> {
    let documents = sent.iter().enumerate().map(|(i, sent)| match std::str::from_utf8(&sent.document) {
        Ok(document) if sent.body.is_empty() => Ok(Val::str(document)),
        Ok(_) => Err(format!("request {i} has a body that was written in pieces")),
        Err(cause) => Err(format!("request {i}: {cause}")),
    });
    documents.collect()
}

/// Bytes: a string, parts as in the document of a case, or `{"base64": "…"}`, which may also be such a part.
#[must_use]
pub fn bytes(of: &Val) -> Option<Vec<u8>> {
    match of {
        Val::Arr(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(part).collect();
            parts.map(|parts| parts.concat())
        }
        one => part(one),
    }
}

fn part(part: &Val) -> Option<Vec<u8>> {
    if let Val::Obj(members) = part {
        if let Some(text) = string(members, "base64") {
            return base64::decode(text);
        }
    }
    cases::expand(&[part.clone()].into_iter().collect()).map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::{answers, bytes, run};
    use crate::json;
    use wasm_broker_sdk::host;

    #[test]
    fn a_run_gets_its_answers_and_shows_its_requests() {
        let text = r##"{"document": "the document", "answers": [
            {"head": "{}", "body": ["a", {"repeat": "#", "times": 2}, {"base64": "/w=="}], "broken": {"code": -8, "error": "late"}},
            {"code": -5}]}"##;
        let done = run(text.as_bytes(), |document| {
            assert_eq!(document, b"the document");
            let number = host::http_send("\"é\"".as_bytes()).unwrap();
            let mut body = [0; 8];
            assert_eq!((host::http_body(number, &mut body), &body[..4]), (Ok(4), &b"a01\xff"[..]));
            assert_eq!(host::http_body(number, &mut body), Err(host::HostError::TIMEOUT));
            assert_eq!(host::http_error(), b"late");
            assert_eq!(host::http_send(b"2"), Err(host::HostError::DENIED));
            assert_eq!(host::http_error(), b"");
            b"the result".to_vec()
        });
        assert_eq!(done.unwrap(), r#"{"requests":["\"é\"","2"],"result":"the result"}"#);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for text in ["{}", "[1]", "[{}]", r#"[{"code": 1}]"#, r#"[{"head": 1}]"#, r#"[{"head": "", "body": 1}]"#, r#"[{"head": "", "broken": {}}]"#] {
            assert!(answers(&json::parse(text).unwrap()).is_err(), "{text}");
        }
        for text in ["", "[]", r#"{"answers": []}"#, r#"{"document": ""}"#] {
            assert!(run(text.as_bytes(), <[u8]>::to_vec).is_err(), "{text}");
        }
        assert_eq!(bytes(&json::parse(r#"{"base64": "?"}"#).unwrap()), None);
        let binary = r#"{"document": "", "answers": []}"#;
        assert!(run(binary.as_bytes(), |_| vec![0xff]).unwrap_err().contains("the result document"));
    }
}
