//! Operations of Trent's own, beside AWS's: JSON 1.1, signed for `kms`, `X-Amz-Target: Trent.…`.

pub(crate) mod explain;
