//! "Did you mean …?"

/// How similar, from 0 to 1, two names must be for a suggestion.
const MIN_SIMILARITY: f64 = 0.6;

/// The known name nearest to `wanted`, if one is similar enough. A key with the right last part in the wrong section also
/// counts.
pub(crate) fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (likeness(wanted, name), name))
        .filter(|(likeness, _)| *likeness >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

fn likeness(wanted: &str, name: &str) -> f64 {
    let integer = strsim::normalized_damerau_levenshtein(wanted, name);
    let same_last_part = last_part(wanted) == last_part(name);
    if same_last_part { integer.max(MIN_SIMILARITY) } else { integer }
}

fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["server.port", "auth.issuer", "log.level"];

    #[test]
    fn a_typo_gets_a_suggestion_by_similarity() {
        assert_eq!(nearest("server.prot", KNOWN.into_iter()), Some("server.port"));
    }

    #[test]
    fn the_right_key_in_the_wrong_section_is_understood() {
        assert_eq!(nearest("registration.issuer", KNOWN.into_iter()), Some("auth.issuer"));
    }

    #[test]
    fn a_dissimilar_name_gets_no_suggestion() {
        assert_eq!(nearest("colour.of.the.sky", KNOWN.into_iter()), None);
    }
}
