use super::Query;
use catalog_kit::json;

const STORE: &str = r#"{"store": {"book": [
    {"category": "reference", "author": "Nigel Rees", "title": "Sayings", "price": 8.95},
    {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword", "price": 12.99},
    {"category": "fiction", "author": "Herman Melville", "title": "Moby", "isbn": "0-553", "price": 8.99},
    {"category": "fiction", "author": "J. R. R. Tolkien", "title": "Rings", "isbn": "0-395", "price": 22.99}],
  "bicycle": {"color": "red", "price": 399}}}"#;

fn find(query: &str, value: &str) -> String {
    let found = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    found.apply(&json::parse(value).unwrap()).map_or_else(|| "nothing".to_owned(), |value| json::to_string(&value))
}

#[test]
fn queries_find_what_they_should() {
    for (query, value, expected) in [
        ("$", r#"{"a": 1}"#, r#"{"a":1}"#),
        ("$.a", r#"{"a": {"b": 1}}"#, r#"{"b":1}"#),
        ("$.a.b", r#"{"a": {"b": null}}"#, "null"),
        ("$.a.c", r#"{"a": {"b": 1}}"#, "nothing"),
        ("$['a b']", r#"{"a b": 1}"#, "1"),
        (r#"$["'"]['\'']"#, r#"{"'": {"'": 2}}"#, "2"),
        (r#"$["\u263a\n"]"#, "{\"☺\\n\": 2}", "2"),
        (r#"$['"']"#, r#"{"\"": 3}"#, "3"),
        ("$[1]", "[1, 2, 3]", "2"),
        ("$[-1]", "[1, 2, 3]", "3"),
        ("$[3]", "[1, 2, 3]", "nothing"),
        ("$[1:3]", "[0, 1, 2, 3]", "[1,2]"),
        ("$[5:]", "[0, 1]", "[]"),
        ("$[::2]", "[0, 1, 2, 3, 4]", "[0,2,4]"),
        ("$[::-1]", "[0, 1, 2]", "[2,1,0]"),
        ("$[5:1:-2]", "[0, 1, 2, 3, 4, 5, 6]", "[5,3]"),
        ("$[-2:]", "[0, 1, 2]", "[1,2]"),
        ("$[1:2:0]", "[0, 1, 2]", "[]"),
        ("$[:-10:-1]", "[0, 1]", "[1,0]"),
        ("$.*", r#"{"a": 1, "b": [2]}"#, "[1,[2]]"),
        ("$[0, 'a', 0]", "[7]", "[7,7]"),
        ("$..a", r#"{"a": {"a": 1}, "b": [{"a": 2}]}"#, r#"[{"a":1},1,2]"#),
        ("$..*", "[[1], 2]", "[[1],2,1]"),
        ("$..[0]", "[[1], 2]", "[[1],1]"),
        ("$ .a [ 0 ]", r#"{"a": [5]}"#, "5"),
        ("$.☺", r#"{"☺": 1}"#, "1"),
        ("$[?@.a]", r#"[{"a": null}, {"b": 1}]"#, r#"[{"a":null}]"#),
        ("$[?!@.a]", r#"[{"a": null}, {"b": 1}]"#, r#"[{"b":1}]"#),
        ("$[?@>1&&@<4]", "[1, 2, 3, 4]", "[2,3]"),
        ("$[?@==1||@=='b']", r#"[1, "a", "b", 1.0]"#, r#"[1,"b",1.0]"#),
        ("$[?@ >= 2 && !(@ == 3)]", "[1, 2, 3, 4]", "[2,4]"),
        ("$[?@<'b']", r#"["a", "b", 1, null]"#, r#"["a"]"#),
        ("$[?@==@.x]", r#"[{"x": 1}, 2]"#, "[]"),
        ("$[?@.x==@.y]", r#"[{"a": 1}, {"x": 1, "y": 1}, {"x": 1}]"#, r#"[{"a":1},{"x":1,"y":1}]"#),
        ("$[?@<=null]", "[null, 1]", "[null]"),
        ("$[?@.a==[]]", "[]", "error"),
        ("$.v[?@.k==$.k].n", r#"{"k": 2, "v": [{"k": 1, "n": "a"}, {"k": 2, "n": "b"}]}"#, r#"["b"]"#),
        ("$[?length(@)==2]", r#"["ab", "äö", [1, 2], {"a": 1, "b": 2}, 22, "abc"]"#, r#"["ab","äö",[1,2],{"a":1,"b":2}]"#),
        ("$[?count(@.*)==1]", "[[1], [1, 2], {}]", "[[1]]"),
        ("$[?value(@..a)==1]", r#"[{"a": 1}, {"a": 1, "b": {"a": 1}}, {"b": {"a": 1}}]"#, r#"[{"a":1},{"b":{"a":1}}]"#),
        ("$[?match(@, 'a.c')]", r#"["abc", "xabc", "a\nc", "a\rc", 1]"#, r#"["abc"]"#),
        ("$[?search(@, '[b.]$')]", r#"["ab", "a.", "abc"]"#, r#"["ab","a."]"#),
        ("$[?match(@, '\\\\p{Lu}+')]", r#"["ÉA", "é", "Éa"]"#, r#"["ÉA"]"#),
        ("$[?search(@, '[^\\\\P{L}]')]", r#"["1é", "1"]"#, r#"["1é"]"#),
        ("$[?match(@, $[0])]", r#"["a.", "ab", "b"]"#, r#"["a.","ab"]"#),
        ("$[?match(@, $[0])]", r#"["(", "ab"]"#, "[]"),
        ("$.store.book[*].author", STORE, r#"["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]"#),
        ("$.store.book[?@.isbn].title", STORE, r#"["Moby","Rings"]"#),
        ("$.store.book[?@.price < 10].title", STORE, r#"["Sayings","Moby"]"#),
        ("$.store..price", STORE, "[8.95,12.99,8.99,22.99,399]"),
        ("$..book[-1].title", STORE, r#"["Rings"]"#),
    ] {
        if expected == "error" {
            assert!(Query::parse(query).is_err(), "{query}");
        } else {
            assert_eq!(find(query, value), expected, "{query}");
        }
    }
}

#[test]
fn what_is_no_query_is_refused() {
    for query in [
        "", "a", "$a", "$.", "$..", "$ ", "$.a ", "$[", "$[]", "$[1", "$[01]", "$[-0]", "$[1.0]", "$[9007199254740992]",
        "$['a]", "$['\\x']", "$[\"\\'\"]", "$.a-b", "$.1", "$[?]", "$[?@.a==]", "$[?@.*==1]", "$[?1]", "$[?'a']",
        "$[?length(@)]", "$[?length(@.*)==1]", "$[?count(1)==1]", "$[?match(@)]", "$[?match(@,'a')==true]",
        "$[?unknown(@)]", "$[?@==1 @==2]", "$[?(@]", "$[?!1==2]", "$[?!@.a==2]", "$.a$", "$[*",
        "$[?match(@, '(')]", "$[?search(@, '\\\\p{Emoji}')]", "$[?match(@, '(a)\\\\1')]",
    ] {
        assert!(Query::parse(query).is_err(), "{query}");
    }
    let deep = format!("${}", "[?@".repeat(50));
    assert!(Query::parse(&deep).is_err());
}
