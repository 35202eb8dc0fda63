//! Decodes escapes: percent-encoding, the escapes of JSON and JavaScript, and HTML's character references.

use super::readings::{Readings, Step};

/// The names of HTML's references that stand for ASCII characters.
const NAMES: [(&str, u8); 46] = [
    ("amp", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("diacriticalgrave", b'`'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("gt", b'>'),
    ("hat", b'^'),
    ("lbrace", b'{'),
    ("lbrack", b'['),
    ("lcub", b'{'),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lsqb", b'['),
    ("lt", b'<'),
    ("midast", b'*'),
    ("nbsp", b' '),
    ("newline", b'\n'),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("rbrace", b'}'),
    ("rbrack", b']'),
    ("rcub", b'}'),
    ("rpar", b')'),
    ("rsqb", b']'),
    ("semi", b';'),
    ("sol", b'/'),
    ("tab", b'\t'),
    ("tilde", b'~'),
    ("underbar", b'_'),
    ("verbar", b'|'),
    ("vert", b'|'),
    ("verticalline", b'|'),
    ("dash", b'-'),
    ("hyphen", b'-'),
    ("minus", b'-'),
];

/// The names of HTML's references from U+00A0 to U+00FF, in order.
const LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy",
    "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm",
    "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig",
    "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve",
    "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN",
    "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc",
    "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml",
    "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

/// The most digits of a numeric reference that are read, including leading zeros.
const MOST_DIGITS: usize = 8;

/// The same readings with further steps: from each place where an escape begins, the bytes of the character that it
/// stands for. An escape that is itself made of escapes needs another call.
pub(super) fn unescaped(readings: &Readings) -> Readings {
    let mut more = Readings::with_room_for(readings.places().len());
    // The places between the bytes of one character. They come after all other places.
    let mut between: Vec<((u32, u32), Step)> = Vec::new();
    for place in readings.places() {
        let plain = readings.from(place);
        let mut found = Vec::new();
        for (byte, next) in plain {
            match byte {
                b'%' => percent(readings, *next, &mut found),
                b'\\' => backslash(readings, *next, &mut found),
                b'&' => reference(readings, *next, &mut found),
                // The form encoding of a space.
                b'+' => found.push((vec![b' '], *next)),
                _ => {}
            }
        }
        let (start, mut decoded) = (readings.span(place).0, Vec::new());
        for (bytes, mut next) in found {
            let end = readings.span(next).1;
            // From the last byte to the first, because each step needs the place after it.
            for byte in bytes.iter().skip(1).rev() {
                between.push(((start, end), (*byte, next)));
                next = readings.places().end + u32::try_from(between.len() - 1).unwrap_or(u32::MAX);
            }
            decoded.extend(bytes.first().map(|byte| (*byte, next)));
        }
        more.place(readings.span(place), plain.iter().copied().chain(decoded));
    }
    for (span, step) in between {
        more.place(span, [step]);
    }
    more
}

/// The bytes that escapes stand for, each with the place after the escape.
type Found = Vec<(Vec<u8>, u32)>;

fn percent(readings: &Readings, place: u32, found: &mut Found) {
    for (value, next) in digits(readings, place, 16, 2, 2) {
        found.extend(u8::try_from(value).ok().map(|byte| (vec![byte], next)));
    }
    for next in spelled(readings, place, "u") {
        characters(digits(readings, next, 16, 4, 4), found);
    }
}

fn backslash(readings: &Readings, place: u32, found: &mut Found) {
    for (byte, next) in readings.from(place) {
        match byte.to_ascii_lowercase() {
            b'u' => unicode(readings, *next, found),
            b'x' => characters(digits(readings, *next, 16, 2, 2), found),
            b'0'..=b'7' => octal(readings, place, found),
            b'n' | b'r' | b't' | b'b' | b'f' | b'v' => found.push((vec![b' '], *next)),
            _ => {}
        }
        // After a backslash, a character without a meaning of its own stands for itself. Case counts here: only `\n` is
        // an end of line.
        if !matches!(byte, b'0'..=b'7' | b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'u' | b'x') {
            found.push((vec![*byte], *next));
        }
        if is_blank(*byte) {
            continued(readings, *next, found);
        }
    }
}

/// Decodes one to three octal digits, as a character and, up to 255, also as a single byte.
fn octal(readings: &Readings, place: u32, found: &mut Found) {
    let values = digits(readings, place, 8, 1, 3);
    found.extend(values.iter().filter_map(|(value, next)| Some((vec![u8::try_from(*value).ok()?], *next))));
    characters(values, found);
}

/// Reads a backslash at the end of a line as nothing: adds what follows it. The end of a line may be one or two
/// characters.
fn continued(readings: &Readings, place: u32, found: &mut Found) {
    for (byte, next) in readings.from(place) {
        found.push((vec![*byte], *next));
        if is_blank(*byte) {
            found.extend(readings.from(*next).iter().map(|(byte, next)| (vec![*byte], *next)));
        }
    }
}

/// Whether the byte is a space or a control character. [`super::one_line`] has replaced control characters with spaces.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_control()
}

/// Decodes what follows `\u`: four digits, two escapes of four digits for a surrogate pair, or one to six digits in
/// braces.
fn unicode(readings: &Readings, place: u32, found: &mut Found) {
    for (high, next) in digits(readings, place, 16, 4, 4) {
        characters([(high, next)], found);
        if !(0xD800..0xDC00).contains(&high) {
            continue;
        }
        for next in spelled(readings, next, "\\u") {
            let lows = digits(readings, next, 16, 4, 4).into_iter().filter(|(low, _)| (0xDC00..0xE000).contains(low));
            characters(lows.map(|(low, next)| (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), next)), found);
        }
    }
    for next in spelled(readings, place, "{") {
        for (value, next) in digits(readings, next, 16, 1, 6) {
            characters(spelled(readings, next, "}").into_iter().map(|next| (value, next)), found);
        }
    }
}

