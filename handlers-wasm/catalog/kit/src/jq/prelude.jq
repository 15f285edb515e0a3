# What jq offers, as far as it is written in jq. A call is replaced by the body of its definition: a parameter is used
# once, and no definition calls itself. Other filters are functions (natives/) or parts of the evaluator (compile.rs).

def map(f): [.[] | f];
def map_values(f): .[] |= f;
def recurse(f; condition): recurse(f | select(condition));
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isfinite);
def normals: select(isnormal);

def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; f)) end;
def skip($n; f):
  if $n < 0 then error("skip doesn't support negative count")
  else foreach f as $output ($n; . - 1; if . < 0 then $output else empty end) end;

def any: any(.[]; .);
def any(f): any(.[]; f);
def all: all(.[]; .);
def all(f): all(.[]; f);
def add(f): reduce f as $value (null; . + $value);

def isfinite: type == "number" and (isinfinite | not);

def sort_by(f): _sort_by([.[] | [f]]);
def group_by(f): _group_by([.[] | [f]]);
def unique_by(f): _unique_by([.[] | [f]]);
def min_by(f): _min_by([.[] | [f]]);
def max_by(f): _max_by([.[] | [f]]);

def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(condition): path(.. | select(condition)) | select(length > 0);
def pick(f): . as $whole | reduce path(f) as $path (null; setpath($path; $whole | getpath($path)));
def with_entries(f): to_entries | map(f) | from_entries;

def tostream: _tostream[];
def fromstream(f):
  foreach f as $event ({};
    (if .done then {} else . end)
    | ($event[0] | length) as $depth
    | if $event | length == 2 then .done = ($depth == 0) | setpath(["value"] + $event[0]; $event[1])
      else .done = ($depth == 1) end;
    if .done then .value else empty end);
def truncate_stream(f):
  . as $depth | null | f | select((.[0] | length) > $depth) | .[0] |= .[$depth:];

def INDEX(f): INDEX(.[]; f);
def INDEX(source; f): reduce source as $row ({}; .[$row | f | tostring] = $row);
def JOIN($index; f): [.[] | [., $index[f]]];
def JOIN($index; source; f): source | [., $index[f]];
def JOIN($index; source; f; join): source | [., $index[f]] | join;
def IN(source): any(source == .; .);
def IN(f; source): any(f == source; .);

def match($pattern; $flags): _matches($pattern; $flags)[];
def match($pattern):
  ($pattern | type) as $type
  | if $type == "string" then _matches($pattern; null)[]
    elif $type == "array" and ($pattern | length) > 0 then _matches($pattern[0]; $pattern[1])[]
    else error($type + " not a string or array") end;
def _captured: .captures | map(select(.name != null) | {(.name): .string}) | add // {};
def capture($pattern; $flags): match($pattern; $flags) | _captured;
def capture($pattern): match($pattern) | _captured;
def scan($pattern; $flags):
  match($pattern; "g" + $flags) | if .captures | length > 0 then [.captures[].string] else .string end;
def scan($pattern): scan($pattern; null);
def splits($pattern; $flags): split($pattern; $flags)[];
def splits($pattern): split($pattern; null)[];
def sub(pattern; replacement): sub(pattern; replacement; "");
def gsub(pattern; replacement): sub(pattern; replacement; "g");
def gsub(pattern; replacement; flags): sub(pattern; replacement; flags + "g");

def combinations:
  def all: if length == 0 then [] else .[0][] as $first | (.[1:] | all) as $rest | [$first] + $rest end;
  all;
def combinations(n): . as $list | [range(n) | $list] | combinations;

def debug(f): (f | debug | empty), .;
def inputs: empty;
