use super::{Options, Regex};

/// What matches: the text of the match and of its groups, one after another.
fn found(pattern: &str, options: Options, text: &str) -> String {
    let regex = match Regex::new(pattern.as_bytes(), options) {
        Ok(regex) => regex,
        Err(problem) => return format!("error: {problem}"),
    };
    match regex.find(text.as_bytes(), 0).expect("it is not given up") {
        None => "none".to_owned(),
        Some(found) => {
            let groups = (0..=regex.groups()).map(|group| match found.group(group) {
                Some(range) => text[range].to_owned(),
                None => "-".to_owned(),
            });
            groups.collect::<Vec<_>>().join("|")
        }
    }
}

fn basic(pattern: &str, text: &str) -> String {
    found(pattern, Options::default(), text)
}

fn extended(pattern: &str, text: &str) -> String {
    found(pattern, Options { extended: true, ..Options::default() }, text)
}

#[test]
fn the_leftmost_match_counts_and_of_those_the_longest() {
    assert_eq!(extended("b|abc|ab", "xabcx"), "abc");
    assert_eq!(extended("a*(ab)?", "aab"), "aab|ab");
    assert_eq!(extended("(a|ab)(c|bcd)", "abcd"), "abcd|a|bcd");
    assert_eq!(extended("x*", "aaa"), "");
}

#[test]
fn operators_of_basic_patterns_have_a_backslash() {
    assert_eq!(basic("a+", "aa+"), "a+");
    assert_eq!(basic(r"a\+", "aa+"), "aa");
    assert_eq!(basic(r"\(a\)\{2,3\}", "aaaa"), "aaa|a");
    assert_eq!(basic(r"x\|b", "ab"), "b");
    assert_eq!(basic("*a", "b*a"), "*a");
    assert_eq!(basic("^*a", "*a"), "*a");
    assert_eq!(basic("a^b$c", "a^b$c"), "a^b$c");
    assert_eq!(basic(r"\(^a\)", "ba"), "none");
    assert_eq!(extended("a{2}b{,1}", "aaa"), "aa");
    assert_eq!(extended("a{x", "a{x"), "a{x");
}

#[test]
fn brackets_have_ranges_and_classes() {
    assert_eq!(basic("[]a]*", "a]b"), "a]");
    assert_eq!(basic("[^]a]", "a]b"), "b");
    assert_eq!(basic("[[:digit:][:upper:]-]*", "1A-b"), "1A-");
    assert_eq!(basic(r"[\n]*", r"\n"), r"\n");
    assert_eq!(found(r"[\n]", Options { escapes: true, ..Options::default() }, "a\nb"), "\n");
    assert_eq!(basic("[[.-.]a]*", "-a"), "-a");
    assert_eq!(basic("[b-a]", "a"), "error: Invalid range end");
    assert_eq!(basic("[a", "a"), "error: Unmatched [, [^, [:, [., or [=");
    assert_eq!(basic("[[:letter:]]", "a"), "error: Invalid character class name");
}

#[test]
fn what_was_matched_can_be_referred_to() {
    assert_eq!(basic(r"\(.\)\1", "abccd"), "cc|c");
    assert_eq!(basic(r"^\(.*\)\n\1$", "ab\nab"), "none");
    assert_eq!(extended(r"(a*)b\1", "aabaa"), "aabaa|aa");
    assert_eq!(extended(r"(a)(b)?\2", "ab"), "none");
    assert_eq!(basic(r"a\1", "a"), "error: Invalid back reference");
}

#[test]
fn characters_are_those_of_utf_8() {
    assert_eq!(basic("^.$", "ä"), "ä");
    assert_eq!(basic("[ä-ü]", "xöx"), "ö");
    let any_case = Options { ignore_case: true, ..Options::default() };
    assert_eq!(found("STRASSE Ä", any_case, "straSSe ä"), "straSSe ä");
    assert_eq!(found("[a-z]*", any_case, "aBc1"), "aBc");
    let byte = Regex::new(b"^a.b$", Options::default()).expect("a pattern");
    assert!(byte.is_match(b"a\xffb").expect("it is not given up"));
}

#[test]
fn words_have_edges() {
    assert_eq!(basic(r"\<is", "this is"), "is");
    assert_eq!(basic(r"s\b", "ss s"), "s");
    let word = Options { word: true, ..Options::default() };
    assert_eq!(found("a.*", word, "xa ab"), "ab");
    assert_eq!(found("art", word, "artist art_ art-"), "art");
    assert_eq!(found("b*", Options { whole: true, ..Options::default() }, "bbb"), "bbb");
}

#[test]
fn time_grows_with_the_length_of_the_text_only() {
    let text = "a".repeat(5_000);
    assert_eq!(extended("(a|a)*(a|aa)*b", &text), "none");
    assert_eq!(extended("(x+x+)+y", &"x".repeat(5_000)), "none");
}

#[test]
fn mistakes_are_told() {
    assert_eq!(basic(r"\(a", "a"), r"error: Unmatched ( or \(");
    assert_eq!(extended("a)", "a"), r"error: Unmatched ) or \)");
    assert_eq!(basic(r"a\", "a"), "error: Trailing backslash");
    assert_eq!(basic(r"a\{2", "a"), r"error: Unmatched { or \{");
    assert_eq!(basic(r"a\{3,2\}", "a"), r"error: Invalid content of \{\}");
}
