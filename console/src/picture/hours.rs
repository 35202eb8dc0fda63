//! What was delivered, what failed and what was diverted in each of the last 24 hours, as stacked bars.

use std::fmt::Write as _;

use maud::{Markup, html};
use shared::domain::Timestamp;

use super::{
    figure::{Picture, slanted_lines},
    numbers::{clock, grouped, short},
};
use crate::time;

/// What happened in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When the hour began.
    pub start: Timestamp,
    /// How many deliveries were accepted.
    pub delivered: u32,
    /// How many attempts failed.
    pub failed: u32,
    /// How many deliveries were diverted.
    pub diverted: u32,
}

impl Hour {
    /// The parts of the hour's bar, from the bottom.
    fn parts(&self) -> [u64; 3] {
        [self.delivered, self.failed, self.diverted].map(u64::from)
    }

    fn total(&self) -> u64 {
        self.parts().iter().sum()
    }
}

/// The most hours that are drawn.
const HOURS: usize = 24;
const SIZE: (u32, u32) = (360, 140);
/// The left end of the baseline.
const LEFT: usize = 40;
/// The distance from one bar to the next, and the width of a bar.
const STEP: usize = 13;
const BAR: usize = 10;
/// The baseline, and the height of a bar that reaches the top of the scale.
const BASE: u64 = 120;
const HEIGHT: u64 = 100;
/// The least height of a part that is not zero: one failure among a million deliveries must be seen.
const LEAST: u64 = 3;

/// Draws the last 24 of the hours, which are in order of time.
#[must_use]
pub fn hours(prefix: &str, hours: &[Hour]) -> Markup {
    let hours = &hours[hours.len().saturating_sub(HOURS)..];
    let mut sums = [0_u64; 3];
    for hour in hours {
        for (sum, part) in sums.iter_mut().zip(hour.parts()) {
            *sum += part;
        }
    }
    let [delivered, failed, diverted] = sums.map(grouped);
    let busiest = hours.iter().rev().max_by_key(|hour| hour.total()).filter(|hour| hour.total() > 0);
    let description = match busiest {
        Some(hour) => format!(
            "{delivered} delivered, {failed} failed attempts, {diverted} diverted. The busiest hour began at {}.",
            clock(hour.start)
        ),
        None => NOTHING.to_owned(),
    };
    let lines = format!("{prefix}-f");
    Picture {
        prefix,
        size: SIZE,
        title: "The last 24 hours",
        description: &description,
        shapes: html! {
            (slanted_lines(&lines, "pic-bad"))
            @match busiest {
                Some(busiest) => (bars(hours, busiest.total(), &lines)),
                None => text x="196" y="76" text-anchor="middle" { (NOTHING) },
            }
            path.pic-line d=(format!("M{LEFT} {BASE}H{}", LEFT + STEP * HOURS)) stroke="currentColor" {}
            (labels(hours))
        },
        caption: html! {
            (key("pic-ok", "currentColor", &delivered, "delivered"))
            (key("pic-bad", &format!("url(#{lines})"), &failed, "failed attempts"))
            (key("pic-warn", "none", &diverted, "diverted"))
            @if let Some(hour) = hours.first() { "since " (time::exact(hour.start)) }
        },
        rows: rows(hours),
    }
    .figure()
}

const NOTHING: &str = "Nothing was sent in the last 24 hours";

/// The bars with the scale behind them. Each part is one path over all hours, and what was delivered is drawn as thick lines, because that
/// keeps the picture small.
fn bars(hours: &[Hour], most: u64, lines: &str) -> Markup {
    let top = top_of_scale(most);
    let [mut delivered, mut failed, mut diverted] = [const { String::new() }; 3];
    for (place, hour) in hours.iter().enumerate() {
        let left = LEFT + 2 + STEP * place;
        let heights = hour.parts().map(|part| if part == 0 { 0 } else { tall(part, top).max(LEAST) });
        // Writing to a string cannot fail.
        if heights[0] > 0 {
            let _ = write!(delivered, "M{} {BASE}v-{}", left + BAR / 2, heights[0]);
        }
        let mut y = BASE - heights[0];
        for (path, height) in [(&mut failed, heights[1]), (&mut diverted, heights[2])] {
            if height > 0 {
                let _ = write!(path, "M{left} {y}h{BAR}v-{height}h-{BAR}z");
            }
            y -= height;
        }
    }
    html! {
        @for mark in [top, top / 2] {
            @if mark > 0 {
                @let y = BASE - tall(mark, top);
                path.pic-line d=(format!("M{LEFT} {y}H{}", LEFT + STEP * HOURS)) stroke="currentColor" stroke-dasharray="2 3" {}
                text x=(LEFT - 5) y=(y + 4) text-anchor="end" { (short(mark)) }
            }
        }
        path.pic-ok d=(delivered) stroke="currentColor" stroke-width=(BAR) {}
        path.pic-bad d=(failed) fill=(format!("url(#{lines})")) stroke="currentColor" stroke-width=".8" {}
        path.pic-warn d=(diverted) fill="none" stroke="currentColor" stroke-width="1.4" {}
    }
}

