//! Custom key stores, which are not served: authenticated, refused, and recorded.

use aws_sdk_kms::Client;

use super::code;

/// The six operations on custom key stores.
pub async fn custom_key_stores_are_refused(kms: Client) {
    let unsupported = "UnsupportedOperationException";
    let store = "cks-1234567890abcdef0";
    let created = kms.create_custom_key_store().custom_key_store_name("store").send().await;
    assert_eq!(code(created), unsupported);
    let described = kms.describe_custom_key_stores().send().await;
    assert_eq!(code(described), unsupported);
    let connected = kms.connect_custom_key_store().custom_key_store_id(store).send().await;
    assert_eq!(code(connected), unsupported);
    let disconnected = kms.disconnect_custom_key_store().custom_key_store_id(store).send().await;
    assert_eq!(code(disconnected), unsupported);
    let updated = kms.update_custom_key_store().custom_key_store_id(store).send().await;
    assert_eq!(code(updated), unsupported);
    let deleted = kms.delete_custom_key_store().custom_key_store_id(store).send().await;
    assert_eq!(code(deleted), unsupported);
}
