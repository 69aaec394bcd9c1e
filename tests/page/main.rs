//! Tests the HTML page of an access matrix in a real browser: the filter, and the layout on a phone.
//!
//! The tests need a Chromium in the path, and are reported as ignored without one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use kinde_perms::access::{Access, AccessMatrix, Catalogue, Format, Route};
use kinde_perms::policy::RuleError;
use libtest_mimic::{Arguments, Failed, Trial};

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A user's action, and the expected page.
struct Case {
    name: &'static str,
    fragment: &'static str,
    /// Script that runs after the page has loaded.
    script: &'static str,
    shown: &'static [&'static str],
    /// The expected query of the address afterwards.
    address: &'static str,
}

const EVERYTHING: &[&str] = &["GET /health", "GET /me", "GET /todos", "DELETE /todos/{id}"];

const CASES: [Case; 8] = [
    Case { name: "unfiltered", fragment: "", script: "", shown: EVERYTHING, address: "" },
    Case {
        name: "role_in_address",
        fragment: "#who=viewer",
        script: "",
        shown: &["GET /health", "GET /me", "GET /todos"],
        address: "#who=viewer",
    },
    Case {
        name: "no_token_in_address",
        fragment: "#who=no+token",
        script: "",
        shown: &["GET /health"],
        address: "#who=no+token",
    },
    Case {
        name: "role_and_text_in_address",
        fragment: "#who=admin&text=TODOS",
        script: "",
        shown: &["DELETE /todos/{id}"],
        address: "#who=admin&text=TODOS",
    },
    Case {
        name: "unknown_role_in_address",
        fragment: "#who=%3Cb%3E",
        script: "",
        shown: EVERYTHING,
        address: "#who=%3Cb%3E",
    },
    Case {
        name: "role_chosen",
        fragment: "",
        script: "who.value = [...who.options].find((option) => option.text === 'admin').value; \
                 who.dispatchEvent(new Event('input'));",
        shown: &["GET /health", "GET /me", "DELETE /todos/{id}"],
        address: "#who=admin",
    },
    Case {
        name: "text_typed",
        fragment: "#who=viewer",
        script: "text.value = 'read:'; text.dispatchEvent(new Event('input'));",
        shown: &["GET /todos"],
        address: "#who=viewer&text=read%3A",
    },
    Case {
        name: "filter_taken_back",
        fragment: "#who=viewer",
        script: "who.value = ''; who.dispatchEvent(new Event('input'));",
        shown: EVERYTHING,
        address: "",
    },
];

/// Writes the results into the page, so that the dumped document shows them.
const REPORT: &str = "
const shown = rows.filter((row) => row.offsetParent !== null || row.getClientRects().length > 0)
  .map((row) => row.cells[0].textContent + ' ' + row.cells[1].textContent);
const wide = document.documentElement.scrollWidth > innerWidth;
document.body.insertAdjacentHTML('beforeend', '<pre id=\"report\"></pre>');
document.getElementById('report').textContent =
  `<<${shown.join('|')}>><<${count.value}>><<${location.hash}>><<${innerWidth} ${wide ? 'is too narrow' : 'will do'}>>`;
";

/// Shows the page in a frame: a window cannot be as narrow as a phone.
const FRAME: &str = "<!doctype html><body><iframe width=\"WIDTH\" height=\"1200\" style=\"border: 0\" src=\"access.htmlFRAGMENT\" \
onload=\"document.body.append(this.contentDocument.getElementById('report'))\"></iframe></body>";

fn main() -> ExitCode {
    let browser = BROWSERS.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let trials = CASES.iter().flat_map(|case| {
        [390, 1280].map(|width| {
            let name = format!("{}_at_{width}", case.name);
            match browser {
                Some(browser) => Trial::test(name, move || run(browser, case, width)),
                None => Trial::test(format!("{name} (there is no Chromium in the path)"), || Ok(()))
                    .with_ignored_flag(true),
            }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn matrix() -> Result<AccessMatrix, RuleError> {
    let guarded = |rule: &str| rule.parse().map(Access::Guarded);
    let routes = [
        Route::new("GET", "/health", Access::Public("load balancers ask".to_owned())),
        Route::new("GET", "/me", guarded("authenticated")?),
        Route::new("GET", "/todos", guarded(r#"permissions = ["read:todos"]"#)?),
        Route::new("DELETE", "/todos/{id}", guarded(r#"permissions = ["delete:todos"], roles = ["admin"]"#)?),
    ];
    let roles = Catalogue::new().role("viewer", ["read:todos"]).role("admin", ["delete:todos"]);
    Ok(routes.into_iter().collect::<AccessMatrix>().with_catalogue(roles))
}

fn run(browser: &str, case: &Case, width: u32) -> Result<(), Failed> {
    let folder = Folder::new(&format!("{}-{width}", case.name))?;
    let scripts = format!("<script>{}</script><script>{REPORT}</script></body>", case.script);
    fs::write(folder.0.join("access.html"), matrix()?.render(Format::Html).replace("</body>", &scripts))?;
    let frame =
        FRAME.replace("WIDTH", &width.to_string()).replace("FRAGMENT", &case.fragment.replace('&', "&amp;"));
    fs::write(folder.0.join("frame.html"), frame)?;
    let dom = dump(browser, &folder.0)?;
    let shown = case.shown.join("|");
    let report = format!(
        "<<{shown}>><<{} of {} routes>><<{}>><<{width} will do>>",
        case.shown.len(),
        EVERYTHING.len(),
        case.address
    );
    let escaped = report.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if dom.contains(&escaped) {
        return Ok(());
    }
    let told = dom.split("<pre id=\"report\">").nth(1).unwrap_or(&dom);
    Err(format!("expected\n{escaped}\nfound\n{told}").into())
}

/// Returns the page's final document. Chromium runs without its sandbox, which is not available to a container's root; the
/// page is our own.
fn dump(browser: &str, folder: &Path) -> Result<String, Failed> {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--dump-dom",
            "--timeout=20000",
        ])
        .args(["--allow-file-access-from-files", "--window-size=1400,1300"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", folder.join("frame.html").display()))
        .output()?;
    if !output.status.success() {
        return Err(format!("{browser}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A temporary folder, removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Result<Self, Failed> {
        let path = std::env::temp_dir().join(format!("kinde-perms-page-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
