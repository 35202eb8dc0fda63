//! The part of a file that a program writes, between two lines that say so.

/// The text with other lines between the marks of the region with that name; `None` if there is no such region, or more than
/// one.
pub(super) fn replaced(text: &str, name: &str, content: &str) -> Option<String> {
    let (begin, end) = (mark(text, &format!("begin: {name}"))?, mark(text, &format!("end: {name}"))?);
    let first = line_end(text, begin);
    let last = text[..end].rfind('\n')? + 1;
    (first <= last).then(|| format!("{}{content}{}", &text[..first], &text[last..]))
}

/// Where the mark is, if it is there once.
fn mark(text: &str, mark: &str) -> Option<usize> {
    let mut places = text.match_indices(mark).map(|(at, _)| at);
    places.next().filter(|_| places.next().is_none())
}

/// Where the next line begins.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = "a\n  # begin: x, by hand never\nold\n\n  # end: x\nb\n";
        let new = replaced(text, "x", "new\n").unwrap();
        assert_eq!(new, "a\n  # begin: x, by hand never\nnew\n  # end: x\nb\n");
        assert_eq!(replaced(&new, "x", "new\n").as_ref(), Some(&new));
    }

    #[test]
    fn a_region_without_an_end_or_with_two_or_turned_around_is_none() {
        for text in ["begin: x\n", "begin: x\nend: x\nend: x\n", "end: x\nbegin: x\n", "begin: x end: x\n", ""] {
            assert_eq!(replaced(text, "x", "new\n"), None, "{text}");
        }
    }
}
