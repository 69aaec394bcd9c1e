//! The settings of a validator, validated by the builder.

use std::sync::Arc;

use super::cache::CacheConfig;
#[cfg(feature = "account-api")]
use crate::account;
use crate::audit::SharedObserver;
use crate::rejection::ResponseSettings;
use crate::time::Clock;
use crate::token::Rules;

/// Validated settings.
pub(crate) struct Settings {
    pub(crate) issuer: String,
    pub(crate) rules: Rules,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) responses: ResponseSettings,
    #[cfg(feature = "account-api")]
    pub(crate) account: Arc<account::AccountApi>,
    pub(crate) observer: Option<SharedObserver>,
    pub(crate) cache: Option<CacheConfig>,
}
