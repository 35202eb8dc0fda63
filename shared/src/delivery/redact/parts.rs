//! Splits a URL, a header's value or a signing secret into the parts that are secrets of their own.

use std::collections::BTreeSet;

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::{delivery::standard_webhooks::PREFIX, validation::PUBLIC_WORDS};

/// The shortest text to look for on its own, in characters. Shorter texts occur by chance in too many others, so a
/// shorter secret is looked for only together with what stands next to it.
pub(super) const SHORTEST: usize = 4;

/// The shortest piece between punctuation marks, and the shortest decoded key, that counts as a secret of its own, in
/// bytes.
const SHORTEST_PIECE: usize = 8;

/// The fewest digits of base64 that are looked for without decoding.
const SHORTEST_BASE64: usize = 6;

/// The separators between a header's name and its value, in the formats in which receivers echo headers.
const BETWEEN: [&str; 14] =
    [": ", ":", "=", " = ", "=\"", "='", "\":\"", "\": \"", "\":[\"", "\": [\"", "':'", "': '", "\",\"", "\", \""];

/// Accepts base64 with or without padding.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// The texts to look for in a reply.
#[derive(Default)]
pub(super) struct Parts(BTreeSet<Vec<u8>>);

impl Parts {
    /// All the texts to look for: the parts and their digits in base64.
    pub(super) fn into_texts(self) -> BTreeSet<Vec<u8>> {
        let encoded: Vec<Vec<u8>> = self.0.iter().flat_map(|part| in_base64(part)).collect();
        self.0.into_iter().chain(encoded).collect()
    }

    /// Adds a URL's path, query, user information and fragment, each whole and in parts. The host's name is not a
    /// secret.
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

    /// Adds the parts of a path segment between separators that are percent-encoded in it, once or twice.
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

    /// Adds a header's value: whole, and word by word. Each word is added also without quotes, without a name before
    /// `=` or `:`, and decoded if it is base64 of credentials. A value that is too short is added together with the
    /// header's name.
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

    /// Adds a signing secret with and without its prefix, and the key itself.
    pub(super) fn signing(&mut self, secret: &str) {
        let encoded = secret.strip_prefix(PREFIX).unwrap_or(secret);
        self.part(secret);
        self.part(encoded);
        self.part(encoded.trim_end_matches('='));
        if let Some(key) = from_base64(encoded).filter(|key| key.len() >= SHORTEST_PIECE) {
            // A receiver that reads bytes as Latin-1 writes each byte as one character.
            self.0.insert(key.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes());
            self.0.insert(key);
        }
    }

    /// Adds credentials, `user:password`: whole, the user, and the password.
    fn credentials(&mut self, both: &str) {
        if both.len() > 1 {
            self.part(both);
        }
        if let Some((user, password)) = both.split_once(':') {
            self.part(user);
            self.part(password);
        }
    }

    /// Adds the credentials of which the text is the base64, as in the header `Authorization: Basic`, if it can be
    /// decoded to text.
    fn decoded(&mut self, text: &str) {
        let Some(decoded) = from_base64(text).and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
        if !decoded.chars().any(char::is_control) {
            self.credentials(&decoded);
        }
    }

    /// Adds the pieces between punctuation marks, if they are long enough.
    fn pieces(&mut self, text: &str) {
        let inner = |c: char| !c.is_alphanumeric() && c != '-' && c != '_';
        for piece in text.split(inner).filter(|piece| piece.len() >= SHORTEST_PIECE) {
            self.part(piece);
        }
    }

    /// Adds a text as it is and with its percent-encoding decoded, unless it is too short or a common word.
    fn part(&mut self, text: &str) {
        let once = percent_decode_str(text).decode_utf8_lossy().into_owned();
        let twice = percent_decode_str(&once).decode_utf8_lossy().into_owned();
        for text in [text, &once, &twice] {
            // `needles` ignores the case of ASCII letters only, so other letters are added in both cases.
            for text in [text.to_owned(), text.to_lowercase(), text.to_uppercase()] {
                let text = text.trim();
                let word = text.trim_matches(['/', ':']).to_ascii_lowercase();
                let marks = text.bytes().all(|byte| byte == b'*');
                if text.chars().count() >= SHORTEST
                    && word.len() > 1
                    && !marks
                    && !PUBLIC_WORDS.contains(&word.as_str())
                {
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

/// The base64 digits of a text for each of the three positions at which it may begin in a group of three bytes, without
/// the digits that also depend on the neighbouring bytes. They find base64 whose case was changed, which can no longer
/// be decoded.
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
