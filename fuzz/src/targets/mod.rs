//! The targets, by their names.

mod answers;
mod bus_message;
mod ciphertext_blob;
mod form_body;
mod frame;
mod grant_token;
mod import_token;
mod imported_material;
mod json_body;
mod name;
mod page_marker;
mod peer_public_key;
mod permit;
mod policy;
mod proxy_header;
mod sealed_material;
mod seed_file;
mod signature;
mod sigv4;
mod wrapped_material;

/// Something that reads foreign bytes.
pub struct Target {
    /// Also the name of its folder of seeds and of its dictionary.
    pub name: &'static str,
    /// Reads an input and holds what comes of it against what is promised. Whether the input was a
    /// good one: a blob that decrypts, a request that is answered.
    ///
    /// # Panics
    /// When a promise is broken.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to begin with, in the form in which this release makes them.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Declares the table: a target is a module of that name with `run` and `seeds`.
macro_rules! targets {
    ($($module:ident,)+) => {
        /// Every target.
        pub const TARGETS: &[Target] = &[
            $(Target {
                name: stringify!($module),
                run: $module::run,
                seeds: $module::seeds,
            },)+
        ];
    };
}

targets! {
    ciphertext_blob,
    import_token,
    wrapped_material,
    imported_material,
    json_body,
    bus_message,
    form_body,
    frame,
    grant_token,
    name,
    page_marker,
    peer_public_key,
    permit,
    policy,
    proxy_header,
    sealed_material,
    seed_file,
    signature,
    sigv4,
}

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
