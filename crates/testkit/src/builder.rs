//! Configures and starts an issuer.

use std::fmt;
use std::future::IntoFuture as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::serve::{Listener, ListenerExt as _};
use tokio::net::TcpListener;

use crate::client::Client;
use crate::client::Clients;
use crate::issuer::Issuer;
use crate::keys::SigningKey;
use crate::person::Person;
use crate::persona::Persona;
use crate::routes::router;
use crate::settings::Settings;
use crate::signin::SignIn;
use crate::state::State;
use kinde_perms::access::Catalogue;
use kinde_perms::time::{Clock, SystemClock};

/// The default audience of tokens.
pub(super) const DEFAULT_AUDIENCE: &str = "https://api.example.test";

/// Configures an [`Issuer`] before it starts.
#[derive(Clone, Debug)]
#[must_use]
pub struct IssuerBuilder {
    address: SocketAddr,
    audience: String,
    clock: Arc<dyn Clock>,
    key: Option<SigningKey>,
    clients: Vec<Client>,
    people: Vec<Person>,
    catalogue: Catalogue,
}

/// Starting an issuer.
impl Issuer {
    /// Starts an issuer on a free port of `127.0.0.1`, with the shared key and the system clock.
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts an issuer on `address`, which must be a loopback address.
    ///
    /// # Errors
    /// `InvalidInput` for an address that other machines can reach, because anyone who reaches an issuer can sign in as
    /// anyone. Otherwise when the port cannot be opened.
    pub async fn start_on(address: SocketAddr) -> io::Result<Self> {
        Self::builder().address(address).start().await
    }

    /// Creates a builder with the default settings.
    pub fn builder() -> IssuerBuilder {
        IssuerBuilder::new()
    }
}

impl IssuerBuilder {
    pub(super) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            audience: DEFAULT_AUDIENCE.to_owned(),
            clock: Arc::new(SystemClock),
            key: None,
            clients: Vec::new(),
            people: Vec::new(),
            catalogue: Catalogue::new(),
        }
    }

    /// Listens on this address in place of a free port of `127.0.0.1`.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Sets the audience of the tokens, the only one that people can request.
    pub fn audience(mut self, audience: &str) -> Self {
        audience.clone_into(&mut self.audience);
        self
    }

    /// Reads the time from this clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Signs with this key, and publishes it.
    pub fn signing_key(mut self, key: &SigningKey) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Registers an application that people can sign in to. Without an application, nobody can sign in.
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds a person who can sign in. An issuer with a client but without people gets [`Persona::ALL`].
    ///
    /// The Account API answers with the person's current rights, not with those of the token.
    pub fn person(mut self, person: impl Into<Person>) -> Self {
        self.people.push(person.into());
        self
    }

    /// Sets the permissions of each role: people get the permissions of their roles, and the Management API lists both.
    ///
    /// `manifest!()` creates a catalogue from `kinde.toml`: `.catalogue(&kinde::MANIFEST)`.
    pub fn catalogue(mut self, catalogue: impl Into<Catalogue>) -> Self {
        self.catalogue = catalogue.into();
        self
    }

    /// Starts the issuer.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is not loopback, for a client address that is no absolute URL, and for two
    /// clients or two people with the same id; otherwise when the port cannot be opened.
    pub async fn start(self) -> io::Result<Issuer> {
        let clients = Clients::new(self.clients)?;
        let people = people(self.people, clients.is_empty(), &self.catalogue)?;
        let listener = TcpListener::bind(loopback(self.address)?).await?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}");
        let signin = SignIn::new(
            (&url, address.port()),
            &self.audience,
            clients,
            (people.clone(), self.catalogue),
            Arc::clone(&self.clock),
        );
        let key = self.key.unwrap_or_else(SigningKey::shared);
        let settings = Settings::new(&url, key).with_people(people);
        let state = State::new(settings, signin, Arc::clone(&self.clock));
        let accepted = Arc::clone(&state);
        let listener = listener.tap_io(move |_| accepted.count_connection());
        let server = tokio::spawn(serve(listener, router(&state, address.port())));
        Ok(Issuer { state, url, audience: self.audience, clock: self.clock, server })
    }
}

async fn serve(listener: impl Listener<Addr: fmt::Debug>, router: Router) {
    // Serving over TCP ends only when its task does.
    let _ = axum::serve(listener, router).into_future().await;
}

/// Returns the people who can sign in, with the permissions of their roles.
fn people(mut people: Vec<Person>, no_client: bool, catalogue: &Catalogue) -> io::Result<Vec<Person>> {
    if people.is_empty() && !no_client {
        people = Persona::ALL.map(Person::from).into();
    }
    for (at, person) in people.iter().enumerate() {
        let mut before = people.iter().take(at);
        if before.any(|other| other.id() == person.id() || other.sub() == person.sub()) {
            return Err(invalid(format!(
                "there are two people `{}`, or two with the subject `{}`",
                person.id(),
                person.sub()
            )));
        }
    }
    for person in &mut people {
        person.resolve(catalogue);
    }
    Ok(people)
}

fn loopback(address: SocketAddr) -> io::Result<SocketAddr> {
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(invalid("the issuer of the test kit listens on loopback only".to_owned()))
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}
