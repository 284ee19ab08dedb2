use std::fmt;

/// One message of API v2: named texts in the order in which they were given or stood in the document.
///
/// All texts share one buffer, because a message has some twenty short fields and is built, signed and read for every
/// call. Names are case-sensitive (sheet section 2), and an empty text is a field that is there.
///
/// `Debug` shows the names alone: values hold order numbers, people's ids and texts of buyers, and belong in no log.
#[derive(Clone, Default)]
pub struct Fields {
    text: String,
    places: Vec<Place>,
}

/// Where one field stands in the buffer: the name, and right behind it the value.
#[derive(Debug, Clone, Copy)]
struct Place {
    name: usize,
    value: usize,
    end: usize,
}

impl Fields {
    /// A message without fields.
    pub fn new() -> Fields {
        Fields::default()
    }

    /// A message without fields that has room for `count` fields and `bytes` of names and values.
    pub(crate) fn with_capacity(count: usize, bytes: usize) -> Fields {
        Fields { text: String::with_capacity(bytes), places: Vec::with_capacity(count) }
    }

    /// Adds a field at the end. A name that is there already is added once more; writing such a message is refused.
    pub fn push(&mut self, name: &str, value: &str) {
        self.begin(name);
        self.append(value);
    }

    /// The message with one field more, for building in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Fields {
        self.push(name, value);
        self
    }

    /// The value of the first field of that name; `Some("")` for a field that is there and empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value of that name unless it is absent or empty, which mean the same for most fields.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.places
            .iter()
            .map(|place| (&self.text[place.name..place.value], &self.text[place.value..place.end]))
    }

    /// Takes out every field of that name; says whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.places.len();
        let text = &self.text;
        self.places.retain(|place| &text[place.name..place.value] != name);
        self.places.len() < before
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// A name that stands more than once, if there is one.
    pub(crate) fn repeated(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// Starts a field at the end whose value is still empty.
    pub(crate) fn begin(&mut self, name: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        let value = self.text.len();
        self.places.push(Place { name: start, value, end: value });
    }

    /// Adds to the value of the last field.
    pub(crate) fn append(&mut self, piece: &str) {
        if let Some(last) = self.places.last_mut() {
            self.text.push_str(piece);
            last.end = self.text.len();
        }
    }

    /// How many bytes the last field's value has.
    pub(crate) fn last_value_len(&self) -> usize {
        self.places.last().map_or(0, |place| place.end - place.value)
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Fields) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Fields {}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Fields {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Fields {
        pairs.into_iter().fold(Fields::new(), |fields, (name, value)| fields.with(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_there_and_counts_as_no_text() {
        let fields = Fields::new().with("a", "").with("b", "2");
        assert_eq!((fields.get("a"), fields.text("a"), fields.get("c")), (Some(""), None, None));
        assert_eq!(fields.text("b"), Some("2"));
    }

    #[test]
    fn removing_a_field_leaves_the_others_in_order() {
        let mut fields = Fields::new().with("a", "1").with("b", "2").with("c", "3");
        assert!(fields.remove("b"));
        assert!(!fields.remove("b"));
        assert_eq!(fields, Fields::new().with("a", "1").with("c", "3"));
        assert_eq!(fields.len(), 2);
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", Fields::new().with("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"));
        assert!(shown.contains("openid") && !shown.contains("oUpF8"), "{shown}");
    }
}
