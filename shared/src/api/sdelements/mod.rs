//! SD Elements.
