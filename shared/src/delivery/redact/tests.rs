//! Tests with what an endpoint may echo. An oracle of its own encodes it, which uses none of the code that redacts.

mod oracle;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use oracle::{Encoding, Shown, encoding};

use super::*;
use crate::domain::{Api, FailurePolicy, OrganizationId, Timestamp, WebhookKey};

const SLACK: &str = "https://hooks.slack.com/services/T0000000A/B0000000B/abcdefghijklmnopqrstuvwx";
const KEY: [u8; 32] = *b"\x01\x80\xffkey of thirty-two bytes \xc3\x28\n\0\0";

fn webhook(url: &str) -> Webhook {
    let key = WebhookKey { api: Api::Socotra, id: "w".to_owned() };
    let organization = OrganizationId::parse("acme").unwrap();
    Webhook::new(organization, key, "n".to_owned(), Secret::new(url), Timestamp(0))
}

fn secrets(url: &str, headers: &[(&str, &str)]) -> Secrets {
    let mut webhook = webhook(url);
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), vec![Secret::new(*value)]);
    webhook.endpoint.headers = headers.iter().map(owned).collect();
    Secrets::of(&webhook)
}

fn slack(said: &str) -> String {
    secrets(SLACK, &[]).redact(said.as_bytes())
}

#[test]
fn a_slack_url_leaves_its_host_and_one_mark() {
    assert_eq!(slack(&format!("could not post to {SLACK}!")), "could not post to https://hooks.slack.com***!");
    assert_eq!(slack("no token abcdefghijklmnopqrstuvwx of team T0000000A"), "no token *** of team ***");
    assert_eq!(slack("no_service"), "no_service");
    assert_eq!(slack(r"\/services\/t0000000a\/b0000000b\/ABCDEFGHIJKLMNOPQRSTUVWX"), "***");
}

#[test]
fn a_secret_cut_off_at_the_end_goes_too() {
    assert_eq!(slack("no such token: abcdefghijklm"), "no such token: ***");
    assert_eq!(slack("no such token: abcdefg%68%6"), "no such token: ***");
    let encoded = STANDARD.encode("abcdefghijklmnopqrstuvwx");
    assert_eq!(slack(&format!("no such token: {}", &encoded[..13])), "no such token: ***");
    assert_eq!(slack("a word: abcde"), "a word: abcde", "too little to be told from a word");
}

#[test]
fn octal_and_identity_escapes_lines_of_base64_and_latin_names_are_read() {
    let secrets = secrets("https://example.com/SecretNine%2FSecretTen", &[("x-key", "Octa-élan-9")]);
    let encoded = STANDARD.encode("Octa-élan-9");
    let lines = encoded.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>();
    for said in [
        r"\117\143\164\141-\351\154an-9".to_owned(),
        r"\117\143\164\141-\303\251lan-9".to_owned(),
        r"\O\cta\-élan-9".to_owned(),
        "Oct\\\na-\\\r\nélan-9".to_owned(),
        "Octa-&eacute;lan-9".to_owned(),
        "OCTA-&Eacute;LAN-9".to_owned(),
        lines.join("\r\n"),
        lines.join("\n\t\t  "),
        lines.join(r"\r\n"),
        "SecretNine".to_owned(),
        "secretten".to_owned(),
    ] {
        assert_eq!(secrets.redact(format!("[{said}]").as_bytes()), "[***]", "{said}");
    }
}

#[test]
fn what_belongs_to_a_url_goes_in_its_parts() {
    let url = "https://ada:pa55word@example.com/in/a%20long%20key/x9?token=0123+4567&x=1#fragment-secret";
    for part in [
        "a long key",
        "a%20long%20key",
        "0123+4567",
        "0123 4567",
        "pa55word",
        "ada:pa55word",
        "fragment-secret",
        "/in/a%20long",
        "YWRhOnBhNTV3b3Jk",
    ] {
        let said = secrets(url, &[]).redact(format!("echo: {part}").as_bytes());
        assert!(said.starts_with("echo: ***"), "{part}: {said}");
    }
    assert_eq!(secrets(url, &[]).redact(b"example.com is in maintenance"), "example.com is in maintenance");
}

