//! Response bodies that stall, break off or never end.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use http_body::{Body, Frame};

/// One piece of endless white space.
const FILLER: &[u8] = &[b' '; 4096];

/// A body that performs steps in order. It announces no length.
pub(super) struct ScriptedBody(VecDeque<Step>);

/// One step of a [`ScriptedBody`].
pub(super) enum Step {
    /// Sends these bytes.
    Send(Bytes),
    /// Waits, while the bytes so far are sent.
    Wait(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// Sends white space forever.
    Pad,
    /// Aborts the connection; unsent bytes are lost.
    Break,
}

/// The error of a body that [`Step::Break`] aborted.
#[derive(Debug)]
pub(super) struct BrokenOff;

type NextFrame = Option<Result<Frame<Bytes>, BrokenOff>>;

impl ScriptedBody {
    pub(super) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl Step {
    pub(super) fn send(bytes: &str) -> Self {
        Self::Send(Bytes::copy_from_slice(bytes.as_bytes()))
    }

    pub(super) fn wait(until: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Wait(Box::pin(until))
    }

    /// Performs the step. A finished wait yields no frame.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<NextFrame> {
        Poll::Ready(match self {
            Self::Send(bytes) => Some(Ok(Frame::data(bytes.clone()))),
            Self::Wait(until) => {
                ready!(until.as_mut().poll(cx));
                None
            }
            Self::Pad => Some(Ok(Frame::data(Bytes::from_static(FILLER)))),
            Self::Break => Some(Err(BrokenOff)),
        })
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<NextFrame> {
        while let Some(step) = self.0.front_mut() {
            let frame = ready!(step.poll(cx));
            if !matches!(step, Step::Pad) {
                self.0.pop_front();
            }
            if frame.is_some() {
                return Poll::Ready(frame);
            }
        }
        Poll::Ready(None)
    }
}

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was broken off on purpose")
    }
}

impl std::error::Error for BrokenOff {}
