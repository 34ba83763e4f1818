//! Which media types an answer may have, by the request's `Accept`; and whether a body's `Content-Type` is ours.

use http::{HeaderMap, HeaderName, header};

use crate::http::answer::Media;

/// What a client takes: at least one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// A single answer.
    media: Option<Media>,
    /// Server-sent events.
    stream: bool,
    /// Server-sent events rather than a single answer.
    rather_stream: bool,
}

impl Wanted {
    /// As a single answer is written; `None` where it is to be a stream too.
    pub(super) fn single(self) -> Option<Media> {
        self.media.filter(|_| !self.rather_stream)
    }

    /// Whether a subscription can be answered.
    pub(super) fn takes_stream(self) -> bool {
        self.stream
    }

    /// As a refusal is written.
    pub(super) fn refusals(self) -> Media {
        self.single().unwrap_or(Media::NoStream)
    }
}

/// What an `Accept` header wants of what there is; `None` where it wants nothing of it. Clients name everything that they
/// can read and send the same header with each operation, so a stream that is wanted no more than a single answer is for
/// subscriptions.
pub(super) fn wanted(headers: &HeaderMap) -> Option<Wanted> {
    let (mut ranges, mut stream) = (Vec::new(), None);
    for value in headers.get_all(header::ACCEPT) {
        for text in split(value.to_str().ok()?, b',') {
            match stream_quality(text) {
                Some(quality) => stream = stream.max(Some(quality)),
                None => ranges.extend(parse_range(text)),
            }
        }
    }
    if !headers.contains_key(header::ACCEPT) {
        return Some(Wanted { media: Some(Media::Json), stream: false, rather_stream: false });
    }
    let stream = stream.filter(|quality| *quality > 0);
    let media = media(&ranges);
    let rather_stream = stream > media.map(|(_, quality)| quality);
    (stream.is_some() || media.is_some()).then_some(Wanted {
        media: media.map(|(media, _)| media),
        stream: stream.is_some(),
        rather_stream,
    })
}

/// The best of our two media types for single answers, and how much it is wanted.
///
/// A range counts for the type that it names most exactly (RFC 9110, section 12.5.1). Where both types are wanted alike,
/// the one that was named wins over the one that only a wildcard lets in, and between two named ones the newer. A
/// wildcard alone means `application/json`, as GraphQL over HTTP says of legacy clients.
fn media(ranges: &[Range]) -> Option<(Media, u16)> {
    let json = weigh(ranges, "json");
    let modern = weigh(ranges, "graphql-response+json");
    match (modern, json) {
        (Some(modern), Some(json)) => {
            // Named exactly, the newer one needs only to weigh as much.
            let newer =
                modern.quality > json.quality || (modern.quality == json.quality && modern.exactness == 2);
            Some(if newer { (Media::GraphqlResponse, modern.quality) } else { (Media::Json, json.quality) })
        }
        (Some(modern), None) => Some((Media::GraphqlResponse, modern.quality)),
        (None, Some(json)) => Some((Media::Json, json.quality)),
        (None, None) => None,
    }
}

/// How much a range wants server-sent events, in thousandths; `None` where it is another type. A wildcard does not mean them.
fn stream_quality(text: &str) -> Option<u16> {
    let mut parts = split(text, b';');
    if !parts.next()?.eq_ignore_ascii_case("text/event-stream") {
        return None;
    }
    let quality = parts.find_map(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => Some(value.trim()),
        _ => None,
    });
    Some(quality.map_or(Some(1000), parse_quality).unwrap_or(0))
}

/// Whether an upgrade to a WebSocket is asked for; any other may be passed over (RFC 9110, 7.8).
pub(super) fn asks_for_a_socket(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::UPGRADE).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| split(value, b',').any(|one| one.eq_ignore_ascii_case("websocket")))
}

/// Whether a body is `application/json` in UTF-8, the only kind that is read: a form of a foreign page cannot send it.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = only(headers, &header::CONTENT_TYPE) else { return false };
    let mut parts = split(value, b';');
    parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"))
        && parts.all(is_utf8_or_no_charset)
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// One media range of an `Accept` header, of those that could mean us.
struct Range {
    subtype: String,
    /// 0 for `*/*`, 1 for `application/*`, 2 for a named type.
    exactness: u8,
    /// In thousandths.
    quality: u16,
}

#[derive(Clone, Copy)]
struct Weight {
    exactness: u8,
    quality: u16,
}

fn weigh(ranges: &[Range], subtype: &str) -> Option<Weight> {
    ranges
        .iter()
        .filter(|range| range.exactness < 2 || range.subtype == subtype)
        .max_by_key(|range| (range.exactness, range.quality))
        .map(|range| Weight { exactness: range.exactness, quality: range.quality })
        .filter(|weight| weight.quality > 0)
}

fn parse_range(text: &str) -> Option<Range> {
    let mut parts = split(text, b';');
    let media = parts.next()?.to_ascii_lowercase();
    let (kind, subtype) = media.split_once('/')?;
    let exactness = match (kind, subtype) {
        ("*", "*") => 0,
        ("application", "*") => 1,
        ("application", _) => 2,
        _ => return None,
    };
    let mut quality = 1000;
    for part in parts {
        match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
                quality = parse_quality(value.trim())?;
            }
            _ if !is_utf8_or_no_charset(part) => return None,
            _ => {}
        }
    }
    Some(Range { subtype: subtype.to_owned(), exactness, quality })
}

/// `0.8` as 800.
fn parse_quality(text: &str) -> Option<u16> {
    let value: f32 = text.parse().ok().filter(|value| (0.0..=1.0).contains(value))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 1000")]
    let thousandths = (value * 1000.0).round() as u16;
    Some(thousandths)
}

fn is_utf8_or_no_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}

/// Splits a header's value at a separator that stands outside of quotes; parts come trimmed, empty ones are left out.
fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character: char| {
        let was_escaped = std::mem::take(&mut escaped);
        match character {
            '\\' if quoted && !was_escaped => escaped = true,
            '"' if !was_escaped => quoted = !quoted,
            _ => {}
        }
        !quoted && character == char::from(separator)
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}
