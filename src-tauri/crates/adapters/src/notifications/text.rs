//! What may stand in a notification. Names, goods and notes were typed by customers.

use super::Notification;

/// Longer texts are cut by every desktop; ours says so with an ellipsis.
const TITLE_CHARACTERS: usize = 200;
const BODY_CHARACTERS: usize = 1_000;

/// The notification with nothing in it that is not text: control characters become blanks (D-Bus refuses NUL, and an
/// escape character has no business here), lines stay lines in the body.
pub(super) fn presentable(notification: &Notification) -> Notification {
    let plain = |text: &str, most: usize, keep: fn(char) -> bool| {
        let mut plain: String = text
            .chars()
            .take(most)
            .map(|character| if character.is_control() && !keep(character) { ' ' } else { character })
            .collect();
        if text.chars().nth(most).is_some() {
            plain.push('…');
        }
        plain
    };
    let one_line = |text: &str| plain(text, TITLE_CHARACTERS, |_| false);
    Notification {
        title: one_line(&notification.title),
        body: plain(&notification.body, BODY_CHARACTERS, |character| character == '\n'),
        actions: notification.actions.iter().map(|(id, label)| (one_line(id), one_line(label))).collect(),
        ..notification.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::Urgency;

    fn notification(title: &str, body: &str) -> Notification {
        Notification {
            id_key: "order/1".to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            actions: vec![("open".to_owned(), "打开\n".to_owned())],
            urgency: Urgency::Normal,
            replaces: Vec::new(),
        }
    }

    #[test]
    fn control_characters_become_blanks() {
        let shown = presentable(&notification("a\nb\0c", "one\ntwo\x1b[31m\0"));
        assert_eq!((shown.title.as_str(), shown.body.as_str()), ("a b c", "one\ntwo [31m "));
        assert_eq!(shown.actions, [("open".to_owned(), "打开 ".to_owned())]);
    }

    #[test]
    fn a_note_without_end_is_cut() {
        let shown = presentable(&notification("x", &"😀".repeat(5_000)));
        assert_eq!(shown.body.chars().count(), 1_001);
        assert!(shown.body.ends_with('…'));
        assert!(!presentable(&notification("x", &"y".repeat(1_000))).body.ends_with('…'));
    }
}
