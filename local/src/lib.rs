//! parc on the developer's machine: the handlers of the Lambda functions behind one port, with an embedded
//! table.

pub mod gateway;
pub mod server;
