//! Arrays that PHP has serialized, as `WordPress` keeps the roles of a person.

/// The keys of an array of flags that are set: `a:1:{s:6:"editor";b:1;}`. `None` if the text is something else.
pub(crate) fn true_keys(text: &str) -> Option<Vec<String>> {
    let (_, entries) = text.trim().strip_prefix("a:")?.split_once(":{")?;
    let mut rest = entries.strip_suffix('}')?;
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.strip_prefix("s:")?.split_once(":\"")?;
        let length: usize = length.parse().ok()?;
        let key = after.get(..length)?;
        let value = after.get(length..)?.strip_prefix("\";b:")?;
        let (flag, next) = value.split_once(';')?;
        if flag == "1" {
            keys.push(key.to_owned());
        }
        rest = next;
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roles_of_a_person_are_the_keys_that_are_set() {
        let roles = |text| true_keys(text).unwrap();
        assert_eq!(roles(r#"a:1:{s:13:"administrator";b:1;}"#), ["administrator"]);
        assert_eq!(roles(r#"a:2:{s:6:"editor";b:1;s:4:"bb_x";b:0;}"#), ["editor"]);
        assert!(roles("a:0:{}").is_empty());
        for other in
            ["", "editor", r#"a:1:{i:0;s:1:"x";}"#, r#"a:1:{s:99:"x";b:1;}"#, r#"a:1:{s:1:"é";b:1;}"#]
        {
            assert_eq!(true_keys(other), None, "{other}");
        }
    }
}
