//! The types of Python's values.

/// A value that Python's `json` module parses from a JSON text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An `int` of any size, in the digits that `str()` writes.
    Int(String),
    /// A `float`, which is infinite if the number in the text is too large.
    Float(f64),
    /// A `str`.
    Str(Str),
    /// A `list`.
    List(Vec<Value>),
    /// A `dict`.
    Dict(Dict),
}

impl Value {
    /// The name of the value's type in Python.
    pub(in crate::api::sdelements) fn type_name(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
        }
    }
}

/// A Python `str`. It may contain lone surrogates, unlike a Rust string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Str {
    text: String,
    surrogates: Vec<(usize, u16)>,
}

impl Str {
    /// The text, with U+FFFD in place of each lone surrogate. Its number of characters is the same as in Python.
    pub(in crate::api::sdelements) fn shown(&self) -> &str {
        &self.text
    }

    /// The text, if it contains no lone surrogate.
    pub(in crate::api::sdelements) fn text(&self) -> Option<&str> {
        self.surrogates.is_empty().then_some(&self.text)
    }

    /// The first lone surrogate.
    pub(in crate::api::sdelements) fn surrogate(&self) -> Option<u16> {
        self.surrogates.first().map(|(_, surrogate)| *surrogate)
    }

    /// The characters in order, with lone surrogates as errors.
    pub(super) fn code_points(&self) -> impl Iterator<Item = Result<char, u16>> {
        let mut lone = self.surrogates.iter().peekable();
        self.text.char_indices().map(move |(at, c)| match lone.next_if(|(place, _)| *place == at) {
            Some((_, surrogate)) => Err(*surrogate),
            None => Ok(c),
        })
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn push(&mut self, c: char) {
        self.text.push(c);
    }

    pub(super) fn push_surrogate(&mut self, surrogate: u16) {
        self.surrogates.push((self.text.len(), surrogate));
        self.text.push(char::REPLACEMENT_CHARACTER);
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), surrogates: Vec::new() }
    }
}

/// A Python `dict` whose keys are `str`, in order of insertion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict(Vec<(Str, Value)>);

impl Dict {
    /// A dict of these pairs, whose keys must differ.
    pub(in crate::api::sdelements) fn new(pairs: Vec<(Str, Value)>) -> Self {
        Self(pairs)
    }

    /// Returns the value of a key.
    pub(in crate::api::sdelements) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    pub(super) fn pairs(&self) -> &[(Str, Value)] {
        &self.0
    }
}

/// Python's `str.strip()`. Its white space is Unicode's and four ASCII separators, which Rust does not count.
pub(in crate::api::sdelements) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Python's `str.rstrip()`, with the same white space as [`strip`].
pub(in crate::api::sdelements) fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
