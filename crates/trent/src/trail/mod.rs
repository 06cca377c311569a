//! `trent audit tail` and `trent audit lookup`: the trail as the API shows it.

pub(crate) mod lookup;
mod printed;
pub(crate) mod tail;
