//! New ids, and moments as IAM keeps them.

use trent_types::Timestamp;

use crate::steps::Call;

/// A new id: the prefix and random characters of `A-Z2-7`, `length` in all.
pub(crate) fn new_id(call: &Call<'_>, prefix: &str, length: usize) -> String {
    const ALPHABET: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R',
        'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
    ];
    let mut bits = u128::from_be_bytes(call.ports.random.sixteen_bytes());
    let mut id = prefix.to_owned();
    while id.len() < length {
        // Cannot be cut short: five bits. At most 25 characters come out of 128 bits; ids need 17.
        id.extend(ALPHABET.get((bits & 31) as usize));
        bits >>= 5;
    }
    id
}

/// The moment of the request as IAM keeps it: whole seconds.
pub(crate) const fn now(call: &Call<'_>) -> Timestamp {
    Timestamp::from_millis(call.request.received_at.as_seconds() * 1000)
}
