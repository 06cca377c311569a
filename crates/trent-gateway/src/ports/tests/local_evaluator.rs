//! An evaluator of the same process: what it is handed, and what comes of it.

use std::sync::Mutex;

use trent_bus::{AuthorizeOrder, Evaluation, LocalEvaluator};
use trent_types::{
    Authorization, Caller, CallerKind, Denied, Evaluated, Granted, SignatureRefused, TraceParent,
};

use super::*;

type Said = Option<Result<Evaluated, Rejection>>;

/// Says one thing after another; `None`: nothing, for ever. Notes what it was asked about.
struct Evaluator {
    says: Mutex<Vec<Said>>,
    asked: Mutex<Vec<String>>,
}

impl LocalEvaluator for Evaluator {
    fn authorize<'a>(&'a self, order: AuthorizeOrder<'a>) -> Evaluation<'a> {
        self.asked.lock().unwrap().push(format!("{order:?}"));
        let said = self.says.lock().unwrap().pop().expect("asked too often");
        Box::pin(async move {
            match said {
                Some(said) => said,
                None => std::future::pending().await,
            }
        })
    }
}

fn evaluator(says: Said) -> Arc<Evaluator> {
    Arc::new(Evaluator { says: Mutex::new(vec![says]), asked: Mutex::default() })
}

/// A bus with this evaluator, and a role that answers messages.
fn with(
    evaluator: &Arc<Evaluator>,
    role: impl Fn(u32, &[u8]) -> Option<Answer> + Send + Sync + 'static,
) -> Bus {
    let bus = InProcessBus::new();
    bus.serve(Subject::Authorize, Arc::new(Role(role, AtomicU32::new(0)))).unwrap();
    let local: Arc<Evaluator> = Arc::clone(evaluator);
    bus.give_evaluator(local).unwrap();
    bus.bus()
}

fn no_message(_: u32, _: &[u8]) -> Option<Answer> {
    panic!("a message was sent")
}

fn authorization(decisions: Vec<Result<Granted, Denied>>) -> Authorization {
    Authorization {
        caller: Arc::new(Caller::new(account(), "AKIDEXAMPLE".into(), CallerKind::Root)),
        decisions,
        key_now: Timestamp::from_millis(5),
        quota_overrides: Vec::new(),
    }
}

fn granted() -> Granted {
    let material = SealedMaterial { material_id: MaterialId::from_bytes([2; 32]), sealed: vec![1] };
    Granted {
        permit: Permit::from_wire(b"permit"),
        key: Some(GrantedKey::New(key())),
        material: Some(Arc::new(material)),
        other_materials: Vec::new(),
        alias: None,
        grant: None,
    }
}

fn denied() -> Denied {
    let (message, reason) = ("not there".to_owned(), "nowhere".to_owned());
    Denied { kind: DenialKind::NotFound, message, key: Some(key()), reason }
}

#[tokio::test]
async fn a_good_answer_is_handed_over_as_it_is() {
    let authorization = authorization(vec![Ok(granted()), Err(denied())]);
    let evaluator = evaluator(Some(Ok(Evaluated::Authorized(authorization.clone()))));
    let bus = with(&evaluator, no_message);
    let circumstances = Circumstances {
        source_ip: "203.0.113.9",
        secure_transport: true,
        user_agent: "aws-cli/2",
        form: b"Action=x",
    };
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), circumstances);
    let questions = [question(Resource::Key("one")), question(Resource::Key("two"))];
    let answer = authorizer.authorize(&questions).await.unwrap();
    assert!(Arc::ptr_eq(&answer.caller, &authorization.caller));
    assert_eq!(answer.key_now, Timestamp::from_millis(5));
    let [Ok(allowed), Err(refused)] = &answer.decisions[..] else { panic!("{answer:?}") };
    let given = authorization.decisions[0].as_ref().unwrap().material.as_ref().unwrap();
    assert!(Arc::ptr_eq(allowed.material.as_ref().unwrap(), given));
    assert_eq!((allowed.permit.as_wire(), refused), (&b"permit"[..], &denied()));
    let expected = AuthorizeOrder {
        request: REQUEST,
        signed: signed(),
        questions: &questions,
        form: b"Action=x",
        source_ip: "203.0.113.9",
        secure_transport: true,
        user_agent: "aws-cli/2",
    };
    assert_eq!(*evaluator.asked.lock().unwrap(), [format!("{expected:?}")]);
}

#[tokio::test]
async fn a_signature_that_is_refused_is_so_without_a_message() {
    let (fault, message) = (SignatureFault::Expired, "too late".to_owned());
    let refused = SignatureRefused { fault, message: message.clone() };
    let bus = with(&evaluator(Some(Ok(Evaluated::SignatureRefused(refused)))), no_message);
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let expected = AuthorizeError::Signature { fault, message };
    assert_eq!(authorizer.authorize(&[]).await.unwrap_err(), expected);
}

#[tokio::test]
async fn fewer_decisions_than_questions_allow_nothing() {
    let bus = with(&evaluator(Some(Ok(Evaluated::Authorized(authorization(vec![]))))), no_message);
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let answer = authorizer.authorize(&[question(Resource::Key("x"))]).await;
    assert!(matches!(answer, Err(AuthorizeError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn where_it_decides_nothing_messages_are_sent_until_one_is_answered() {
    for (said, milliseconds) in [
        (Some(Ok(Evaluated::Unavailable("no lease".into()))), 20),
        (Some(Err(Rejection::Unavailable)), 20),
        // It has as long as a message before it is sent again.
        (None, 320),
    ] {
        let evaluator = evaluator(said);
        let bus = with(&evaluator, |number, _| match number {
            0 => {
                let outcome = messages::authorize_answer::Outcome::Unavailable("still".into());
                good(&messages::AuthorizeAnswer { outcome: Some(outcome) })
            }
            _ => good(&authorized(Vec::new())),
        });
        let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
        let started = Instant::now();
        assert!(authorizer.authorize(&[]).await.is_ok());
        assert_eq!(started.elapsed().as_millis(), milliseconds);
        assert_eq!(evaluator.asked.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_traced_goes_as_a_message() {
    let evaluator = evaluator(None);
    let bus = with(&evaluator, |_, _| good(&authorized(Vec::new())));
    let trace = format!("00-{}-{}-01", "1".repeat(32), "2".repeat(16));
    let trace: TraceParent = trace.parse().unwrap();
    let line = Line { bus: &bus, traceparent: Some(trace) };
    let authorizer = BusAuthorizer::new(line, REQUEST, &|| Some(signed()), plain());
    assert!(authorizer.authorize(&[]).await.is_ok());
    assert!(evaluator.asked.lock().unwrap().is_empty());
}
