use std::ffi::OsString;
use std::path::Path;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(|name| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
    })
}

fn refusal(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap_err().to_string()
}

#[test]
fn nothing_set_is_a_local_issuer_on_loopback() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(settings.issuer, Issuer::Local);
    assert!(settings.origins.is_empty());
    assert!(settings.in_memory());
}

#[test]
fn every_name_the_library_reads_means_a_real_issuer() {
    for name in KINDE_VARIABLES {
        assert_eq!(read(&[(name, "value")]).unwrap().issuer, Issuer::Kinde, "{name}");
        assert_eq!(read(&[(name, "")]).unwrap().issuer, Issuer::Kinde, "{name}, empty");
    }
}

#[test]
fn other_addresses_need_the_kinde_variables() {
    for addr in ["0.0.0.0:3000", "[::]:3000", "192.0.2.1:80", "[::ffff:127.0.0.1]:3000"] {
        let sentence = refusal(&[("TODOS_ADDR", addr)]);
        assert!(
            sentence.contains("KINDE_ISSUER_URL") && sentence.contains("KINDE_API_AUDIENCE"),
            "{sentence}"
        );
        let kinde = [("TODOS_ADDR", addr), ("KINDE_ISSUER_URL", "https://example.kinde.com")];
        assert_eq!(read(&kinde).unwrap().issuer, Issuer::Kinde);
    }
    for addr in ["127.0.0.1:0", "127.1.2.3:80", "[::1]:3000", "localhost:3000", " 127.0.0.1:3000 "] {
        assert_eq!(read(&[("TODOS_ADDR", addr)]).unwrap().issuer, Issuer::Local, "{addr}");
    }
}

#[test]
fn an_address_that_is_none_is_refused_by_name() {
    for addr in ["3000", "localhost", "localhost:", "localhost:web", "example.com:80", "127.0.0.1:65536"] {
        assert!(refusal(&[("TODOS_ADDR", addr)]).starts_with("TODOS_ADDR must"), "{addr}");
    }
}

#[test]
fn the_local_issuer_is_at_the_address_of_the_server_unless_told_otherwise() {
    for (addr, issuer) in [("127.0.0.1:3000", "127.0.0.1:0"), ("[::1]:3000", "[::1]:0")] {
        assert_eq!(read(&[("TODOS_ADDR", addr)]).unwrap().issuer_addr.to_string(), issuer);
    }
    let settings = read(&[("TODOS_ISSUER_ADDR", "localhost:4000")]).unwrap();
    assert_eq!(settings.issuer_addr.to_string(), "127.0.0.1:4000");
    for addr in ["0.0.0.0:4000", "192.0.2.1:4000", "4000", "localhost"] {
        assert!(refusal(&[("TODOS_ISSUER_ADDR", addr)]).starts_with("TODOS_ISSUER_ADDR must"), "{addr}");
    }
}

#[test]
fn the_front_end_is_where_it_is_built_unless_told_otherwise() {
    let settings = read(&[]).unwrap();
    assert!(settings.web.ends_with("examples/todos/web/dist"), "{settings:?}");
    assert_eq!(settings.client_id, None);
    let settings = read(&[("TODOS_WEB", "/srv/todos"), ("TODOS_CLIENT_ID", "abc")]).unwrap();
    assert_eq!(
        (settings.web.as_path(), settings.client_id.as_deref()),
        (Path::new("/srv/todos"), Some("abc"))
    );
}

#[test]
fn origins_are_taken_as_browsers_send_them() {
    let list = "http://localhost:5173, https://app.example.com,http://[::1]:5173";
    let settings = read(&[("TODOS_ALLOWED_ORIGINS", list)]).unwrap();
    assert_eq!(settings.origins, ["http://localhost:5173", "https://app.example.com", "http://[::1]:5173"]);
    assert!(read(&[("TODOS_ALLOWED_ORIGINS", "")]).unwrap().origins.is_empty());
}

#[test]
fn anything_but_an_origin_is_refused_by_name() {
    for origin in [
        "*",
        "null",
        "localhost:5173",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://App.example.com",
        "HTTPS://app.example.com",
        "https://user@app.example.com",
        "https://app.example.com:443",
        "http://localhost:80",
        "http://localhost:",
        "http://localhost:05173",
        "ftp://app.example.com",
        "https://",
    ] {
        let sentence = refusal(&[("TODOS_ALLOWED_ORIGINS", origin)]);
        assert!(sentence.starts_with("TODOS_ALLOWED_ORIGINS must"), "{origin}: {sentence}");
    }
}

#[test]
fn a_variable_that_is_not_text_is_refused_by_name() {
    for name in [
        "TODOS_ADDR",
        "TODOS_ISSUER_ADDR",
        "TODOS_DB",
        "TODOS_WEB",
        "TODOS_CLIENT_ID",
        "TODOS_ALLOWED_ORIGINS",
    ] {
        let variable = |asked: &str| match asked {
            _ if asked == name => Err(VarError::NotUnicode(OsString::new())),
            _ => Err(VarError::NotPresent),
        };
        let error = Settings::read(variable);
        assert_eq!(error, Err(SettingsError::NotUtf8(name)));
    }
}

#[test]
fn the_database_is_where_the_variable_says() {
    let settings = read(&[("TODOS_DB", "/var/lib/todos.sqlite")]).unwrap();
    assert_eq!(settings.database, Path::new("/var/lib/todos.sqlite"));
    assert!(!settings.in_memory());
}
