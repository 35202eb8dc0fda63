//! Reading what is written in groups of digits: hexadecimal and base64.

use super::{
    escapes::is_blank,
    readings::{Readings, Step},
};

/// Two hexadecimal digits a byte, from any place.
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

/// The digits of base64 that can be read.
struct Digits<'a> {
    readings: &'a Readings,
    all: Vec<Digit>,
    /// Where the digits of each place begin in `all`; one more than there are places.
    first: Vec<usize>,
}

/// A digit of base64: its six bits, the part of the text that it stands at, and the place after it.
struct Digit {
    bits: u8,
    span: (u32, u32),
    next: u32,
}

/// The most white space between two digits: the end of a line and the indentation of the next.
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

    /// The numbers and bits of the digits that can be read at a place.
    fn at(&self, place: u32) -> impl Iterator<Item = (u32, &Digit)> {
        let place = place as usize;
        (self.first[place]..self.first[place + 1]).map(|number| (self.number(number), &self.all[number]))
    }

    /// The place itself and, past white space, those at which a digit follows. White space ends where a digit can be read
    /// instead (`+` is both), so that every run of it is walked from few places.
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

    /// The digits at a place and past white space.
    fn after(&self, place: u32, found: &mut dyn FnMut(u32, &Digit)) {
        for place in self.resumed(place) {
            self.at(place).for_each(|(number, digit)| found(number, digit));
        }
    }

    fn number(&self, number: usize) -> u32 {
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

/// Four digits of base64, of either alphabet, for three bytes. A group may begin at any place and a reading at any byte of a
/// group: whatever the larger text was in which a secret was encoded, its bytes are read somewhere.
pub(super) fn base64(readings: &Readings) -> Readings {
    let digits = Digits::of(readings);
    // First the places at which a group begins, then those after its first byte, then those after its second: of each as many
    // as there are digits, since the bits that are left of a digit belong to the place.
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
