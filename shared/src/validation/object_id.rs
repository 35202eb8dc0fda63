//! 24 hex digits, as Akinon names everything. Source: docs/apis/akinon.md ("Pattern: ^[0-9a-fA-F]{24}$").

/// The id in lower case, so that each thing has one name; `None` unless the text is 24 ASCII hex digits.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    let good = text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_24_hex_digits_are_ids() {
        let id = "665f1c2ab7e9d0a1b2c3d4e5";
        assert_eq!(parse(id).as_deref(), Some(id));
        assert_eq!(parse(&id.to_uppercase()).as_deref(), Some(id));
        for text in
            ["", "665f1c2ab7e9d0a1b2c3d4e", "665f1c2ab7e9d0a1b2c3d4e55", "665f1c2ab7e9d0a1b2c3d4eg", "éééééééééééé"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
