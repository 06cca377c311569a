//! Every target over its committed seeds, over what was once found, and over mutations of both.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use trent_fuzz::mutation::Mutation;
use trent_fuzz::{TARGETS, Target};

/// Mutations of each target, unless they take longer than [`TIME`].
const MUTATIONS: u64 = 4_000;
/// What a target may take at most: some do public-key cryptography without optimisation.
const TIME: Duration = Duration::from_secs(8);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn inputs(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn committed(target: &Target) -> Vec<Vec<u8>> {
    inputs(&folder("corpus-seeds").join(target.name))
}

/// In threads of their own, so that a broken target does not hide the others.
fn each(check: fn(&'static Target)) {
    let running = TARGETS.iter().map(|target| {
        let thread = thread::Builder::new().name(target.name.to_owned());
        thread.spawn(move || check(target)).unwrap()
    });
    let failed = running.collect::<Vec<_>>().into_iter().filter_map(|thread| {
        let name = thread.thread().name().unwrap().to_owned();
        thread.join().is_err().then_some(name)
    });
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<String>::new(), "targets with broken promises");
}

#[test]
fn good_inputs_are_among_the_seeds_of_every_target() {
    each(|target| {
        let seeds = committed(target);
        assert!(
            seeds.len() >= 2,
            "{0}: cargo run -p trent-fuzz --example write-seeds -- {0}",
            target.name
        );
        let good = seeds.iter().filter(|seed| (target.run)(seed)).count();
        assert!(good > 0, "{}: no seed is a good input", target.name);
    });
}

#[test]
fn no_mutation_of_a_seed_breaks_a_promise() {
    each(|target| {
        let mut seeds = committed(target);
        seeds.extend(inputs(&folder("findings").join(target.name)));
        let (begun, mut done) = (Instant::now(), 0);
        while done < MUTATIONS && begun.elapsed() < TIME {
            let mut mutation = Mutation::from_number(done);
            let pick = |number: u64| &seeds[usize::try_from(number).unwrap() % seeds.len()];
            let input = mutation.of(pick(done), pick(done / 7 + 3));
            let outcome = panic::catch_unwind(|| (target.run)(&input));
            assert!(outcome.is_ok(), "{}: {}", target.name, input.escape_ascii());
            done += 1;
        }
    });
}

#[test]
fn every_request_of_the_seeds_succeeds() {
    for name in ["json_body", "form_body", "page_marker"] {
        let target = trent_fuzz::target(name).unwrap();
        let good = committed(target).iter().filter(|seed| (target.run)(seed)).count();
        assert!(good >= committed(target).len() / 2, "{name}: {good}");
    }
}

#[test]
fn there_is_a_folder_of_seeds_for_each_target_and_no_other() {
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    names.sort();
    let entries = fs::read_dir(folder("corpus-seeds")).unwrap();
    let mut folders: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, names);
}
