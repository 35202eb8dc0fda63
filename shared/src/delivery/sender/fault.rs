//! Converts reqwest's errors to [`SendError`]. Reqwest's own texts quote the URL and are never shown.

use std::{error::Error, io};

use rustls::CertificateError;

use super::resolver::{Forbidden, Unresolved};
use crate::delivery::outcome::SendError;

pub(super) fn of(error: &reqwest::Error) -> SendError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return SendError::Refused;
        }
        if inner.is::<Unresolved>() {
            return SendError::Dns;
        }
        if let Some(tls) = tls_of(inner) {
            return SendError::Tls(explain(tls));
        }
        cause = inner.source();
    }
    match error {
        error if error.is_timeout() => SendError::Timeout,
        error if error.is_connect() => SendError::Connect,
        error if error.is_builder() => SendError::Unsendable,
        _ => SendError::BadReply,
    }
}

/// The rustls error in an error, if there is one. Rustls wraps its errors in I/O errors, also several times, and the
/// `source` of an I/O error skips the error that it wraps.
fn tls_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut held = error;
    while let Some(inner) = held.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        held = inner;
    }
    held.downcast_ref()
}

/// A fixed text for a TLS error, because the texts of rustls name hosts.
fn explain(error: &rustls::Error) -> &'static str {
    use CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => "the certificate has expired",
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => "the certificate is not valid yet",
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "the certificate is for another name",
            Bad::UnknownIssuer => "the certificate's issuer is not trusted",
            Bad::Revoked => "the certificate is revoked",
            _ => "the certificate is not valid",
        },
        _ => "no secure connection could be agreed on",
    }
}
