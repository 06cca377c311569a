//! What the fake store holds sealed, lowest versions first.

use trent_store::{Invalidation, SealedPlace, SealedRow, StoredAccessKey};

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

/// Puts new sealed bytes in the place of old ones that are still as they were read.
pub(super) fn re_sealed(state: &mut State, rows: &[(SealedRow, Vec<u8>)]) -> Vec<Invalidation> {
    let mut stale = Vec::new();
    for (row, new) in rows {
        let place = match &row.place {
            SealedPlace::Material { key, .. } => {
                let key = state.keys.get_mut(&(key.region, key.key_id));
                key.map(|key| (&mut key.materials[0].sealed, key.record.arn()))
                    .map(|(sealed, arn)| (sealed, Invalidation::Key(arn)))
            }
            SealedPlace::Secret { access_key_id: id, .. } => {
                let key = state.access_keys.get_mut(id);
                key.map(|key| (&mut key.sealed_secret, Invalidation::AccessKey(id.clone())))
            }
        };
        if let Some((sealed, what)) = place
            && *sealed == row.sealed
        {
            sealed.clone_from(new);
            stale.push(what);
        }
    }
    stale
}
