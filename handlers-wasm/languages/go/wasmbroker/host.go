package wasmbroker

import (
	"encoding/json"
	"io"
	"time"
)

// HostError is an error code of the broker.
type HostError int32

// The codes of docs/guest-abi.md.
const (
	Fault HostError = -1 - iota
	Invalid
	TooLarge
	State
	Denied
	NotFound
	RateLimited
	TimedOut
	IO
	Budget
)

var errorNames = [...]string{"fault", "invalid", "too_large", "state", "denied", "not_found", "rate_limited", "timeout", "io", "budget"}

// Error is the code's name, such as "denied", which is fit for the type of a failure.
func (e HostError) Error() string {
	if e <= Fault && e >= Budget {
		return errorNames[-e-1]
	}
	return "unknown"
}

// readAll reads something whose length the host gives.
func readAll(first int, call func([]byte) int32) ([]byte, error) {
	bytes := make([]byte, first)
	for {
		length := call(bytes)
		if length < 0 {
			return nil, HostError(length)
		}
		if int(length) <= len(bytes) {
			return bytes[:length], nil
		}
		bytes = make([]byte, length)
	}
}

// Secret is the value of a secret; a HostError says why there is none.
func Secret(name string) ([]byte, error) {
	return readAll(256, func(into []byte) int32 { return hostReadSecret(name, into) })
}

// Remaining is the time until the run's deadline. The package time has all other clocks.
func Remaining() time.Duration { return time.Duration(hostGetTime(2)) }

// Elapsed is the time since the run started.
func Elapsed() time.Duration { return time.Duration(hostGetTime(1)) }

// Level is how important a line of the log is.
type Level int32

// The levels of lines.
const (
	LevelTrace Level = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
)

// Log writes a line with fields, which become a JSON object; nil writes none. A line that the broker drops is dropped.
func Log(level Level, message string, fields map[string]any) {
	var text []byte
	if fields != nil {
		text, _ = json.Marshal(fields)
	}
	hostLog(int32(level), message, text)
}

// Info writes a line of the level info.
func Info(message string) { Log(LevelInfo, message, nil) }

// Warn writes a line of the level warn.
func Warn(message string) { Log(LevelWarn, message, nil) }

// Request is an HTTP request; only the URL is required. {{secret:NAME}} in the value of a header or in the body is filled in
// by the host. Of Text and JSON at most one.
type Request struct {
	Method         string
	URL            string
	Header         map[string]string
	Query          map[string]string
	Text           string
	JSON           any
	Timeout        time.Duration
	IdempotencyKey bool
}

// Response is what a server answered. A status such as 404 is a response.
type Response struct {
	Status int                 `json:"status"`
	URL    string              `json:"url"`
	Header map[string][]string `json:"headers"`
	Body   io.ReadCloser       `json:"-"`
}

// Send sends a request. Without a response the error is a *Failure with the broker's reason, which a handler may return.
func Send(request *Request) (*Response, error) {
	document, err := json.Marshal(request.document())
	if err != nil {
		return nil, Permanent("bad_request", err.Error())
	}
	handle := hostHTTP(0, 0, document)
	if handle < 0 {
		return nil, requestFailure(HostError(handle))
	}
	head, err := readAll(4096, func(into []byte) int32 { return hostHTTP(1, handle, into) })
	if err != nil {
		return nil, err
	}
	response := &Response{Body: &body{handle}}
	return response, json.Unmarshal(head, response)
}

func (r *Request) document() map[string]any {
	document := map[string]any{"url": r.URL}
	if r.Method != "" {
		document["method"] = r.Method
	}
	if len(r.Header) > 0 {
		document["headers"] = r.Header
	}
	if len(r.Query) > 0 {
		document["query"] = r.Query
	}
	if r.JSON != nil {
		document["body"] = map[string]any{"json": r.JSON}
	} else if r.Text != "" {
		document["body"] = map[string]any{"text": r.Text}
	}
	if r.Timeout > 0 {
		document["timeout_ms"] = r.Timeout.Milliseconds()
	}
	if r.IdempotencyKey {
		document["idempotency_key"] = true
	}
	return document
}

func requestFailure(code HostError) error {
	text, err := readAll(1024, func(into []byte) int32 { return hostHTTP(4, 0, into) })
	var document struct {
		Type         string `json:"type"`
		Message      string `json:"message"`
		Retryable    bool   `json:"retryable"`
		RetryAfterMS int64  `json:"retry_after_ms"`
	}
	if err != nil || json.Unmarshal(text, &document) != nil {
		return Permanent(code.Error(), "a request failed")
	}
	return &Failure{Type: document.Type, Message: document.Message, Retryable: document.Retryable,
		RetryAfter: time.Duration(document.RetryAfterMS) * time.Millisecond}
}

type body struct{ handle int32 }

func (b *body) Read(into []byte) (int, error) {
	if len(into) == 0 {
		return 0, nil
	}
	read := hostHTTP(2, b.handle, into)
	if read < 0 {
		return 0, requestFailure(HostError(read))
	}
	if read == 0 {
		return 0, io.EOF
	}
	return int(read), nil
}

func (b *body) Close() error {
	if code := hostHTTP(3, b.handle, nil); code < 0 {
		return HostError(code)
	}
	return nil
}
