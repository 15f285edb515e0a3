//! The broker's `http_request` for native handlers whose requests get answers that were given in advance: those of one
//! thread. Nothing is sent.

use crate::host::HostError;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

/// As many as the broker keeps open.
const MAX_OPEN: usize = 8;
const MAX_REQUEST: usize = 16 << 20;
const MAX_BODY: usize = 64 << 20;
/// The most that the broker gives of a body in one call.
const MAX_PIECE: usize = 64 << 10;
const NO_ANSWER: &str = r#"{"type":"budget_exceeded","message":"no answer is left","retryable":false,"sent":false}"#;

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// What the host answers to a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With a response.
    Response {
        /// The head document, as guest ABI v1 describes it.
        head: Vec<u8>,
        /// The bytes of the body that arrive.
        body: Vec<u8>,
        /// Why no more of the body arrives; none if it is complete.
        broken: Option<Refusal>,
    },
    /// There is no response.
    Refused(Refusal),
}

/// Why the host refuses a call.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What the call returns.
    pub code: HostError,
    /// The error document, as guest ABI v1 describes it; empty if there is none.
    pub document: Vec<u8>,
}

/// A request that a handler has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The request document, as the handler wrote it.
    pub document: Vec<u8>,
    /// What the handler wrote of the body after it had begun the request; empty otherwise.
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Run {
    answers: VecDeque<Answer>,
    sent: Vec<Sent>,
    last: u32,
    begun: BTreeMap<u32, Sent>,
    open: BTreeMap<u32, Response>,
    error: Vec<u8>,
}

struct Response {
    head: Vec<u8>,
    body: Vec<u8>,
    read: usize,
    broken: Option<Refusal>,
}

/// Gives what `function` returns, and the requests that were sent in it, in their order.
pub fn with_answers<T>(answers: Vec<Answer>, function: impl FnOnce() -> T) -> (T, Vec<Sent>) {
    let run = Run { answers: answers.into(), ..Run::default() };
    let outer = RUN.replace(Some(run));
    let returned = function();
    let sent = RUN.replace(outer).map(|run| run.sent);
    (returned, sent.unwrap_or_default())
}

/// Whether this thread's requests get such answers.
pub fn are_given() -> bool {
    RUN.with_borrow(Option::is_some)
}

fn with_run<T>(function: impl FnOnce(&mut Run) -> Result<T, HostError>) -> Result<T, HostError> {
    RUN.with_borrow_mut(|run| run.as_mut().map_or(Err(HostError::NOT_FOUND), function))
}

impl Run {
    fn next(&mut self, request: &[u8]) -> Result<u32, HostError> {
        if request.len() > MAX_REQUEST {
            return Err(HostError::TOO_LARGE);
        }
        if self.open.len() + self.begun.len() == MAX_OPEN {
            return Err(HostError::STATE);
        }
        self.last += 1;
        Ok(self.last)
    }

    fn send(&mut self, number: u32, request: Sent) -> Result<(), HostError> {
        self.sent.push(request);
        match self.answers.pop_front() {
            Some(Answer::Response { head, body, broken }) => {
                self.open.insert(number, Response { head, body, read: 0, broken });
                Ok(())
            }
            Some(Answer::Refused(refusal)) => Err(self.refused(refusal)),
            None => Err(self.refused(Refusal { code: HostError::BUDGET, document: NO_ANSWER.into() })),
        }
    }

    fn refused(&mut self, refusal: Refusal) -> HostError {
        self.error = refusal.document;
        refusal.code
    }
}

pub fn http_send(request: &[u8]) -> Result<u32, HostError> {
    with_run(|run| {
        let number = run.next(request)?;
        run.send(number, Sent { document: request.to_vec(), body: Vec::new() })?;
        Ok(number)
    })
}

pub fn http_begin(request: &[u8]) -> Result<u32, HostError> {
    with_run(|run| {
        let number = run.next(request)?;
        run.begun.insert(number, Sent { document: request.to_vec(), body: Vec::new() });
        Ok(number)
    })
}

pub fn http_write(request: u32, piece: &[u8]) -> Result<(), HostError> {
    with_run(|run| {
        let begun = run.begun.get_mut(&request).ok_or(HostError::NOT_FOUND)?;
        if begun.body.len() + piece.len() > MAX_BODY {
            return Err(HostError::TOO_LARGE);
        }
        begun.body.extend_from_slice(piece);
        Ok(())
    })
}

pub fn http_finish(request: u32) -> Result<(), HostError> {
    with_run(|run| {
        let begun = run.begun.remove(&request).ok_or(HostError::NOT_FOUND)?;
        run.send(request, begun)
    })
}

pub fn http_head(response: u32) -> Result<Vec<u8>, HostError> {
    with_run(|run| run.open.get(&response).map(|open| open.head.clone()).ok_or(HostError::NOT_FOUND))
}

pub fn http_body(response: u32, into: &mut [u8]) -> Result<usize, HostError> {
    with_run(|run| {
        let open = run.open.get_mut(&response).ok_or(HostError::NOT_FOUND)?;
        let rest = &open.body[open.read..];
        let count = rest.len().min(into.len()).min(MAX_PIECE);
        into[..count].copy_from_slice(&rest[..count]);
        open.read += count;
        match open.broken.clone() {
            Some(broken) if count == 0 && !into.is_empty() => Err(run.refused(broken)),
            _ => Ok(count),
        }
    })
}

