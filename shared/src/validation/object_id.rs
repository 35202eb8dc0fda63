//! Akinon's ids: 24 hex digits. Source: docs/apis/akinon.md ("Pattern: ^[0-9a-fA-F]{24}$").

/// Parses an id; `None` unless the text is 24 ASCII hex digits. Returns it in lower case, so that each object has only
/// one id.
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
