//! What holds of every decision: a deny never widens, an allow never narrows, order never matters,
//! and a boundary or session policy only takes away.

use std::cell::Cell;

use serde_json::{Value, json};
use trent_policy::{ConditionContext, NoConditions, Values};

use crate::random::{self, Rng};
use crate::scene::{ALLOWED, About, DENIED, NOT_ALLOWED, Scene, by_the_crate, by_the_crate_with};

const SCENES: u64 = 1_000;

fn scenes() -> impl Iterator<Item = (Rng, Scene)> {
    (0..SCENES).map(|seed| {
        let mut rng = Rng(0xABCD_0000_0000 + seed);
        let scene = random::scene(&mut rng);
        (rng, scene)
    })
}

/// Every place in which statements stand, with whether they have principals.
fn policies(scene: &mut Scene) -> Vec<(&mut Value, bool)> {
    let of_resource = std::iter::once((&mut scene.resource_policy, true));
    let of_caller = scene
        .identity
        .iter_mut()
        .chain(&mut scene.boundary)
        .chain(scene.session.iter_mut().flatten());
    of_resource.chain(of_caller.map(|policy| (policy, false))).collect()
}

fn statements(policy: &mut Value) -> &mut Vec<Value> {
    let place = &mut policy["Statement"];
    if !place.is_array() {
        *place = json!([place.take()]);
    }
    place.as_array_mut().expect("a list")
}

/// The scene with another statement of this effect somewhere.
fn with_statement(rng: &mut Rng, scene: &Scene, effect: &str) -> Scene {
    let mut changed = scene.clone();
    let mut places = policies(&mut changed);
    let at = rng.below(places.len());
    let (policy, of_resource) = &mut places[at];
    let mut statement = random::statement(rng, scene, *of_resource);
    statement["Effect"] = json!(effect);
    let list = statements(policy);
    let at = rng.below(list.len() + 1);
    list.insert(at, statement);
    changed
}

fn rank(outcome: &str) -> u8 {
    match outcome {
        DENIED => 0,
        NOT_ALLOWED => 1,
        _ => 2,
    }
}

#[test]
fn another_deny_never_widens() {
    let mut narrowed = 0;
    for (mut rng, scene) in scenes() {
        let before = by_the_crate(&scene);
        let after = by_the_crate(&with_statement(&mut rng, &scene, "Deny"));
        assert!(rank(after.outcome) <= rank(before.outcome), "{scene:#?}");
        narrowed += usize::from(before.outcome != after.outcome);
    }
    println!("{SCENES} scenes, {narrowed} narrowed by another deny");
    assert!(narrowed > 25);
}

#[test]
fn another_allow_never_narrows() {
    let mut widened = 0;
    for (mut rng, scene) in scenes() {
        let before = by_the_crate(&scene);
        let after = by_the_crate(&with_statement(&mut rng, &scene, "Allow"));
        assert!(rank(after.outcome) >= rank(before.outcome), "{scene:#?}");
        widened += usize::from(before.outcome != after.outcome);
    }
    println!("{SCENES} scenes, {widened} widened by another allow");
    assert!(widened > 25);
}

#[test]
fn the_order_of_statements_and_policies_never_matters() {
    for (mut rng, scene) in scenes() {
        let mut changed = scene.clone();
        for (policy, _) in policies(&mut changed) {
            rng.shuffle(statements(policy));
        }
        rng.shuffle(&mut changed.identity);
        if let Some(session) = &mut changed.session {
            rng.shuffle(session);
        }
        assert_eq!(by_the_crate(&changed), by_the_crate(&scene), "{scene:#?}");
    }
}

#[test]
fn without_a_boundary_or_session_policies_nobody_may_less() {
    let mut widened = 0;
    for (_, scene) in scenes() {
        let before = by_the_crate(&scene);
        for changed in
            [Scene { boundary: None, ..scene.clone() }, Scene { session: None, ..scene.clone() }]
        {
            let after = by_the_crate(&changed);
            assert!(rank(after.outcome) >= rank(before.outcome), "{scene:#?}");
            widened += usize::from(before.outcome != after.outcome);
        }
    }
    println!("{SCENES} scenes, {widened} widened by the end of a limit");
    assert!(widened > 25);
}

#[test]
fn a_grant_never_narrows_and_never_overrides_a_deny() {
    let mut allowed = 0;
    for (_, scene) in scenes() {
        if !matches!(scene.about, About::Key(_)) {
            continue;
        }
        let with = by_the_crate(&scene);
        let without = by_the_crate(&Scene { grants: vec![], ..scene.clone() });
        assert!(rank(with.outcome) >= rank(without.outcome), "{scene:#?}");
        assert_eq!(with.outcome == DENIED, without.outcome == DENIED);
        allowed += usize::from(with.outcome == ALLOWED && without.outcome != ALLOWED);
    }
    println!("{SCENES} scenes, {allowed} allowed by a grant");
    assert!(allowed > 5);
}

/// Values of a request, and whether anything has looked at them.
struct Watched<'a>(&'a Scene, Cell<bool>);

impl ConditionContext for Watched<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.1.set(true);
        self.0.context.values(key)
    }
}

#[test]
fn a_decision_that_looked_at_no_value_holds_for_every_request() {
    let (mut kept, mut by_values) = (0, 0);
    for (_, scene) in scenes() {
        // A grant looks at the encryption context besides.
        let scene = Scene { grants: vec![], ..scene };
        let watched = Watched(&scene, Cell::new(false));
        let answer = by_the_crate_with(&scene, &watched, false);
        let without = by_the_crate_with(&scene, &NoConditions, false);
        if watched.1.get() {
            by_values += usize::from(answer != without);
        } else {
            kept += 1;
            assert_eq!(answer, without, "{scene:#?}");
        }
    }
    println!("{SCENES} scenes, {kept} decided without values, {by_values} otherwise without them");
    assert!(kept > 100 && by_values > 10);
}
