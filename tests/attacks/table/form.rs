//! The form of a token: base64url, three segments, strict JSON.

use kinde_perms::TokenError;
use serde_json::json;

use crate::attack::{Answer, Attack, Case, refused};
use crate::forge::{
    add_members, encode, header, payload, segments, sign_segments, with_claim_text, with_header, with_payload,
};
use crate::stage::{ATTACKER, Stage};
use crate::wire::Request;

const NOT_A_TOKEN: &str =
    "over HTTP 400: what cannot be a bearer token (RFC 6750 §2.1) is not looked at further";

pub(crate) fn attacks() -> Vec<Attack> {
    [serialisations(), alphabets(), sizes(), json_texts()].into_iter().flatten().collect()
}

fn malformed(what: impl Into<String>, token: String) -> Case {
    Case::refused(what, token, TokenError::Malformed)
}

fn serialisations() -> Vec<Attack> {
    vec![
        refused("form-02").choice(NOT_A_TOKEN).tokens(|stage| {
            let [header, payload, signature] = segments(&stage.token().sign());
            let [other, _, by_attacker] = segments(&stage.token().sign_with(&ATTACKER));
            let one = json!({ "protected": header, "signature": signature });
            let two = json!({ "protected": other, "signature": by_attacker });
            let flat = json!({ "payload": payload, "protected": header, "signature": signature });
            vec![
                malformed("general", json!({ "payload": payload, "signatures": [one, two] }).to_string()),
                malformed("one signature", json!({ "payload": payload, "signatures": [one] }).to_string()),
                malformed("flattened", flat.to_string()),
                malformed("base64url of it", encode(flat.to_string())),
            ]
        }),
        refused("form-04").tokens(|stage| {
            let [header, payload, signature] = segments(&stage.token().sign());
            let detached = sign_segments(&stage.issuer.signing_key(), &header, "");
            vec![
                malformed("the payload elsewhere", format!("{header}..{signature}")),
                malformed("signed without a payload", detached),
                malformed("no header", format!(".{payload}.{signature}")),
                malformed("dots", "..".to_owned()),
            ]
        }),
    ]
}

fn alphabets() -> Vec<Attack> {
    vec![
        refused("form-08").tokens(standard_alphabet),
        refused("form-09").tokens(|stage| {
            let [header, payload, signature] = with_spare_bits(stage);
            let key = stage.issuer.signing_key();
            vec![
                malformed("header", sign_segments(&key, &next_letter(&header), &payload)),
                malformed("payload", sign_segments(&key, &header, &next_letter(&payload))),
                malformed("signature", format!("{header}.{payload}.{}", next_letter(&signature))),
            ]
        }),
        refused("form-10").choice(NOT_A_TOKEN).tokens(white_space),
        refused("form-11").choice(NOT_A_TOKEN).tokens(|stage| {
            let token = stage.token().sign();
            ["%2e", "%2E", "&#46;", "\\u002e", "%252e"]
                .map(|dot| malformed(dot, token.replace('.', dot)))
                .into_iter()
                .chain([malformed("%3D", format!("{token}%3D")), malformed("quoted", format!("\"{token}\""))])
                .collect()
        }),
        refused("form-12").choice(NOT_A_TOKEN).tokens(not_ascii),
        refused("form-13").tokens(|stage| {
            let key = stage.issuer.signing_key();
            let [header, payload, signature] = segments(&stage.token().sign());
            vec![
                malformed("header", sign_segments(&key, "eyJhb", &payload)),
                malformed("payload", sign_segments(&key, &header, "eyJhb")),
                malformed("signature", format!("{header}.{payload}.{}", &signature[..signature.len() - 1])),
                malformed("signature of one letter", format!("{header}.{payload}.A")),
            ]
        }),
    ]
}

