//! Where moments and their labels are on a line of time, so that none covers its neighbour.

use shared::domain::Timestamp;

use super::numbers::coordinate;

/// The width of the picture.
pub(super) const ACROSS: u32 = 360;
/// Where the first moment is, and the distance from it to the last one.
pub(super) const LEFT: f64 = 12.0;
pub(super) const WIDTH: f64 = 336.0;
/// The width of a letter, at most.
const LETTER: f64 = 6.5;

/// Where the moments are on the line.
pub(super) struct Line {
    pub(super) places: Vec<f64>,
    /// Half the width of a mark, so that neighbours do not cover each other.
    pub(super) radius: f64,
}

impl Line {
    /// Places the moments. One half of the line is shared out evenly, so that many quick attempts do not run together; the other half is
    /// shared out by the logarithm of each gap.
    pub(super) fn through(moments: &[Timestamp]) -> Self {
        let logarithms: Vec<_> = moments.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64().ln_1p()).collect();
        let sum = logarithms.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let evenly = WIDTH / 2.0 / logarithms.len().max(1) as f64;
        let mut places = vec![LEFT];
        let (mut x, mut least) = (LEFT, WIDTH);
        for logarithm in logarithms {
            let gap = evenly + WIDTH / 2.0 * logarithm / sum;
            x += gap;
            least = least.min(gap);
            places.push(coordinate(x));
        }
        Self { places, radius: coordinate((least * 0.45).clamp(0.8, 4.0)) }
    }
}

/// The places that labels of one row take.
#[derive(Default)]
pub(super) struct Labels(Vec<(f64, f64)>);

impl Labels {
    /// Takes the place for a text around `x`; false if another text is there.
    pub(super) fn claim(&mut self, x: f64, text: &str) -> bool {
        let (middle, half) = (within(x, text), width(text) / 2.0);
        let (left, right) = (middle - half, middle + half);
        let free = self.0.iter().all(|(from, to)| right <= *from || left >= *to);
        if free {
            self.0.push((left, right));
        }
        free
    }
}

/// How wide a text is, at most, with some space around it.
pub(super) fn width(text: &str) -> f64 {
    text.len() as f64 * LETTER + 3.0
}

/// The middle of a text around `x` that does not leave the picture.
pub(super) fn within(x: f64, text: &str) -> f64 {
    let half = width(text) / 2.0;
    coordinate(x.clamp(half, f64::from(ACROSS) - half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_gap_is_drawn_longer_and_the_gaps_fill_the_line() {
        // The moments of the default schedule, in seconds.
        let schedule = [0, 5, 35, 155, 755, 2_555, 6_155, 16_955, 38_555, 81_755, 168_155];
        let places = Line::through(&schedule.map(|seconds| Timestamp(seconds * 1_000))).places;
        let gaps: Vec<_> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.is_sorted() && gaps[0] > 15.0, "{gaps:?}");
        assert!((places[schedule.len() - 1] - LEFT - WIDTH).abs() < 0.1, "{places:?}");
    }
}
