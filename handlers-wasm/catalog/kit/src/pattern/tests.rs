use super::Pattern;

fn matches(pattern: &str, text: &str) -> bool {
    let pattern = Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    pattern.is_match(text)
}

#[test]
fn patterns_match_what_ecma_262_says() {
    for (pattern, matching, other) in [
        ("", &["", "x"][..], &[][..]),
        ("^$", &[""], &["x", "\n"]),
        ("b", &["abc"], &["ac"]),
        ("^a*$", &["", "aaa"], &["aab"]),
        ("^(?:a|bc)+$", &["abca"], &["", "ab"]),
        ("^(a*)*$", &["", "aa"], &["b"]),
        ("^a{2}$", &["aa"], &["a", "aaa"]),
        ("^a{2,}$", &["aa", "aaaa"], &["a"]),
        ("^a{1,3}?b$", &["ab", "aaab"], &["b", "aaaab"]),
        ("^.$", &["x", "🐲", "\u{85}"], &["", "\n", "\u{2028}"]),
        ("^[^]$", &["\n", "x"], &[""]),
        ("[]", &[], &["", "a"]),
        ("^[a-c\\-]$", &["a", "-"], &["d"]),
        ("^[\\w-.]+$", &["a-b.c"], &["a b"]),
        ("^[+-\\d]$", &["+", "-", "7"], &[","]),
        ("^[-a]$", &["-", "a"], &["b"]),
        ("^[^a-c]$", &["d", "é"], &["a"]),
        ("^\\d$", &["7"], &["߀"]),
        ("^\\W$", &["é"], &["e"]),
        ("^\\s$", &["\u{feff}", "\u{a0}"], &["x", "\u{85}"]),
        ("^\\cC$", &["\u{3}"], &["C"]),
        ("^\\x41\\u0042\\u{43}\\0$", &["ABC\0"], &["ABC"]),
        ("^\\ud83d\\udc32$", &["🐲"], &[]),
        ("^\\p{L}+$", &["aé文"], &["1"]),
        ("^\\p{Lu}$", &["É"], &["é"]),
        ("^\\p{Letter}\\P{Letter}$", &["a1"], &["1a"]),
        ("^[\\p{Nd}\\P{ASCII}]$", &["7", "é"], &["a"]),
        ("^\\p{Script=Greek}$", &["ω"], &["w"]),
        ("^\\p{sc=Cyrl}$", &["ж"], &["w"]),
        ("^\\p{Alphabetic}$", &["ª"], &["1"]),
        ("\\bab\\b", &["x ab y", "ab"], &["xab"]),
        ("a\\Bb", &["ab"], &[]),
        ("^(?=.*[A-Z])(?=.*\\d).{4,}$", &["abC1", "1Cab"], &["abc1", "C1", "abCd"]),
        ("^(?!.*admin).*$", &["user"], &["an admin"]),
        ("(?<=€)\\d+$", &["a €12"], &["$12"]),
        ("(?<!\\$)\\b\\d+$", &["12"], &["$12"]),
        ("^(?=(?!b)[a-c])", &["a"], &["b", "d"]),
        ("(?<=a(?=b))b", &["ab"], &["bb"]),
        ("^\\/\\-\\_\\@$", &["/-_@"], &[]),
        ("^\\{a]}$", &["{a]}"], &[]),
        ("^(?<year>\\d{4})$", &["2026"], &["26"]),
    ] {
        for text in matching {
            assert!(matches(pattern, text), "{pattern} on {text:?}");
        }
        for text in other {
            assert!(!matches(pattern, text), "{pattern} on {text:?}");
        }
    }
}

#[test]
fn what_cannot_be_used_says_why_and_where() {
    for (pattern, reason) in [
        ("a(b", "a group is not closed, at character 1"),
        ("a)", "a ')' closes no group, at character 1"),
        ("[a", "a class is not closed, at character 0"),
        ("*", "there is nothing to repeat, at character 0"),
        ("a**", "there is nothing to repeat, at character 2"),
        ("a{,2}", "a '{' repeats nothing; write \\{ for the character, at character 1"),
        ("{", "a '{' repeats nothing; write \\{ for the character, at character 0"),
        ("a{2,1}", "a repetition has its bounds in the wrong order, at character 1"),
        ("[b-a]", "a range has its ends in the wrong order, at character 1"),
        ("(a)\\1", "back-references are not served, at character 3"),
        ("(?<n>a)\\k<n>", "back-references are not served, at character 7"),
        ("(?i)a", "a group of this kind is not served, at character 0"),
        ("(?i:a)", "a group of this kind is not served, at character 0"),
        ("(?P<n>a)", "a group of this kind is not served, at character 0"),
        ("(?=a)*", "an assertion cannot be repeated, at character 0"),
        ("^*", "an assertion cannot be repeated, at character 0"),
        ("\\q", "an escape is unknown or not complete, at character 0"),
        ("\\Z", "an escape is unknown or not complete, at character 0"),
        ("\\x4", "an escape is unknown or not complete, at character 0"),
        ("\\u{110000}", "an escape is unknown or not complete, at character 0"),
        ("é\\", "the pattern ends with a backslash, at character 1"),
        ("\\p{Emoji}", "the property 'Emoji' is not served, at character 0"),
        ("\\pL", "a property is written \\p{Name}, at character 0"),
        ("(a{1000}){1000}", "the pattern is too large, it takes more than 10000 steps, at character 0"),
    ] {
        let error = Pattern::new(pattern).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(reason), "{pattern}");
    }
    let deep = "(".repeat(200) + &")".repeat(200);
    assert!(Pattern::new(&deep).is_err());
}

#[test]
fn patterns_that_backtrack_elsewhere_take_no_longer() {
    let text = "a".repeat(20_000) + "!";
    assert!(!matches("^(a*)*$", &text));
    assert!(!matches("^(a|a)*b", &text));
    assert!(!matches("(.*a){20}$", &text));
    assert!(!matches("(?:){4000000000}^b", &text));
}

#[test]
fn a_dot_of_jsonpath_is_all_but_two_characters() {
    let matches = |pattern: &str, text: &str, whole| Pattern::i_regexp(pattern, whole).unwrap().is_match(text);
    assert!(matches("a.c", "a\u{2028}c", true));
    assert!(!matches("a.c", "a\nc", true));
    assert!(!matches("a|b", "xa", true));
    assert!(matches("a|b", "xa", false));
    assert!(matches("\\p{Lu}", "É", true));
}
