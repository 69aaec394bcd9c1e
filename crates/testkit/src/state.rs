//! The state that an issuer's server and its handle share: settings and request counts.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use kinde_perms::time::Clock;
use tokio::sync::watch;

use crate::faults::{Endpoint, Fault};
use crate::settings::Settings;
use crate::signin::SignIn;

#[derive(Debug)]
pub(super) struct State {
    settings: watch::Sender<Settings>,
    requests: watch::Sender<Requests>,
    connections: AtomicU64,
    pub(super) signin: SignIn,
    clock: Arc<dyn Clock>,
}

/// Request counts by endpoint.
type Requests = HashMap<Endpoint, u64>;

impl State {
    pub(super) fn new(settings: Settings, signin: SignIn, clock: Arc<dyn Clock>) -> Arc<Self> {
        let requests = watch::Sender::new(Requests::default());
        let settings = watch::Sender::new(settings);
        Arc::new(Self { settings, requests, connections: AtomicU64::new(0), signin, clock })
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Settings)) {
        self.settings.send_modify(change);
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        read(&self.settings.borrow())
    }

    /// Ends every wait for the end of a fault.
    pub(super) fn close(&self) {
        self.change(|settings| settings.closed = true);
    }

    pub(super) fn count(&self, endpoint: Endpoint) {
        self.requests.send_modify(|requests| {
            let count = requests.entry(endpoint).or_default();
            *count = count.saturating_add(1);
        });
    }

    pub(super) fn requests(&self, endpoint: Endpoint) -> u64 {
        arrived(&self.requests.borrow(), endpoint)
    }

    pub(super) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) async fn wait_for_requests(&self, endpoint: Endpoint, count: u64) {
        let mut requests = self.requests.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        let _ = requests.wait_for(|requests| arrived(requests, endpoint) >= count).await;
    }

    /// Waits for the delay of `endpoint`'s fault, or until that fault ends.
    pub(super) async fn wait_out_delay(&self, endpoint: Endpoint) {
        let delay = self.read(|settings| match settings.fault(endpoint) {
            Fault::Delay(delay) => Some(*delay),
            _ => None,
        });
        let Some(delay) = delay else { return };
        let mut sleep = self.clock.sleep(delay);
        let mut over = pin!(self.wait_while(endpoint, Fault::delays));
        poll_fn(|cx| match sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => over.as_mut().poll(cx),
        })
        .await;
    }

    /// Waits until the fault of `endpoint` no longer `holds`, or the issuer is closed.
    pub(super) fn wait_while(
        &self,
        endpoint: Endpoint,
        holds: fn(&Fault) -> bool,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut settings = self.settings.subscribe();
        async move {
            let over = |settings: &Settings| settings.closed || !holds(settings.fault(endpoint));
            let _ = settings.wait_for(over).await;
        }
    }
}

fn arrived(requests: &Requests, endpoint: Endpoint) -> u64 {
    requests.get(&endpoint).copied().unwrap_or_default()
}
