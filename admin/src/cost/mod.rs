//! Computes what a month costs, line by line. Each line shows its sum, with amounts in millions or in GB.

mod fixed;
mod line;
mod load;
pub mod prices;
pub mod units;

use std::fmt::Write as _;

use serde::Serialize;

use line::{Line, number};
use load::Load;

use crate::{
    arguments::CostArguments,
    failure::BoxError,
    screen::Screen,
    table::{Table, Tone},
};

/// The sum in JSON.
#[derive(Serialize)]
struct Body<'a> {
    prices: &'static str,
    events: f64,
    deliveries: f64,
    lines: &'a [Line],
    /// US dollars a month.
    total: f64,
    /// US dollars for a million deliveries, without what a quiet month costs too; `null` without deliveries.
    per_million_deliveries: Option<f64>,
}

/// Shows what a month costs.
pub(crate) fn show(screen: &mut Screen<'_>, wanted: &CostArguments) -> Result<(), BoxError> {
    let load = Load::new(wanted);
    let (moving, fixed) = (load.lines(), fixed::lines());
    let sum = |lines: &[Line]| lines.iter().map(|line| line.dollars).sum::<f64>();
    let (per_load, quiet) = (sum(&moving), sum(&fixed));
    let per_million = (load.deliveries > 0.0).then(|| per_load / load.deliveries);
    let lines = [moving, fixed].concat();
    let body = Body {
        prices: prices::AS_OF,
        events: load.events * 1e6,
        deliveries: load.deliveries * 1e6,
        lines: &lines,
        total: per_load + quiet,
        per_million_deliveries: per_million,
    };
    let mut table = Table::new(&["WHAT", "SUM", "US$"]).right(2);
    for line in &lines {
        table.row(Tone::Plain, vec![line.what.to_owned(), line.sum.clone(), format!("{:.2}", line.dollars)]);
    }
    table.row(Tone::Plain, vec!["a month".to_owned(), String::new(), format!("{:.2}", body.total)]);
    let mut text = format!(
        "{} million events and {} million deliveries a month. Prices: {}.\n\n{}",
        number(load.events),
        number(load.deliveries),
        prices::AS_OF,
        table.render(screen.colour)
    );
    if let Some(per_million) = per_million {
        let _ = writeln!(text, "\nA million deliveries: {per_million:.2}, and {quiet:.2} a month for a quiet stack.");
    }
    screen.result(&body, text)
}
