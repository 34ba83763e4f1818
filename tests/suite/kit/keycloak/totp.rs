//! Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 s), as a person's telephone shows them.

use aws_lc_rs::hmac;
use schema::Timestamp;

/// The code of a moment.
pub(super) fn code(secret: &[u8], at: Timestamp) -> String {
    let step = at.millis() / 30_000;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[19] & 0x0f);
    let word = [tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]];
    format!("{:06}", u32::from_be_bytes(word) % 1_000_000)
}

#[test]
fn codes_are_those_of_the_rfc() {
    // Appendix B of RFC 6238 has eight digits; these are their last six.
    for (seconds, expected) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        let at = Timestamp::from_millis(seconds * 1000);
        assert_eq!(code(b"12345678901234567890", at), expected, "at {seconds} s");
    }
}
