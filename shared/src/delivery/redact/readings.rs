//! Every way in which a text can be read: as it stands, or with some of its escapes or a part of it decoded.

/// Places in a text, and what can be read from each: a byte, and the place after it.
///
/// From a place there may be several steps, since `%41` is either three characters or one. A path along the steps is one
/// reading of a part of the text; each place knows which part of the text it stands at.
pub(super) struct Readings {
    /// Where the steps of each place begin in `steps`; one more than there are places.
    first: Vec<u32>,
    steps: Vec<Step>,
    /// The part of the text that a place stands at: empty, unless it is in the middle of something that was decoded.
    spans: Vec<(u32, u32)>,
}

/// A byte that can be read, and the place after it.
pub(super) type Step = (u8, u32);

impl Readings {
    /// The text as it stands.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut readings = Self::with_room_for(text.len() + 1);
        for (next, byte) in (1..).zip(text) {
            readings.place((next - 1, next - 1), [(*byte, next)]);
        }
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        readings.place((end, end), []);
        readings
    }

    /// No places yet.
    pub(super) fn with_room_for(places: usize) -> Self {
        let mut first = Vec::with_capacity(places + 1);
        first.push(0);
        Self { first, steps: Vec::with_capacity(places), spans: Vec::with_capacity(places) }
    }

    /// Adds a place at that part of the text with its steps. A step that is there twice counts once.
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

    /// What can be read from a place.
    pub(super) fn from(&self, place: u32) -> &[Step] {
        let place = place as usize;
        &self.steps[self.first[place] as usize..self.first[place + 1] as usize]
    }

    /// The part of the text that a place stands at.
    pub(super) fn span(&self, place: u32) -> (u32, u32) {
        self.spans[place as usize]
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }
}
