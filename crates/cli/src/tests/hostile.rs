//! Hostile input in files, tokens and arguments: no command prints a character that a terminal obeys or a
//! reader cannot see, nor a line that the input made up.

mod cases;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kinde_perms_policy::printable::is_hidden;

use self::cases::{Case, Folder, leaves, serving};
use super::*;

const PLAIN: Terminal = Terminal { colors: false, columns: None };
const COLORED: Terminal = Terminal { colors: true, columns: None };

fn arguments(case: &[String]) -> Vec<OsString> {
    let program = "kinde-perms".to_owned();
    [&program].into_iter().chain(case).map(OsString::from).collect()
}

/// Returns the text that a call prints on standard output and on standard error.
fn printed(case: &[String], terminal: Terminal) -> String {
    let output = RefCell::new(String::new());
    let print = |text: &str| output.borrow_mut().push_str(text);
    let (complaint, _) = answer(&arguments(case), terminal, terminal, &print);
    output.take() + &complaint
}

fn is(case: &[String], leaf: &str) -> bool {
    case.join(" ").starts_with(leaf)
}

#[track_caller]
fn assert_clean(text: &str, case: &[String]) {
    let hidden: BTreeSet<char> = text.chars().filter(|c| is_hidden(*c) && *c != '\n').collect();
    assert!(hidden.is_empty(), "{case:?} prints {hidden:?}: {text}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("FORGED")), "{case:?}: {text}");
}

#[test]
fn no_command_prints_escape_sequences_of_its_input() {
    let (folder, commands) = (Folder::new("hostile"), leaves(&Arguments::command()));
    let mut repeating = BTreeSet::new();
    for case in &cases::all(&folder) {
        let plain = printed(case, PLAIN);
        assert_clean(&plain, case);
        if plain.contains("FORGED") {
            repeating.extend(commands.iter().filter(|leaf| is(case, leaf)));
        }
        // A color of the input would be stripped like one of ours, and be missing here. New tokens differ each time.
        let stripped = anstream::adapter::strip_str(&printed(case, COLORED)).to_string();
        assert!(stripped == plain || is(case, "token mint"), "{case:?}: {stripped}\n---\n{plain}");
        let json = printed(&[&["--json".to_owned()], &case[..]].concat(), COLORED);
        assert_clean(&json, case);
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{case:?}: {json}");
    }
    // Each command repeats some of its input, so the cases reach the printed text.
    assert_eq!(repeating, commands.iter().collect());
}

/// A command or an option that is added needs a case.
#[test]
fn every_command_and_every_option_has_a_hostile_case() {
    let folder = Folder::new("options");
    let cases: Vec<Case> = cases::all(&folder).into_iter().chain([serving()]).collect();
    for leaf in leaves(&Arguments::command()) {
        let find = |command: clap::Command, name| command.find_subcommand(name).unwrap().clone();
        let command = leaf.split(' ').fold(Arguments::command(), find);
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let option = format!("--{option}");
            assert!(cases.iter().any(|case| is(case, &leaf) && case.contains(&option)), "{leaf} {option}");
        }
    }
}

#[test]
fn dev_prints_no_escape_sequences_of_its_input() {
    for case in [serving(), [serving(), vec!["--json".to_owned()]].concat()] {
        let (send, said) = mpsc::channel();
        let arguments = arguments(&case);
        // It serves until the process ends.
        thread::spawn(move || {
            let print = |text: &str| send.send(text.to_owned()).unwrap();
            let (complaint, _) = answer(&arguments, PLAIN, PLAIN, &print);
            print(&complaint);
        });
        let text = said.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(text.contains("FORGED"), "{text}");
        assert_clean(&text, &case);
    }
}
