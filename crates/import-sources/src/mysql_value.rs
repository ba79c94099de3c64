//! The values of MySQL, which come as text with the type of their column.

use mysql_async::consts::ColumnType;
use mysql_async::{Column, Value};
use serde_json::Number;

use crate::cell::Cell;

/// The character set of bytes.
const BINARY: u16 = 63;

/// A value; `None` if it is a text that is not UTF-8.
pub(crate) fn cell(value: &Value, column: &Column, is_json: bool) -> Option<Cell> {
    use ColumnType as T;
    let bytes = match value {
        Value::NULL => return Some(Cell::Null),
        Value::Bytes(bytes) => bytes,
        // The text protocol has no others.
        other => return Some(Cell::Text(other.as_sql(true).trim_matches('\'').to_owned())),
    };
    let text = || std::str::from_utf8(bytes).ok();
    Some(match column.column_type() {
        T::MYSQL_TYPE_BIT => bits(bytes),
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_YEAR
        | T::MYSQL_TYPE_FLOAT
        | T::MYSQL_TYPE_DOUBLE
        | T::MYSQL_TYPE_DECIMAL
        | T::MYSQL_TYPE_NEWDECIMAL => number(text()?),
        T::MYSQL_TYPE_JSON => Cell::Json(text()?.to_owned()),
        _ if is_json => Cell::Json(text()?.to_owned()),
        T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB
        | T::MYSQL_TYPE_BLOB
        | T::MYSQL_TYPE_VAR_STRING
        | T::MYSQL_TYPE_STRING
        | T::MYSQL_TYPE_VARCHAR
        | T::MYSQL_TYPE_GEOMETRY
            if column.character_set() == BINARY =>
        {
            Cell::Bytes(bytes.clone())
        }
        _ => Cell::Text(text()?.to_owned()),
    })
}

/// A number, exactly as it is. With leading zeros (`ZEROFILL`) it stays a text.
fn number(text: &str) -> Cell {
    let is_number = serde_json::from_str::<Number>(text).is_ok();
    if is_number { Cell::Json(text.to_owned()) } else { Cell::Text(text.to_owned()) }
}

/// A `bit(1)` is a flag; more bits are a number.
fn bits(bytes: &[u8]) -> Cell {
    let number = bytes.iter().try_fold(0_i64, |number, byte| {
        number.checked_mul(256).and_then(|number| number.checked_add(i64::from(*byte)))
    });
    number.map_or_else(|| Cell::Bytes(bytes.to_vec()), Cell::Integer)
}
