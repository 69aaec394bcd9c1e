//! The runtime of the process.

use tokio::runtime::Builder;

use crate::output::Failure;

/// Runs a future to its end on the current thread.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|error| Failure::new(format!("no runtime: {error}")))?.block_on(future))
}
