//! Protects the cells of a table from spreadsheets, which run a cell as a formula if it begins with certain characters.
//!
//! The rule follows OWASP, "CSV Injection". A spreadsheet may split a file at other characters than the commas of RFC 4180. So
//! the beginning of a cell is protected, and also what follows a semicolon, a tab, a vertical bar or a line break inside it. A
//! comma inside a cell is safe: the cell is quoted, and where quotes are not understood, commas separate nothing.

/// What makes a cell a formula. Some versions of spreadsheets take the full-width forms for the others.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What may begin a cell, besides a comma.
const SEPARATORS: [char; 5] = [';', '\t', '|', '\r', '\n'];

const APOSTROPHE: char = '\'';

/// The cell with an apostrophe before everything that a spreadsheet might run as a formula. An import of Roster's own export
/// reads the original text from it.
#[must_use]
pub fn protect_formulas(cell: &str) -> String {
    rewritten(cell, |marks| marks + 1)
}

/// The text that [`protect_formulas`] was given.
pub(crate) fn unprotect_formulas(cell: &str) -> String {
    rewritten(cell, |marks| marks.saturating_sub(1))
}

/// The text with another number of apostrophes before each formula.
fn rewritten(cell: &str, apostrophes: fn(usize) -> usize) -> String {
    let mut text = String::with_capacity(cell.len() + 1);
    let mut rest = cell;
    while !rest.is_empty() {
        let (start, marked) = split_while(rest, |char| matches!(char, ' ' | '"'));
        let (marks, after) = split_while(marked, |char| char == APOSTROPHE);
        let marks = if after.starts_with(FORMULA_STARTS) { apostrophes(marks.len()) } else { marks.len() };
        let (value, next) = after.split_at(after.find(SEPARATORS).map_or(after.len(), |end| end + 1));
        text.push_str(start);
        text.extend(std::iter::repeat_n(APOSTROPHE, marks));
        text.push_str(value);
        rest = next;
    }
    text
}

fn split_while(text: &str, is_in: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|char| !is_in(char)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_protected_wherever_a_cell_may_begin() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("x;=1+1", "x;'=1+1"),
            ("x; \"=1+1\"", "x; \"'=1+1\""),
            ("x|@a\t-b", "x|'@a\t'-b"),
            ("x\n+1\r\n=2", "x\n'+1\r'\n'=2"),
            ("\t=1", "'\t'=1"),
            ("＝1", "'＝1"),
            (" =1", " '=1"),
            ("'=1", "''=1"),
            ("a-b=c, -d", "a-b=c, -d"),
            ("'s Gravenhage; 't Hof", "'s Gravenhage; 't Hof"),
            ("", ""),
        ] {
            assert_eq!(protect_formulas(cell), expected, "{cell:?}");
        }
    }

    /// Every text of up to `len` of these characters.
    fn texts(len: u32) -> impl Iterator<Item = String> {
        const CHARS: [char; 9] = ['a', ';', '\t', '\n', '=', '＝', '\'', '"', ' '];
        (0..CHARS.len().pow(len)).map(move |number| {
            let digit = |place| number / CHARS.len().pow(place) % CHARS.len();
            (0..len).map(|place| CHARS[digit(place)]).collect()
        })
    }

    #[test]
    fn the_text_is_found_again() {
        for text in (0..=5).flat_map(texts) {
            assert_eq!(unprotect_formulas(&protect_formulas(&text)), text, "{text:?}");
        }
    }
}
