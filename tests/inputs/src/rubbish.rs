//! The costliest known shapes of unsigned tokens, which every client can send.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The lengths a token and its header may have.
const TOKEN: usize = 16 * 1024;
const HEADER: usize = 2 * 1024;

/// The longest payload that is read before its signature is refused.
const SHORT_PAYLOAD: usize = 4 * 1024;

/// A signature of the length of a 2048-bit RSA key's.
const SIGNATURE_BYTES: usize = 256;

/// Fills an object.
pub type Fill = fn(&mut Filling);

/// Payloads that fill the token, by name. The claims that are read before the signature are acceptable.
pub const PAYLOADS: [(&str, Fill); 22] = [
    ("rubbish_text", |fill| fill.member("x", ['"', '"'], "", |_| "x".to_owned())),
    ("rubbish_arrays", |fill| fill.array("x", |_| "[]".to_owned())),
    ("rubbish_open", |fill| fill.member("x", ['[', ']'], "", |_| "[".to_owned())),
    ("rubbish_deep", |fill| fill.array("x", |_| format!("{}{}", "[".repeat(14), "]".repeat(14)))),
    ("rubbish_objects", |fill| fill.array("x", |_| "{}".to_owned())),
    ("rubbish_small_objects", |fill| fill.array("x", |_| r#"{"\n":0}"#.to_owned())),
    ("rubbish_zeros", |fill| fill.array("x", |_| "0".to_owned())),
    ("rubbish_floats", |fill| fill.array("x", |_| "1e-300".to_owned())),
    ("rubbish_digits", |fill| fill.member("x", ['0', '1'], "", |_| "9".to_owned())),
    ("rubbish_escapes", |fill| fill.array("x", |_| r#""\n""#.to_owned())),
    ("rubbish_long_escape", |fill| fill.member("x", ['"', '"'], "", |_| r"\u00e9".to_owned())),
    ("rubbish_members", |fill| fill.members(|number| format!(r#""{}":0"#, letters(number)))),
    ("rubbish_members_like_ours", |fill| fill.members(|number| format!(r#""i{}":0"#, letters(number)))),
    ("rubbish_members_escaped", |fill| fill.members(|number| format!(r#""\n{}":0"#, letters(number)))),
    ("rubbish_members_inside", |fill| {
        fill.member("x", ['{', '}'], ",", |number| format!(r#""{}":0"#, letters(number)));
    }),
    ("rubbish_members_twice", |fill| fill.members(|_| r#""nbf":0"#.to_owned())),
    ("rubbish_audience", |fill| fill.audience(|_| r#""""#.to_owned())),
    ("rubbish_audience_arrays", |fill| fill.audience(|_| "[]".to_owned())),
    ("rubbish_audience_escapes", |fill| fill.audience(|_| r#""\n""#.to_owned())),
    ("rubbish_grants", |fill| fill.array("gty", |number| format!(r#""{}""#, letters(number)))),
    ("rubbish_permissions", |fill| fill.array("permissions", |_| r#""""#.to_owned())),
    ("rubbish_roles", |fill| fill.array("roles", |_| r#""""#.to_owned())),
];

/// Headers of the maximum length, by name; the payload fills the rest of the token.
pub const HEADERS: [(&str, Fill); 4] = [
    ("rubbish_header_arrays", |fill| fill.array("x", |_| "[]".to_owned())),
    ("rubbish_header_members", |fill| fill.members(|number| format!(r#""\n{}":0"#, letters(number)))),
    ("rubbish_header_chain", |fill| fill.array("x5c", |_| r#""""#.to_owned())),
    ("rubbish_header_escapes", |fill| fill.array("x5c", |_| r#""\n""#.to_owned())),
];

/// Returns a token with a payload of the maximum length.
pub fn payload(header: &str, claims: &str, fill: Fill) -> String {
    let room = TOKEN - encoded(header.len()) - encoded(SIGNATURE_BYTES) - 2;
    token(header, &Filling::of(claims, room, fill))
}

/// Returns a token with the longest payload for which the signature is checked and the claims are read.
pub fn short_payload(header: &str, claims: &str, fill: Fill) -> String {
    token(header, &Filling::of(claims, encoded(SHORT_PAYLOAD), fill))
}

/// Returns a token with a header of the maximum length.
pub fn long_header(header: &str, claims: &str, fill: Fill) -> String {
    payload(&Filling::of(header, HEADER, fill), claims, PAYLOADS[0].1)
}

/// Returns a token with a header far beyond the maximum length.
pub fn huge_header(header: &str, claims: &str) -> String {
    let room = TOKEN - encoded(claims.len()) - encoded(SIGNATURE_BYTES) - 2;
    token(&Filling::of(header, room, HEADERS[0].1), claims)
}

fn token(header: &str, payload: &str) -> String {
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
    let token = format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([1; SIGNATURE_BYTES]));
    assert!(token.len() <= TOKEN, "{} bytes", token.len());
    token
}

fn encoded(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Returns two letters for a number; they repeat after all pairs.
fn letters(number: usize) -> String {
    let letters: Vec<char> = ('!'..='~').filter(|letter| !"\"\\".contains(*letter)).collect();
    [letters[number % letters.len()], letters[number / letters.len() % letters.len()]].iter().collect()
}

/// A JSON object under construction.
#[derive(Debug)]
pub struct Filling {
    text: String,
    /// The bytes of the complete object.
    room: usize,
}

impl Filling {
    /// Creates an object that fills this many encoded characters.
    fn of(object: &str, characters: usize, fill: Fill) -> String {
        let text = object.strip_suffix('}').unwrap().to_owned();
        let mut filling = Self { text, room: characters * 3 / 4 - 1 };
        fill(&mut filling);
        filling.text + "}"
    }

    fn array(&mut self, name: &str, element: fn(usize) -> String) {
        self.member(name, ['[', ']'], ",", element);
    }

    fn member(&mut self, name: &str, around: [char; 2], between: &str, element: fn(usize) -> String) {
        self.text.extend([",\"", name, "\":"]);
        self.text.push(around[0]);
        self.room -= 1;
        self.repeat("", between, element);
        self.text.push(around[1]);
    }

    fn members(&mut self, member: fn(usize) -> String) {
        self.repeat(",", ",", member);
    }

    /// Adds to the audience, which is the last claim and has one element.
    fn audience(&mut self, element: fn(usize) -> String) {
        self.text.truncate(self.text.len() - 1);
        self.room -= 1;
        self.repeat(",", ",", element);
        self.text.push(']');
    }

    fn repeat(&mut self, first: &str, between: &str, element: fn(usize) -> String) {
        let mut next = format!("{first}{}", element(0));
        for number in 1.. {
            if self.text.len() + next.len() > self.room {
                return;
            }
            self.text.push_str(&next);
            next = format!("{between}{}", element(number));
        }
    }
}
