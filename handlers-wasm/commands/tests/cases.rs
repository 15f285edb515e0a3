//! The commands on the recorded cases in `cases`: what GNU's tools answer, and what this project decided.

use catalog_kit::{Map, Val, json};
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came of a command.
#[derive(Debug, PartialEq)]
struct Answer {
    code: i64,
    stdout: String,
    /// Files that are new, or have another content.
    files: Vec<(String, String)>,
}

#[test]
fn commands_answer_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let (mut compared, mut differing) = (0, Vec::new());
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let Val::Arr(cases) = json::parse_bytes(&fs::read(file).unwrap()).unwrap() else {
            panic!("{} is no array", file.display());
        };
        for case in cases.iter() {
            let case = object(case);
            let (found, stderr) = answer(case);
            let expected = recorded(case);
            if found != expected {
                let command = json::to_string(case.get("command").unwrap());
                differing.push(format!("{command}\n  recorded {expected:?}\n  found    {found:?}\n  {stderr}"));
            }
            compared += 1;
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(compared > 500, "only {compared} cases were compared");
}

#[test]
fn every_command_says_what_it_can_do() {
    for name in ["base64", "cat", "cut", "echo", "grep", "head", "jq", "ls", "pwd", "sed", "sort", "tail", "tr", "uniq", "wc"] {
        let done = command(name).arg("--help").output().unwrap();
        assert!(done.status.success(), "{name}");
        let text = String::from_utf8(done.stdout).unwrap();
        assert!(text.starts_with(&format!("Usage: {name} ")), "{text}");
        assert!(text.contains("Exit code: 0"), "{text}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    let done = command("cat").arg("-%").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "cat: unknown option '-%'\nTry 'cat --help' for what it can do.\n");
    let done = command("cat").arg("missing").env("PWD", "/nowhere").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "cat: missing: No such file or directory\n");
}

#[test]
fn relative_paths_begin_at_the_working_directory() {
    let done = command("pwd").env("PWD", "/data/./a/../b/").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "/data/b\n");
    let done = command("pwd").env_remove("PWD").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "/\n");
}

#[test]
fn a_name_that_is_no_command_leaves_it_to_the_first_argument() {
    let done = command("commands").args(["echo", "a"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "a\n");
    let done = command("commands").arg("nothing").output().unwrap();
    assert_eq!(done.status.code(), Some(2));
}

fn command(name: &str) -> Command {
    let binary = if name == "jq" { env!("CARGO_BIN_EXE_jq") } else { env!("CARGO_BIN_EXE_commands") };
    let mut command = Command::new(binary);
    command.arg0(name);
    command
}

fn answer(case: &Map) -> (Answer, String) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("case");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    let given = texts(case.get("files"));
    for (name, text) in &given {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let Some(Val::Arr(words)) = case.get("command") else { panic!("a case has a command") };
    let words: Vec<&str> = words.iter().map(|word| text(word)).collect();
    let name = words[0].rsplit('/').next().unwrap();
    let mut running = command(name)
        .args(&words[1..])
        .env_clear()
        .env("PWD", &root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = case.get("stdin").map_or("", |stdin| text(stdin)).to_owned();
    let mut pipe = running.stdin.take().unwrap();
    // One that does not read its input may be gone before it is written.
    let writer = std::thread::spawn(move || drop(pipe.write_all(stdin.as_bytes())));
    let done = running.wait_with_output().unwrap();
    writer.join().unwrap();
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.retain(|file| !given.contains(file));
    files.sort();
    let answer = Answer {
        code: done.status.code().unwrap().into(),
        stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
        files,
    };
    (answer, String::from_utf8_lossy(&done.stderr).into_owned())
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((name, String::from_utf8(fs::read(&path).unwrap()).unwrap()));
        }
    }
}

fn recorded(case: &Map) -> Answer {
    let expect = object(case.get("expect").expect("a case has its answer"));
    let mut files = texts(expect.get("files"));
    files.sort();
    Answer {
        code: expect.get("code").and_then(|code| code.as_int().ok()).unwrap(),
        stdout: text(expect.get("stdout").unwrap()).to_owned(),
        files,
    }
}

fn texts(value: Option<&Val>) -> Vec<(String, String)> {
    let Some(value) = value else { return Vec::new() };
    object(value).iter().map(|(name, value)| (name.to_string(), text(value).to_owned())).collect()
}

fn object(value: &Val) -> &Map {
    match value {
        Val::Obj(members) => members,
        other => panic!("expected an object, found {}", json::to_string(other)),
    }
}

fn text(value: &Val) -> &str {
    match value {
        Val::Str(text) => text,
        other => panic!("expected a string, found {}", json::to_string(other)),
    }
}