#[test]
fn header_values_go_whole_by_word_and_decoded() {
    let headers = [
        ("Authorization", "Basic dXNlcm5hbWU6cGE1NXdvcmQ="),
        ("Cookie", "theme=dark; sid=9f8e7d6c"),
        ("X-Key", "prod:zx81+spectrum/48k"),
        ("X-Digest", "Digest username=\"operator\", response=\"0f1e2d3c\""),
        ("X-Token", "Bearer sk-12\"34"),
    ];
    let secrets = secrets("https://example.com", &headers);
    for part in [
        "Basic dXNlcm5hbWU6cGE1NXdvcmQ=",
        "dXNlcm5hbWU6cGE1NXdvcmQ",
        "username:pa55word",
        "pa55word",
        "username",
        "9f8e7d6c",
        "SID=9F8E7D6C",
        "zx81+spectrum/48k",
        "ZX81\\u002BSpectrum\\/48k",
        "zx81&#43;spectrum&sol;48k",
        "zx81%252Bspectrum%252F48k",
        "operator",
        "0f1e2d3c",
        "sk-12\\\"34",
        "sk-12&quot34",
    ] {
        assert_eq!(secrets.redact(format!("[{part}]").as_bytes()), "[***]", "{part}");
    }
    assert_eq!(secrets.redact(b"Bearer expected, Basic refused"), "Bearer expected, Basic refused");
}

