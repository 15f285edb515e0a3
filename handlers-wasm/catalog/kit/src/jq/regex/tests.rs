use super::*;

/// The options of jq's flags.
fn options(flags: &str) -> Options {
    Options {
        ignore_case: flags.contains('i'),
        extended: flags.contains('x'),
        dot_all: flags.contains('p'),
        longest: flags.contains('l'),
        skip_empty: flags.contains('n'),
    }
}

/// The text of the first match and of its groups, `-` for those that matched nothing.
fn found(pattern: &str, flags: &str, text: &str) -> Option<Vec<String>> {
    let regex = Regex::new(pattern, options(flags)).expect("a pattern");
    let captures = Matcher::new(&regex, text).search(0).expect("an answer")?;
    let group = |i| captures.get(i).map_or("-".to_owned(), |range| text[range].to_owned());
    Some((0..=regex.names().len()).map(group).collect())
}

fn matches(pattern: &str, flags: &str, text: &str) -> bool {
    found(pattern, flags, text).is_some()
}

fn whole(pattern: &str, flags: &str, text: &str) -> String {
    found(pattern, flags, text).map_or("no match".to_owned(), |groups| groups[0].clone())
}

fn refused(pattern: &str) -> String {
    Regex::new(pattern, Options::default()).map_or_else(|cause| cause, |_| "a pattern".to_owned())
}

#[test]
fn the_first_way_that_matches_counts() {
    assert_eq!(whole("a|ab", "", "xab"), "a");
    assert_eq!(whole("a*?b", "", "aab"), "aab");
    assert_eq!(whole("a{2,3}", "", "aaaa"), "aaa");
    assert_eq!(whole("(?:ab){2}", "", "ababab"), "abab");
    assert_eq!(whole("a{,2}", "", "a{,2}"), "a{,2}");
    assert_eq!(whole("a|ab", "l", "xab"), "ab");
    assert_eq!(whole("a*", "n", "xaa"), "aa");
}

#[test]
fn groups_keep_their_last_iteration() {
    assert_eq!(found("(?:(a)|b)*", "", "ab"), Some(vec!["ab".to_owned(), "a".to_owned()]));
    assert_eq!(found("(a)?(?<n>b)?", "", "b"), Some(["b", "-", "b"].map(str::to_owned).into()));
    assert_eq!(found("(?:(a)){1,2}+", "", "ab"), Some(["a", "a"].map(str::to_owned).into()));
}

#[test]
fn lines_count_only_when_asked_for() {
    assert!(!matches("^b$", "", "a\nb\nc"));
    assert!(matches("(?m)^b$", "", "a\nb\nc"));
    assert!(matches("a$", "", "a\n"));
    assert!(!matches("a\\z", "", "a\n"));
    assert!(!matches("a.b", "", "a\nb"));
    assert!(matches("a.b", "p", "a\nb"));
    assert!(matches("(?s)a.b", "", "a\nb"));
}

#[test]
fn characters_are_those_of_unicode() {
    assert_eq!(whole("\\w+", "", "-é日_1-"), "é日_1");
    assert_eq!(whole("\\d+", "", "a٣1"), "٣1");
    assert_eq!(whole("\\p{Lu}", "", "aÉ"), "É");
    assert_eq!(whole("\\p{^Lu}+", "", "aÉ"), "a");
    assert_eq!(whole("\\p{Greek}+", "", "aαβ"), "αβ");
    assert_eq!(whole("\\P{ Lowercase_Letter }", "", "aB"), "B");
    assert_eq!(whole("[[:^alpha:]]+", "", "é12"), "12");
    assert_eq!(whole("[\\w-]+", "", "!a-é!"), "a-é");
    assert_eq!(whole("[]a]+", "", "b]a"), "]a");
    assert_eq!(whole("[^\\D]", "", "a1"), "1");
    assert_eq!(whole("\\x{e9}\\xc3\\xa9", "", "éé"), "éé");
}

#[test]
fn case_is_ignored_beyond_ascii() {
    assert!(matches("É", "i", "é"));
    assert!(matches("[à-ö]", "i", "É"));
    assert!(matches("strasse", "i", "STRAßE"));
    assert!(matches("straße", "i", "STRASSE"));
    assert!(matches("k", "i", "\u{212a}"));
    assert!(matches("(é)\\1", "i", "éÉ"));
    assert!(!matches("i", "i", "ı"));
    assert!(!matches("(?i:a)b", "", "AB"));
    assert!(!matches("\\p{Lu}", "i", "a"));
    assert!(matches("[\\p{Lu}]", "i", "a"));
}

