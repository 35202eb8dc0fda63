//! The attempts of one delivery on a line of time. The gaps between them grow from seconds to a day, so they are drawn on a logarithmic scale.

use maud::{Markup, html};
use shared::domain::Timestamp;

use super::{
    figure::Picture,
    line::{ACROSS, LEFT, Labels, Line, width, within},
    numbers::{coordinate, counted, grouped},
};
use crate::time;

/// One attempt to deliver an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The status of the reply; `None` if there was no reply.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether it failed.
    pub failed: bool,
}

impl Attempt {
    /// What the endpoint replied, in a word or two.
    fn reply(&self) -> String {
        self.status.map_or_else(|| "no reply".to_owned(), |status| status.to_string())
    }

    fn result(&self) -> &'static str {
        if self.failed { "failed" } else { "delivered" }
    }
}

/// The most attempts that are drawn.
const MOST: usize = 100;
const SIZE: (u32, u32) = (ACROSS, 112);
const BASE: f64 = 80.0;
/// The height of a stem, for an attempt that took no time and for one that took the longest.
const LOW: f64 = 12.0;
const HIGH: f64 = 56.0;

const NONE: &str = "No attempt yet.";

/// Draws the attempts, which are in order of time, and the next one if it is planned. The longer an attempt took, the higher it stands.
#[must_use]
pub fn attempts(prefix: &str, attempts: &[Attempt], next: Option<Timestamp>) -> Markup {
    let drawn = &attempts[attempts.len().saturating_sub(MOST)..];
    let moments: Vec<_> = drawn.iter().map(|attempt| attempt.at).chain(next).collect();
    let line = Line::through(&moments);
    let description = description(attempts, drawn.len(), next);
    Picture {
        prefix,
        size: SIZE,
        title: "Attempts",
        description: &description,
        shapes: html! {
            path.pic-line d=(format!("M0 {BASE}H{}", SIZE.0)) stroke="currentColor" {}
            @if moments.is_empty() { text x="180" y="60" text-anchor="middle" { (NONE) } }
            (stems(drawn, &line))
            @if next.is_some() { (planned(&line)) }
            (gaps(&moments, &line))
            (ends(&moments))
        },
        caption: html! { (description) },
        rows: rows(attempts, next),
    }
    .figure()
}

fn description(attempts: &[Attempt], drawn: usize, next: Option<Timestamp>) -> String {
    let mut text = match attempts {
        [] => NONE.to_owned(),
        [.., last] => {
            let failed = attempts.iter().filter(|attempt| attempt.failed).count();
            let count = counted(attempts.len(), "attempt");
            format!("{count}, {} failed. The last one {}: {}.", grouped(failed as u64), last.result(), last.reply())
        }
    };
    if drawn < attempts.len() {
        text += &format!(" The last {drawn} are drawn.");
    }
    if let Some(next) = next {
        text += &format!(" The next is due at {}.", time::exact(next));
    }
    text
}

/// Each attempt as a stem with its mark: a disc if it delivered, a cross if it failed. The status is above where there is room.
fn stems(attempts: &[Attempt], line: &Line) -> Markup {
    let radius = line.radius;
    let longest = attempts.iter().map(|attempt| attempt.duration_ms).max().unwrap_or_default().max(1);
    let mut labels = Labels::default();
    // The last attempt matters most, then each change.
    let last = attempts.len().saturating_sub(1);
    let changes = (1..last).filter(|place| attempts[*place].status != attempts[place - 1].status);
    let described: Vec<_> = (last..attempts.len())
        .chain(changes)
        .chain(0..last)
        .map(|place| (line.places[place], attempts[place].reply()))
        .filter(|(x, reply)| labels.claim(*x, reply))
        .collect();
    html! {
        @for (attempt, &x) in attempts.iter().zip(&line.places) {
            @let share = attempt.duration_ms as f64 / longest as f64;
            @let y = coordinate(BASE - LOW - (HIGH - LOW) * share);
            @let stem = format!("M{x} {BASE}V{y}");
            @if attempt.failed {
                @let (left, top, wide) = (coordinate(x - radius), coordinate(y - radius), coordinate(radius * 2.0));
                path.pic-bad d=(format!("{stem}M{left} {top}l{wide} {wide}m-{wide} 0l{wide}-{wide}")) fill="none" stroke="currentColor" {}
            } @else {
                path.pic-ok d=(stem) stroke="currentColor" {}
                circle.pic-ok cx=(x) cy=(y) r=(radius) fill="currentColor" {}
            }
        }
        @for (x, reply) in described {
            text x=(within(x, &reply)) y="12" text-anchor="middle" { (reply) }
        }
    }
}

