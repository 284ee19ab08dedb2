//! The documents of API v2: `<xml><name>value</name>…</xml>`, one level deep (sheet section 3).
//!
//! Reading is strict, because a signature protects fields and not documents: whatever two readers could understand
//! differently (a repeated field, an element inside a value, an entity of the document's own) is refused before anyone
//! looks at the sign. Merchants' handlers were attacked through entities, so every DOCTYPE is refused unread.

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use thiserror::Error;

use super::Fields;

/// The longest document that is read, in bytes. Real answers have a few thousand.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;
/// The most fields that one document may have.
pub const MAX_FIELDS: usize = 2_000;
/// The longest value of a field, in bytes. The biggest documented one has 6 000 characters.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;

/// Why a document is not read, or not written.
#[derive(Debug, Error)]
pub enum XmlError {
    /// A limit of this module is passed.
    #[error("the document is too large: {what}")]
    TooLarge {
        /// Which limit.
        what: &'static str,
    },
    /// The bytes are not UTF-8, or the declaration names another encoding.
    #[error("the document is not in UTF-8")]
    Encoding,
    /// There is a document type declaration, and with it maybe entities.
    #[error("the document has a DOCTYPE")]
    Doctype,
    /// The reader of the markup stopped: not XML, or cut short.
    #[error("the document is not XML")]
    Markup {
        /// What it stumbled over.
        #[source]
        source: quick_xml::Error,
    },
    /// XML has rules beyond its markup, and this one is broken.
    #[error("the document is not XML: {what}")]
    Malformed {
        /// The rule.
        what: &'static str,
    },
    /// A field stands twice.
    #[error("the field {name} stands twice")]
    Repeated {
        /// Its name.
        name: String,
    },
    /// There is an element inside a field.
    #[error("there is an element inside the field {name}")]
    Nested {
        /// The field's name.
        name: String,
    },
    /// The message cannot be written so that every reader gets the same fields back.
    #[error("the field {name} cannot be written: {what}")]
    Unwritable {
        /// The field's name.
        name: String,
        /// What stands in the way.
        what: &'static str,
    },
}

impl XmlError {
    /// The kind of trouble as a word: `too large`, `encoding`, `doctype`, `xml`, `duplicate field`, `nested` or
    /// `unwritable`.
    pub fn reason(&self) -> &'static str {
        match self {
            XmlError::TooLarge { .. } => "too large",
            XmlError::Encoding => "encoding",
            XmlError::Doctype => "doctype",
            XmlError::Markup { .. } | XmlError::Malformed { .. } => "xml",
            XmlError::Repeated { .. } => "duplicate field",
            XmlError::Nested { .. } => "nested",
            XmlError::Unwritable { .. } => "unwritable",
        }
    }
}

impl From<quick_xml::Error> for XmlError {
    fn from(source: quick_xml::Error) -> XmlError {
        XmlError::Markup { source }
    }
}

