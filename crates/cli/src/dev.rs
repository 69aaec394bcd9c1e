//! `dev`: an issuer to develop against.

use std::future::{Future, pending};
use std::io;

use kinde_perms::access::Catalogue;
use kinde_perms_policy::printable::{self, Printable};
use kinde_perms_testkit::{Client, Issuer, IssuerBuilder, Person};
use serde_json::json;

use crate::arguments::Dev;
use crate::declared::Declared;
use crate::output::{Failure, Output};
use crate::people;
use crate::runtime;

/// The secret of the confidential client. It protects nothing: anyone who reaches the issuer can sign in as anyone.
const SECRET: &str = "local-secret";

/// The scopes of the confidential client at the Management API.
const SCOPES: [&str; 3] = ["read:permissions", "read:role_permissions", "read:roles"];

/// Starts the issuer, prints instructions with `say`, and serves until the process is stopped.
pub(crate) fn run(dev: &Dev, json: bool, say: &dyn Fn(&str)) -> Result<Output, Failure> {
    serve(dev, json, say, pending())
}

pub(crate) fn serve(
    dev: &Dev,
    json: bool,
    say: &dyn Fn(&str),
    stopped: impl Future<Output = ()>,
) -> Result<Output, Failure> {
    let builder = dev.builder()?;
    runtime::block_on(async {
        let issuer = builder.start().await.map_err(|error| dev.start_failure(&error))?;
        say(&if json { dev.json(&issuer) } else { dev.instructions(&issuer) });
        stopped.await;
        Ok(Output::new(String::new(), false))
    })?
}

impl Dev {
    fn builder(&self) -> Result<IssuerBuilder, Failure> {
        let declared = self.manifest.as_deref().map(|file| Declared::open(Some(file))).transpose()?;
        let catalogue = declared.as_ref().map(Declared::catalogue).unwrap_or_default();
        let people = match (&self.people, &declared) {
            (Some(file), declared) => people::read(file, declared.as_ref())?,
            (None, Some(Declared { file, .. })) => one_for_each_role(file, &catalogue)?,
            (None, None) => Vec::new(),
        };
        let public = Client::public(&self.client_id);
        let server = SCOPES
            .iter()
            .fold(Client::confidential(&self.server_id(), SECRET), |client, scope| client.scope(scope));
        let builder = [public, server].into_iter().fold(Issuer::builder(), |builder, client| {
            let uris = self.redirect_uris.iter();
            builder.client(uris.fold(client, |client, uri| client.redirect_uri(uri).logout_uri(uri)))
        });
        let builder = people.into_iter().fold(builder, IssuerBuilder::person);
        Ok(builder.address(self.address).audience(&self.audience).catalogue(catalogue))
    }

    fn server_id(&self) -> String {
        format!("{}-server", self.client_id)
    }

    fn start_failure(&self, error: &io::Error) -> Failure {
        let cure = match error.kind() {
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied | io::ErrorKind::AddrNotAvailable => {
                "; name another one with `--address`; port 0 takes a free one"
            }
            _ => "",
        };
        Failure::new(format!("the issuer did not start at {}: {error}{cure}", self.address))
    }

    fn json(&self, issuer: &Issuer) -> String {
        let described = json!({
            "issuer": issuer.url(),
            "audience": issuer.audience(),
            "client_id": self.client_id,
            "server_client_id": self.server_id(),
            "server_client_secret": SECRET,
            "redirect_uris": self.redirect_uris,
        });
        printable::json(&format!("{described}\n"))
    }

    fn instructions(&self, issuer: &Issuer) -> String {
        let (url, audience) = (issuer.url(), Printable(issuer.audience()));
        let (web, server) = (Printable(&self.client_id), Printable(self.server_id()));
        let page = Printable(self.redirect_uris.first().map_or("", String::as_str));
        format!(
            "NOT FOR PRODUCTION: this issuer asks for no password. Anyone who reaches it can sign in as anyone.\n\
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
             Open the front end under the host {}, like the issuer: browsers share no session between it and localhost.\n",
            Printable(self.redirect_uris.join(", ")),
            self.address.ip()
        )
    }
}

fn one_for_each_role(manifest: &str, catalogue: &Catalogue) -> Result<Vec<Person>, Failure> {
    let people: Vec<_> = catalogue.roles().map(|(role, _)| Person::new(role).role(role)).collect();
    if people.is_empty() {
        let message = format!(
            "{manifest} declares no role, so there is nobody to sign in: name people with `--people`"
        );
        return Err(Failure::new(message).with_file(manifest));
    }
    Ok(people)
}
