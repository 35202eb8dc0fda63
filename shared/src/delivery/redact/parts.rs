//! What is a secret of its own in a URL, a header's value or a signing secret.

use std::collections::BTreeSet;

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::delivery::standard_webhooks::PREFIX;

/// A shorter text is part of too many others: a shorter secret is looked for only together with what stands beside it.
pub(super) const SHORTEST: usize = 4;

/// A piece between two punctuation marks counts as a secret of its own from this length.
const SHORTEST_PIECE: usize = 8;

/// The fewest digits of base64 that are looked for as they stand.
const SHORTEST_BASE64: usize = 6;

/// Words that stand in the paths of many endpoints and the values of many headers, and in the replies of as many receivers.
const WORDS: [&str; 30] = [
    "alert",
    "alerts",
    "apikey",
    "basic",
    "bearer",
    "callback",
    "callbacks",
    "digest",
    "event",
    "events",
    "hook",
    "hooks",
    "inbound",
    "incoming",
    "ingest",
    "notification",
    "notifications",
    "notify",
    "payload",
    "public",
    "receive",
    "receiver",
    "rest",
    "services",
    "slack",
    "socotra",
    "token",
    "webhook",
    "webhooks",
    "workflows",
];

/// Between a header's name and its value, in the forms in which receivers write headers back.
const BETWEEN: [&str; 14] =
    [": ", ":", "=", " = ", "=\"", "='", "\":\"", "\": \"", "\":[\"", "\": [\"", "':'", "': '", "\",\"", "\", \""];

/// Reads base64 whether or not it is padded.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// The texts to look for.
#[derive(Default)]
pub(super) struct Parts(BTreeSet<Vec<u8>>);

impl Parts {
    /// All of them, spelled in every way in which they are looked for.
    pub(super) fn into_texts(self) -> BTreeSet<Vec<u8>> {
        let encoded: Vec<Vec<u8>> = self.0.iter().flat_map(|part| in_base64(part)).collect();
        self.0.into_iter().chain(encoded).collect()
    }

    /// A URL's path, query, user information and fragment, each whole and in its parts. The host's name is no secret.
    pub(super) fn url(&mut self, text: &str) {
        if let Some((_, rest)) = text.split_once("://") {
            let (host, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            if let Some((user, _)) = host.rsplit_once('@') {
                self.credentials(user);
            }
            self.after_host(after);
        }
        if let Ok(url) = Url::parse(text) {
            self.credentials(&format!("{}:{}", url.username(), url.password().unwrap_or_default()));
            self.after_host(&text_after_host(&url));
        }
    }

    fn after_host(&mut self, text: &str) {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        for whole in [text, rest, path, query, fragment] {
            self.part(whole);
        }
        for segment in path.split(['/', ';']) {
            self.part(segment);
            self.pieces(segment);
            self.parts_within(segment);
        }
        for pair in query.split(['&', ';']).chain(fragment.split('&')) {
            let value = pair.split_once('=').map_or(pair, |(_, value)| value);
            self.part(value);
            self.part(&value.replace('+', " "));
            self.pieces(value);
        }
    }

    /// What stands between separators that are percent-encoded, once or twice, within a segment of a path.
    fn parts_within(&mut self, segment: &str) {
        let once = percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let twice = percent_decode_str(&once).decode_utf8_lossy().into_owned();
        for text in [once, twice] {
            for part in text.split(['/', '\\', ';', '?', '&', '#', '=']) {
                self.part(part);
            }
            self.pieces(&text);
        }
    }

    /// A header's value: whole, by its words, each without quotes and without a name before `=` or `:`, and what it is the base64
    /// of. A value that is too short by itself is looked for beside the header's name.
    pub(super) fn header(&mut self, name: &str, value: &str) {
        let value = value.trim();
        self.part(value);
        if (1..SHORTEST).contains(&value.len()) {
            for between in BETWEEN {
                self.part(&format!("{name}{between}{value}"));
            }
        }
        for word in value.split(|c: char| c.is_whitespace() || c == ',' || c == ';') {
            let mut word = Some(word);
            while let Some(text) = word {
                let bare = text.trim_matches(['"', '\'', '<', '>', '(', ')', '[', ']']);
                self.part(text);
                self.part(bare);
                self.decoded(bare);
                word = bare.split_once(['=', ':']).map(|(_, value)| value);
            }
        }
        self.pieces(value);
    }

    /// A signing secret: with and without its prefix, and the key itself.
    pub(super) fn signing(&mut self, secret: &str) {
        let encoded = secret.strip_prefix(PREFIX).unwrap_or(secret);
        self.part(secret);
        self.part(encoded);
        self.part(encoded.trim_end_matches('='));
        if let Some(key) = from_base64(encoded).filter(|key| key.len() >= SHORTEST_PIECE) {
            // A receiver that takes bytes for characters writes each as one.
            self.0.insert(key.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes());
            self.0.insert(key);
        }
    }

    /// `user:password`.
    fn credentials(&mut self, both: &str) {
        if both.len() > 1 {
            self.part(both);
        }
        if let Some((user, password)) = both.split_once(':') {
            self.part(user);
            self.part(password);
        }
    }

    /// What the text is the base64 of, if that can be read: the credentials of `Basic` above all.
    fn decoded(&mut self, text: &str) {
        let Some(decoded) = from_base64(text).and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
        if !decoded.chars().any(char::is_control) {
            self.credentials(&decoded);
        }
    }

    /// What stands between punctuation marks, if it is long.
    fn pieces(&mut self, text: &str) {
        let inner = |c: char| !c.is_alphanumeric() && c != '-' && c != '_';
        for piece in text.split(inner).filter(|piece| piece.len() >= SHORTEST_PIECE) {
            self.part(piece);
        }
    }

    /// A text, as it is and decoded from percent-encoding.
    fn part(&mut self, text: &str) {
        let once = percent_decode_str(text).decode_utf8_lossy().into_owned();
        let twice = percent_decode_str(&once).decode_utf8_lossy().into_owned();
        for text in [text, &once, &twice] {
            // Letters that are no ASCII are alike in either case, too.
            for text in [text.to_owned(), text.to_lowercase(), text.to_uppercase()] {
                let text = text.trim();
                let word = text.trim_matches(['/', ':']).to_ascii_lowercase();
                let marks = text.bytes().all(|byte| byte == b'*');
                if text.chars().count() >= SHORTEST && word.len() > 1 && !marks && !WORDS.contains(&word.as_str()) {
                    self.0.insert(text.as_bytes().to_vec());
                }
            }
        }
    }
}

fn text_after_host(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{}{query}{fragment}", url.path())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let standard = GeneralPurpose::new(&STANDARD, LENIENT);
    let url_safe = GeneralPurpose::new(&URL_SAFE, LENIENT);
    standard.decode(text).or_else(|_| url_safe.decode(text)).ok()
}

/// The digits of base64 that a text gives at each of the three places in a group where it may begin, as far as its neighbours do
/// not change them. For base64 of which the case was changed, since that cannot be decoded.
fn in_base64(text: &[u8]) -> Vec<Vec<u8>> {
    let engine = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_encode_padding(false));
    let mut all = Vec::new();
    for before in 0..3 {
        let shifted = [&vec![0; before][..], text].concat();
        let digits = engine.encode(&shifted);
        let own = (before * 8).div_ceil(6)..shifted.len() * 8 / 6;
        if let Some(own) = digits.get(own).filter(|own| own.len() >= SHORTEST_BASE64) {
            all.push(own.as_bytes().to_vec());
            all.push(own.replace('+', "-").replace('/', "_").into_bytes());
        }
    }
    all
}
