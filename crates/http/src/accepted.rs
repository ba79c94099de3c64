//! What a client accepts (RFC 9110, section 12.5.1).
//!
//! actix's `Accept` drops ranges that it finds malformed: `*/*; q=.2`, which Java's `HttpURLConnection` has sent by default
//! for many versions, and `application/json;`, which RFC 9110, section 5.6.6, allows.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// How much a client wants a media type: from 0, not at all, to 1. The most specific range that covers it decides. A missing
/// or empty header accepts everything.
pub(crate) fn weight(headers: &HeaderMap, media: &str) -> f32 {
    let lines = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut ranges =
        lines.flat_map(|line| line.split(',')).map(str::trim).filter(|range| !range.is_empty()).peekable();
    if ranges.peek().is_none() {
        return 1.0;
    }
    let covering = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let specificity = specificity(parts.next()?, media)?;
        let weights = parts.filter_map(|parameter| parameter.strip_prefix("q="));
        let weight = weights.map(|weight| weight.parse().unwrap_or(0.0)).fold(1.0, f32::min);
        Some((specificity, weight))
    });
    covering.max_by_key(|(specificity, _)| *specificity).map_or(0.0, |(_, weight)| weight.max(0.0))
}

/// How specific a media range is, if it covers this type.
fn specificity(range: &str, media: &str) -> Option<usize> {
    let family = media.split('/').next().unwrap_or_default();
    let is_family = range.strip_suffix("/*").is_some_and(|range| range.eq_ignore_ascii_case(family));
    [range == "*/*", is_family, range.eq_ignore_ascii_case(media)].iter().rposition(|covers| *covers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn weight_of(media: &str, accept: &str) -> f32 {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        weight(&headers, media)
    }

    fn accepts(value: &str) -> bool {
        weight_of("application/json", value) > 0.0
    }

    #[test]
    fn json_or_a_wildcard_accepts_json() {
        assert!(weight(&HeaderMap::new(), "application/json") > 0.0);
        for value in [
            "",
            "*/*",
            "application/json",
            "text/html, application/*;q=0.1",
            "APPLICATION/JSON;q=1",
            "application/json;",
        ] {
            assert!(accepts(value), "{value}");
        }
    }

    #[test]
    fn the_header_of_javas_http_url_connection_accepts_json() {
        assert!(accepts("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"));
    }

    #[test]
    fn other_types_or_a_zero_weight_do_not_accept_json() {
        for value in
            ["text/html", "application/json;q=0", "*/*, application/json;q=0.0", "application/xml", "json"]
        {
            assert!(!accepts(value), "{value}");
        }
    }

    #[test]
    fn the_most_specific_range_decides_how_much_a_type_is_wanted() {
        let accept = "*/*;q=0.1, text/*;q=0.5, text/csv";
        let weights = ["application/json", "text/plain", "text/csv"].map(|media| weight_of(media, accept));
        assert!(weights.is_sorted() && weights[0] > 0.0 && weights[1] < weights[2], "{weights:?}");
    }
}
