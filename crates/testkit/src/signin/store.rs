//! The state of the sign-in. Every method depends only on the state, its arguments and the time `now`.
//!
//! A request waits in `pending` until a person is chosen; then `sign_in` creates a `Session` and `keep_code` a `Code`.
//! `redeem` exchanges the code for a `Grant`, which a `Family` keeps with the number of its latest refresh token.
//! `refresh` raises that number. `record` keeps every access token, so that `issued` finds it as long as its grant
//! exists.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use super::bounded::{Bounded, Key};
use super::pkce::{self, Challenge};
use super::refresh::RefreshTokens;
use super::refusal::{Refusal, invalid_grant};

/// How long the sign-in page waits for a choice.
const PENDING_LIFE: Duration = Duration::from_secs(10 * 60);

/// RFC 6749 §4.1.2 allows ten minutes; a browser needs a second.
pub(super) const CODE_LIFE: Duration = Duration::from_secs(60);

/// How long a browser is remembered.
const SESSION_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Kinde's default: fifteen days from the last use.
pub(crate) const REFRESH_LIFE: Duration = Duration::from_secs(1_296_000);

/// Capacity of each table; a test or a day of development needs a fraction.
const CAPACITY: usize = 1000;

/// Larger, because an entry is small and a page with short-lived tokens asks often.
const ISSUED_CAPACITY: usize = 10_000;

/// A validated request to `/oauth2/auth`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) scopes: BTreeSet<String>,
    pub(super) audiences: Vec<String>,
    pub(super) challenge: Option<Challenge>,
    pub(super) org_code: Option<String>,
    /// `true` if the page says "Create account".
    pub(super) create: bool,
}

/// A browser in which a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    key: Key,
    pub(super) person: String,
    /// When the person signed in, on the wall clock: the `auth_time` of ID tokens.
    pub(super) since: Duration,
}

/// A client's right to tokens of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) client: String,
    pub(super) session: Session,
    pub(super) scopes: BTreeSet<String>,
    pub(super) audiences: Vec<String>,
    pub(super) nonce: Option<String>,
}

/// A grant with the id that its refresh tokens begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) id: String,
    pub(super) grant: Grant,
    /// `None` without the scope `offline`.
    pub(super) refresh_token: Option<String>,
}

/// The record of an issued access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issued {
    /// The key of the grant; `None` for a machine.
    pub(super) grant: Option<Key>,
    pub(super) client: String,
    pub(super) person: Option<String>,
    pub(super) scopes: BTreeSet<String>,
    pub(super) audiences: Vec<String>,
    pub(super) from: u64,
    pub(super) until: u64,
}

#[derive(Debug)]
enum Code {
    Fresh(Box<(Request, Session)>),
    /// Exchanged for this grant.
    Used(Key),
}

impl Code {
    fn session(&self) -> Option<&Session> {
        match self {
            Self::Fresh(fresh) => Some(&fresh.1),
            Self::Used(_) => None,
        }
    }

    fn session_mut(&mut self) -> Option<&mut Session> {
        match self {
            Self::Fresh(fresh) => Some(&mut fresh.1),
            Self::Used(_) => None,
        }
    }
}

/// A grant with the number of its latest refresh token.
#[derive(Debug)]
struct Family {
    grant: Grant,
    rotation: u64,
    rotated_at: Duration,
}

/// The tables of the sign-in, each bounded.
#[derive(Debug)]
pub(super) struct Store {
    pending: Bounded<Request>,
    codes: Bounded<Code>,
    sessions: Bounded<Session>,
    families: Bounded<Family>,
    issued: Bounded<Issued>,
    refresh: RefreshTokens,
}

/// Signing in.
impl Store {
    pub(super) fn new(secret: &str) -> Self {
        Self {
            pending: Bounded::new(CAPACITY),
            codes: Bounded::new(CAPACITY),
            sessions: Bounded::new(CAPACITY),
            families: Bounded::new(CAPACITY),
            issued: Bounded::new(ISSUED_CAPACITY),
            refresh: RefreshTokens::new(secret),
        }
    }

