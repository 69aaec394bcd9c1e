//! Attacks of our own on the form of a token.

use kinde_perms::TokenError;
use kinde_perms_testkit::TokenParts;
use serde_json::{Map, Value, json};

use crate::attack::{Attack, Case, accepted, refused};
use crate::forge::{
    add_members, encode, header, payload, segments, with_claim_text, with_header, with_payload,
};
use crate::stage::Stage;

const LONGEST: usize = 16 * 1024;

pub(crate) fn attacks() -> Vec<Attack> {
    [forms(), texts()].into_iter().flatten().collect()
}

fn malformed(what: impl Into<String>, token: String) -> Case {
    Case::refused(what, token, TokenError::Malformed)
}

fn forms() -> Vec<Attack> {
    vec![
        refused("own-parts").own("one, two, four, five or more segments").tokens(|stage| {
            let token = stage.token().sign();
            let [header, payload, signature] = segments(&token);
            let malformed = |what: &str, token: String| malformed(what, token);
            vec![
                malformed("one", header.clone()),
                malformed("two", format!("{header}.{payload}")),
                malformed("four", format!("{token}.{signature}")),
                malformed("five, as JWE", format!("{header}.{payload}.{signature}.{payload}.{signature}")),
                malformed("a dot before", format!(".{token}")),
                malformed("a dot behind", format!("{token}.")),
                malformed("two dots", token.replacen('.', "..", 1)),
                malformed("twice", format!("{token}.{token}")),
            ]
        }),
        refused("own-padded").own("base64url with padding").tokens(|stage| {
            let token = stage.token().sign();
            let [header, payload, signature] = segments(&token);
            let malformed = |what: &str, token: String| malformed(what, token);
            vec![
                malformed("one", format!("{token}=")),
                malformed("as it belongs", format!("{header}.{payload}.{signature}==")),
                malformed("many", format!("{token}{}", "=".repeat(100))),
            ]
        }),
        refused("own-marked")
            .own("a byte order mark, or another invisible character, around the token")
            .choice("over HTTP 400: not a bearer token")
            .tokens(|stage| {
                let token = stage.token().sign();
                ["\u{feff}", "\u{200b}", "\u{2060}", "\u{ad}", "\u{202e}"]
                    .iter()
                    .flat_map(|mark| [format!("{mark}{token}"), format!("{token}{mark}")])
                    .map(|token| malformed("marked", token))
                    .collect()
            }),
        refused("own-twice-encoded").own("base64url of a token, and of its segments").tokens(|stage| {
            let token = stage.token().sign();
            vec![
                malformed("the whole", encode(&token)),
                malformed("each segment", segments(&token).map(encode).join(".")),
            ]
        }),
        accepted("own-size").own("a token of exactly 16 KiB, and one of a byte more").tokens(|stage| {
            vec![
                Case::accepted("16 KiB", of_length(stage, LONGEST)),
                Case::refused("a byte more", of_length(stage, LONGEST + 1), TokenError::TooLarge),
                Case::refused("300 kB", "A".repeat(300_000), TokenError::TooLarge),
            ]
        }),
    ]
}

/// Makes a good token of exactly this length; some lengths take a longer header than the usual one.
fn of_length(stage: &Stage, length: usize) -> String {
    let token = |header: usize, payload: usize| {
        let token = stage.token().header("x", "x".repeat(header)).claim("x", "x".repeat(payload));
        token.sign()
    };
    let missing = (length - token(0, 0).len()) * 3 / 4;
    let around =
        (0..4).flat_map(|header| (missing - 12..=missing).map(move |payload| token(header, payload)));
    around.into_iter().find(|token| token.len() == length).expect("a token of this length")
}

fn texts() -> Vec<Attack> {
    vec![
        refused("own-nested").own("a token as the payload, without `cty`").tokens(|stage| {
            let inner = stage.token().sign();
            vec![
                malformed("bare", with_payload(stage, inner.clone())),
                malformed("as a JSON string", with_payload(stage, json!(inner).to_string())),
            ]
        }),
        refused("own-control-characters").own("raw control characters in JSON strings").tokens(|stage| {
            (0_u8..0x20)
                .map(|byte| {
                    let text = [b"\"x", [byte].as_slice(), b"\""].concat();
                    let token = with_claim_text(stage, "x", &String::from_utf8(text).unwrap());
                    malformed(format!("{byte:#x}"), token)
                })
                .collect()
        }),
        refused("own-surrogates").own("surrogates that stand alone").tokens(|stage| {
            let alone = [
                r"\ud800",
                r"\udc00",
                r"\ud800\u0041",
                r"\ud800\ud800",
                r"\udc00\ud800",
                r"\u12",
                r"\x41",
                r"\u{41}",
            ];
            let in_payload =
                alone.map(|text| malformed(text, with_claim_text(stage, "x", &format!("\"{text}\""))));
            let in_header = alone.map(|text| {
                malformed(text, with_header(stage, add_members(&header(stage), &format!("\"{text}\":1"))))
            });
            let pair = Case::accepted("control: a pair", with_claim_text(stage, "x", r#""\ud83d\ude00""#));
            in_payload.into_iter().chain(in_header).chain([pair]).collect()
        }),
        refused("own-not-utf8").own("bytes that are not UTF-8, overlong forms included").tokens(|stage| {
            let bytes: [&[u8]; 6] = [
                &[0xff],
                &[0xc0, 0xaf],
                &[0xe0, 0x80, 0xaf],
                &[0xed, 0xa0, 0x80],
                &[0xf4, 0x90, 0x80, 0x80],
                &[0xc3],
            ];
            bytes
                .into_iter()
                .flat_map(|bytes| {
                    let inserted = |text: String| {
                        let (start, end) = text.split_at(text.len() - 1);
                        [start.as_bytes(), br#","x":""#, bytes, b"\"", end.as_bytes()].concat()
                    };
                    [
                        with_header(stage, inserted(header(stage))),
                        with_payload(stage, inserted(payload(stage))),
                    ]
                })
                .map(|token| malformed("not UTF-8", token))
                .collect()
        }),
        refused("own-claim-names")
            .own("claims whose names differ in case or by invisible characters")
            .tokens(|stage| {
                let renamed = |old: &'static str, new: &str| {
                    let parts = TokenParts::of(&stage.token().sign());
                    let mut claims: Map<String, Value> = serde_json::from_slice(&parts.payload).unwrap();
                    let value = claims.remove(old).unwrap();
                    claims.insert(new.to_owned(), value);
                    let token = with_payload(stage, Value::Object(claims).to_string());
                    Case::refused(format!("{new:?}"), token, TokenError::MissingClaim(old))
                };
                vec![
                    renamed("exp", "EXP"),
                    renamed("exp", "exp "),
                    renamed("exp", "exp\0"),
                    renamed("iss", "Iss"),
                    renamed("iss", "\u{131}ss"),
                    renamed("sub", "su\u{200b}b"),
                ]
            }),
    ]
}