#[test]
fn what_surrounds_a_match_is_looked_at() {
    assert_eq!(whole("\\d+(?= ms)", "", "1 s 25 ms"), "25");
    assert_eq!(whole("(?<!-)\\b\\d+", "", "-1 25"), "25");
    assert_eq!(whole("(?<=é).", "", "aéb"), "b");
    assert_eq!(whole("a\\Kb", "", "ab"), "b");
    assert_eq!(refused("(?<=a+)b"), "invalid pattern in look-behind");
}

#[test]
fn what_is_decided_once_is_not_tried_again() {
    assert!(!matches("(?>a+)ab", "", "aaab"));
    assert!(!matches("a++ab", "", "aaab"));
    assert!(matches("a++b", "", "aaab"));
    assert!(!matches("(?:a|ab)?+b$", "", "ab!"));
}

#[test]
fn groups_are_referred_to() {
    assert_eq!(whole("(\\w)\\1", "", "abcc"), "cc");
    assert_eq!(whole("(?<x>\\w)\\k<x>", "", "abcc"), "cc");
    assert_eq!(whole("(?<p>\\((?:[^()]|\\g<p>)*\\))", "", "x(a(b)c)"), "(a(b)c)");
    assert_eq!(whole("(a)?(?(1)b|c)", "", "xc"), "c");
    assert!(!matches("\\1(a)", "", "aa"));
    assert_eq!(refused("(a)\\2"), "invalid backref number/name");
    assert_eq!(refused("\\k<x>"), "undefined name <x> reference");
}

#[test]
fn comments_and_white_space_do_not_count_in_extended_patterns() {
    assert_eq!(whole("a b # c\n c", "x", "abc"), "abc");
    assert_eq!(whole("a(?#b)c", "", "ac"), "ac");
    assert_eq!(whole("\\Qa.b\\E+", "", "a.bb"), "a.bb");
}

#[test]
fn patterns_that_are_none_are_refused_in_onigurumas_words() {
    assert_eq!(refused("("), "end pattern with unmatched parenthesis");
    assert_eq!(refused(")"), "unmatched close parenthesis");
    assert_eq!(refused("[a"), "premature end of char-class");
    assert_eq!(refused("[]"), "empty char-class");
    assert_eq!(refused("*a"), "target of repeat operator is not specified");
    assert_eq!(refused("^*"), "target of repeat operator is invalid");
    assert_eq!(refused("\\"), "end pattern at escape");
    assert_eq!(refused("[b-a]"), "empty range in char class");
    assert_eq!(refused("a{2,1}"), "upper is smaller than lower in repeat range");
    assert_eq!(refused("\\p{Nothing}"), "invalid character property name {Nothing}");
    assert_eq!(refused("(?<1>a)"), "invalid group name <1>");
    assert_eq!(refused("\\X"), "\\X is not supported");
}

#[test]
fn empty_iterations_end_a_loop() {
    assert_eq!(whole("(?:a?)*b", "", "aab"), "aab");
    assert_eq!(whole("(?:a*)+", "", "aab"), "aa");
    assert_eq!(whole("(?:|a)+", "", "aab"), "");
    assert_eq!(whole("(?:a?){3,5}", "", "aab"), "aa");
}

#[test]
fn repetitions_in_each_other_make_no_large_program() {
    let nested = format!("^{}a{}$", "(".repeat(40), "+)".repeat(40));
    assert!(matches(&nested, "", "aaa"));
}

#[test]
fn neither_patterns_nor_texts_overflow_the_stack() {
    let nested = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(refused(&nested), "parse depth limit over");
    assert_eq!(refused(&format!("a{}", "?+*".repeat(1000))), "parse depth limit over");
    let text = format!("{}c", "ab".repeat(100_000));
    assert_eq!(whole("(?:a|b)*c", "", &text).len(), text.len());
    assert!(matches("^(?:(a)|b|)*c$", "", &text));
}

#[test]
fn a_match_that_takes_too_long_is_given_up() {
    let regex = Regex::new("^(a+)+$", Options::default()).expect("a pattern");
    let text = format!("{}b", "a".repeat(40));
    let outcome = Matcher::new(&regex, &text).search(0);
    assert_eq!(outcome.err().as_deref(), Some("retry-limit-in-match over"));
    let regex = Regex::new("(?<x>\\g<x>|a)", Options::default()).expect("a pattern");
    let outcome = Matcher::new(&regex, "a").search(0);
    assert_eq!(outcome.err().as_deref(), Some("subexp-call-limit-in-search over"));
}
