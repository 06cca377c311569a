//! What the API tells of the trail, as commands print it: `trent audit tail`, `trent audit lookup`,
//! `trent usage` and `trent cost report`.

pub(crate) mod cost;
pub(crate) mod lookup;
mod printed;
mod table;
pub(crate) mod tail;
pub(crate) mod usage;
