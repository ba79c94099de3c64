//! The load benchmark: ratios to the bare framework and to the bcrypt limit, measured in one run.
