//! The load benchmark: ratios to the bare framework and to the bcrypt ceiling, measured in one run.
