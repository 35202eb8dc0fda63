//! All the ways in which a text can be read: as it stands, or with any of its escapes or parts decoded.

/// A graph of readings. Its nodes are places in a text. From each place, steps lead to other places, and each step
/// reads a byte.
///
/// A place may have several steps, because `%41` is either three characters or one. A path along the steps is one
/// reading of a part of the text. Each place knows its part of the text.
pub(super) struct Readings {
    /// The index in `steps` of the first step of each place, and a last element with the length of `steps`.
    first: Vec<u32>,
    steps: Vec<Step>,
    /// The part of the text at which each place is. It is empty unless the place is in the middle of something decoded.
    spans: Vec<(u32, u32)>,
}

/// The byte that a step reads, and the place after it.
pub(super) type Step = (u8, u32);

impl Readings {
    /// The one reading of the text as it stands.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut readings = Self::with_room_for(text.len() + 1);
        for (next, byte) in (1..).zip(text) {
            readings.place((next - 1, next - 1), [(*byte, next)]);
        }
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        readings.place((end, end), []);
        readings
    }

    /// Readings without places, with memory reserved for `places` of them.
    pub(super) fn with_room_for(places: usize) -> Self {
        let mut first = Vec::with_capacity(places + 1);
        first.push(0);
        Self { first, steps: Vec::with_capacity(places), spans: Vec::with_capacity(places) }
    }

    /// Adds a place at this part of the text, with these steps. Repeated steps are dropped.
    pub(super) fn place(&mut self, span: (u32, u32), steps: impl IntoIterator<Item = Step>) {
        let own = self.steps.len();
        for step in steps {
            if !self.steps[own..].contains(&step) {
                self.steps.push(step);
            }
        }
        self.first.push(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        self.spans.push(span);
    }

    /// All places.
    pub(super) fn places(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.spans.len()).unwrap_or(u32::MAX)
    }

    /// The steps from a place.
    pub(super) fn from(&self, place: u32) -> &[Step] {
        let place = place as usize;
        &self.steps[self.first[place] as usize..self.first[place + 1] as usize]
    }

    /// The part of the text at which a place is, as beginning and end in bytes.
    pub(super) fn span(&self, place: u32) -> (u32, u32) {
        self.spans[place as usize]
    }

    /// The number of steps.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }
}
