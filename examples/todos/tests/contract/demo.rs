//! A server without settings: the printed tokens and commands give the printed answers.

use std::net::TcpListener;
use std::process::Stdio;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::process::{Server, client, run, todos};

/// The commands of the output, each with the status that the line above it promises.
fn commands(output: &str) -> Vec<(u16, &str)> {
    let lines: Vec<_> = output.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[1].starts_with("curl "));
    let promise = |line: &str| line.strip_prefix("# ").unwrap().split(':').next().unwrap().parse().unwrap();
    pairs.map(|pair| (promise(pair[0]), pair[1])).collect()
}

/// The words of a command line as a shell splits them, single quotes being all there is.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for character in command.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    assert!(!quoted, "{command}");
    words.push(word);
    words
}

/// The request that curl makes of the options used here.
fn request(command: &str) -> RequestBuilder {
    let (mut method, mut url, mut headers, mut body) = (None, None, Vec::new(), None);
    let mut words = words(command).into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-i" => {}
            "-X" => method = words.next(),
            "-H" => headers.push(words.next().unwrap()),
            "-d" => body = words.next(),
            _ => assert!(url.replace(word).is_none(), "{command}"),
        }
    }
    let default = if body.is_some() { "POST" } else { "GET" };
    let method: Method = method.as_deref().unwrap_or(default).parse().unwrap();
    let request = client().request(method, url.unwrap()).body(body.unwrap_or_default());
    headers.iter().fold(request, |request, header| {
        let (name, value) = header.split_once(": ").unwrap();
        request.header(name, value)
    })
}

fn token<'a>(output: &'a str, role: &str) -> &'a str {
    output.lines().find_map(|line| line.strip_prefix(role)?.strip_prefix(": ")).unwrap()
}

/// Where the server may listen on this machine: IPv6 is not everywhere.
fn addresses() -> impl Iterator<Item = &'static str> {
    let here = |addr: &&str| TcpListener::bind(addr).is_ok();
    ["127.0.0.1:0", "localhost:0", "[::1]:0"].into_iter().filter(here)
}

#[tokio::test]
async fn the_printed_commands_give_what_they_say() {
    for addr in addresses() {
        let server = Server::start(&[("TODOS_ADDR", addr)]).await;
        let commands = commands(&server.output);
        for status in [200, 201, 401, 403] {
            assert!(
                commands.iter().any(|(promised, _)| *promised == status),
                "{status} in {}",
                server.output
            );
        }
        for (promised, command) in commands {
            assert!(command.contains(&server.url), "{command}");
            assert_eq!(request(command).send().await.unwrap().status(), promised, "{command}");
        }
    }
}

/// The same through a shell and curl, where there are both.
#[cfg(unix)]
#[tokio::test]
async fn the_printed_commands_can_be_pasted() {
    const COMMAND_NOT_FOUND: i32 = 127;
    for addr in addresses() {
        let server = Server::start(&[("TODOS_ADDR", addr)]).await;
        for (promised, command) in commands(&server.output) {
            let ended = run(Command::new("sh").args(["-c", command]).env("no_proxy", "*")).await;
            if ended.code == Some(COMMAND_NOT_FOUND) {
                return;
            }
            assert!(ended.stdout.starts_with(&format!("HTTP/1.1 {promised} ")), "{command}: {ended:?}");
        }
    }
}

#[tokio::test]
async fn a_token_is_printed_for_each_role() {
    let server = Server::start(&[]).await;
    for (role, permissions, deletes) in [
        ("viewer", vec!["read:todos", "read:reports"], 403),
        ("editor", vec!["read:todos", "create:todos", "update:todos"], 403),
        ("admin", vec!["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"], 404),
    ] {
        let token = token(&server.output, role);
        let url = |path: &str| format!("{}{path}", server.url);
        let mine = client().get(url("/me/permissions")).bearer_auth(token).send().await.unwrap();
        assert_eq!(mine.json::<Value>().await.unwrap()["permissions"], serde_json::json!(permissions));
        let delete = client().delete(url("/todos/1")).bearer_auth(token).send().await.unwrap();
        assert_eq!(delete.status(), deletes, "{role}");
    }
}

#[tokio::test]
async fn it_warns_before_it_prints_a_token() {
    let mut child = todos(&[("TODOS_ADDR", "127.0.0.1:0")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    let warning = loop {
        let line = errors.next_line().await.unwrap().unwrap();
        if let Some(warning) = line.strip_prefix("warning: ") {
            break warning.to_owned();
        }
    };
    for name in ["KINDE_ISSUER_URL", "KINDE_API_AUDIENCE", "test issuer"] {
        assert!(warning.contains(name), "{warning}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_listen_prints_no_token() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let ended = run(&mut todos(&[("TODOS_ADDR", &addr)])).await;
    assert_eq!(ended.stdout, "", "{ended:?}");
}
