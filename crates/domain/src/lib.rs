//! Users, roles, permissions and the rules between them: values that cannot be wrong, without I/O.