#[test]
fn a_secret_under_four_characters_goes_only_beside_its_name() {
    let secrets = secrets("https://example.com/v1", &[("X-Pin", "42")]);
    assert_eq!(secrets.redact(br#"42 of 42; {"x-pin":"42"}, X-Pin: 42"#), r#"42 of 42; {"***"}, ***"#);
}

#[test]
fn signing_secrets_of_webhook_and_alert_endpoint_go_in_use_or_not() {
    let mut webhook = webhook("https://example.com");
    let encoded = |first: u8| STANDARD.encode([&[first], &KEY[1..]].concat());
    webhook.endpoint.signing_secrets =
        vec![Secret::new(format!("whsec_{}", encoded(1))), Secret::new(format!("whsec_{}", encoded(2)))];
    webhook.endpoint.signing = false;
    let mut endpoint = Endpoint::new(Secret::new("https://example.com/alert-path"));
    endpoint.headers = vec![("x-key".to_owned(), vec![Secret::new("alert-header")])];
    endpoint.signing_secrets = vec![Secret::new(format!("whsec_{}", encoded(3)))];
    webhook.policy = Some(FailurePolicy { alert_endpoint: Some(endpoint), ..FailurePolicy::default() });
    let secrets = Secrets::of(&webhook);
    for first in 1..=3 {
        let key = [&[first], &KEY[1..]].concat();
        let hexadecimal: String = key.iter().map(|byte| format!("{byte:02X}")).collect();
        let url_safe = encoded(first).replace('+', "-").replace('/', "_");
        for shown in [format!("whsec_{}", encoded(first)), encoded(first), url_safe, hexadecimal] {
            assert_eq!(secrets.redact(format!("<{shown}>").as_bytes()), "<***>", "{first}");
        }
        assert_eq!(secrets.redact(&[b"<", &key[..], b">"].concat()), "<***>");
    }
    assert_eq!(secrets.redact(b"alert-path, alert-header, whsec_"), "***, ***, whsec_");
    assert_eq!(format!("{secrets:?}"), "Secrets(6)");
}

/// How many parts [`any_secrets`] returns.
const KINDS: usize = 16;

/// The secrets of a webhook that has every kind, and the parts of them that an endpoint may know.
fn any_secrets() -> impl Strategy<Value = (Secrets, Vec<Vec<u8>>)> {
    let token = || "[A-Za-z0-9_-]{12,40}";
    let value = || "[!-~]{8,40}";
    let plain = || "[A-Za-z0-9._~-]{8,20}";
    let url = (token(), plain(), plain(), plain());
    let headers = (plain(), plain(), value(), plain(), plain(), "[A-Za-z0-9+/._-]{4,8}");
    (url, headers, any::<[u8; 32]>(), any::<[u8; 24]>()).prop_map(|(url, headers, key, alert)| {
        let (token, query, user, password) = url;
        let (name, pass, whole, cookie, keyed, short) = headers;
        let basic = STANDARD.encode(format!("{name}:{pass}"));
        let (secret, alert) = (STANDARD.encode(key), STANDARD.encode(alert));
        let mut webhook = webhook(&format!("https://{user}:{password}@example.com/hooks/{token}?k={query}"));
        webhook.endpoint.headers = vec![
            ("Authorization".to_owned(), vec![Secret::new(format!("Basic {basic}"))]),
            ("X-Whole".to_owned(), vec![Secret::new(whole.clone()), Secret::new(short.clone())]),
            ("Cookie".to_owned(), vec![Secret::new(format!("a=1; sid={cookie}"))]),
            ("X-Keyed".to_owned(), vec![Secret::new(format!("key:{keyed}, other"))]),
        ];
        webhook.endpoint.signing_secrets = vec![Secret::new(format!("whsec_{secret}"))];
        let mut endpoint = Endpoint::new(Secret::new("https://example.com"));
        endpoint.signing_secrets = vec![Secret::new(format!("whsec_{alert}"))];
        webhook.policy = Some(FailurePolicy { alert_endpoint: Some(endpoint), ..FailurePolicy::default() });
        let whsec = format!("whsec_{secret}");
        let both = format!("{name}:{pass}");
        let texts =
            [token, query, user, password, basic, both, name, pass, whole, cookie, keyed, short, whsec, secret, alert];
        let parts = texts.into_iter().map(String::into_bytes).chain([key.to_vec()]);
        (Secrets::of(&webhook), parts.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_secret_survives_any_two_encodings(
        (secrets, parts) in any_secrets(), which in 0..KINDS,
        encodings in prop::collection::vec(encoding(), 0..=2), before in "[ -~é]{0,40}", after in "[ -~é]{0,40}",
    ) {
        let part = &parts[which];
        // A change of case makes base64 undecodable. It is then found by its digits, if there are enough.
        let case = matches!(encodings.last(), Some(Encoding::Upper | Encoding::Lower | Encoding::Mixed));
        prop_assume!(!case || !matches!(encodings.first(), Some(Encoding::Base64 { .. })) || part.len() >= 8);
        prop_assume!(!case || !matches!(encodings.first(), Some(Encoding::Wrapped { .. })));
        // The bytes of a key are not text, so they are not written in the escapes of text.
        let in_digits = matches!(encodings.first(), None | Some(Encoding::Base64 { .. } | Encoding::Wrapped { .. } | Encoding::Hexadecimal { .. }));
        prop_assume!(in_digits || part.is_ascii());
        let secret: Shown = part.iter().map(|byte| (*byte, true)).collect();
        let encoded = encodings.iter().fold(secret, |shown, encoding| encoding.apply(&shown));
        let around = |text: &str| text.bytes().map(|byte| (byte, false)).collect::<Shown>();
        let reply = [around(&before), encoded, around(&after)].concat();
        let said: Vec<u8> = reply.iter().map(|(byte, _)| *byte).collect();
        let spans = search::find(&one_line(&said), &secrets.needles());
        let masked = |at: usize| spans.iter().any(|(begin, end)| (*begin..*end).contains(&at));
        let shown = reply.iter().enumerate().find(|(at, (_, secret))| *secret && !masked(*at));
        prop_assert!(shown.is_none(), "{shown:?} of {part:?} in {:?}", String::from_utf8_lossy(&said));
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is(text in "[a-z ,.]{0,200}") {
        let text = text.trim().to_owned();
        let secrets = secrets("https://example.com/0123456789", &[("x-key", "Bearer 9876543210")]);
        prop_assert_eq!(secrets.redact(text.as_bytes()), text);
    }

    #[test]
    fn it_never_panics(said in prop::collection::vec(any::<u8>(), 0..300), url in ".*", name in ".*", value in ".*") {
        let mut webhook = webhook(&format!("https://é.example/{url}"));
        webhook.endpoint.headers = vec![(name, vec![Secret::new(value.clone())])];
        webhook.endpoint.signing_secrets = vec![Secret::new(value)];
        let _ = Secrets::of(&webhook).redact(&said);
    }

    #[test]
    fn it_never_panics_at_what_looks_like_escapes(said in "[%&#x\\\\u0-9a-fA-F;{}+ DdCc8]{0,200}") {
        let _ = secrets("https://example.com/0123456789%41", &[("x-key", "Bearer \\u0041%2541")]).redact(said.as_bytes());
    }
}

/// Uses the longest reply that is read and as many secrets as a webhook may have. Most of the texts are chosen to cause
/// much work.
#[test]
fn the_longest_reply_and_the_most_secrets_take_moments() {
    let mut webhook = webhook(SLACK);
    let value = |number: usize| format!("aaaa{}{number}", "a".repeat(100));
    webhook.endpoint.headers =
        (0..50).map(|number| (format!("x-{number}"), vec![Secret::new(value(number))])).collect();
    let secrets = Secrets::of(&webhook);
    let continued = r"\ \117\O".repeat(20 * 1024 / 8);
    let (pluses, wrapped) = ("+".repeat(20 * 1024), "YQ \r\n".repeat(4 * 1024));
    let escapes = "%25%2561&#37;\\u0026#97;".repeat(20 * 1024 / 24);
    for said in [
        "a".repeat(20 * 1024),
        "YWFh".repeat(5 * 1024),
        escapes,
        continued,
        pluses,
        wrapped,
        "No such user. ".repeat(1_400),
    ] {
        let started = std::time::Instant::now();
        assert!(secrets.redact(said.as_bytes()).len() <= said.len());
        // It takes some tenths of a second in a debug build. Quadratic work would take minutes.
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }
}
