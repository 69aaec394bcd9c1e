//! A stand-in for Kinde beside the server, to try the API without an account.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use kinde_perms::{ConfigError, Validator};
use kinde_perms_testkit::{Client, Issuer, IssuerBuilder, Person, Persona};

use crate::app::kinde;

const AUDIENCE: &str = "api.example.com/todos";
const ORGANIZATION: &str = "org_demo";
const HOURS: u64 = 12;
const VITE: [&str; 2] = ["http://127.0.0.1:5173", "http://localhost:5173"];

/// An issuer on loopback that signs tokens for the people of the example; it ends when this is dropped.
#[derive(Debug)]
pub struct Demo {
    issuer: Issuer,
}

impl Demo {
    /// The application that people sign in to on the page.
    pub const CLIENT: &str = "todos-web";

    /// Starts the issuer at `issuer`; it sends people back to the server at `server`, or to Vite's.
    ///
    /// The sign-in page offers every persona, in the organization of the printed tokens.
    ///
    /// # Errors
    ///
    /// When it cannot listen there.
    pub async fn start(issuer: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let builder = Issuer::builder()
            .address(issuer)
            .audience(AUDIENCE)
            .catalogue(&kinde::MANIFEST)
            .client(page(server));
        let member = |persona| Person::from(persona).org(ORGANIZATION, "Demo");
        let builder = Persona::ALL.into_iter().map(member).fold(builder, IssuerBuilder::person);
        Ok(Self { issuer: builder.start().await? })
    }

    /// Makes the validator the server uses: as strict as with Kinde, keys over HTTP included.
    ///
    /// # Errors
    ///
    /// When the issuer does not answer.
    pub async fn validator(&self) -> Result<Validator, ConfigError> {
        Validator::builder(self.issuer.url(), AUDIENCE).connect().await
    }

    /// The warning that this server is a demonstration.
    #[must_use]
    pub fn warning(&self) -> String {
        format!(
            "warning: no KINDE_ variable is set, so a test issuer at {} signs the tokens below. Whoever reads them \
             may use them. Set KINDE_ISSUER_URL and KINDE_API_AUDIENCE for anything but a try on this machine.",
            self.issuer.url()
        )
    }

    /// Returns the page's address, if it was built, and a token for each role with commands that try it at `addr`.
    #[must_use]
    pub fn instructions(&self, addr: SocketAddr, page: bool) -> String {
        let [viewer, editor, admin] =
            [Persona::Viewer, Persona::Editor, Persona::Admin].map(|persona| self.token(persona));
        let mut text = if page {
            format!("Open http://{addr} and sign in as the viewer, the editor or the admin.\n\n")
        } else {
            format!("http://{addr} says how to build the page.\n\n")
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "A token for each role, good for {HOURS} hours:\n");
        for (role, token) in [("viewer", &viewer), ("editor", &editor), ("admin", &admin)] {
            let _ = writeln!(text, "{role}: {token}\n");
        }
        text.push_str("Try them:\n\n");
        for (outcome, command) in commands(addr, &viewer, &editor, &admin) {
            let _ = writeln!(text, "# {outcome}\n{command}\n");
        }
        text
    }

    fn token(&self, persona: Persona) -> String {
        let lifetime = Duration::from_secs(HOURS.saturating_mul(60 * 60));
        self.issuer.token().persona(persona).org_code(ORGANIZATION).expires_in(lifetime).sign()
    }
}

/// The page as a client of the issuer: served by this server, or by Vite during development.
fn page(server: SocketAddr) -> Client {
    let here = [format!("http://{server}"), format!("http://localhost:{}", server.port())];
    let vite = VITE.map(str::to_owned);
    here.iter()
        .chain(&vite)
        .fold(Client::public(Demo::CLIENT), |client, origin| client.redirect_uri(origin).logout_uri(origin))
}

/// The expected answer of each command, and the command, quoted for any shell.
fn commands(addr: SocketAddr, viewer: &str, editor: &str, admin: &str) -> [(&'static str, String); 5] {
    let todos = format!("curl -i 'http://{addr}/todos'");
    let users = format!("curl -i 'http://{addr}/admin/users'");
    let bearer = |token: &str| format!("-H 'Authorization: Bearer {token}'");
    let body = r#"-H 'Content-Type: application/json' -d '{"title":"Buy milk"}'"#;
    [
        ("201: an editor may create todos", format!("{todos} {} {body}", bearer(editor))),
        ("200: a viewer may read them", format!("{todos} {}", bearer(viewer))),
        ("200: an admin may see who wrote how many", format!("{users} {}", bearer(admin))),
        ("403: a viewer may not create any", format!("{todos} {} {body}", bearer(viewer))),
        ("401: without a token there is nothing to see", todos),
    ]
}
