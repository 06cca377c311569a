//! Random scenes, made so that allows and denies of every kind happen often.

use serde_json::{Map, Value, json};
use trent_types::{
    Caller, CallerKind, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal,
    GrantTerms, Partition, Timestamp,
};

use crate::random_conditions::condition;
use crate::scene::{About, Scene};

const A: &str = "111122223333";
const B: &str = "444455556666";
const KEY_ACTIONS: [&str; 8] = [
    "kms:Encrypt",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "kms:ListGrants",
    "kms:GenerateDataKey",
];

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("small")
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A scene.
pub(crate) fn scene(rng: &mut Rng) -> Scene {
    let caller = caller(rng);
    let (about, action) = about(rng);
    let mut scene = Scene {
        encryption_context: encryption_context(rng),
        source_arn: rng.percent(30).then(|| "arn:aws:s3:::bucket".to_owned()),
        context: context(rng, &caller),
        caller,
        action,
        about,
        resource_policy: Value::Null,
        identity: vec![],
        boundary: None,
        session: None,
        grants: vec![],
    };
    scene.resource_policy = document(rng, &scene, true);
    scene.identity = (0..rng.below(3)).map(|_| document(rng, &scene, false)).collect();
    scene.boundary = rng.percent(25).then(|| document(rng, &scene, false));
    scene.session =
        rng.percent(25).then(|| (0..rng.below(3)).map(|_| document(rng, &scene, false)).collect());
    if matches!(scene.about, About::Key(_)) && rng.percent(25) {
        scene.grants = (0..=rng.below(2)).map(|_| grant(rng, &scene)).collect();
    }
    scene
}

fn caller(rng: &mut Rng) -> Caller {
    let user = |path: &str, name: &str| CallerKind::User {
        path: path.into(),
        name: name.into(),
        user_id: format!("AIDAEXAMPLEEXAMPLE{}", name.to_uppercase()),
    };
    let role = |path: &str, name: &str, session: &str| CallerKind::Role {
        path: path.into(),
        name: name.into(),
        role_id: format!("AROAEXAMPLEEXAMPLE{}", name.to_uppercase()),
        session_name: session.into(),
    };
    let service = |name: &str| CallerKind::Service {
        name: name.into(),
        source_arn: None,
        source_account: None,
    };
    let (account, kind) = match rng.below(11) {
        0 => (A, CallerKind::Root),
        1 => (B, CallerKind::Root),
        2 | 3 => (A, user("/", "ann")),
        4 => (A, user("/team/", "bob")),
        5 => (B, user("/", "eve")),
        6 | 7 => (A, role("/svc/", "app", "one")),
        8 => (B, role("/", "job", "two")),
        9 => (A, service("s3.amazonaws.com")),
        _ => (A, service("logs.amazonaws.com")),
    };
    Caller::new(account.parse().expect("an account"), "AKIAEXAMPLE".into(), kind)
}

fn about(rng: &mut Rng) -> (About, String) {
    let account = if rng.percent(75) { A } else { B };
    match rng.below(10) {
        0 => {
            let action = rng.pick(&["sts:AssumeRole", "sts:TagSession"]);
            (About::Role(format!("arn:aws:iam::{account}:role/svc/target")), action.into())
        }
        1 => {
            let action = rng.pick(&["kms:CreateAlias", "kms:DeleteAlias"]);
            let arn = format!("arn:aws:kms:us-east-1:{account}:alias/ann-x");
            (About::Other(account.into(), arn), action.into())
        }
        2 => (About::Other(account.into(), "*".into()), "kms:ListKeys".into()),
        _ => {
            let arn =
                format!("arn:aws:kms:us-east-1:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab");
            (About::Key(arn), rng.pick(&KEY_ACTIONS).into())
        }
    }
}

fn encryption_context(rng: &mut Rng) -> Vec<(String, String)> {
    let mut pairs = vec![];
    if rng.percent(60) {
        pairs.push((rng.pick(&["App", "app"]).to_owned(), rng.pick(&["a", "b"]).to_owned()));
    }
    if rng.percent(40) {
        pairs.push(("Stage".to_owned(), rng.pick(&["test", "prod"]).to_owned()));
    }
    pairs
}

