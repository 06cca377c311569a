//! Temporary credentials.
//!
//! No store keeps them: everything that they are stands in their session token, sealed with the
//! token keys, so that any evaluator of the deployment knows them again.
//!
//! | module | job |
//! |---|---|
//! | `token` | the token's text |
//! | `issue` | makes credentials |
//! | `open` | knows them again |

mod issue;
mod open;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use issue::{IssueFault, issue};
pub(crate) use open::{OpenFault, open};
