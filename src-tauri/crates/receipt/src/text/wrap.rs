//! Breaks text into lines by columns. The printer's own wrap is never relied on: it breaks prices apart and forgets
//! the alignment.

use super::{PaperText, columns, width};

/// Punctuation that must not begin a line.
const NEVER_FIRST: &str = "，。、！？；：）】》」』”’％…,.!?;:)%";
/// Punctuation that must not end one.
const NEVER_LAST: &str = "（【《「『“‘(";

/// The lines of `text`: the first `first` columns wide, the others `rest`, at most `max_lines` of them; what is left
/// out shows as `…`. An empty text has no lines.
pub(crate) fn wrap(text: &PaperText, first: usize, rest: usize, max_lines: usize) -> Vec<PaperText> {
    let mut lines = Vec::new();
    let mut left = text.as_str();
    while !left.is_empty() {
        let room = if lines.is_empty() { first } else { rest };
        if lines.len() + 1 == max_lines && columns(left) > room {
            lines.push(PaperText::piece(&cut(left, room)));
            break;
        }
        let end = line_end(left, room);
        let (line, after) = left.split_at(end);
        lines.push(PaperText::piece(line.trim_end()));
        left = after.trim_start();
    }
    lines
}

/// Where the first line of `text` ends, in bytes: behind the last place that may be broken and leaves a line of at
/// most `room` columns, or behind the last character that fits. At least one character, so that there is an end.
fn line_end(text: &str, room: usize) -> usize {
    let mut used = 0;
    let mut breakable = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        used += width(character);
        // A space at the end of a line is not printed, so it may stand beyond the edge.
        let over = used > room + usize::from(character == ' ');
        if over && at > 0 {
            return breakable.unwrap_or(at);
        }
        if let Some((next_at, next)) = characters.peek().copied()
            && !over
            && may_break(character, next)
        {
            breakable = Some(next_at);
        }
    }
    text.len()
}

fn may_break(before: char, after: char) -> bool {
    let same_word = before.is_ascii_graphic() && after.is_ascii_graphic();
    !same_word && after != ' ' && !NEVER_FIRST.contains(after) && !NEVER_LAST.contains(before)
}

/// As much of `text` as fits together with `…`.
fn cut(text: &str, room: usize) -> String {
    let mut used = columns("…");
    let fits = |character: &char| {
        used += width(*character);
        used <= room
    };
    let mut line: String = text.chars().take_while(fits).collect();
    line.push('…');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, columns: usize) -> Vec<String> {
        wrap(&PaperText::new(text), columns, columns, usize::MAX).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn chinese_breaks_between_any_two_characters() {
        assert_eq!(lines("一二三四五", 4), ["一二", "三四", "五"]);
        assert_eq!(lines("a一二", 4), ["a一", "二"], "half a character is never printed");
    }

    #[test]
    fn a_closing_mark_takes_a_character_along_to_the_next_line() {
        assert_eq!(lines("一二三，四", 6), ["一二", "三，四"]);
        assert_eq!(lines("一二三！！", 6), ["一二", "三！！"]);
        assert_eq!(lines("一二（三", 6), ["一二", "（三"], "an opening mark goes down by itself");
    }

    #[test]
    fn words_stay_whole_unless_they_are_longer_than_a_line() {
        assert_eq!(lines("no onions please", 9), ["no onions", "please"]);
        assert_eq!(lines("4200002345202506010123456789", 10), ["4200002345", "2025060101", "23456789"]);
        assert_eq!(lines("！！！！", 4), ["！！", "！！"], "a rule that cannot be kept is not kept");
    }

    #[test]
    fn the_last_line_allowed_says_that_there_was_more() {
        let wrapped = wrap(&PaperText::new("一二三四五六七"), 4, 4, 2);
        assert_eq!(wrapped.iter().map(PaperText::as_str).collect::<Vec<_>>(), ["一二", "三…"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[a-z0-9 ，。（）一-龥]{0,80}", first in 2_usize..50, rest in 2_usize..50) {
            let text = PaperText::new(&text);
            let wrapped = wrap(&text, first, rest, usize::MAX);
            for (index, line) in wrapped.iter().enumerate() {
                let room = if index == 0 { first } else { rest };
                prop_assert!(line.columns() <= room);
                prop_assert!(!line.is_empty());
            }
            let no_spaces = |text: &str| text.replace(' ', "");
            let joined: String = wrapped.iter().map(PaperText::as_str).collect();
            prop_assert_eq!(no_spaces(&joined), no_spaces(text.as_str()));
        }
    }
}