/// Decodes what follows `&`. The semicolon may be missing. Then it is not known how many of the digits belong to the
/// reference, so every number of digits is tried.
fn reference(readings: &Readings, place: u32, found: &mut Found) {
    let mut ended = |characters: Found| {
        for (bytes, next) in characters {
            found.extend(spelled(readings, next, ";").into_iter().map(|after| (bytes.clone(), after)));
            found.push((bytes, next));
        }
    };
    for next in spelled(readings, place, "#") {
        let mut numeric = Found::new();
        characters(digits(readings, next, 10, 1, MOST_DIGITS), &mut numeric);
        for next in spelled(readings, next, "x") {
            characters(digits(readings, next, 16, 1, MOST_DIGITS), &mut numeric);
        }
        ended(numeric);
    }
    if !readings.from(place).iter().any(|(byte, _)| byte.is_ascii_alphabetic()) {
        return;
    }
    for (name, byte) in NAMES {
        ended(spelled(readings, place, name).into_iter().map(|next| (vec![byte], next)).collect());
    }
    for (name, character) in LATIN.into_iter().zip('\u{A0}'..='\u{FF}') {
        let bytes = character.to_string().into_bytes();
        ended(spelled(readings, place, name).into_iter().map(|next| (bytes.clone(), next)).collect());
    }
}

fn characters(values: impl IntoIterator<Item = (u32, u32)>, found: &mut Found) {
    let character = |(value, next)| Some((char::from_u32(value)?.to_string().into_bytes(), next));
    found.extend(values.into_iter().filter_map(character));
}

/// All numbers with `least` to `most` digits that can be read from a place, each with the place after it.
fn digits(readings: &Readings, place: u32, radix: u32, least: usize, most: usize) -> Vec<(u32, u32)> {
    let (mut numbers, mut open) = (Vec::new(), vec![(0_u32, place)]);
    for length in 1..=most {
        let mut longer = Vec::new();
        for (value, place) in open {
            for (byte, next) in readings.from(place) {
                let Some(digit) = char::from(*byte).to_digit(radix) else { continue };
                let number = (value.saturating_mul(radix).saturating_add(digit), *next);
                if !longer.contains(&number) {
                    longer.push(number);
                }
            }
        }
        if length >= least {
            numbers.extend_from_slice(&longer);
        }
        open = longer;
    }
    numbers
}

/// The places after `text`, if it can be read from a place, in any case.
fn spelled(readings: &Readings, place: u32, text: &str) -> Vec<u32> {
    let mut places = vec![place];
    for wanted in text.bytes() {
        let mut after = Vec::new();
        for (byte, next) in places.iter().flat_map(|place| readings.from(*place)) {
            if byte.eq_ignore_ascii_case(&wanted) && !after.contains(next) {
                after.push(*next);
            }
        }
        if after.is_empty() {
            return after;
        }
        places = after;
    }
    places
}