/// Reads a document into its fields, in document order.
///
/// Text and CDATA of a value are joined, the five predefined entities and numeric references resolved, line ends made
/// LF as XML demands, white space kept. Attributes, comments and processing instructions are passed over; a comment
/// within a value does not shorten it. The root is `xml` or `root`, the latter in decrypted refund notices.
pub fn read(document: &[u8]) -> Result<Fields, XmlError> {
    if document.len() > MAX_DOCUMENT_BYTES {
        return Err(XmlError::TooLarge { what: "more than 1 MiB" });
    }
    let text = std::str::from_utf8(document).map_err(|_| XmlError::Encoding)?;
    // A byte-order mark and white space may come before everything, even where XML itself wants the declaration first.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).trim_start_matches(is_white);
    if !text_is_allowed(text) {
        return Err(XmlError::Malformed { what: "a character that XML does not know" });
    }

    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut reading = Reading { fields: Fields::with_capacity(32, text.len()), place: Place::BeforeRoot };
    loop {
        match reader.read_event()? {
            Event::Start(tag) => reading.open(&tag)?,
            Event::Empty(tag) => {
                reading.open(&tag)?;
                reading.close();
            }
            Event::End(_) => reading.close(),
            Event::Text(text) => {
                if text.contains("]]>") {
                    return Err(XmlError::Malformed { what: "]]> outside CDATA" });
                }
                reading.characters(&text.xml10_content(), Literal::No)?;
            }
            Event::CData(text) => reading.characters(&text.xml10_content(), Literal::Yes)?,
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                reading.characters(resolve(&reference)?.encode_utf8(&mut buffer), Literal::Yes)?;
            }
            Event::Decl(declaration) => reading.declaration(&declaration)?,
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if reading.place != Place::AfterRoot {
        return Err(XmlError::Malformed { what: "the document is empty or cut short" });
    }
    match reading.fields.repeated() {
        Some(name) => Err(XmlError::Repeated { name: name.to_owned() }),
        None => Ok(reading.fields),
    }
}

/// Writes a message so that every reader of XML gets exactly these fields back, or refuses to.
///
/// Refused are characters that XML does not know, CR (readers turn it into LF, and the sign would no longer fit), names
/// that are no XML names, and names that stand twice.
pub fn write(fields: &Fields) -> Result<String, XmlError> {
    if let Some(name) = fields.repeated() {
        return Err(XmlError::Unwritable { name: name.to_owned(), what: "the name stands twice" });
    }
    let bytes: usize = fields.iter().map(|(name, value)| 2 * name.len() + value.len() + 17).sum();
    let mut document = String::with_capacity(bytes + 11);
    document.push_str("<xml>");
    for (name, value) in fields.iter() {
        let unwritable = |what| XmlError::Unwritable { name: name.to_owned(), what };
        if !is_name(name) {
            return Err(unwritable("not a name"));
        }
        if value.contains('\r') || !text_is_allowed(value) {
            return Err(unwritable("a character that does not survive XML"));
        }
        document.push('<');
        document.push_str(name);
        document.push('>');
        write_value(&mut document, value);
        document.push_str("</");
        document.push_str(name);
        document.push('>');
    }
    document.push_str("</xml>");
    Ok(document)
}

/// Numbers go bare, everything else as CDATA; a `]]>` is split over two sections.
fn write_value(document: &mut String, value: &str) {
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        document.push_str(value);
        return;
    }
    document.push_str("<![CDATA[");
    let mut pieces = value.split("]]>");
    document.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        document.push_str("]]]]><![CDATA[>");
        document.push_str(piece);
    }
    document.push_str("]]>");
}

/// Where in the document the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeRoot,
    BetweenFields,
    InField,
    AfterRoot,
}

/// Whether characters stood in the document as such, or came out of CDATA or a reference: only plain white space may
/// stand between fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Literal {
    Yes,
    No,
}

struct Reading {
    fields: Fields,
    place: Place,
}

