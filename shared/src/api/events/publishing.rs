//! What every route that publishes does alike: the permission, the count of hops, the Idempotency-Key, the reply.

use crate::{
    api::sdelements::SdElementsFailure,
    delivery::HOPS,
    domain::{Caller, Event, MAX_HOPS},
    encoding::sha256_hex,
    http::{Reply, Request},
    store::{Earlier, Idempotency, Published, Store},
};

/// Publishes the event once for each Idempotency-Key and answers with what `shown` makes of it; a repeat gets the same answer, made
/// of the event that was accepted the first time.
///
/// # Errors
///
/// 400 for a key that is too long or hops that are not a number, 422 for a key that was used for something else, 503 when DynamoDB
/// is busy, 508 for what came back too often.
pub async fn publish(
    store: &Store,
    request: &Request,
    caller: &Caller,
    event: Event,
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

/// How often the event came back through the service already, as the request's header says: what was delivered carries it, and
/// whoever passes a delivery on with its headers passes on the count. The highest counts where the header is repeated.
fn hops(request: &Request) -> Result<u32, SdElementsFailure> {
    let mut highest = 0;
    for value in request.headers.get_all(HOPS) {
        let digits = value.as_bytes().trim_ascii();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(SdElementsFailure::field(HOPS, "A whole number is expected."));
        }
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        // More digits than fit are more hops than are allowed.
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