pub fn http_close(response: u32) -> Result<(), HostError> {
    with_run(|run| {
        let closed = run.open.remove(&response).is_some() || run.begun.remove(&response).is_some();
        closed.then_some(()).ok_or(HostError::NOT_FOUND)
    })
}

pub fn http_error() -> Vec<u8> {
    RUN.with_borrow(|run| run.as_ref().map_or_else(Vec::new, |run| run.error.clone()))
}

#[cfg(test)]
mod tests {
    use super::{Answer, Refusal, Sent, with_answers};
    use crate::host::{self, HostError};

    fn response(head: &str, body: &[u8], broken: Option<Refusal>) -> Answer {
        Answer::Response { head: head.into(), body: body.to_vec(), broken }
    }

    fn refusal(code: HostError, document: &str) -> Refusal {
        Refusal { code, document: document.into() }
    }

    #[test]
    fn each_request_is_kept_and_gets_the_next_answer() {
        let answers = vec![
            response("{\"status\":200}", b"0123456789", None),
            Answer::Refused(refusal(HostError::RATE_LIMITED, "{\"type\":\"rate_limited\"}")),
        ];
        let ((), sent) = with_answers(answers, || {
            let number = host::http_send(b"first, which is no JSON").unwrap();
            assert_eq!(host::http_head(number).unwrap(), b"{\"status\":200}");
            let mut piece = [0; 8];
            assert_eq!(host::http_body(number, &mut piece), Ok(8));
            assert_eq!((host::http_body(number, &mut piece), &piece[..2]), (Ok(2), &b"89"[..]));
            assert_eq!(host::http_body(number, &mut piece), Ok(0));
            assert_eq!(host::http_close(number), Ok(()));
            assert_eq!(host::http_close(number), Err(HostError::NOT_FOUND));

            assert_eq!(host::http_send(b"second"), Err(HostError::RATE_LIMITED));
            assert_eq!(host::http_error(), b"{\"type\":\"rate_limited\"}");
            assert_eq!(host::http_send(b"one too many"), Err(HostError::BUDGET));
            assert!(host::http_error().starts_with(b"{\"type\":\"budget_exceeded\""));
        });
        let documents: Vec<&[u8]> = sent.iter().map(|sent| &sent.document[..]).collect();
        assert_eq!(documents, [&b"first, which is no JSON"[..], b"second", b"one too many"]);
    }

    #[test]
    fn a_body_breaks_off_behind_its_last_byte() {
        let broken = refusal(HostError::IO, "{\"type\":\"bad_response\"}");
        let ((), _) = with_answers(vec![response("{}", b"abc", Some(broken))], || {
            let number = host::http_send(b"{}").unwrap();
            let mut piece = [0; 8];
            assert_eq!(host::http_body(number, &mut piece), Ok(3));
            assert_eq!(host::http_body(number, &mut []), Ok(0));
            for _ in 0..2 {
                assert_eq!(host::http_body(number, &mut piece), Err(HostError::IO));
            }
            assert_eq!(host::http_error(), b"{\"type\":\"bad_response\"}");
        });
    }

    #[test]
    fn a_request_that_is_written_in_pieces_is_sent_when_it_is_finished() {
        let ((), sent) = with_answers(vec![response("{\"status\":204}", b"", None)], || {
            let dropped = host::http_begin(b"never").unwrap();
            let number = host::http_begin(b"{}").unwrap();
            host::http_write(number, b"first, ").unwrap();
            host::http_write(number, b"second").unwrap();
            assert_eq!(host::http_head(number), Err(HostError::NOT_FOUND));
            host::http_finish(number).unwrap();
            assert_eq!(host::http_head(number).unwrap(), b"{\"status\":204}");
            host::http_close(dropped).unwrap();
        });
        assert_eq!(sent, [Sent { document: b"{}".to_vec(), body: b"first, second".to_vec() }]);
    }

    #[test]
    fn as_many_responses_are_open_as_in_the_broker() {
        let ((), sent) = with_answers(vec![response("{}", b"", None); 10], || {
            for number in 1..=8 {
                assert_eq!(host::http_send(b"{}"), Ok(number));
            }
            assert_eq!(host::http_send(b"{}"), Err(HostError::STATE));
            assert_eq!(host::http_send(&[b' '; (16 << 20) + 1]), Err(HostError::TOO_LARGE));
            host::http_close(3).unwrap();
            assert_eq!(host::http_send(b"{}"), Ok(9));
        });
        assert_eq!(sent.len(), 9);
    }

    #[test]
    fn the_answers_are_those_of_one_function() {
        with_answers(vec![response("{}", b"", None)], || {
            let ((), sent) = with_answers(Vec::new(), || assert_eq!(host::http_send(b"in"), Err(HostError::BUDGET)));
            assert_eq!(sent.len(), 1);
            assert_eq!(host::http_send(b"out"), Ok(1));
        });
        assert_eq!(host::http_head(1), Err(HostError::NOT_FOUND));
    }
}
