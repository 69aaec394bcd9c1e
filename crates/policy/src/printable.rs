//! Escapes foreign text for terminals, logs and reviews.
//!
//! Paths, reasons, names of checks and handlers, a token's claims, file names and the words of other libraries' errors
//! can contain any character. A control character moves a terminal's cursor, renames its window or fakes a line of a log. A
//! bidirectional mark makes a line read as something else than it is (Unicode UAX #9; "Trojan Source", CVE-2021-42574).
//! A zero-width or tag character makes two names look alike. All of these are *hidden* characters, and they are escaped as
//! in a Rust string literal: `\n`, `\u{1b}`, `\u{202e}`. Every other character stays, in any script.
//!
//! All output of foreign text goes through [`Printable`], [`line`], [`lines`] or [`json`]. A key that passed the grammar of
//! keys has no hidden characters, and a rule in normal form has them escaped by [`write_escaped`].

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};

/// Displays a value on one line, with hidden characters escaped.
#[derive(Debug)]
pub struct Printable<T>(pub T);

impl<T: Display> Display for Printable<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(EscapingWriter { to: f, hidden: write_escaped }, "{}", self.0)
    }
}

/// Returns a text on one line, with hidden characters escaped. Borrows a text that has none.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.contains(is_hidden) { Printable(text).to_string().into() } else { text.into() }
}

/// Returns a JSON text of the same value, with hidden characters escaped but for the line breaks between members.
pub fn json(text: &str) -> String {
    escaped(text, |to, c| match c {
        '\n' => to.write_char(c),
        c => c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(to, "\\u{unit:04x}")),
    })
}

/// Returns a text of several lines, with hidden characters escaped but for line breaks.
pub fn lines(text: &str) -> String {
    escaped(text, |to, c| if c == '\n' { to.write_char(c) } else { write_escaped(to, c) })
}

/// Writes the escape of a hidden character, as in a Rust string literal.
pub fn write_escaped(to: &mut dyn Write, hidden: char) -> fmt::Result {
    match hidden {
        '\n' => to.write_str("\\n"),
        '\r' => to.write_str("\\r"),
        '\t' => to.write_str("\\t"),
        c => write!(to, "\\u{{{:x}}}", u32::from(c)),
    }
}

/// Returns `true` for control characters (C0, DEL, C1), line and paragraph separators, bidirectional formatting, and
/// default-ignorable characters (UAX #44), such as variation selectors, fillers and tags.
///
/// The list is fixed, because the normal form of a rule depends on it. The compiler's Unicode tables change.
pub const fn is_hidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Writes a string literal of the rule language, with hidden characters escaped.
pub(crate) fn quote(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if is_hidden(c) => write_escaped(f, c)?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

fn escaped(text: &str, hidden: fn(&mut dyn Write, char) -> fmt::Result) -> String {
    let mut written = String::with_capacity(text.len());
    // Writing to a `String` cannot fail.
    let _ = EscapingWriter { to: &mut written, hidden }.write_str(text);
    written
}

/// Writes a text to `to`, and hands each hidden character to `hidden`.
struct EscapingWriter<'w> {
    to: &'w mut dyn Write,
    hidden: fn(&mut dyn Write, char) -> fmt::Result,
}

impl Write for EscapingWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive(is_hidden) {
            self.to.write_str(piece.trim_end_matches(is_hidden))?;
            if let Some(hidden) = piece.chars().next_back().filter(|c| is_hidden(*c)) {
                (self.hidden)(self.to, hidden)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_and_no_others_are_escaped() {
        let hidden =
            "a\u{1b}[31m\r\n\u{7f}\u{9b}\u{202e}\u{2066}\u{2028}\u{200b}\u{feff}\u{fe0f}\u{e0041}\u{e0100}z";
        let visible =
            r"a\u{1b}[31m\r\n\u{7f}\u{9b}\u{202e}\u{2066}\u{2028}\u{200b}\u{feff}\u{fe0f}\u{e0041}\u{e0100}z";
        assert_eq!(Printable(hidden).to_string(), visible);
        assert_eq!(Printable(visible).to_string(), visible);
        assert_eq!(line(hidden), visible);
        for ordinary in ["", "DELETE /todos/{id}", "Grüße, мир, 世界, שלום, سلام, नमस्ते, 🦀"]
        {
            assert_eq!(Printable(ordinary).to_string(), ordinary);
            assert!(matches!(line(ordinary), Cow::Borrowed(text) if text == ordinary));
        }
    }

    /// Control characters and explicit directional formatting are all hidden; of letters, only fillers are.
    #[test]
    fn every_control_character_and_directional_mark_is_hidden() {
        let directional = ['\u{61c}', '\u{200e}', '\u{200f}'].into_iter();
        let directional = directional.chain('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
        assert!(directional.chain(('\0'..=char::MAX).filter(|c| c.is_control())).all(is_hidden));
        let fillers = ['\u{34f}', '\u{115f}', '\u{1160}', '\u{17b4}', '\u{17b5}', '\u{3164}', '\u{ffa0}'];
        let hidden = ('\0'..=char::MAX).filter(|c| is_hidden(*c) && !fillers.contains(c));
        assert!(hidden.into_iter().all(|c| !c.is_alphanumeric() && c != ' '));
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{1b}\n\u{9b}", "\u{e0041}\u{2028}", "ü"] });
        let text = json(&format!("{value:#}\n"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert!(!text.contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
        assert!(text.contains(r"\u202e") && text.contains(r"\udb40\udc41") && text.contains('ü'), "{text}");
    }
}
