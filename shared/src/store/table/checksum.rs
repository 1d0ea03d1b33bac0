use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

/// Rejects a response whose body does not match its `x-amz-crc32`, which the SDK does not check.
#[derive(Debug)]
pub(super) struct Checksum;

impl Intercept for Checksum {
    fn name(&self) -> &'static str {
        "Checksum"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let (Some(expected), Some(body)) = (response.headers().get("x-amz-crc32"), response.body().bytes()) else {
            return Ok(());
        };
        if expected.parse() == Ok(crc32fast::hash(body)) { Ok(()) } else { Err("x-amz-crc32 differs".into()) }
    }
}