    /// Keeps a request under a new secret until a person is chosen.
    pub(super) fn keep_request(&mut self, now: Duration, secret: &str, request: Request) {
        self.pending.insert(now, Key::of(secret), request, now.saturating_add(PENDING_LIFE));
    }

    pub(super) fn pending(&self, now: Duration, secret: &str) -> Option<&Request> {
        self.pending.get(now, Key::of(secret))
    }

    /// Removes and returns a pending request.
    pub(super) fn take_request(&mut self, now: Duration, secret: &str) -> Option<Request> {
        self.pending.take(now, Key::of(secret))
    }

    /// Creates a session under a new secret.
    pub(super) fn sign_in(&mut self, now: Duration, wall: Duration, secret: &str, person: &str) -> Session {
        let session = Session { key: Key::of(secret), person: person.to_owned(), since: wall };
        self.sessions.insert(now, session.key, session.clone(), now.saturating_add(SESSION_LIFE));
        session
    }

    pub(super) fn session(&self, now: Duration, secret: &str) -> Option<&Session> {
        self.sessions.get(now, Key::of(secret))
    }

    /// Replaces the browser's session `old` by `new`.
    ///
    /// Grants to the same person move to `new`, so that signing out ends them. Grants to another person end, because
    /// nobody could end them by signing out.
    pub(super) fn replace(&mut self, old: &str, new: &Session) {
        let old = Key::of(old);
        self.sessions.remove(old);
        self.end_grants(|session| session.key == old && session.person != new.person);
        let families = self.families.values_mut().map(|family| &mut family.grant.session);
        let codes = self.codes.values_mut().filter_map(Code::session_mut);
        for session in families.chain(codes).filter(|session| session.key == old) {
            session.key = new.key;
        }
    }

    /// Keeps a new code for one exchange.
    pub(super) fn keep_code(&mut self, now: Duration, code: &str, request: Request, session: Session) {
        let fresh = Code::Fresh(Box::new((request, session)));
        self.codes.insert(now, Key::of(code), fresh, now.saturating_add(CODE_LIFE));
    }
}

/// Tokens.
impl Store {
    /// Exchanges a code for a grant with the new id `id`.
    ///
    /// A code allows one attempt, by any client. A second attempt revokes the grant of the first one (RFC 6749 §4.1.2).
    pub(super) fn redeem(
        &mut self,
        now: Duration,
        code: &str,
        (client, redirect_uri, verifier): (&str, &str, Option<&str>),
        id: &str,
    ) -> Result<Granted, Refusal> {
        let key = Key::of(code);
        let fresh = match self.codes.take(now, key) {
            None => return Err(invalid_grant("the code is unknown or has expired")),
            Some(Code::Fresh(fresh)) => *fresh,
            Some(Code::Used(grant)) => {
                self.families.remove(grant);
                self.codes.insert(now, key, Code::Used(grant), now.saturating_add(REFRESH_LIFE));
                return Err(invalid_grant("the code was used before; what it gave is revoked"));
            }
        };
        let (request, session) = fresh;
        if request.client != client {
            return Err(invalid_grant("the code was given to another client"));
        }
        if request.redirect_uri != redirect_uri {
            return Err(invalid_grant("`redirect_uri` is not the one that the code was asked for with"));
        }
        pkce::verify(request.challenge.as_ref(), verifier)?;
        self.codes.insert(now, key, Code::Used(Key::of(id)), now.saturating_add(REFRESH_LIFE));
        Ok(self.grant(now, id, request, session))
    }

    fn grant(&mut self, now: Duration, id: &str, request: Request, session: Session) -> Granted {
        let Request { client, scopes, audiences, nonce, .. } = request;
        let grant = Grant { client, session, scopes, audiences, nonce };
        let refresh_token = grant.scopes.contains("offline").then(|| self.refresh.write(id, 0));
        let family = Family { grant: grant.clone(), rotation: 0, rotated_at: now };
        self.families.insert(now, Key::of(id), family, now.saturating_add(REFRESH_LIFE));
        Granted { id: id.to_owned(), grant, refresh_token }
    }

