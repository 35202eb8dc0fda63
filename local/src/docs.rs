//! The documentation as a site: the Markdown files of this repository, served by the stack at `/docs` and written by
//! `cargo local docs`. It needs no network and no other tool.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// The pages in the order of the menu: the file below the root of the repository, and the page's address.
const PAGES: [(&str, &str); 24] = [
    ("README.md", "index.html"),
    ("examples/README.md", "examples.html"),
    ("docs/routes.md", "routes.html"),
    ("docs/api-design.md", "api-design.html"),
    ("docs/apis/sdelements.md", "apis/sdelements.html"),
    ("docs/apis/flip.md", "apis/flip.html"),
    ("docs/apis/akinon.md", "apis/akinon.html"),
    ("docs/apis/socotra.md", "apis/socotra.html"),
    ("docs/apis/events.md", "apis/events.html"),
    ("docs/apis/slack.md", "apis/slack.html"),
    ("docs/compatibility.md", "compatibility.html"),
    ("docs/delivery.md", "delivery.html"),
    ("docs/events-table.md", "events-table.html"),
    ("docs/operations.md", "operations.html"),
    ("docs/console.md", "console.html"),
    ("docs/deploying.md", "deploying.html"),
    ("docs/operating.md", "operating.html"),
    ("docs/security.md", "security.html"),
    ("docs/performance.md", "performance.html"),
    ("docs/architecture.md", "architecture.html"),
    ("docs/contributing.md", "contributing.html"),
    ("docs/building.md", "building.html"),
    ("docs/local-stack.md", "local-stack.html"),
    ("CHANGELOG.md", "changelog.html"),
];

/// The pictures of the pages: the file below the root of the repository, and the picture's address.
const PICTURES: [(&str, &str); 3] = [
    ("docs/flow.svg", "flow.svg"),
    ("docs/pictures/console.png", "pictures/console.png"),
    ("docs/pictures/digest.png", "pictures/digest.png"),
];

/// Where a link of a page leads.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// Out of the repository.
    Outside,
    /// To a file of the repository, and a heading in it.
    File(PathBuf, Option<String>),
}

/// The media type and the bytes of the page or picture at that address, read afresh; `None` if there is none.
#[must_use]
pub fn file(root: &Path, address: &str) -> Option<(&'static str, Vec<u8>)> {
    let address = if address.is_empty() { "index.html" } else { address };
    let (file, _) = PAGES.into_iter().chain(PICTURES).find(|(_, known)| *known == address)?;
    let bytes = fs::read(root.join(file)).ok()?;
    Some(match Path::new(file).extension().and_then(|extension| extension.to_str()) {
        Some("md") => ("text/html; charset=utf-8", render(file, address, &String::from_utf8(bytes).ok()?).into_bytes()),
        Some("svg") => ("image/svg+xml", bytes),
        _ => ("image/png", bytes),
    })
}

/// Writes all pages into a folder.
///
/// # Errors
///
/// When a file cannot be read or written.
pub fn write(root: &Path, folder: &Path) -> io::Result<()> {
    for (file, address) in PAGES {
        let to = folder.join(address);
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        fs::write(to, render(file, address, &fs::read_to_string(root.join(file))?))?;
    }
    for (file, address) in PICTURES {
        fs::create_dir_all(folder.join(address).parent().unwrap_or(folder))?;
        fs::copy(root.join(file), folder.join(address))?;
    }
    Ok(())
}

/// What is wrong with the pages: links that lead nowhere, and Markdown files below `docs` that are no page.
///
/// # Errors
///
/// When a file cannot be read.
pub fn problems(root: &Path) -> io::Result<Vec<String>> {
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    for (file, _) in PAGES {
        texts.insert(PathBuf::from(file), fs::read_to_string(root.join(file))?);
    }
    let mut problems = Vec::new();
    for folder in ["docs", "docs/apis"] {
        for entry in fs::read_dir(root.join(folder))? {
            let path = Path::new(folder).join(entry?.file_name());
            if path.extension().is_some_and(|extension| extension == "md") && !texts.contains_key(&path) {
                problems.push(format!("{} is no page", path.display()));
            }
        }
    }
    for (file, text) in &texts {
        for link in links(text) {
            let Target::File(path, heading) = target(file, &link) else { continue };
            let known =
                heading.is_none_or(|heading| texts.get(&path).is_some_and(|text| slugs(text).contains(&heading)));
            if !known || !root.join(&path).exists() {
                problems.push(format!("{}: {link} leads nowhere", file.display()));
            }
        }
    }
    Ok(problems)
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

fn links(text: &str) -> Vec<String> {
    let link = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    parser(text).filter_map(link).collect()
}

fn target(file: &Path, link: &str) -> Target {
    if link.contains("://") || link.starts_with("mailto:") {
        return Target::Outside;
    }
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading.to_owned())));
    if path.is_empty() {
        return Target::File(file.to_owned(), heading);
    }
    let mut whole = file.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            Component::Normal(part) => whole.push(part),
            _ => {}
        }
    }
    Target::File(whole, heading)
}

