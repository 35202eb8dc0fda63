//! How long the oldest event of a queue has waited, beside the limits that matter.

use std::time::Duration;

use maud::{Markup, html};

use super::{
    figure::{Picture, slanted_lines},
    numbers::coordinate,
};
use crate::time;

/// How bad it is that an event has waited for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeLevel {
    /// Less than ten minutes: nothing to do.
    Calm,
    /// More than ten minutes, which the operations API calls trouble too.
    Warning,
    /// More than half of the retention, after which the event expires.
    Trouble,
}

/// A wait up to this is usual.
const USUAL: Duration = Duration::from_secs(600);

/// How bad it is that the oldest event has waited for `age`, if events expire after the retention.
#[must_use]
pub fn age_level(age: Duration, retention: Duration) -> AgeLevel {
    if age > retention / 2 {
        AgeLevel::Trouble
    } else if age > USUAL {
        AgeLevel::Warning
    } else {
        AgeLevel::Calm
    }
}

const SIZE: (u32, u32) = (360, 34);
/// The left end and the width of the meter, which is the retention.
const LEFT: f64 = 1.0;
const WIDTH: f64 = 358.0;

/// Draws the age of the oldest event in a queue as a meter from nothing to the retention; `None` if no event waits.
#[must_use]
pub fn age(prefix: &str, age: Option<Duration>, retention: Duration) -> Markup {
    let level = age_level(age.unwrap_or_default(), retention);
    let (class, words) = match level {
        AgeLevel::Calm => ("pic-ok", "as usual"),
        AgeLevel::Warning => ("pic-warn", "longer than 10 min"),
        AgeLevel::Trouble => ("pic-bad", "more than half of the retention"),
    };
    let description = match age {
        Some(age) => {
            format!(
                "The oldest event has waited for {}, {words}. It expires after {}.",
                time::span(age),
                time::span(retention)
            )
        }
        None => "No event waits.".to_owned(),
    };
    let lines = format!("{prefix}-f");
    // The bar differs in its filling too, so that a level is seen without colours.
    let fill = if level == AgeLevel::Calm { "currentColor".to_owned() } else { format!("url(#{lines})") };
    let usual = across(USUAL, retention);
    Picture {
        prefix,
        size: SIZE,
        title: "Age of the queue",
        description: &description,
        shapes: html! {
            (slanted_lines(&lines, class))
            path.pic-line d=(format!("M{LEFT} 2H{}V16H{LEFT}z", LEFT + WIDTH)) fill="none" stroke="currentColor" {}
            @if let Some(age) = age {
                path class=(class) d=(format!("M{LEFT} 4H{}V14H{LEFT}z", across(age, retention).max(LEFT + 2.0))) fill=(fill)
                    stroke="currentColor" {}
            }
            @if USUAL < retention {
                path d=(format!("M{usual} 0V18")) stroke="currentColor" {}
                // Not beside the other text.
                @if (30.0..250.0).contains(&usual) { text x=(usual) y="30" text-anchor="middle" { (time::span(USUAL)) } }
            }
            text x=(LEFT + WIDTH) y="30" text-anchor="end" { (time::span(retention)) }
        },
        caption: html! { (description) },
        rows: html! {
            tbody {
                tr { th { "Oldest event" } td { (age.map_or_else(|| "none".to_owned(), time::span)) } }
                tr { th { "Usual, at most" } td { (time::span(USUAL)) } }
                tr { th { "Retention" } td { (time::span(retention)) } }
            }
        },
    }
    .figure()
}

/// Where a duration is on the meter. The scale is logarithmic, because ten minutes are nothing of thirty days.
fn across(duration: Duration, retention: Duration) -> f64 {
    let share = duration.as_secs_f64().ln_1p() / retention.as_secs_f64().ln_1p().max(f64::MIN_POSITIVE);
    coordinate(LEFT + WIDTH * share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::proof, *};

    const MONTH: Duration = Duration::from_secs(30 * 86_400);

    #[test]
    fn a_level_begins_after_its_limit() {
        let level = |seconds| age_level(Duration::from_secs(seconds), MONTH);
        assert_eq!([level(0), level(600)], [AgeLevel::Calm; 2]);
        assert_eq!([level(601), level(15 * 86_400)], [AgeLevel::Warning; 2]);
        assert_eq!([level(15 * 86_400 + 1), level(31 * 86_400)], [AgeLevel::Trouble; 2]);
    }

    #[test]
    fn an_age_is_drawn_beside_its_limits() {
        insta::assert_snapshot!(proof::lines(age("age", Some(Duration::from_secs(7_200)), MONTH)));
    }

    #[test]
    fn an_empty_queue_has_no_bar() {
        insta::assert_snapshot!(proof::lines(age("age", None, MONTH)));
    }

    proptest! {
        #[test]
        fn any_age_stays_inside_the_picture(waited in any::<Option<u64>>(), retention in any::<u64>(), shift in 0..64_u32) {
            let waited = waited.map(|seconds| Duration::from_secs(seconds >> shift));
            proof::stays_inside(&age("p", waited, Duration::from_secs(retention >> (63 - shift))));
        }
    }
}
