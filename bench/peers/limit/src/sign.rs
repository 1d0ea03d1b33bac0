//! Signature Version 4 of a request to DynamoDB.

use std::fmt::Write;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{optional, required};

/// The credentials of the function, and the region that they are used in.
pub(crate) struct Credentials {
    key_id: String,
    secret: String,
    token: Option<String>,
    pub(crate) region: String,
}

impl Credentials {
    /// Reads the environment that Lambda sets.
    pub(crate) fn from_env() -> io::Result<Self> {
        Ok(Self {
            key_id: required("AWS_ACCESS_KEY_ID")?,
            secret: required("AWS_SECRET_ACCESS_KEY")?,
            token: optional("AWS_SESSION_TOKEN"),
            region: required("AWS_REGION")?,
        })
    }

    /// Returns the head of a POST of `body`, signed at `time`.
    pub(crate) fn signed_head(&self, host: &str, target: &str, body: &str, time: SystemTime) -> String {
        let Self { key_id, region, .. } = self;
        let date = date(time);
        let day = &date[..8];
        let token = self.token.as_ref().map(|token| ("x-amz-security-token", token.as_str()));
        // In the order of their names, as they are signed.
        let headers = [
            Some(("content-type", "application/x-amz-json-1.0")),
            Some(("host", host)),
            Some(("x-amz-date", &date)),
            token,
            Some(("x-amz-target", target)),
        ];
        let headers = || headers.iter().flatten();
        let names = headers().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines = |end| headers().map(|(name, value)| format!("{name}:{value}{end}")).collect::<Vec<_>>().concat();

        let request = format!("POST\n/\n\n{}\n{names}\n{}", lines("\n"), hex(&Sha256::digest(body)));
        let scope = format!("{day}/{region}/dynamodb/aws4_request");
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let secret = format!("AWS4{}", self.secret).into_bytes();
        let key = [day, region, "dynamodb", "aws4_request"].iter().fold(secret, |key, part| hmac(&key, part));
        let signature = hex(&hmac(&key, &text));
        format!(
            "POST / HTTP/1.1\r\n{}content-length:{}\r\nauthorization:AWS4-HMAC-SHA256 \
             Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}\r\n\r\n",
            lines("\r\n"),
            body.len()
        )
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns an instant as it is signed: `20251106T165501Z`.
fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (mut days, seconds) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = |year| 365 + u64::from(is_leap(year));
    let mut year = 1970;
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let mut month = 1;
    for length in [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (day, hour, minute, second) = (days + 1, seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn dates_follow_the_calendar() {
        // date -u -d @951782399 +%Y%m%dT%H%M%SZ
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_762_448_101, "20251106T165501Z"),
            (1_767_225_599, "20251231T235959Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            assert_eq!(date(at(seconds)), expected);
        }
    }

    #[test]
    fn a_signature_is_that_of_botocore() {
        let (key_id, secret, region) = ("AKIDEXAMPLE".to_owned(), "secret".to_owned(), "eu-west-3".to_owned());
        for (token, expected) in [
            (None, "c6acbf79ee4c6478fa28ab5ea2eb713a7f15b0efc89f431201fcc7610f1fb4e8"),
            (Some("token".to_owned()), "1d290a08e1c09dd89ef0e613b63484e853cd27697204bac6f4907e002d66cd61"),
        ] {
            let (key_id, secret, region) = (key_id.clone(), secret.clone(), region.clone());
            let credentials = Credentials { key_id, secret, token, region };
            let head = credentials.signed_head("localhost:8443", "DynamoDB_20120810.Query", "{}", at(1_762_448_101));
            assert_eq!(head.split("Signature=").nth(1), Some(format!("{expected}\r\n\r\n").as_str()));
        }
    }
}
