use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window as XWindow,
};
use x11rb::rust_connection::RustConnection;

/// A program's window as the display knows it: there is no window manager whose buttons could be pressed.
pub(super) struct OnScreen {
    display: RustConnection,
    window: XWindow,
}

impl OnScreen {
    /// The largest window of a process that can be closed; toolkits have others that nobody sees.
    pub(super) fn of(process: u32) -> Option<OnScreen> {
        let (display, screen) = x11rb::connect(None).expect("the display answers");
        let root = display.setup().roots[screen].root;
        let (pid, protocols) = (atom(&display, "_NET_WM_PID"), atom(&display, "WM_PROTOCOLS"));
        let candidates = display.query_tree(root).ok()?.reply().ok()?.children;
        let window = candidates
            .into_iter()
            .filter(|&window| property(&display, window, pid, AtomEnum::CARDINAL.into()) == [process])
            .filter(|&window| !property(&display, window, protocols, AtomEnum::ATOM.into()).is_empty())
            .max_by_key(|&window| area(&display, window))?;
        Some(OnScreen { display, window })
    }

    /// What the button in a title bar does.
    pub(super) fn close(&self) {
        let protocols = atom(&self.display, "WM_PROTOCOLS");
        let delete = atom(&self.display, "WM_DELETE_WINDOW");
        let message =
            ClientMessageEvent::new(32, self.window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
        self.display
            .send_event(false, self.window, EventMask::NO_EVENT, message)
            .expect("the display takes messages")
            .check()
            .expect("the window is there");
    }

    /// Whether it can be seen.
    pub(super) fn is_seen(&self) -> bool {
        let attributes =
            self.display.get_window_attributes(self.window).ok().and_then(|asked| asked.reply().ok());
        attributes.is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    }
}

fn atom(display: &RustConnection, name: &str) -> u32 {
    let asked = display.intern_atom(false, name.as_bytes()).expect("the display answers");
    asked.reply().expect("the display answers").atom
}

fn property(display: &RustConnection, window: XWindow, name: u32, kind: u32) -> Vec<u32> {
    let asked = display.get_property(false, window, name, kind, 0, 16).ok();
    // A window may go between two questions.
    let answer = asked.and_then(|asked| asked.reply().ok());
    answer.and_then(|answer| Some(answer.value32()?.collect())).unwrap_or_default()
}

fn area(display: &RustConnection, window: XWindow) -> u32 {
    let asked = display.get_geometry(window).ok().and_then(|asked| asked.reply().ok());
    asked.map_or(0, |size| u32::from(size.width) * u32::from(size.height))
}
