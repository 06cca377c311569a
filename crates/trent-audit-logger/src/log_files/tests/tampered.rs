//! Whatever is changed, removed or swapped is found.

use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::*;
use super::{Rig, contents, validated};
use crate::signing::PublicKeys;

struct Sample {
    files: Vec<(String, Vec<u8>)>,
    keys: PublicKeys,
}

/// What is tampered with; made once.
static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rig = runtime.block_on(Rig::filled());
    let files: Vec<_> = contents(&rig.directory()).into_iter().collect();
    let newest = |kind: &str| {
        let of_kind = |(object, _): &&(String, Vec<u8>)| object.contains(kind);
        files.iter().filter(of_kind).map(|(object, _)| object.clone()).max()
    };
    // Nothing says yet what files must be that came after the last digest.
    let last = newest("000000000002_CloudTrail-Digest_").unwrap();
    assert!(last.contains("T140500Z"), "{last}");
    let covered = |(object, _): &(String, Vec<u8>)| {
        let digest = object.contains("_CloudTrail-Digest_");
        let minute = object.rsplit('_').nth(1).unwrap_or_default();
        object.contains("/000000000002/") && (digest || minute <= "20261130T1405Z")
    };
    let files = files.into_iter().filter(covered).collect();
    let sample = Sample { files, keys: rig.keys.clone() };
    // Otherwise whatever is done to it would be found.
    assert_eq!(report_with(&sample.files, &sample.keys).problems, Vec::<String>::new());
    sample
});

fn report_of(files: &[(String, Vec<u8>)]) -> LogsReport {
    report_with(files, &SAMPLE.keys)
}

fn report_with(files: &[(String, Vec<u8>)], keys: &PublicKeys) -> LogsReport {
    let folder = tempfile::tempdir().unwrap();
    for (object, bytes) in files {
        let path = folder.path().join(object);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    validated(folder.path(), 2, keys)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_flipped_byte_is_found_unless_it_says_the_same(
        file in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let mut files = SAMPLE.files.clone();
        let at = file.index(files.len());
        let (_, bytes) = &mut files[at];
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        let same = layout::unpack(&files[at].1).ok() == layout::unpack(&SAMPLE.files[at].1).ok();
        let packed = files[at].0.ends_with(".gz");
        let found = !report_of(&files).problems.is_empty();
        prop_assert!(found || (packed && same), "{} at {place}", files[at].0);
    }

    #[test]
    fn any_two_swapped_files_are_found(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let mut files = SAMPLE.files.clone();
        let (one, other) = (one.index(files.len()), other.index(files.len()));
        prop_assume!(files[one].1 != files[other].1);
        let kept = std::mem::take(&mut files[one].1);
        files[one].1 = std::mem::replace(&mut files[other].1, kept);
        prop_assert!(!report_of(&files).problems.is_empty());
    }
}

#[test]
fn any_missing_file_is_found_and_the_whole_set_is_good() {
    let good = report_of(&SAMPLE.files);
    assert_eq!((good.problems.len(), good.digests, good.pending), (0, 2, 0));
    let newest = SAMPLE.files.iter().rfind(|(object, _)| object.contains("-Digest_"));
    let newest = newest.unwrap().0.trim_end_matches(".sig").to_owned();
    for at in 0..SAMPLE.files.len() {
        let mut files = SAMPLE.files.clone();
        let (gone, _) = files.remove(at);
        let report = report_of(&files);
        // Without the newest digest its log files are as if they had just been written; a later
        // digest would name it.
        assert_eq!(report.problems.is_empty(), gone == newest, "{gone}: {report:?}");
        assert!(gone != newest || report.pending > 0);
    }
}
