//! What holds the shell and the page together.

mod bindings;
mod permissions;
