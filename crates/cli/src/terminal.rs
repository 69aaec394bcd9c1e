//! Colors, and tables that fit the terminal.

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;
use kinde_perms::__crates::{Cell, Mark, Table, plain};
use kinde_perms_policy::printable::lines;
use tabled::builder::Builder;
use tabled::settings::object::Cell as Place;
use tabled::settings::peaker::PriorityMax;
use tabled::settings::{Color, Padding, Style as Borders, Width};
use terminal_size::{Width as Columns, terminal_size_of};

const ESCAPE: char = '\u{1b}';

/// The escape sequences of every [`Tone`], without the escape character.
const CODES: [&str; 6] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"];

/// The meaning of a piece of text, shown by its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Unsure,
    Quiet,
}

/// The known properties of an output stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terminal {
    pub(crate) colors: bool,
    /// Characters per line; `None` if unknown.
    pub(crate) columns: Option<usize>,
}

impl Terminal {
    pub(crate) fn output() -> Self {
        let stream = std::io::stdout();
        let columns = terminal_size_of(&stream).map(|(Columns(columns), _)| usize::from(columns));
        Self { colors: colored(&stream), columns }
    }

    pub(crate) fn errors() -> Self {
        Self { colors: colored(&std::io::stderr()), columns: None }
    }

    /// Returns `true` if there are no colors and the width is unknown.
    pub(crate) fn is_plain(self) -> bool {
        self == Self::default()
    }

    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let style = tone.style();
        if self.colors { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Returns clap's text, in its colors if the stream takes any. The text is made of cleaned arguments.
    pub(crate) fn styled(self, text: &StyledStr) -> String {
        if self.colors { text.ansi().to_string() } else { text.to_string() }
    }

    /// Escapes every hidden character, except line breaks and, if the stream takes them, the colors of this program.
    ///
    /// Commands clean each value that they put into a line. This method catches the values that a command forgets.
    pub(crate) fn cleaned(self, text: &str) -> String {
        let mut pieces = text.split(ESCAPE);
        let first = lines(pieces.next().unwrap_or_default());
        pieces.fold(first, |cleaned, piece| {
            let code = CODES.into_iter().find(|code| self.colors && piece.starts_with(code));
            match code.and_then(|code| Some((code, piece.strip_prefix(code)?))) {
                Some((code, rest)) => format!("{cleaned}{ESCAPE}{code}{}", lines(rest)),
                None => cleaned + &lines(&format!("{ESCAPE}{piece}")),
            }
        })
    }

    /// Draws a table without lines, and wraps cells to fit the width.
    pub(crate) fn draw(self, table: &Table) -> String {
        let rows = [&table.head].into_iter().chain(&table.rows);
        let texts = rows.clone().map(|row| row.iter().map(plain).collect::<Vec<_>>());
        let mut drawn = texts.collect::<Builder>().build();
        drawn.with(Borders::empty()).with(Padding::new(0, 2, 0, 0));
        if let Some(columns) = self.columns {
            drawn.with(Width::wrap(columns).keep_words(true).priority(PriorityMax::right()));
        }
        for (row, cells) in rows.enumerate().filter(|_| self.colors) {
            for (column, cell) in cells.iter().enumerate() {
                let Some(style) = tone(cell).map(Tone::style) else { continue };
                let color = Color::new(style.render().to_string(), style.render_reset().to_string());
                drawn.modify(Place::new(row, column), color);
            }
        }
        drawn.to_string().lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
    }
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Unsure => AnsiColor::Yellow.on_default(),
            Self::Quiet => Style::new().dimmed(),
        }
    }
}

fn tone(cell: &Cell) -> Option<Tone> {
    match cell {
        Cell::Mark(Mark::Yes, _) => Some(Tone::Good),
        Cell::Mark(Mark::No, _) => Some(Tone::Quiet),
        Cell::Mark(Mark::If, _) => Some(Tone::Unsure),
        Cell::Words(_) | Cell::Code(_) => None,
    }
}

/// Returns `true` if the stream takes colors. A terminal does, unless `NO_COLOR`, `CLICOLOR` or `CLICOLOR_FORCE`
/// decide.
fn colored(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use kinde_perms::__crates::matrix_text;
    use kinde_perms::access::{Access, AccessMatrix, Catalogue, Format, Route};

    use super::*;

    fn matrix() -> AccessMatrix {
        let route = |method: &str, path: &str, rule: &str| {
            Route::new(method, path, Access::Guarded(rule.parse().unwrap()))
        };
        let routes = [
            route("DELETE", "/todos/{id}", r#"permissions = ["delete:todos"], roles = ["admin"]"#),
            route("GET", "/todos", r#"permissions = ["read:todos"], scopes = ["todos"]"#),
            Route::new("GET", "/health", Access::Public("probes ask without a token".to_owned())),
        ];
        let roles = Catalogue::new().role("admin", ["delete:todos"]).role("viewer", ["read:todos"]);
        routes.into_iter().collect::<AccessMatrix>().with_catalogue(roles)
    }

    fn drawn(terminal: Terminal) -> String {
        matrix_text(&matrix(), &|table| terminal.draw(table))
    }

    #[test]
    fn a_wide_terminal_without_colors_gets_the_plain_table() {
        let wide = Terminal { colors: false, columns: Some(200) };
        assert_eq!(drawn(wide), matrix().render(Format::Text));
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let text = drawn(Terminal { colors: false, columns: Some(50) });
        let tables = text.split("\n(1)").next().unwrap();
        assert!(tables.lines().all(|line| line.chars().count() <= 50), "{text}");
        for word in ["[\"delete:todos\"],", "/todos/{id}  permissions =", "public: probes ask without\n"] {
            assert!(tables.contains(word), "{word}:\n{text}");
        }
    }

    #[test]
    fn colors_say_who_reaches_what_and_change_nothing_else() {
        let text = drawn(Terminal { colors: true, columns: None });
        for mark in ["\u{1b}[32myes", "\u{1b}[2m-", "\u{1b}[33mif (1)"] {
            assert!(text.contains(mark), "{mark:?}:\n{text:?}");
        }
        assert_eq!(anstream::adapter::strip_str(&text).to_string(), matrix().render(Format::Text));
    }

    #[test]
    fn cleaned_escapes_hidden_characters_and_keeps_colors() {
        let terminal = Terminal { colors: true, columns: None };
        for tone in [Tone::Good, Tone::Bad, Tone::Unsure, Tone::Quiet] {
            let painted = terminal.paint(tone, "a\nb");
            assert_eq!(terminal.cleaned(&painted), painted);
            assert!(!Terminal::default().cleaned(&painted).contains(ESCAPE));
        }
        let forgotten = "\u{1b}[8m\u{1b}]0;t\u{7}\u{202e}\n\u{9b}31m";
        assert_eq!(terminal.cleaned(forgotten), "\\u{1b}[8m\\u{1b}]0;t\\u{7}\\u{202e}\n\\u{9b}31m");
    }
}
