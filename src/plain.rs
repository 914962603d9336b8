//! Plain values for whoever is outside: the public shape of an article, a change, an event.
//!
//! One type with one way out, since serde writes its code anew for each type that it serializes.

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value as JSON knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// Known to be absent.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Whole or not.
    Number(f64),
    /// Text.
    Text(String),
    /// In order.
    List(Vec<Plain>),
    /// In the order of their writing.
    Object(Vec<(&'static str, Plain)>),
}

/// Text, or null.
pub(crate) fn text(value: Option<&str>) -> Plain {
    value.map_or(Plain::Null, |value| Plain::Text(value.into()))
}

/// A list of what `make` makes of each item.
pub(crate) fn list<T>(items: &[T], make: fn(&T) -> Plain) -> Plain {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        out.push(make(item));
    }
    Plain::List(out)
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            // Whole numbers stay whole where the outside tells them apart.
            Self::Number(value) if f64::from(*value as i32) == *value => serializer.serialize_i32(*value as i32),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
