//! `POST /lot`.

mod equal;
mod forms;
mod keys;
mod random;
mod transactions;