fn context(rng: &mut Rng, caller: &Caller) -> Vec<(String, Vec<String>)> {
    let mut found = vec![];
    let mut give = |rng: &mut Rng, key: &str, values: Vec<String>| {
        if rng.percent(75) {
            let key = if rng.percent(20) { key.to_uppercase() } else { key.to_owned() };
            found.push((key, values));
        }
    };
    let one = |text: &str| vec![text.to_owned()];
    let name = rng.pick(&["ann", "bob", "a*"]);
    give(rng, "aws:username", one(name));
    let team = rng.pick(&["blue", "Blue", "*", "b?ue"]);
    give(rng, "aws:PrincipalTag/team", one(team));
    let service = rng.pick(&["s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"]);
    give(rng, "kms:ViaService", one(service));
    let app = rng.pick(&["a", "b", "blue"]);
    give(rng, "kms:EncryptionContext:App", one(app));
    let days = rng.pick(&["7", "30", "30.0", "365", "none"]);
    give(rng, "kms:RotationPeriodInDays", one(days));
    let flag = rng.pick(&["true", "false", "TRUE"]);
    give(rng, "kms:GrantIsForAWSResource", one(flag));
    let address = rng.pick(&["10.1.2.3", "192.0.2.7", "2001:db8::1", "nowhere"]);
    give(rng, "aws:SourceIp", one(address));
    let moment = rng.pick(&["2024-02-29T12:00:00Z", "2026-01-01T00:00:00Z", "1709208000"]);
    give(rng, "aws:CurrentTime", one(moment));
    give(rng, "aws:PrincipalArn", vec![caller.principal_arn(Partition::Aws)]);
    give(rng, "x:Data", one(rng_data(name)));
    for key in ["kms:EncryptionContextKeys", "aws:TagKeys"] {
        let all = ["App", "Stage", "blue"];
        let values = all.iter().filter(|_| rng.percent(50)).map(|v| (*v).to_owned()).collect();
        give(rng, key, values);
    }
    found
}

fn rng_data(name: &str) -> &'static str {
    if name == "ann" { "YW5u" } else { "AA==" }
}

/// A policy of one to four statements.
fn document(rng: &mut Rng, scene: &Scene, of_resource: bool) -> Value {
    let mut statements: Vec<Value> =
        (0..=rng.below(3)).map(|_| statement(rng, scene, of_resource)).collect();
    let mut policy = Map::new();
    match rng.below(10) {
        0 => {}
        1 => drop(policy.insert("Version".into(), json!("2008-10-17"))),
        _ => drop(policy.insert("Version".into(), json!("2012-10-17"))),
    }
    let statement = if statements.len() == 1 && rng.percent(50) {
        statements.remove(0)
    } else {
        Value::Array(statements)
    };
    policy.insert("Statement".into(), statement);
    Value::Object(policy)
}

/// A statement of a resource's policy or of one of the caller's.
pub(crate) fn statement(rng: &mut Rng, scene: &Scene, of_resource: bool) -> Value {
    let deny = rng.percent(14);
    let mut found = Map::new();
    found.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
    let is_role = matches!(scene.about, About::Role(_));
    if of_resource {
        let element = if rng.percent(6) { "NotPrincipal" } else { "Principal" };
        found.insert(element.into(), principals(rng, scene));
    }
    let element = if rng.percent(12) { "NotAction" } else { "Action" };
    found.insert(element.into(), actions(rng, scene, of_resource && is_role));
    if !(of_resource && is_role) {
        let element = if rng.percent(8) { "NotResource" } else { "Resource" };
        found.insert(element.into(), resources(rng, scene));
    }
    if of_resource && !is_role && rng.percent(2) {
        found.remove(rng.pick(&["Action", "Resource"]));
    }
    if rng.percent(if deny { 60 } else { 35 }) {
        found.insert("Condition".into(), condition(rng, of_resource));
    }
    Value::Object(found)
}

/// A text, or a list of them.
pub(crate) fn some(rng: &mut Rng, mut one: impl FnMut(&mut Rng) -> String) -> Value {
    if rng.percent(60) {
        return json!(one(rng));
    }
    let list: Vec<String> = (0..=rng.below(2)).map(|_| one(rng)).collect();
    json!(list)
}

