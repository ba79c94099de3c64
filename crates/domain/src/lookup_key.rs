//! Keys by which names are looked up.

/// Defines a key: a mapped form of a name whose spelling does not matter. Equal names have equal keys.
macro_rules! lookup_key {
    ($(#[$doc:meta])* $key:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $key(std::sync::Arc<str>);

        impl $key {
            /// The key's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same text, for an index that shares it.
            #[must_use]
            pub const fn as_shared(&self) -> &std::sync::Arc<str> {
                &self.0
            }
        }
    };
}

pub(crate) use lookup_key;
