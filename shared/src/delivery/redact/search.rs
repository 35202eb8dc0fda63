//! Finds the secrets in all readings of a text.

use super::{
    blocks::{base64, hexadecimal},
    escapes::unescaped,
    needles::{Candidates, Needles},
    readings::Readings,
};

/// How many layers of escapes are decoded: percent-encoding twice, of a text that was percent-encoded twice.
const ESCAPES: usize = 4;

/// How many bytes of the beginning of a secret count as the secret at the end of the text, where it may be cut off.
const CUT: usize = 8;

/// The parts of the text that show a secret, as beginning and end in bytes, unordered. They may show it as it stands,
/// in escapes of escapes, in hexadecimal or base64 with escapes outside and inside, or in two layers of hexadecimal and
/// base64.
pub(super) fn find(text: &[u8], needles: &Needles) -> Vec<(usize, usize)> {
    let mut search = Search { text, needles, found: Vec::new() };
    let plain = escapes_read(Readings::of(text));
    search.look(&plain);
    for block in [hexadecimal, base64] {
        let outer = block(&plain);
        for inner in [hexadecimal, base64] {
            search.look(&inner(&outer));
        }
        search.look(&escapes_read(outer));
    }
    search.found
}

fn escapes_read(mut readings: Readings) -> Readings {
    for _ in 0..ESCAPES {
        let more = unescaped(&readings);
        if more.len() == readings.len() {
            break;
        }
        readings = more;
    }
    readings
}

struct Search<'a> {
    text: &'a [u8],
    needles: &'a Needles,
    found: Vec<(usize, usize)>,
}

impl Search<'_> {
    fn look(&mut self, readings: &Readings) {
        let all = self.needles.all();
        // Almost no first step matches a secret, so this table makes it cheap.
        let starts: Vec<Option<Candidates>> = (0..=u8::MAX).map(|byte| self.needles.narrow(all, byte)).collect();
        let (mut open, mut longer) = (Vec::new(), Vec::new());
        for start in readings.places() {
            for (byte, next) in readings.from(start) {
                open.extend(starts[usize::from(*byte)].map(|candidates| (candidates, *next)));
            }
            while !open.is_empty() {
                for (candidates, place) in open.drain(..) {
                    self.note(readings, start, candidates, place);
                    for (byte, next) in readings.from(place) {
                        // If two ways of reading the same bytes lead to the same place, follow only one.
                        let further = self.needles.narrow(candidates, *byte).map(|candidates| (candidates, *next));
                        longer.extend(further.filter(|further| !longer.contains(further)));
                    }
                }
                std::mem::swap(&mut open, &mut longer);
            }
        }
    }

    /// Adds the part of the text from `start` to `place` to the result, if it shows a secret or the beginning of one
    /// that is cut off.
    fn note(&mut self, readings: &Readings, start: u32, candidates: Candidates, place: u32) {
        let (begin, end) = (readings.span(start).0 as usize, readings.span(place).1 as usize);
        if self.needles.is_whole(candidates) {
            self.found.push((begin, end));
        } else if candidates.read() >= CUT && is_broken_off(&self.text[end..]) {
            self.found.push((begin, self.text.len()));
        }
    }
}

/// Whether the text ends here, except for the beginning of an escape or one hexadecimal digit of a byte.
fn is_broken_off(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [one] if one.is_ascii_hexdigit() => true,
        [b'%' | b'\\' | b'&', more @ ..] => {
            more.len() < 10 && more.iter().all(|byte| byte.is_ascii_alphanumeric() || b"#%\\&{".contains(byte))
        }
        _ => false,
    }
}
