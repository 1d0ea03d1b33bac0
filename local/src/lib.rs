//! parc on one's own machine: the handlers of the Lambda functions behind one port, over an
//! embedded table.

pub mod gateway;
