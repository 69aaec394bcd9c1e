//! `dev`: an issuer to develop against.

use std::future::{Future, pending};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tokio::runtime::Builder;

use super::output::{Failure, Output};
use super::people;
use crate::testkit::{Client, Issuer, IssuerBuilder};

/// What the confidential client shows. It is no secret: whoever reaches the issuer can be anybody anyway.
const SECRET: &str = "local-secret";

/// What a machine may ask the Management API for.
const SCOPES: [&str; 3] = ["read:permissions", "read:role_permissions", "read:roles"];

/// The arguments; their comments are the help texts.
#[derive(Args, Debug)]
pub(super) struct Dev {
    /// Where to listen: a loopback address
    #[arg(long, default_value = "127.0.0.1:4070")]
    address: SocketAddr,
    /// The API that tokens are for, as it is registered in Kinde
    #[arg(long, default_value = "https://api.example.test")]
    audience: String,
    /// Where people go on after signing in or out; may be repeated
    #[arg(long = "redirect-uri", default_values = [
        "http://127.0.0.1:3000",
            "http://127.0.0.1:5173",
            "http://localhost:3000",
            "http://localhost:5173",
    ])]
    redirect_uris: Vec<String>,
    /// The client of a front end; that of a server has `-server` after it
    #[arg(long, default_value = "local-web")]
    client_id: String,
    /// A TOML file of `[[person]]` tables: `id`, and as wanted `name`, `email`, `subject`, `org = { code, name }`,
    /// `roles`, `permissions`, `feature_flags`, `plans`, `entitlements`
    #[arg(long)]
    people: Option<PathBuf>,
}

/// Starts the issuer, says how to use it, and serves until the process is stopped.
pub(super) fn run(dev: &Dev, json: bool, say: &dyn Fn(&str)) -> Result<Output, Failure> {
    serve(dev, json, say, pending())
}

fn serve(
    dev: &Dev,
    json: bool,
    say: &dyn Fn(&str),
    stopped: impl Future<Output = ()>,
) -> Result<Output, Failure> {
    let (builder, runtime) = (dev.builder()?, Builder::new_current_thread().enable_all().build());
    let runtime = runtime.map_err(|error| Failure::new(format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let issuer = builder.start().await.map_err(|error| dev.unstarted(&error))?;
        say(&if json { dev.described(&issuer) } else { dev.instructions(&issuer) });
        stopped.await;
        Ok(Output::new(String::new(), false))
    })
}

impl Dev {
    fn builder(&self) -> Result<IssuerBuilder, Failure> {
        let people = self.people.as_deref().map_or(Ok(Vec::new()), people::read)?;
        let public = Client::public(&self.client_id);
        let server = SCOPES
            .iter()
            .fold(Client::confidential(&self.server_id(), SECRET), |client, scope| client.scope(scope));
        let builder = [public, server].into_iter().fold(Issuer::builder(), |builder, client| {
            let uris = self.redirect_uris.iter();
            builder.client(uris.fold(client, |client, uri| client.redirect_uri(uri).logout_uri(uri)))
        });
        let builder = people.into_iter().fold(builder, IssuerBuilder::person);
        Ok(builder.address(self.address).audience(&self.audience))
    }

    fn server_id(&self) -> String {
        format!("{}-server", self.client_id)
    }

    fn unstarted(&self, error: &io::Error) -> Failure {
        Failure::new(format!("the issuer did not start at {}: {error}", self.address))
    }

    fn described(&self, issuer: &Issuer) -> String {
        let described = json!({
            "issuer": issuer.url(),
            "audience": issuer.audience(),
            "client_id": self.client_id,
            "server_client_id": self.server_id(),
            "server_client_secret": SECRET,
            "redirect_uris": self.redirect_uris,
        });
        format!("{described}\n")
    }

    fn instructions(&self, issuer: &Issuer) -> String {
        let (url, audience, web, server) =
            (issuer.url(), issuer.audience(), &self.client_id, self.server_id());
        let page = self.redirect_uris.first().map_or("", String::as_str);
        format!(
            "NOT FOR PRODUCTION: this issuer asks for no password. Whoever can reach it can be anybody.\n\
             \n\
             {url}/dev  what it is doing, and how to make it fail\n\
             \n\
             A front end in Vite:\n\
             \n\
             VITE_KINDE_DOMAIN={url}\n\
             VITE_KINDE_CLIENT_ID={web}\n\
             VITE_KINDE_REDIRECT_URL={page}\n\
             VITE_KINDE_LOGOUT_URL={page}\n\
             VITE_KINDE_AUDIENCE={audience}\n\
             \n\
             An API that is guarded by kinde-perms, or by any other library:\n\
             \n\
             KINDE_ISSUER_URL={url}\n\
             KINDE_API_AUDIENCE={audience}\n\
             \n\
             A server that signs people in, and machines:\n\
             \n\
             KINDE_CLIENT_ID={server}\n\
             KINDE_CLIENT_SECRET={SECRET}\n\
             \n\
             People go on at {}.\n\
             Open the front end under the host {}, as the issuer: browsers keep no session between that and localhost.\n",
            self.redirect_uris.join(", "),
            self.address.ip()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::ready;

    use clap::Parser as _;

    use super::super::arguments::{Arguments, Command};
    use super::*;

    /// What the command says before it serves, or why it does not.
    fn said(arguments: &[&str]) -> Result<String, String> {
        let arguments = [&["kinde-perms", "dev"], arguments].concat();
        let Arguments { json, command: Command::Dev(dev) } = Arguments::try_parse_from(arguments).unwrap()
        else {
            panic!()
        };
        let said = RefCell::new(String::new());
        let output = serve(&dev, json, &|text| said.borrow_mut().push_str(text), ready(()));
        output.map(|_| said.into_inner()).map_err(|failure| failure.message)
    }

    #[test]
    fn it_says_what_it_is_and_what_to_put_where() {
        let text =
            said(&["--address", "127.0.0.1:0", "--audience", "api.test", "--client-id", "page"]).unwrap();
        assert!(text.starts_with("NOT FOR PRODUCTION"), "{text}");
        for part in [
            "/dev  what it is doing",
            "VITE_KINDE_DOMAIN=http://127.0.0.1:",
            "VITE_KINDE_CLIENT_ID=page\n",
            "VITE_KINDE_REDIRECT_URL=http://127.0.0.1:3000\n",
            "KINDE_ISSUER_URL=http://127.0.0.1:",
            "KINDE_API_AUDIENCE=api.test\n",
            "KINDE_CLIENT_ID=page-server\n",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn it_says_the_same_to_programs() {
        let text =
            said(&["--json", "--address", "127.0.0.1:0", "--redirect-uri", "http://127.0.0.1:9"]).unwrap();
        let described: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(described["issuer"].as_str().unwrap().starts_with("http://127.0.0.1:"));
        assert_eq!(described["redirect_uris"], json!(["http://127.0.0.1:9"]));
    }

    #[test]
    fn what_keeps_it_from_starting_is_said() {
        assert!(said(&["--address", "0.0.0.0:0"]).unwrap_err().contains("listens on loopback only"));
        let local = ["--address", "127.0.0.1:0", "--redirect-uri", "nowhere"];
        assert!(said(&local).unwrap_err().contains("`nowhere` is no address to return to"));
        let people = ["--address", "127.0.0.1:0", "--people", "no/such/people.toml"];
        assert!(said(&people).unwrap_err().starts_with("no/such/people.toml: "));
    }
}
