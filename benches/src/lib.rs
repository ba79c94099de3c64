//! The load benchmark: ratios to the bare framework and to the bcrypt limit, measured in one run; and the generator of
//! realistic people that its largest part uses.

pub mod people_generator;
