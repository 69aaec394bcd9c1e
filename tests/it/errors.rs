//! Each compile error in `tests/ui/**/*.stderr` must be documented in the chapter `errors.md`. There `…` stands for any
//! text.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "stderr") {
            found.push(path);
        }
    }
}

/// Returns the messages of the chapter: the code spans at the beginning of each item.
fn documented() -> Vec<String> {
    let chapter = fs::read_to_string("../kinde-perms/docs/errors.md").unwrap();
    let items = chapter.split("\n- ").skip(1).map(|item| item.split(" \u{2014}").next().unwrap_or_default());
    items
        .flat_map(|messages| {
            let messages = messages.replace("\n  ", " ");
            let quoted = messages.split("`` ").skip(1);
            quoted.map(|rest| rest.split(" ``").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        })
        .filter(|message| !message.is_empty())
        .collect()
}

/// Returns `true` if `text` matches `form`, in which each `…` matches any text.
fn has_form(text: &str, form: &str) -> bool {
    let mut parts = form.split('\u{2026}');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    for part in &parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.is_empty() || parts.last().is_some_and(|last| last.is_empty() || text.ends_with(last))
}

#[test]
fn only_an_ellipsis_of_a_form_matches_other_text() {
    for (form, like, unlike) in [
        (
            "unknown argument `…`; …",
            "unknown argument `a`; did you mean `b`?",
            "unknown key `a`; did you mean `b`?",
        ),
        ("`…` is given twice", "`org` is given twice", "`org` is given twice: put its keys into one list"),
        ("remove it", "remove it", "remove it now"),
    ] {
        assert!(has_form(like, form) && !has_form(unlike, form), "{form}");
    }
    assert!(!documented().iter().any(|form| has_form("something that nobody wrote down", form)));
}

#[test]
fn every_message_is_documented() {
    let forms = documented();
    assert!(forms.len() > 80, "{}", forms.len());
    let mut cases = Vec::new();
    files(Path::new("ui"), &mut cases);
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        for message in text
            .lines()
            .filter_map(|line| line.strip_prefix("error: ").or(line.strip_prefix("error[E0080]: ")))
        {
            assert!(forms.iter().any(|form| has_form(message, form)), "{}: {message}", case.display());
        }
    }
}