    /// Exchanges a refresh token for the next one. Of several tokens of one grant, the latest counts.
    ///
    /// For [`OVERLAP`](super::refresh::OVERLAP) after an exchange, the previous token gets the current one again,
    /// because the client may have lost the answer. Any older token ends the grant (RFC 9700 §4.14.2).
    ///
    /// The client may ask for fewer scopes than it has, not for more (RFC 6749 §6).
    pub(super) fn refresh(
        &mut self,
        now: Duration,
        (client, tokens): (&str, &[&str]),
        asked: BTreeSet<String>,
    ) -> Result<Granted, Refusal> {
        let unknown = || invalid_grant("the refresh token is unknown, revoked or has expired");
        let (id, rotation) = self.refresh.latest(tokens).ok_or_else(unknown)?;
        let key = Key::of(&id);
        let family = self.families.get_mut(now, key).ok_or_else(unknown)?;
        if family.grant.client != client {
            return Err(invalid_grant("the refresh token was given to another client"));
        }
        if !asked.is_subset(&family.grant.scopes) {
            return Err(Refusal::new("invalid_scope", "`scope` names more than was granted"));
        }
        let overlaps = now < family.rotated_at.saturating_add(super::refresh::OVERLAP);
        if rotation == family.rotation {
            family.rotation = rotation.saturating_add(1);
            family.rotated_at = now;
        } else if rotation.saturating_add(1) != family.rotation || !overlaps {
            self.families.remove(key);
            return Err(invalid_grant("the refresh token was used before; what it gave is revoked"));
        }
        // A nonce belongs to the authorization request, not to a refresh (OpenID Connect Core §12.2).
        let mut grant = Grant { nonce: None, ..family.grant.clone() };
        if !asked.is_empty() {
            grant.scopes = asked;
        }
        let refresh_token = Some(self.refresh.write(&id, family.rotation));
        let granted = Granted { id, grant, refresh_token };
        self.families.extend(key, now.saturating_add(REFRESH_LIFE));
        Ok(granted)
    }

    /// Records an access token until it expires.
    pub(super) fn record(&mut self, now: Duration, token: &str, issued: Issued) {
        let life = Duration::from_secs(issued.until.saturating_sub(issued.from));
        self.issued.insert(now, Key::of(token), issued, now.saturating_add(life));
    }

    /// Returns the record of an access token, or `None` once the token or its grant has ended.
    pub(super) fn issued(&self, now: Duration, wall: Duration, token: &str) -> Option<&Issued> {
        let issued = self.issued.get(now, Key::of(token))?;
        let granted = issued.grant.is_none_or(|grant| self.families.get(now, grant).is_some());
        (granted && wall.as_secs() < issued.until).then_some(issued)
    }
}

/// Revocation.
impl Store {
    /// Revokes a token of this client: a refresh token with its grant, an access token alone (RFC 7009 §2.1).
    pub(super) fn revoke(&mut self, now: Duration, client: &str, token: &str) {
        if let Some((id, _)) = self.refresh.latest(&[token]) {
            let key = Key::of(&id);
            let own = self.families.get(now, key).is_some_and(|family| family.grant.client == client);
            if own {
                self.families.remove(key);
            }
        }
        let key = Key::of(token);
        if self.issued.get(now, key).is_some_and(|issued| issued.client == client) {
            self.issued.take(now, key);
        }
    }

    /// Ends a browser's session and its grants; with `all`, also those of the person's other browsers.
    pub(super) fn sign_out(&mut self, now: Duration, secret: &str, all: bool) {
        let key = Key::of(secret);
        let session = self.sessions.take(now, key);
        // A grant can outlive its session.
        self.end_grants(|session| session.key == key);
        if let Some(session) = session.filter(|_| all) {
            self.revoke_person(&session.person);
        }
    }

    /// Ends all sessions and grants of a person.
    pub(super) fn revoke_person(&mut self, person: &str) {
        self.sessions.retain(|session| session.person != person);
        self.end_grants(|session| session.person == person);
    }

    /// Ends the grants of matching sessions, and the codes that could still become grants.
    fn end_grants(&mut self, of: impl Fn(&Session) -> bool) {
        self.families.retain(|family| !of(&family.grant.session));
        self.codes.retain(|code| !code.session().is_some_and(&of));
    }
}