impl Reading {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        let name = tag.name().into_inner();
        if !is_name(name) {
            return Err(XmlError::Malformed { what: "a tag whose name is none" });
        }
        if tag.attributes().any(|attribute| attribute.is_err()) {
            return Err(XmlError::Malformed { what: "a tag with a broken attribute" });
        }
        self.place = match self.place {
            Place::BeforeRoot if matches!(name, "xml" | "root") => Place::BetweenFields,
            Place::BeforeRoot => {
                return Err(XmlError::Malformed { what: "the root is neither xml nor root" });
            }
            Place::BetweenFields if self.fields.len() == MAX_FIELDS => {
                return Err(XmlError::TooLarge { what: "more than 2000 fields" });
            }
            Place::BetweenFields => {
                self.fields.begin(name);
                Place::InField
            }
            Place::InField => {
                let name = self.fields.iter().last().map_or("", |(name, _)| name).to_owned();
                return Err(XmlError::Nested { name });
            }
            Place::AfterRoot => return Err(XmlError::Malformed { what: "a second root" }),
        };
        Ok(())
    }

    /// The reader of the markup has matched the tags, so there is only one element that can end here.
    fn close(&mut self) {
        self.place = match self.place {
            Place::InField => Place::BetweenFields,
            Place::BetweenFields | Place::BeforeRoot | Place::AfterRoot => Place::AfterRoot,
        };
    }

    fn characters(&mut self, text: &str, literal: Literal) -> Result<(), XmlError> {
        if self.place != Place::InField {
            return if literal == Literal::No && text.chars().all(is_white) {
                Ok(())
            } else {
                Err(XmlError::Malformed { what: "text outside the fields" })
            };
        }
        if self.fields.last_value_len() + text.len() > MAX_VALUE_BYTES {
            return Err(XmlError::TooLarge { what: "a value of more than 64 KiB" });
        }
        self.fields.append(text);
        Ok(())
    }

    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), XmlError> {
        if self.place != Place::BeforeRoot {
            return Err(XmlError::Malformed { what: "a declaration in the middle" });
        }
        declaration.xml_version()?;
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") => {
                Ok(())
            }
            Some(Ok(_)) => Err(XmlError::Encoding),
            Some(Err(_)) => Err(XmlError::Malformed { what: "a declaration with a broken attribute" }),
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    if let Some(character) = reference.resolve_char_ref()? {
        let mut buffer = [0; 4];
        return if text_is_allowed(character.encode_utf8(&mut buffer)) {
            Ok(character)
        } else {
            Err(XmlError::Malformed { what: "a reference to a character that XML does not know" })
        };
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(XmlError::Malformed { what: "an entity that nobody declared" }),
    }
}

/// Whether all characters are ones of XML 1.0, section 2.2. Surrogates cannot occur in a `str`.
///
/// Runs over every byte of every message, so it looks at all of them in one sweep that the compiler can widen, and
/// decodes characters only where the first byte of U+FFFE and U+FFFF occurs.
fn text_is_allowed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let has_control = bytes.iter().fold(false, |found, byte| found | control(*byte));
    let has_noncharacter = bytes.contains(&0xEF) && text.contains(['\u{FFFE}', '\u{FFFF}']);
    !has_control && !has_noncharacter
}

