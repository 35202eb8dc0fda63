//! Starts the process of a function.

use std::time::Duration;

use tokio::{net::TcpStream, time};

/// An error of starting a function, or of Lambda's runtime.
pub type Error = lambda_runtime::Error;

/// How long to wait for the runtime API that `sam local` opens after it has started the function.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause between two attempts to connect to the runtime API.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs the work of a function on one thread. First starts logging and, under `sam local`, waits for the runtime API.
///
/// # Errors
///
/// The error of the work, or of the operating system if the async runtime could not be created.
pub fn block_on(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        crate::logging::start();
        // Only `sam local` sets this variable. Its emulator starts the function and the runtime API at the same time,
        // and a binary that is ready within milliseconds can be first. On Lambda the runtime API is always up before
        // the function.
        if std::env::var_os("AWS_SAM_LOCAL").is_some()
            && let Ok(address) = std::env::var("AWS_LAMBDA_RUNTIME_API")
        {
            wait_for(&address, PATIENCE).await;
        }
        work.await
    })
}

/// Returns as soon as something listens at the address, or after `patience`. In that case the code that uses the
/// address next reports the problem.
async fn wait_for(address: &str, patience: Duration) {
    let connected = async {
        while TcpStream::connect(address).await.is_err() {
            time::sleep(PAUSE).await;
        }
    };
    let _ = time::timeout(patience, connected).await;
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_runtime_api_that_opens_late_is_waited_for() {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
        let waiting = tokio::spawn({
            let address = address.clone();
            async move { wait_for(&address, PATIENCE).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        let listener = TcpListener::bind(&address).await.unwrap();
        waiting.await.unwrap();
        // `wait_for` returned because it connected.
        listener.accept().await.unwrap();
    }

    #[tokio::test]
    async fn a_runtime_api_that_never_opens_is_not_waited_for_longer_than_patience() {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
        let waited = time::timeout(Duration::from_secs(60), wait_for(&address, Duration::from_millis(1))).await;
        assert!(waited.is_ok());
    }
}
