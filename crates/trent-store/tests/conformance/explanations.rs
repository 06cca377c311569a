//! Why requests were decided as they were.

use crate::support::samples::*;
use trent_store::{RegistryStore, StoredExplanation};
use trent_types::{KeyArn, RequestId};

on_both_stores! {
    explanations_are_kept_in_their_order_until_they_are_old
    evaluators_put_explanations_at_the_same_moment
}

fn explanation(request_id: RequestId, seconds: i64, json: &str) -> StoredExplanation {
    let at = NOW.plus_millis(seconds * 1_000);
    StoredExplanation { request_id, at, account: account(), key: None, json: json.to_owned() }
}

async fn explanations_are_kept_in_their_order_until_they_are_old(store: &impl RegistryStore) {
    let (one, other) = (new_request(), new_request());
    let key: KeyArn = new_key().arn();
    let about = StoredExplanation { key: Some(key), ..explanation(one, 0, "{\"b\":1}") };
    let first = [about.clone(), explanation(one, 0, "{\"a\":1}"), explanation(other, 5, "{}")];
    store.put_explanations(&first, NOW).await.unwrap();
    let later = explanation(one, 9, "{\"0\":1}");
    store.put_explanations(std::slice::from_ref(&later), NOW).await.unwrap();
    let kept = store.explanations(one).await.unwrap();
    assert_eq!(kept, [about, first[1].clone(), later.clone()]);
    assert_eq!(store.explanations(new_request()).await.unwrap(), []);
    // From before this moment: not the moment itself.
    store.put_explanations(&[], NOW.plus_millis(5_000)).await.unwrap();
    assert_eq!(store.explanations(one).await.unwrap(), [later]);
    assert_eq!(store.explanations(other).await.unwrap(), [first[2].clone()]);
    store.put_explanations(&[], NOW.plus_millis(60_000)).await.unwrap();
    assert_eq!(store.explanations(one).await.unwrap(), []);
    assert_eq!(store.explanations(other).await.unwrap(), []);
}

async fn evaluators_put_explanations_at_the_same_moment(store: &impl RegistryStore) {
    let request = new_request();
    let put = async |json: &str| {
        let new = [explanation(request, 1, json), explanation(request, 1, json)];
        store.put_explanations(&new, NOW).await.unwrap();
    };
    tokio::join!(put("{\"a\":1}"), put("{\"b\":1}"), put("{\"c\":1}"));
    assert_eq!(store.explanations(request).await.unwrap().len(), 6);
}
