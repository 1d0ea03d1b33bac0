//! Turns API Gateway events into models, and models or failures into responses.
//!
//! The only module that knows status codes and headers.

mod batch;
mod boundary;
mod conditions;
mod etag;
mod event;
mod failure;
mod gzip;
mod request;
mod response;

pub use batch::{Batched, batch};
pub use boundary::{AppContext, answer, answer_static};
pub use conditions::IDEMPOTENCY_KEY_PATTERN;
pub use etag::{IF_MATCH_PATTERN, set_gzip};
pub use event::Event;
pub use failure::{Failure, error};
pub use gzip::{accepts_gzip, gzip};
pub use request::{PageLinks, Request};
pub use response::{Answer, Response, done, entity, history, infos, list, write_json, written};