/// The names of a text's headings in links, as GitHub makes them.
fn slugs(text: &str) -> BTreeSet<String> {
    headings(text).into_iter().collect()
}

/// The same in the order of the text; a name that repeats is numbered.
fn headings(text: &str) -> Vec<String> {
    let (mut found, mut heading): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let count = counts.entry(slug.clone()).or_default();
                found.push(if *count == 0 { slug } else { format!("{slug}-{count}") });
                *count += 1;
            }
            _ => {}
        }
    }
    found
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn render(file: &str, address: &str, text: &str) -> String {
    let up = "../".repeat(address.matches('/').count());
    let mut slugs = headings(text).into_iter();
    // A link to a file that is no page would lead nowhere in the site, so only its text is shown.
    let mut linked = true;
    let events = parser(text).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
            Some(Event::Start(Tag::Heading { level, id: slugs.next().map(CowStr::from), classes, attrs }))
        }
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let outside = target(Path::new(file), &dest_url) == Target::Outside;
            let dest_url = if outside { Some(dest_url) } else { rewritten(file, &dest_url, &up).map(CowStr::from) };
            linked = dest_url.is_some();
            dest_url.map(|dest_url| Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::End(TagEnd::Link) => linked.then_some(event),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = rewritten(file, &dest_url, &up).map_or(dest_url, CowStr::from);
            Some(Event::Start(Tag::Image { link_type, dest_url, title, id }))
        }
        event => Some(event),
    });
    let mut body = String::new();
    push_html(&mut body, events);
    let menu: String = PAGES
        .iter()
        .map(|(_, page)| {
            let current = if *page == address { " aria-current=\"page\"" } else { "" };
            format!("<a href=\"{up}{page}\"{current}>{}</a>", name(page))
        })
        .collect();
    let page = include_str!("docs.html");
    page.replace("{title}", &title(text)).replace("{menu}", &menu).replace("{body}", &body)
}

/// A link to another page or a picture of the site, if the link leads to one.
fn rewritten(file: &str, link: &str, up: &str) -> Option<String> {
    let Target::File(path, heading) = target(Path::new(file), link) else { return None };
    let (_, page) = PAGES.into_iter().chain(PICTURES).find(|(known, _)| Path::new(known) == path)?;
    let heading = heading.map(|heading| format!("#{heading}")).unwrap_or_default();
    Some(format!("{up}{page}{heading}"))
}

/// `Events table` for `events-table.html`.
fn name(page: &str) -> String {
    let words = page.trim_end_matches(".html").rsplit('/').next().unwrap_or_default().replace('-', " ");
    match words.as_str() {
        "index" => "Overview".to_owned(),
        "sdelements" => "SD Elements".to_owned(),
        "api design" => "API design".to_owned(),
        words => words[..1].to_uppercase() + &words[1..],
    }
}

/// The first heading.
fn title(text: &str) -> String {
    let mut title = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => title = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(title) = &mut title {
                    title.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => break,
            _ => {}
        }
    }
    title.unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_or_out_of_the_repository_and_others_are_only_text() {
        let text = "# A `b` & c\n\n[x](delivery.md#replies) [y](../README.md) [z](https://example.com) [code](../template.yaml)\n\n## A `b` & c";
        let page = render("docs/apis/../operating.md", "apis/x.html", text);
        assert!(page.contains("<h1 id=\"a-b--c\">") && page.contains("<h2 id=\"a-b--c-1\">"), "{page}");
        let page = render("docs/operating.md", "operating.html", text);
        assert!(page.contains("href=\"delivery.html#replies\"") && page.contains("href=\"index.html\""), "{page}");
        assert!(page.contains("href=\"https://example.com\"") && page.contains("<title>A b &amp; c"), "{page}");
        assert!(page.contains("</a> code</p>") && !page.contains("template.yaml"), "{page}");
    }
}