/// White space as XML knows it; Unicode has more.
fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_name(name: &str) -> bool {
    let starts = |character: char| character.is_alphabetic() || matches!(character, '_' | ':');
    let continues =
        |character: char| starts(character) || character.is_numeric() || matches!(character, '-' | '.');
    name.starts_with(starts) && name.chars().all(continues)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reason(document: &str) -> &'static str {
        read(document.as_bytes()).map_or_else(|error| error.reason(), |_| "read")
    }

    #[test]
    fn what_two_readers_could_understand_differently_is_refused() {
        for (document, expected) in [
            ("<xml><a>1</a><b>2</b><a>3</a></xml>", "duplicate field"),
            ("<xml><a><b>1</b></a></xml>", "nested"),
            ("<xml><a><b/></a></xml>", "nested"),
            ("<xml>text<a>1</a></xml>", "xml"),
            ("<xml><![CDATA[ ]]><a>1</a></xml>", "xml"),
            ("<xml>&#32;<a>1</a></xml>", "xml"),
            ("<xml><a>1</a></xml>text", "xml"),
            ("<xml><a>1</a></xml><xml/>", "xml"),
            ("<xml><a>]]></a></xml>", "xml"),
            ("<xml><a>1</b></xml>", "xml"),
            ("<xml><a>1</a>", "xml"),
            ("<xml><a x=1>1</a></xml>", "xml"),
            ("<xml><a>&#0;</a></xml>", "xml"),
            ("<xml><a>&#xFFFE;</a></xml>", "xml"),
            ("<xml><a>&#xD800;</a></xml>", "xml"),
            ("<xml><a>&amp</a></xml>", "xml"),
            ("<xml><1a>1</1a></xml>", "xml"),
            ("<xml><a><!-- -- --></a></xml>", "xml"),
            ("<xml><a>1</a><?xml version='1.0'?></xml>", "xml"),
            ("<?xml version='1.0' encoding='GBK'?><xml><a>1</a></xml>", "encoding"),
            ("<xml><a>1</a><!DOCTYPE x></xml>", "doctype"),
            ("plain text", "xml"),
            (" \n ", "xml"),
        ] {
            assert_eq!(reason(document), expected, "{document}");
        }
    }

    #[test]
    fn harmless_variety_is_read() {
        let one = Fields::new().with("a", "1");
        for document in [
            "\u{FEFF} \r\n<?xml version=\"1.0\" encoding='utf-8' standalone='yes'?>\n<xml><a>1</a></xml>\n<!-- end -->",
            "<root ><a >1</a ></root >",
            "<xml><?php echo 1 ?><a k='<' l=\">\">1</a></xml>",
            "<xml><a><!-- x -->1</a></xml>",
        ] {
            assert_eq!(read(document.as_bytes()).unwrap(), one, "{document}");
        }
        assert!(read(b"<xml/>").unwrap().is_empty());
        let fields = read("<xml><a>l1\r\nl2\rl3&#13;</a></xml>".as_bytes()).unwrap();
        assert_eq!(fields.get("a"), Some("l1\nl2\nl3\r"), "only a raw CR is a line end");
    }

    #[test]
    fn limits_hold_to_the_byte() {
        let value = |bytes: usize| format!("<xml><a>{}</a></xml>", "x".repeat(bytes));
        assert_eq!(reason(&value(MAX_VALUE_BYTES)), "read");
        assert_eq!(reason(&value(MAX_VALUE_BYTES + 1)), "too large");

        let many = |count: usize| {
            let fields: String = (0..count).map(|index| format!("<f{index}>1</f{index}>")).collect();
            format!("<xml>{fields}</xml>")
        };
        assert_eq!(reason(&many(MAX_FIELDS)), "read");
        assert_eq!(reason(&many(MAX_FIELDS + 1)), "too large");

        let padded = |bytes: usize| format!("<xml>{}</xml>", " ".repeat(bytes - 11));
        assert_eq!(reason(&padded(MAX_DOCUMENT_BYTES)), "read");
        assert_eq!(reason(&padded(MAX_DOCUMENT_BYTES + 1)), "too large");
    }

    #[test]
    fn what_would_not_survive_is_not_written() {
        for (name, value) in
            [("a", "x\ry"), ("a", "\u{0}"), ("a", "\u{FFFF}"), ("0a", "1"), ("a b", "1"), ("", "1")]
        {
            let error = write(&Fields::new().with(name, value)).unwrap_err();
            assert_eq!(error.reason(), "unwritable", "{name:?} {value:?}");
        }
        assert_eq!(write(&Fields::new().with("a", "1").with("a", "2")).unwrap_err().reason(), "unwritable");
    }

    proptest! {
        #[test]
        fn any_bytes_are_fields_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_pile_of_markup_is_fields_or_an_error(
            pieces in proptest::collection::vec(
                prop::sample::select(vec![
                    "<xml>", "</xml>", "<a>", "</a>", "<b/>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#13;", "&",
                    "<!DOCTYPE x>", "<?p ?>", "1", "微", "\r\n", " ", "<", ">",
                ]),
                0..24,
            )
        ) {
            let _ = read(pieces.concat().as_bytes());
        }

        #[test]
        fn what_is_written_reads_back(
            fields in proptest::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_.-]{0,12}", any::<String>(), 0..12)
        ) {
            let fields: Fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if let Ok(document) = write(&fields) {
                prop_assert_eq!(read(document.as_bytes()).unwrap(), fields);
            }
        }

        #[test]
        fn every_text_without_control_characters_can_be_written(value in "[^\\x00-\\x08\\x0b\\x0c\\x0d-\\x1f\u{FFFE}\u{FFFF}]{0,60}") {
            let fields = Fields::new().with("attach", &value);
            prop_assert_eq!(read(write(&fields).unwrap().as_bytes()).unwrap(), fields);
        }
    }
}
