//! The HTML page: one file that loads no other file and sends nothing.

use std::fmt::Write as _;

use super::report::{Cell, Mark, Report, Sentence, Table};

/// The columns of the table of roles before its first caller.
const NAMES: usize = 2;

pub(super) fn render(report: &Report) -> String {
    let callers: Vec<&Cell> = report.roles.iter().flat_map(|table| table.head.iter().skip(NAMES)).collect();
    // Inserted text is escaped, so it cannot contain a placeholder of the page.
    include_str!("page.html")
        .replace("<!--no-roles-->", if callers.is_empty() { " hidden" } else { "" })
        .replace("<!--callers-->", &options(&callers))
        .replace("<!--head-->", &head(&callers))
        .replace("<!--rows-->", &rows(report, &callers))
        .replace("<!--conditions-->", &list("ol", report.conditions.iter().map(cell)))
        .replace("<!--remarks-->", &list("ul", report.remarks.iter().map(sentence)))
}

fn options(callers: &[&Cell]) -> String {
    callers.iter().enumerate().fold(String::new(), |mut html, (at, caller)| {
        let _ = write!(html, "<option value=\"{at}\">{}</option>", escaped(caller.text()));
        html
    })
}

fn head(callers: &[&Cell]) -> String {
    let titles = [Cell::words("Method"), Cell::words("Path"), Cell::words("Access")];
    let all = titles.iter().chain(callers.iter().copied());
    all.fold(String::new(), |html, title| html + "<th scope=\"col\">" + &cell(title) + "</th>")
}

fn rows(report: &Report, callers: &[&Cell]) -> String {
    let marks = |at: usize| {
        let row = report.roles.as_ref().and_then(|Table { rows, .. }| rows.get(at));
        row.into_iter().flat_map(|row| row.iter().skip(NAMES))
    };
    report.routes.rows.iter().enumerate().fold(String::new(), |mut html, (at, route)| {
        let _ = write!(html, "<tr>{}", route_cells(route));
        for (caller, (mark, name)) in marks(at).zip(callers).enumerate() {
            html.push_str(&mark_cell(caller, mark, name.text()));
        }
        html.push_str("</tr>\n");
        html
    })
}

/// Writes the cells of method, path, and access with the handler below it.
fn route_cells(route: &[Cell]) -> String {
    let [method, path, access, handler @ ..] = route else { return String::new() };
    let handler =
        handler.first().map(|handler| format!("<span class=\"handler\">{}</span>", escaped(handler.text())));
    format!(
        "<td class=\"method\">{}</td> <td>{}</td><td class=\"access\">{}{}</td>",
        cell(method),
        cell(path),
        cell(access),
        handler.unwrap_or_default()
    )
}

fn mark_cell(caller: usize, cell: &Cell, name: &str) -> String {
    let (class, shown) = match cell {
        Cell::Mark(Mark::Yes, text) => ("yes", text.as_str()),
        Cell::Mark(Mark::No, _) => ("no", "–"),
        condition => ("if", condition.text()),
    };
    let (shown, name) = (escaped(shown), escaped(name));
    format!(
        "<td class=\"mark {class}\" data-caller=\"{caller}\" data-mark=\"{class}\" data-label=\"{name}\">{shown}</td>"
    )
}

fn list(tag: &str, items: impl Iterator<Item = String>) -> String {
    let items = items.fold(String::new(), |html, item| html + "<li>" + &item + "</li>\n");
    if items.is_empty() { items } else { format!("<{tag}>\n{items}</{tag}>") }
}

fn sentence(remark: &Sentence) -> String {
    remark.iter().map(cell).collect()
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Words(text) | Cell::Mark(_, text) => escaped(text),
        Cell::Code(text) => format!("<code>{}</code>", escaped(text)),
    }
}

/// Escapes text for HTML, in elements and in quoted attributes.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}