/// Segments in the standard alphabet of RFC 4648 §4, with both characters that base64url lacks.
fn standard_alphabet(stage: &Stage) -> Vec<Case> {
    let standard = |segment: &str| segment.replace('-', "+").replace('_', "/");
    let key = stage.issuer.signing_key();
    let text = json!("\u{fbff}\u{ffff}???>>>~~~").to_string();
    let header = encode(add_members(&header(stage), &format!(r#""x":{text}"#)));
    let payload = encode(add_members(&payload(stage), &format!(r#""x":{text}"#)));
    let token = std::iter::repeat_with(|| sign_segments(&key, &header, &with_salt(stage, &payload)))
        .find(|token| segments(token).iter().all(|segment| standard(segment) != *segment))
        .unwrap();
    let [header, payload, signature] = segments(&token);
    vec![
        Case::accepted("control", token.clone()),
        malformed("header", sign_segments(&key, &standard(&header), &payload)),
        malformed("payload", sign_segments(&key, &header, &standard(&payload))),
        malformed("signature", format!("{header}.{payload}.{}", standard(&signature))),
    ]
}

/// The same payload with a number of its own in it, so that its signature differs.
fn with_salt(stage: &Stage, payload: &str) -> String {
    let text = String::from_utf8(crate::forge::decode(payload)).unwrap();
    let unique = crate::forge::payload(stage);
    encode(add_members(&text, &format!(r#""salt":{}"#, json!(unique))))
}

/// A good token in which the last character of each segment has unused bits.
fn with_spare_bits(stage: &Stage) -> [String; 3] {
    let key = stage.issuer.signing_key();
    let padded = |text: String| {
        let lengths = (0..3).map(|length| add_members(&text, &format!(r#""x":"{}""#, "x".repeat(length))));
        lengths.map(encode).find(|segment| segment.len() % 4 == 3).unwrap()
    };
    segments(&sign_segments(&key, &padded(header(stage)), &padded(payload(stage))))
}

/// Changes the last character in its unused bits only.
fn next_letter(segment: &str) -> String {
    let (rest, last) = segment.split_at(segment.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    let changed = format!("{rest}{next}");
    assert!(changed != segment && !last.starts_with(['9', 'Z', 'z']), "a letter with a successor");
    changed
}

fn white_space(stage: &Stage) -> Vec<Case> {
    let token = stage.token().sign();
    let mut cases = Vec::new();
    for (name, space) in
        [("blank", " "), ("tab", "\t"), ("CR", "\r"), ("LF", "\n"), ("CRLF", "\r\n"), ("NUL", "\0")]
    {
        let inside = token.len() / 2;
        cases.push(malformed(
            format!("{name} inside"),
            format!("{}{space}{}", &token[..inside], &token[inside..]),
        ));
        cases.push(malformed(format!("{name} at a dot"), token.replacen('.', &format!("{space}."), 1)));
        cases.push(malformed(format!("{name} before"), format!("{space}{token}")));
        cases.push(malformed(format!("{name} behind"), format!("{token}{space}")));
    }
    let value = |space: &[u8]| [b"Bearer ", &token.as_bytes()[..50], space, &token.as_bytes()[50..]].concat();
    let request = |space| Request::get("/me").authorization(value(space));
    cases.push(Case::request("LF in the header", request(b"\n"), Answer::NotHttp));
    cases.push(Case::request("CRLF in the header", request(b"\r\n"), Answer::NotHttp));
    cases.push(Case::request("NUL in the header", request(b"\0"), Answer::NotHttp));
    cases
}

fn not_ascii(stage: &Stage) -> Vec<Case> {
    let token = stage.token().sign();
    let other_dots = ["\u{ff0e}", "\u{2024}", "\u{3002}", "\u{fe52}", "\u{ff61}"];
    let dots = other_dots.map(|dot| malformed(dot.escape_unicode().to_string(), token.replace('.', dot)));
    let letters =
        [token.replacen('e', "\u{435}", 1), token.replacen('J', "\u{ff2a}", 1), format!("{token}\u{301}")];
    let letters = letters.map(|token| malformed("a letter that looks alike", token));
    let bytes = [0x80, 0xa0, 0xc0, 0xff].map(|byte| {
        let value = [b"Bearer ", token.as_bytes(), &[byte]].concat();
        Case::request(
            format!("byte {byte:#x}"),
            Request::get("/me").authorization(value),
            Answer::InvalidRequest,
        )
    });
    dots.into_iter().chain(letters).chain(bytes).collect()
}

fn sizes() -> Vec<Attack> {
    vec![
        refused("form-15").tokens(|_| {
            vec![
                Case::refused("100 000", ".".repeat(100_000), TokenError::TooLarge),
                malformed("as many as a token may have", ".".repeat(16 * 1024)),
                malformed("between letters", "A.".repeat(8 * 1024)),
            ]
        }),
        refused("form-16").tokens(|stage| {
            let nested = |depth: usize| format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
            let objects = |depth: usize| format!(r#""x":{}0{}"#, r#"{"y":"#.repeat(depth), "}".repeat(depth));
            let in_header = |members: String| with_header(stage, add_members(&header(stage), &members));
            let in_payload = |members: String| with_payload(stage, add_members(&payload(stage), &members));
            vec![
                Case::refused("header, 10 000", in_header(nested(10_000)), TokenError::TooLarge),
                Case::refused("payload, 10 000", in_payload(nested(10_000)), TokenError::TooLarge),
                Case::refused("header, 5 000", in_header(nested(5_000)), TokenError::TooLarge),
                malformed("header, 500", in_header(nested(500))),
                malformed("payload, 5 000", in_payload(nested(5_000))),
                Case::accepted("control: header, 16 with the object itself", in_header(nested(15))),
                Case::accepted("control: payload", in_payload(nested(15))),
                malformed("header, one more", in_header(nested(16))),
                malformed("payload, one more", in_payload(nested(16))),
                malformed("objects in the header", in_header(objects(100))),
                malformed("objects in the payload", in_payload(objects(1_000))),
            ]
        }),
    ]
}

fn json_texts() -> Vec<Attack> {
    vec![
        refused("form-17").tokens(|stage| {
            let header = header(stage);
            [
                r#""alg":"none""#,
                r#""\u0061lg":"none""#,
                r#""alg":"HS256""#,
                r#""alg":"RS256""#,
                r#""kid":"another""#,
            ]
            .into_iter()
            .flat_map(|member| {
                let behind = format!("{},{member}}}", header.trim_end_matches('}'));
                [add_members(&header, member), behind]
            })
            .map(|header| malformed(header.clone(), with_header(stage, header)))
            .collect()
        }),
        refused("form-18").tokens(|stage| {
            let payload = payload(stage);
            [
                r#""sub":"a""#,
                r#""aud":["https://api.example.test"]"#,
                r#""exp":9999999999"#,
                r#""permissions":["a"],"permissions":["b"]"#,
                r#""x":{"y":1,"y":1}"#,
                r#""\u0069ss":"https://attacker.example""#,
            ]
            .map(|members| malformed(members, with_payload(stage, add_members(&payload, members))))
            .into()
        }),
        refused("form-19").tokens(|stage| {
            let encodings = |text: &str| {
                let utf16 =
                    |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
                let utf32 =
                    text.chars().flat_map(|letter| u32::from(letter).to_be_bytes()).collect::<Vec<u8>>();
                [
                    format!("\u{feff}{text}").into_bytes(),
                    utf16(u16::to_be_bytes),
                    utf16(u16::to_le_bytes),
                    utf32,
                ]
            };
            let headers = encodings(&header(stage)).map(|text| malformed("header", with_header(stage, text)));
            let payloads =
                encodings(&payload(stage)).map(|text| malformed("payload", with_payload(stage, text)));
            headers.into_iter().chain(payloads).collect()
        }),
        refused("form-22")
            .tokens(|stage| LAX.iter().flat_map(|value| lax(stage, value)).chain(lax_texts(stage)).collect()),
        refused("form-23").tokens(|stage| {
            ["\"str\"", "1", "[]", "null", "", " ", "true", "[{}]", "{}{}", "{} x", "{"]
                .map(|text| malformed(format!("payload {text}"), with_payload(stage, text)))
                .into()
        }),
        refused("form-24").tokens(|stage| {
            ["[]", "\"x\"", "", " ", "null", "1", "{}{}", "{", r#"["alg","RS256"]"#]
                .map(|text| malformed(format!("header {text}"), with_header(stage, text)))
                .into()
        }),
    ]
}

/// Values that are no JSON and that lenient parsers take.
const LAX: [&str; 14] = [
    "'x'",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "+1",
    "01",
    ".5",
    "5.",
    "1e",
    "undefined",
    "True",
    "1,",
    "/*x*/1",
];

fn lax<'a>(stage: &'a Stage, value: &'a str) -> [Case; 2] {
    let header = with_header(stage, add_members(&header(stage), &format!(r#""x":{value}"#)));
    [
        malformed(format!("{value} in the header"), header),
        malformed(format!("{value} in the payload"), with_claim_text(stage, "x", value)),
    ]
}

fn lax_texts(stage: &Stage) -> Vec<Case> {
    let lax = [
        |text: &str| format!("{},}}", text.trim_end_matches('}')),
        |text: &str| format!("// a comment\n{text}"),
        |text: &str| format!("{text}// a comment"),
        |text: &str| text.replacen('"', "'", 2),
        |text: &str| text.replacen('"', "", 2),
        |text: &str| format!("{text}\0"),
    ];
    lax.iter()
        .flat_map(|lax| {
            let (header, payload) = (lax(&header(stage)), lax(&payload(stage)));
            [
                malformed(header.clone(), with_header(stage, header)),
                malformed(payload.clone(), with_payload(stage, payload)),
            ]
        })
        .collect()
}
