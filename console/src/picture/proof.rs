//! What is proved of every picture, whatever its numbers are.

use std::collections::HashSet;

use maud::Markup;
use roxmltree::{Document, Node};

/// A picture with one element a line, for snapshots.
pub(super) fn lines(picture: Markup) -> String {
    picture.into_string().replace("><", ">\n<")
}

/// Asserts that the picture is well-formed, needs no style or script, has only ids of its own, and that every shape is inside it.
pub(super) fn stays_inside(picture: &Markup) {
    let document = Document::parse(&picture.0).unwrap();
    let mut ids = HashSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let allowed =
            node.attributes().all(|attribute| attribute.name() != "style" && !attribute.name().starts_with("on"));
        assert!(allowed && !["style", "script"].contains(&node.tag_name().name()), "{node:?}");
        if let Some(id) = node.attribute("id") {
            assert!(id.starts_with("p-") && ids.insert(id), "{id}");
        }
    }
    let svg = document.descendants().find(|node| node.attribute("role") == Some("img")).unwrap();
    let sizes: Vec<f64> = svg.attribute("viewBox").unwrap().split(' ').map(|size| size.parse().unwrap()).collect();
    let [_, _, width, height] = sizes[..] else { panic!("{sizes:?}") };
    let label = svg.attribute("aria-labelledby").unwrap();
    assert!(label.split(' ').all(|id| ids.contains(id)), "{label}");
    for node in svg.descendants().filter(|node| !node.ancestors().any(|outer| outer.has_tag_name("pattern"))) {
        let number = |name| node.attribute(name).map_or(0.0, |value: &str| value.parse::<f64>().unwrap());
        let mut points = match node.tag_name().name() {
            "path" => corners(node.attribute("d").unwrap()),
            "text" => vec![(number("x"), number("y"))],
            "circle" => {
                let (x, y, radius) = (number("cx"), number("cy"), number("r"));
                vec![(x - radius, y - radius), (x + radius, y + radius)]
            }
            _ => Vec::new(),
        }
        .into_iter();
        // A comparison with what is not a number is false.
        let outside = points.find(|(x, y)| !((0.0..=width).contains(x) && (0.0..=height).contains(y)));
        assert_eq!(outside, None, "{node:?}");
    }
}

/// The points of a path. It panics on a command that the pictures do not use.
fn corners(path: &str) -> Vec<(f64, f64)> {
    let (mut x, mut y) = (0.0, 0.0);
    let mut points = Vec::new();
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(|letter: char| letter.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1);
        let numbers: Vec<f64> =
            rest[1..end].replace('-', " -").split_whitespace().map(|number| number.parse().unwrap()).collect();
        (x, y) = match (command, numbers[..].as_ref()) {
            ('M', [to_x, to_y]) => (*to_x, *to_y),
            ('m' | 'l', [by_x, by_y]) => (x + by_x, y + by_y),
            ('H', [to]) => (*to, y),
            ('h', [by]) => (x + by, y),
            ('V', [to]) => (x, *to),
            ('v', [by]) => (x, y + by),
            ('z', []) => (x, y),
            _ => panic!("{path}"),
        };
        points.push((x, y));
        rest = &rest[end..];
    }
    points
}