/// The next attempt: an empty circle on a dashed stem.
fn planned(line: &Line) -> Markup {
    let x = line.places.last().copied().unwrap_or(LEFT);
    html! {
        path.pic-warn d=(format!("M{x} {BASE}V{}", BASE - LOW)) stroke="currentColor" stroke-dasharray="2 2" {}
        circle.pic-warn cx=(x) cy=(BASE - LOW) r=(line.radius) fill="none" stroke="currentColor" {}
    }
}

/// How long each gap is, below it, where there is room.
fn gaps(moments: &[Timestamp], line: &Line) -> Markup {
    html! {
        @for (pair, places) in moments.windows(2).zip(line.places.windows(2)) {
            @let text = time::span(pair[1].since(pair[0]));
            @if width(&text) < places[1] - places[0] {
                text x=(coordinate((places[0] + places[1]) / 2.0)) y=(BASE + 13.0) text-anchor="middle" { (text) }
            }
        }
    }
}

/// The first and the last moment, at the ends.
fn ends(moments: &[Timestamp]) -> Markup {
    html! {
        @if let Some(first) = moments.first() {
            text x="0" y="108" { (time::exact(*first)) }
        }
        @if let [_, .., last] = moments {
            text x=(SIZE.0) y="108" text-anchor="end" { (time::exact(*last)) }
        }
    }
}

fn rows(attempts: &[Attempt], next: Option<Timestamp>) -> Markup {
    html! {
        thead { tr { th { "Attempt" } th { "Began" } th { "Reply" } th { "Took" } th { "Result" } } }
        tbody {
            @for (place, attempt) in attempts.iter().enumerate() {
                tr {
                    th { (place + 1) }
                    td { (time::exact(attempt.at)) }
                    td { (attempt.reply()) }
                    td { (time::took(attempt.duration_ms)) }
                    td { (attempt.result()) }
                }
            }
            @if let Some(next) = next {
                tr { th { (attempts.len() + 1) } td { (time::exact(next)) } td {} td {} td { "planned" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{super::proof, *};

    const START: i64 = 1_743_416_100_000;

    /// Attempts that failed at these seconds after the start.
    fn failures(seconds: impl IntoIterator<Item = i64>) -> Vec<Attempt> {
        let at = |seconds| Timestamp(START + seconds * 1_000);
        seconds
            .into_iter()
            .map(|seconds| Attempt { at: at(seconds), status: Some(404), duration_ms: 120, failed: true })
            .collect()
    }

    /// The moments of the default schedule, in seconds.
    const SCHEDULE: [i64; 11] = [0, 5, 35, 155, 755, 2_555, 6_155, 16_955, 38_555, 81_755, 168_155];

    #[test]
    fn attempts_are_drawn_with_their_table() {
        let mut all = failures(SCHEDULE);
        all[3] = Attempt { status: None, duration_ms: 10_000, ..all[3] };
        all.push(Attempt { at: Timestamp(START + 254_555_000), status: Some(200), duration_ms: 80, failed: false });
        insta::assert_snapshot!(proof::lines(attempts("attempts", &all, None)));
    }

    #[test]
    fn the_next_attempt_is_an_empty_circle() {
        let next = Some(Timestamp(START + 30_000));
        insta::assert_snapshot!(proof::lines(attempts("attempts", &failures([0]), next)));
    }

    #[test]
    fn nothing_was_attempted_yet() {
        insta::assert_snapshot!(proof::lines(attempts("attempts", &[], None)));
    }

    #[test]
    fn a_hundred_attempts_do_not_cover_each_other() {
        let all = failures((0..100).map(|place| if place == 0 { 0 } else { 86_400 + place }));
        let line = Line::through(&all.iter().map(|attempt| attempt.at).collect::<Vec<_>>());
        assert!(line.places.windows(2).all(|pair| pair[1] - pair[0] >= line.radius * 2.0 - 0.1), "{:?}", line.places);
        let picture = attempts("attempts", &all, None).into_string();
        assert!((2..20).contains(&picture.matches(">404</text>").count()));
    }

    #[test]
    fn of_more_attempts_the_last_hundred_are_drawn() {
        let picture = attempts("attempts", &failures(0..250), None).into_string();
        assert!(picture.contains("250 attempts, 250 failed. The last one failed: 404. The last 100 are drawn."));
        assert_eq!(picture.matches("<path").count(), 101);
        assert_eq!(picture.matches("<td>failed</td>").count(), 250);
    }

    proptest! {
        #[test]
        fn any_attempts_stay_inside_the_picture(
            all in vec((any::<i64>(), any::<Option<u16>>(), any::<u64>(), 0..64_u32, any::<bool>()), 0..120),
            next in any::<Option<i64>>(),
        ) {
            let all: Vec<_> = all
                .into_iter()
                .map(|(at, status, duration, shift, failed)| Attempt {
                    at: Timestamp(at >> shift),
                    status,
                    duration_ms: duration >> shift,
                    failed,
                })
                .collect();
            proof::stays_inside(&attempts("p", &all, next.map(Timestamp)));
        }
    }
}
