//! Every text that a person in the shop sees, by key and language.
//!
//! The catalogues are `ui/src/locales/*.json`, the same files that the window reads. They are built
//! into the program, so a ticket or an error never depends on a file that may be missing on the PC.
//! A key is the dotted path to a text, as in `error.order_not_found.message`; a text may hold
//! placeholders, as in `没有找到订单 {number}`, which [`fill`] replaces.
//!
//! Each error has two texts: `error.<code>.message` says what happened and, where that is a question,
//! whether money moved; `error.<code>.hint` says what to do next.
//!
//! The tests of this crate hold the three files together: the same keys, the same placeholders, no
//! empty text.

mod language;
mod texts;

pub use language::{Language, UnknownLanguage};
pub use texts::{fill, find, has, text};
