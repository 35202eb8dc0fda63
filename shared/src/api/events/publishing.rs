//! The steps that all publishing routes share: the count of hops, the Idempotency-Key and the reply.

use crate::{
    api::sdelements::SdElementsFailure,
    delivery::HOPS,
    domain::{Caller, Event, MAX_HOPS},
    encoding::sha256_hex,
    http::{Reply, Request},
    store::{Earlier, Idempotency, Published, Store},
};

/// When a request with an Idempotency-Key that was used before is a repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// If its body is the same.
    SameBody,
    /// If its body is the same, or what its event says has this hash ([`super::NewEvent::content_hash`]), also in a batch.
    SameContent(String),
}

/// Publishes the event, but only once for each Idempotency-Key, and replies with what `shown` makes of it. A repeated
/// request gets the reply to the first one, made from the event that was accepted then.
///
/// # Errors
///
/// 400 if the key does not have 1 to 255 bytes or the hops are not a number, 422 if the key was used for another
/// request, 500 if the event of a repeated key is gone or an item cannot be read, 503 if DynamoDB is busy, 508 if the
/// event has come back through the service more than `MAX_HOPS` times.
pub async fn publish(
    store: &Store,
    request: &Request,
    caller: &Caller,
    event: Event,
    repeats: Repeats,
    shown: fn(&Event) -> Reply,
) -> Result<Reply, SdElementsFailure> {
    let key = request.raw_header("idempotency-key").map(http::HeaderValue::as_bytes);
    if key.is_some_and(|key| key.is_empty() || key.len() > 255) {
        return Err(SdElementsFailure::field("Idempotency-Key", "1 to 255 characters are allowed."));
    }
    let event = Event { hops: hops(request)?, ..event };
    let idempotency = key.map(|key| Idempotency {
        key_hash: sha256_hex(key),
        request_hash: sha256_hex(
            &[request.path.as_str().trim_end_matches('/').as_bytes(), b"\n", &request.body].concat(),
        ),
        content_hash: match repeats {
            Repeats::SameBody => None,
            Repeats::SameContent(hash) => Some(hash),
        },
    });
    match store.publish(&event, caller.organization.event_shards, idempotency.as_ref()).await? {
        Published::Accepted => Ok(shown(&event)),
        Published::Mismatch => Err(SdElementsFailure::IdempotencyMismatch),
        Published::Repeated(Earlier::Answer(answer)) => Ok(Reply { body: Some(answer), ..Reply::json(201, &()) }),
        Published::Repeated(Earlier::Event { partition, id }) => {
            let (found, _) = store.events(&[(partition, id)]).await?;
            let event = found.get(&id).ok_or_else(|| {
                tracing::error!(event.id = %id, "the event of an idempotency key is gone");
                SdElementsFailure::Internal
            })?;
            Ok(shown(event))
        }
    }
}

/// Reads from the request's header how often the event has already come back through the service. Each delivery carries
/// this header, and whoever forwards a delivery with its headers forwards the count too. If the header is repeated, the
/// highest number counts.
pub(super) fn hops(request: &Request) -> Result<u32, SdElementsFailure> {
    let mut highest = 0;
    for value in request.headers.get_all(HOPS) {
        let digits = value.as_bytes().trim_ascii();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(SdElementsFailure::field(HOPS, "A whole number is expected."));
        }
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        // A number that does not fit into a `u32` exceeds the limit in any case.
        highest = highest.max(number.unwrap_or(u32::MAX));
    }
    if highest > MAX_HOPS { Err(SdElementsFailure::Loop) } else { Ok(highest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<u32, SdElementsFailure> {
        let mut request = Request::default();
        for value in values {
            request.headers.append(HOPS, value.parse().unwrap());
        }
        hops(&request)
    }

    #[test]
    fn more_than_four_hops_are_a_loop_and_garbage_is_refused() {
        assert_eq!(read(&[]), Ok(0));
        assert_eq!(read(&[" 4 "]), Ok(4));
        assert_eq!(read(&["0", "3", "1"]), Ok(3));
        for loops in [&["5"][..], &["1", "5"], &["99999999999999999999"], &["00005"]] {
            assert_eq!(read(loops), Err(SdElementsFailure::Loop), "{loops:?}");
        }
        for garbage in ["", "x", "-1", "+1", "1.0", "1, 2", "１"] {
            let value = http::HeaderValue::from_bytes(garbage.as_bytes()).unwrap();
            let mut request = Request::default();
            request.headers.insert(HOPS, value);
            assert_eq!(
                hops(&request),
                Err(SdElementsFailure::field(HOPS, "A whole number is expected.")),
                "{garbage:?}"
            );
        }
    }
}