/// The height of a count on the scale, rounded: fractions could not be seen and would make the page larger.
fn tall(count: u64, top: u64) -> u64 {
    (count * HEIGHT + top / 2) / top
}

/// The least of 1, 2, 4, 6, 8, 10, 20, 40 and so on that is not below `most`: its half is a whole number too, apart from that of 1.
fn top_of_scale(most: u64) -> u64 {
    let mut unit = 1;
    loop {
        if let Some(top) = [1, 2, 4, 6, 8].map(|step| step * unit).into_iter().find(|top| *top >= most) {
            return top;
        }
        unit *= 10;
    }
}

/// The times of every sixth hour.
fn labels(hours: &[Hour]) -> Markup {
    html! {
        @for (place, hour) in hours.iter().enumerate() {
            @if hour.start.seconds().div_euclid(3_600).rem_euclid(6) == 0 {
                text x=(LEFT + 2 + BAR / 2 + STEP * place) y="134" text-anchor="middle" { (clock(hour.start)) }
            }
        }
    }
}

/// A sample of a part's filling with what it means, for the caption.
fn key(class: &str, fill: &str, count: &str, what: &str) -> Markup {
    html! {
        span.pic-part {
            svg.(class) viewBox="0 0 10 10" aria-hidden="true" { path d="M1 1h8v8h-8z" fill=(fill) stroke="currentColor" {} }
            " " (count) " " (what)
        } " "
    }
}

fn rows(hours: &[Hour]) -> Markup {
    html! {
        thead { tr { th { "Hour (UTC)" } th { "Delivered" } th { "Failed attempts" } th { "Diverted" } } }
        tbody {
            @for hour in hours {
                tr { th { (clock(hour.start)) } @for part in hour.parts() { td { (grouped(part)) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{super::proof, *};

    /// A day that began at 10:00, with the counts of its last hours.
    fn day(last: &[(u32, u32, u32)]) -> Vec<Hour> {
        (0..HOURS)
            .map(|place| {
                let start = Timestamp(1_743_415_200_000 + 3_600_000 * place as i64);
                let counts = (place + last.len()).checked_sub(HOURS).and_then(|place| last.get(place));
                let (delivered, failed, diverted) = counts.copied().unwrap_or_default();
                Hour { start, delivered, failed, diverted }
            })
            .collect()
    }

    #[test]
    fn a_day_without_deliveries_says_so_above_its_baseline() {
        let picture = hours("all", &day(&[])).into_string();
        assert!(picture.contains(">Nothing was sent in the last 24 hours</text>"), "{picture}");
        assert!(picture.contains("M40 120H352"), "{picture}");
    }

    #[test]
    fn a_day_is_drawn_with_its_table() {
        insta::assert_snapshot!(proof::lines(hours("all", &day(&[(7, 0, 0), (0, 3, 0), (1, 1, 1)]))));
    }

    #[test]
    fn the_scale_ends_at_the_next_round_number() {
        let all = [0, 1, 2, 3, 7, 9, 11, 99, 1_000_000, 1_000_001, 3 * u64::from(u32::MAX)].map(top_of_scale);
        assert_eq!(all, [1, 1, 2, 4, 8, 10, 20, 100, 1_000_000, 2_000_000, 20_000_000_000]);
    }

    #[test]
    fn one_failure_among_a_million_deliveries_is_seen() {
        let picture = hours("all", &day(&[(1_000_000, 1, 0)])).into_string();
        assert!(picture.contains(&format!("h{BAR}v-{LEAST}h-{BAR}z")), "{picture}");
    }

    #[test]
    fn the_picture_of_a_busy_day_stays_below_5_kb() {
        let picture = hours("webhook", &day(&[(12_345_678, 87_654, 4_321); HOURS])).into_string();
        assert!(picture.len() < 5_000, "{} bytes", picture.len());
    }

    proptest! {
        #[test]
        fn any_numbers_stay_inside_the_picture(
            counts in vec((any::<i64>(), 0..=u32::MAX, 0..=u32::MAX, 0..=u32::MAX, 0..4_u32), 0..40),
        ) {
            let all: Vec<_> = counts
                .into_iter()
                .map(|(start, delivered, failed, diverted, zeros)| Hour {
                    start: Timestamp(start),
                    delivered,
                    failed: failed >> (zeros * 10),
                    diverted: diverted >> (zeros * 10),
                })
                .collect();
            proof::stays_inside(&hours("p", &all));
        }
    }
}
