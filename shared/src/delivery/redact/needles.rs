//! The texts to look for, sorted so that all of them are compared at the same time.

/// A longer text is looked for in windows of this many bytes. So the work for each place in a reply is bounded, and a
/// secret is masked even if a piece of it is missing.
const WINDOW: usize = 32;

/// How many bytes after one window the next begins. Windows overlap, so every byte of a long text is in at least one.
const STRIDE: usize = 16;

/// The sorted texts. Their bytes are folded with [`fold`], as are the bytes that they are compared with.
#[derive(Default)]
pub(super) struct Needles(Vec<Vec<u8>>);

/// The texts that begin with the bytes read so far: those from `low` to `high`, after `read` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidates {
    low: usize,
    high: usize,
    read: usize,
}

/// A byte as it is compared: upper case becomes lower case, and control characters, which are never stored, become
/// spaces.
pub(super) fn fold(byte: u8) -> u8 {
    if byte.is_ascii_control() { b' ' } else { byte.to_ascii_lowercase() }
}

impl Needles {
    pub(super) fn new(texts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let folded = texts.into_iter().map(|text| text.into_iter().map(fold).collect::<Vec<u8>>());
        let mut all: Vec<Vec<u8>> = folded.flat_map(|text| windows(&text)).collect();
        all.sort();
        all.dedup();
        Self(all)
    }

    /// All texts, before any byte has been read.
    pub(super) fn all(&self) -> Candidates {
        Candidates { low: 0, high: self.0.len(), read: 0 }
    }

    /// The candidates that continue with this byte; `None` if there are none.
    pub(super) fn narrow(&self, candidates: Candidates, byte: u8) -> Option<Candidates> {
        let Candidates { low, high, read } = candidates;
        let byte = Some(fold(byte));
        let next = |needle: &Vec<u8>| needle.get(read).copied();
        let low = low + self.0[low..high].partition_point(|needle| next(needle) < byte);
        let high = low + self.0[low..high].partition_point(|needle| next(needle) == byte);
        (low < high).then_some(Candidates { low, high, read: read + 1 })
    }

    /// Whether the bytes read are the whole of one of the texts.
    pub(super) fn is_whole(&self, candidates: Candidates) -> bool {
        self.0.get(candidates.low).is_some_and(|needle| needle.len() == candidates.read)
    }
}

impl Candidates {
    /// How many bytes have been read.
    pub(super) fn read(self) -> usize {
        self.read
    }
}

fn windows(text: &[u8]) -> Vec<Vec<u8>> {
    let Some(last) = text.len().checked_sub(WINDOW) else { return vec![text.to_vec()] };
    let starts = (0..last).step_by(STRIDE).chain([last]);
    starts.map(|start| text[start..start + WINDOW].to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(needles: &Needles, text: &str) -> Option<bool> {
        let mut candidates = needles.all();
        for byte in text.bytes() {
            candidates = needles.narrow(candidates, byte)?;
        }
        Some(needles.is_whole(candidates))
    }

    #[test]
    fn beginnings_and_whole_texts_are_told_apart_whatever_their_case() {
        let needles = Needles::new(["Secret", "secrecy", "se"].map(|text| text.as_bytes().to_vec()));
        assert_eq!(reads(&needles, "SE"), Some(true));
        assert_eq!(reads(&needles, "secr"), Some(false));
        assert_eq!(reads(&needles, "sEcret"), Some(true));
        assert_eq!(reads(&needles, "secrets"), None);
    }

    #[test]
    fn windows_cover_a_long_text_without_a_gap() {
        for length in [1, 31, 32, 33, 48, 49, 100] {
            let text: Vec<u8> = (0..length).collect();
            let windows = windows(&text);
            assert!(windows.iter().all(|window| window.len() <= WINDOW));
            assert!(text.iter().all(|byte| windows.iter().any(|window| window.contains(byte))), "{length}");
        }
    }
}
