//! What the fake store holds sealed, lowest versions first.

use trent_store::{SealedPlace, SealedRow, StoredAccessKey};

use super::fake_store::State;

pub(super) fn sealed_materials(state: &mut State) -> Vec<SealedRow> {
    let mut rows = Vec::new();
    for key in state.keys.values() {
        for material in &key.materials {
            let (key, material_id) = (key.record.arn(), material.material_id);
            let place = SealedPlace::Material { key, material_id };
            rows.push(SealedRow { place, sealed: material.sealed.clone() });
        }
    }
    rows.sort_by(|one, other| one.sealed.cmp(&other.sealed));
    rows
}

pub(super) fn sealed_secrets(state: &mut State) -> Vec<SealedRow> {
    let row = |key: &StoredAccessKey| {
        let access_key_id = key.access_key.access_key_id.clone();
        let place = SealedPlace::Secret { account: key.access_key.account, access_key_id };
        SealedRow { place, sealed: key.sealed_secret.clone() }
    };
    let mut rows: Vec<_> = state.access_keys.values().map(row).collect();
    rows.sort_by(|one, other| one.sealed.cmp(&other.sealed));
    rows
}
