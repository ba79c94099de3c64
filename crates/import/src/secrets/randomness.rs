//! Recognises random texts.

/// A long random text of letters and digits.
pub(crate) fn is_opaque(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_.~".contains(&byte);
    body.len() >= 32 && body.bytes().all(alphabet) && is_mixed(body)
}

/// Upper case, lower case and digits, with little repetition.
pub(crate) fn is_mixed(text: &str) -> bool {
    const BITS_A_BYTE: f64 = 3.7;
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && entropy(text.as_bytes()) >= BITS_A_BYTE
}

/// The Shannon entropy of the bytes, in bits per byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let len = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / len)
        .map(|part| -part * part.log2())
        .sum()
}
