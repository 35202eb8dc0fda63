//! The HTTP client of the stack and of those who use it.

/// A client for the addresses of a stack. It uses no proxy.
///
/// # Errors
///
/// When the system's certificates cannot be read.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    builder().build()
}

/// A client that also shows redirects as they are, and does not follow them.
pub(crate) fn client_without_redirects() -> Result<reqwest::Client, reqwest::Error> {
    builder().redirect(reqwest::redirect::Policy::none()).build()
}

fn builder() -> reqwest::ClientBuilder {
    // Somebody else in the process may have been first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}