fn principals(rng: &mut Rng, scene: &Scene) -> Value {
    let account = scene.caller.account.as_str();
    let own = match &scene.caller.kind {
        CallerKind::Root => vec![account.to_owned()],
        CallerKind::User { user_id, .. } => {
            vec![scene.caller.arn(Partition::Aws), user_id.clone()]
        }
        CallerKind::Role { role_id, .. } => vec![
            scene.caller.arn(Partition::Aws),
            scene.caller.principal_arn(Partition::Aws),
            role_id.clone(),
        ],
        CallerKind::Service { name, .. } => {
            let regional = name.replace(".amazonaws", ".us-east-1.amazonaws");
            let name = if rng.percent(50) { name.clone() } else { regional };
            return json!({"Service": name, "AWS": B});
        }
    };
    let one = |rng: &mut Rng| match rng.below(12) {
        0..=3 => own[rng.below(own.len())].clone(),
        4 | 5 => format!("arn:aws:iam::{account}:root"),
        6 => account.to_owned(),
        7 => "*".to_owned(),
        8 => format!("arn:aws-cn:iam::{account}:root"),
        9 => format!("arn:aws:iam::{account}:user/{}", rng.pick(&["ann", "Ann", "team/bob"])),
        10 => format!("arn:aws:iam::{account}:role/{}", rng.pick(&["app", "svc/app", "job"])),
        _ => format!("arn:aws:sts::{account}:assumed-role/app/{}", rng.pick(&["one", "two"])),
    };
    match rng.below(10) {
        0 => json!("*"),
        1 => json!({"AWS": some(rng, one), "Service": "s3.us-east-1.amazonaws.com"}),
        2 => json!({"Service": ["logs.amazonaws.com", "s3.us-west-2.amazonaws.com"]}),
        3 if own.len() > 1 => {
            let mut all = own.clone();
            all.push(account.to_owned());
            json!({ "AWS": all })
        }
        _ => json!({"AWS": some(rng, one)}),
    }
}

fn actions(rng: &mut Rng, scene: &Scene, sts_only: bool) -> Value {
    some(rng, |rng| {
        if sts_only {
            return rng.pick(&["sts:AssumeRole", "sts:*", "STS:assume*", "sts:TagSession"]).into();
        }
        match rng.below(6) {
            0 | 1 => scene.action.clone(),
            2 => scene.action.to_uppercase(),
            3 => rng.pick(&["kms:*", "*", "*:*"]).into(),
            4 => {
                let mut text = scene.action.clone();
                text.truncate(text.len() - 2);
                text + rng.pick(&["*", "?", "??"])
            }
            _ => rng.pick(&["kms:Decrypt", "kms:*rypt", "kms:List*", "iam:*", "sts:*"]).into(),
        }
    })
}

fn resources(rng: &mut Rng, scene: &Scene) -> Value {
    let arn =
        if scene.arn() == "*" { "arn:aws:kms:us-east-1:111122223333:alias/x" } else { scene.arn() };
    some(rng, |rng| match rng.below(10) {
        0..=3 => "*".into(),
        4 | 5 => arn.to_owned(),
        6 => format!("{}*", &arn[..arn.len() - 3]),
        7 => arn.replace(":us-east-1:", ":*:").replace("1234abcd", "????abcd"),
        8 => rng
            .pick(&[
                "arn:aws:kms:*:111122223333:alias/${aws:username}-*",
                "arn:aws:kms:*:*:alias/${aws:username, 'ann'}-?",
                "arn:aws:kms:${aws:RequestedRegion}:*:key/*",
                "arn:aws:kms:*:*:*/${aws:PrincipalTag/team}*",
                "arn:aws:kms:us-east-1:111122223333:key/${*}",
            ])
            .into(),
        _ => rng.pick(&["arn:aws:kms", "arn:aws:kms:us-west-2", "arn:aws:iam::*:role/*"]).into(),
    })
}

fn grant(rng: &mut Rng, scene: &Scene) -> Grant {
    let account = scene.caller.account.as_str();
    let grantee = match (&scene.caller.kind, rng.below(4)) {
        (_, 0) => GrantPrincipal::Arn(format!("arn:aws:iam::{account}:root")),
        (CallerKind::Role { .. }, 1) => {
            GrantPrincipal::Arn(scene.caller.principal_arn(Partition::Aws))
        }
        (CallerKind::Service { name, .. }, _) => GrantPrincipal::Service(name.clone()),
        (_, 2) => GrantPrincipal::Arn("arn:aws:iam::111122223333:user/ann".into()),
        _ => GrantPrincipal::Arn(scene.caller.arn(Partition::Aws)),
    };
    let mut operations = vec![
        GrantOperation::Encrypt,
        GrantOperation::Decrypt,
        GrantOperation::DescribeKey,
        GrantOperation::CreateGrant,
    ];
    operations.truncate(1 + rng.below(4));
    let pair = || [("App".to_owned(), "a".to_owned())].into();
    let constraints = GrantConstraints {
        context_equals: rng.percent(20).then(pair),
        context_subset: rng.percent(20).then(pair),
        source_arn: rng.percent(15).then(|| "arn:aws:s3:::bucket".into()),
    };
    Grant {
        key: scene.arn().parse().expect("a key"),
        grant_id: GrantId::from_bytes([7; 32]),
        name: None,
        created_at: Timestamp::default(),
        issuing_account: format!("arn:aws:iam::{}:root", scene.owner()),
        terms: GrantTerms { grantee, retiring: None, operations, constraints },
    }
}
