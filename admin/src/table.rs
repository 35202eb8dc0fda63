//! Tables for people.

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, presets};

/// How a row is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing is wrong.
    #[default]
    Plain,
    /// Something needs attention.
    Bad,
    /// Something may need attention.
    Doubtful,
    /// It was stopped on purpose.
    Quiet,
}

impl Tone {
    /// The tone of something in the state of this name.
    pub(crate) fn of(state: &str) -> Self {
        match state {
            "suspended" | "diverted" | "discarded" => Self::Bad,
            "retrying" | "pending" => Self::Doubtful,
            "paused" | "inactive" | "deleted" => Self::Quiet,
            _ => Self::Plain,
        }
    }

    /// The text in this tone.
    pub(crate) fn paint(self, text: &str, colour: bool) -> String {
        let style = match self {
            Self::Plain => return text.to_owned(),
            Self::Bad => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Self::Doubtful => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
            Self::Quiet => Style::new().dimmed(),
        };
        if colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// A table with a line for each row.
pub(crate) struct Table {
    table: comfy_table::Table,
    tones: Vec<Tone>,
    right: Vec<usize>,
}

impl Table {
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(columns);
        Self { table, tones: Vec::new(), right: Vec::new() }
    }

    /// Sets numbers of this column to the right.
    pub(crate) fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    pub(crate) fn row(&mut self, tone: Tone, cells: Vec<String>) {
        self.tones.push(tone);
        self.table.add_row(cells.into_iter().map(|cell| one_line(&cell)));
    }

    /// The table's lines; the columns are two spaces apart.
    pub(crate) fn render(mut self, colour: bool) -> String {
        for (at, column) in self.table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.right.contains(&at) {
                column.set_cell_alignment(comfy_table::CellAlignment::Right);
            }
        }
        let mut text = String::new();
        let tones = [Tone::Plain].into_iter().chain(self.tones);
        for (line, tone) in self.table.lines().zip(tones) {
            text += &tone.paint(line.trim_end(), colour);
            text.push('\n');
        }
        text
    }
}

/// The text without what would break or colour the line: an endpoint's reply may hold anything.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_a_line_in_its_tone() {
        let table = |colour| {
            let mut table = Table::new(&["webhook", "failures"]).right(1);
            table.row(Tone::Bad, vec!["flip:a\u{1b}[31m\nb".to_owned(), "3".to_owned()]);
            table.row(Tone::Plain, vec!["sdelements:1".to_owned(), "12".to_owned()]);
            table.render(colour)
        };
        insta::assert_snapshot!(table(false), @r"
        webhook        failures
        flip:a [31m b         3
        sdelements:1         12
        ");
        assert!(table(true).contains("\u{1b}[31mflip:a"));
    }
}
