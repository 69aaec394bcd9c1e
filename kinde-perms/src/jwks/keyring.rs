//! Temporary: fixed keys only.
use std::sync::Arc;
use std::time::Duration;
use super::{KeyError, document};
use crate::token::{Algorithm, Keys};

#[derive(Debug)]
pub(crate) struct Snapshot { pub(crate) keys: Keys, pub(crate) issuer: String }

#[derive(Debug)]
pub(crate) struct Keyring { snapshot: Arc<Snapshot> }

impl Keyring {
    pub(crate) fn fixed(body: &[u8], issuer: &str, allowed: &[Algorithm]) -> Result<Self, KeyError> {
        let set = document::read(body, allowed, &Keys::default()).map_err(|_| KeyError::NotAKeySet)?;
        Ok(Self { snapshot: Arc::new(Snapshot { keys: set.keys, issuer: issuer.to_owned() }) })
    }
    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> { Some(self.snapshot.clone()) }
}

/// x
#[derive(Clone, Debug)]
pub struct Health;
pub(crate) const DEFAULT_MAX_STALE: Duration = Duration::from_secs(86_400);
