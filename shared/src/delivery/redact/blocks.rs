//! Decodes hexadecimal and base64, which write bytes in groups of digits.

use super::{
    escapes::is_blank,
    readings::{Readings, Step},
};

/// The readings with hexadecimal decoded: two digits for each byte, from any place.
pub(super) fn hexadecimal(readings: &Readings) -> Readings {
    let mut decoded = Readings::with_room_for(readings.places().len());
    for place in readings.places() {
        let nibbles = |place| readings.from(place).iter().filter_map(|(byte, next)| Some((nibble(*byte)?, *next)));
        let pairs =
            nibbles(place).flat_map(|(high, between)| nibbles(between).map(move |(low, next)| (high << 4 | low, next)));
        decoded.place(readings.span(place), pairs);
    }
    decoded
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The base64 digits that can be read at the places of some readings.
struct Digits<'a> {
    readings: &'a Readings,
    all: Vec<Digit>,
    /// The index in `all` of the first digit of each place, and a last element with the length of `all`.
    first: Vec<usize>,
}

/// A base64 digit: its six bits, the part of the text from which it was read, and the place after it.
struct Digit {
    bits: u8,
    span: (u32, u32),
    next: u32,
}

/// The most white space allowed between two digits. It covers the end of a line and the indentation of the next.
const BLANKS: usize = 32;

impl<'a> Digits<'a> {
    fn of(readings: &'a Readings) -> Self {
        let (mut all, mut first) = (Vec::new(), vec![0]);
        for place in readings.places() {
            for (byte, next) in readings.from(place) {
                let span = (readings.span(place).0, readings.span(*next).1);
                all.extend(sextet(*byte).map(|bits| Digit { bits, span, next: *next }));
            }
            first.push(all.len());
        }
        Self { readings, all, first }
    }

    /// The digits that can be read at a place, each with its index in `all`.
    fn at(&self, place: u32) -> impl Iterator<Item = (u32, &Digit)> {
        let place = place as usize;
        (self.first[place]..self.first[place + 1]).map(|number| (self.number(number), &self.all[number]))
    }

    /// The place itself, and the places after white space at which a digit can be read. White space ends where a digit
    /// can be read (`+` is both), so that each run of white space is walked from few places only.
    fn resumed(&self, place: u32) -> Vec<u32> {
        let (mut resumed, mut open) = (vec![place], vec![place]);
        for _ in 0..BLANKS {
            let mut further = Vec::new();
            for place in open.into_iter().filter(|place| self.at(*place).next().is_none()) {
                for (_, next) in self.readings.from(place).iter().filter(|(byte, _)| is_blank(*byte)) {
                    if !further.contains(next) {
                        further.push(*next);
                    }
                }
            }
            if further.is_empty() {
                break;
            }
            let digits = further.iter().filter(|place| self.at(**place).next().is_some() && !resumed.contains(place));
            let digits: Vec<u32> = digits.copied().collect();
            resumed.extend(digits);
            open = further;
        }
        resumed
    }

    /// Calls `found` with each digit at a place or after white space from there, and with its index in `all`.
    fn after(&self, place: u32, found: &mut dyn FnMut(u32, &Digit)) {
        for place in self.resumed(place) {
            self.at(place).for_each(|(number, digit)| found(number, digit));
        }
    }

    fn number(&self, number: usize) -> u32 {
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

/// The readings with base64 of either alphabet decoded: four digits for three bytes. A group may begin at any place,
/// and a reading may begin at any byte of a group. So a secret is found wherever it stood in the text that was encoded.
pub(super) fn base64(readings: &Readings) -> Readings {
    let digits = Digits::of(readings);
    // The decoded readings have three ranges of places: those at which a group begins, one for each place; those after
    // a group's first byte, one for each digit; and those after its second byte, one for each digit. A place within a
    // group is tied to a digit, because some bits of that digit belong to the next byte.
    let groups = readings.places().end;
    let seconds = groups + digits.number(digits.all.len());
    let mut decoded = Readings::with_room_for(readings.places().len() + 2 * digits.all.len());
    let mut steps: Vec<Step> = Vec::new();
    for place in readings.places() {
        for (_, one) in digits.at(place) {
            digits.after(one.next, &mut |number, two| steps.push((one.bits << 2 | two.bits >> 4, groups + number)));
        }
        decoded.place(readings.span(place), steps.drain(..));
    }
    for two in &digits.all {
        digits.after(two.next, &mut |number, three| {
            steps.push((two.bits << 4 | three.bits >> 2, seconds + number));
        });
        decoded.place(two.span, steps.drain(..));
    }
    for three in &digits.all {
        digits.after(three.next, &mut |_, four| {
            let byte = three.bits << 6 | four.bits;
            steps.extend(digits.resumed(four.next).into_iter().map(|next| (byte, next)));
        });
        decoded.place(three.span, steps.drain(..));
    }
    decoded
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}
