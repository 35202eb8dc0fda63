//! Signatures by the Standard Webhooks specification, for the APIs whose receivers verify deliveries.
//!
//! The signature is the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`. The header has one `v1,<base64>` for
//! each secret, so that a receiver can verify with the old or the new secret while it is being replaced.

use ring::hmac;

use crate::{
    domain::Secret,
    encoding::{base64, from_base64},
};

/// The prefix of every signing secret.
pub const PREFIX: &str = "whsec_";

/// The allowed length of a signing key, in bytes before base64.
pub const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The header with the id of a message, which is the same on every retry.
pub const ID: &str = "webhook-id";
/// The header with the time of the attempt, in Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures, one for each signing secret.
pub const SIGNATURE: &str = "webhook-signature";

/// There is no signing secret, or one is not `whsec_` with the base64 of 24 to 64 bytes. Does not contain the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signing secret: `whsec_` and the base64 of 24 to 64 bytes")]
pub struct BadSecret;

/// Makes a signing secret from 32 random bytes.
#[must_use]
pub fn generate(random: [u8; 32]) -> Secret {
    Secret::new(format!("{PREFIX}{}", base64(&random)))
}

/// The three headers of one attempt. `id` must be the same on every retry; `seconds` is the time of this attempt in
/// Unix seconds.
///
/// # Errors
/// [`BadSecret`] if there is no secret or one of them is malformed.
pub fn headers(
    id: &str,
    seconds: i64,
    body: &str,
    secrets: &[Secret],
) -> Result<[(&'static str, String); 3], BadSecret> {
    let signature = sign(id, seconds, body, secrets)?;
    Ok([(ID, id.to_owned()), (TIMESTAMP, seconds.to_string()), (SIGNATURE, signature)])
}

/// The value of `webhook-signature`: one signature for each secret, in the order of the secrets, separated by spaces.
///
/// # Errors
/// [`BadSecret`] if there is no secret or one of them is malformed. The delivery must then not be sent.
pub fn sign(id: &str, seconds: i64, body: &str, secrets: &[Secret]) -> Result<String, BadSecret> {
    let signed = format!("{id}.{seconds}.{body}");
    let signatures = secrets
        .iter()
        .map(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key_bytes(secret)?);
            Ok(format!("v1,{}", base64(hmac::sign(&key, signed.as_bytes()).as_ref())))
        })
        .collect::<Result<Vec<_>, BadSecret>>()?;
    if signatures.is_empty() { Err(BadSecret) } else { Ok(signatures.join(" ")) }
}

/// Whether this is a valid signing secret: `whsec_` with the base64 of 24 to 64 bytes.
#[must_use]
pub fn is_valid(secret: &Secret) -> bool {
    key_bytes(secret).is_ok()
}

fn key_bytes(secret: &Secret) -> Result<Vec<u8>, BadSecret> {
    let text = secret.expose().strip_prefix(PREFIX).ok_or(BadSecret)?;
    let key = from_base64(text).ok_or(BadSecret)?;
    if KEY_BYTES.contains(&key.len()) { Ok(key) } else { Err(BadSecret) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = r#"{"test": 2432232314}"#;

    fn documented() -> Secret {
        Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    /// The specification's own vector, computed again with Python's `hmac`.
    #[test]
    fn signs_the_known_vector() {
        let signature = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY, &[documented()]).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn lists_a_signature_for_each_secret_while_one_is_replaced() {
        let both = sign("id", 1, BODY, &[documented(), generate([7; 32])]).unwrap();
        let one = sign("id", 1, BODY, &[documented()]).unwrap();
        let other = sign("id", 1, BODY, &[generate([7; 32])]).unwrap();
        assert_eq!(both, format!("{one} {other}"));
    }

    #[test]
    fn the_headers_carry_id_time_and_signature() {
        let [id, timestamp, signature] = headers("id", 1_614_265_330, BODY, &[documented()]).unwrap();
        assert_eq!(id, ("webhook-id", "id".to_owned()));
        assert_eq!(timestamp, ("webhook-timestamp", "1614265330".to_owned()));
        assert_eq!(signature.0, "webhook-signature");
    }

    #[test]
    fn refuses_what_is_not_a_secret_without_repeating_it() {
        let encoded = |bytes: usize| Secret::new(format!("{PREFIX}{}", base64(&vec![1; bytes])));
        for bytes in [24, 64] {
            assert!(is_valid(&encoded(bytes)));
        }
        for bad in [Secret::new(""), Secret::new("whsec_"), Secret::new("whsec_%%%"), encoded(23), encoded(65)] {
            assert_eq!(sign("id", 1, BODY, &[documented(), bad]), Err(BadSecret));
        }
        assert_eq!(sign("id", 1, BODY, &[]), Err(BadSecret));
    }

    proptest! {
        #[test]
        fn every_generated_secret_signs(random in any::<[u8; 32]>(), body in ".*") {
            let secret = generate(random);
            prop_assert!(is_valid(&secret));
            prop_assert!(sign("id", 0, &body, &[secret]).unwrap().starts_with("v1,"));
        }
    }
}
