//! The mirror from outside: what it keeps, and what it refuses to keep.

mod common;
mod guards;
mod store;
