//! The steps that every operation takes, once: decode, authorize, count, check, perform, record,
//! answer.

mod ending;

use std::cell::Cell;
use std::sync::Arc;

use trent_types::{AliasArn, Caller, EventId, KeyArn};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::operation::Operation;
use crate::ports::{Authorization, AuthorizeError, Denied, Granted, GrantedKey, PortFuture, Ports};
use crate::rate;
use crate::record::{Additional, Story};
use crate::request::{Request, Response};
use crate::steps::{Call, Steps, alias_arn};

/// How often an operation is tried when things change under it.
const ATTEMPTS_MAX: usize = 5;

/// Answers one request.
pub fn serve<'a>(
    operation: &'a dyn Operation,
    request: &'a Request<'a>,
    ports: &'a Ports<'a>,
) -> PortFuture<'a, Response> {
    operation.run(request, ports)
}

/// Refuses a request that no operation runs for: recorded as nobody's, on the system chain, then
/// rendered.
pub async fn refuse(
    request: &Request<'_>,
    operation: Option<&dyn Operation>,
    error: AwsError,
    ports: &Ports<'_>,
) -> Response {
    let attempts = Attempts::of(request, ports);
    let story = Story {
        error: Some(&error),
        ..attempts.story(
            operation.map_or("UnknownOperation", Operation::name),
            operation.is_some_and(Operation::read_only),
        )
    };
    attempts.refused(&story, &error, &|_| {}).await
}

/// One request on its way through the common steps.
pub(crate) struct Attempts<'a> {
    request: &'a Request<'a>,
    ports: &'a Ports<'a>,
    /// One for the whole request, however often it is tried.
    event_id: EventId,
    /// Whether the request was counted. It counts once, too.
    counted: Cell<bool>,
}

/// A request that was authorized, and what its record shows of that.
struct Begun<'a> {
    call: Call<'a>,
    keys: Vec<KeyArn>,
    alias: Option<AliasArn>,
}

impl<'a> Attempts<'a> {
    pub(crate) fn of(request: &'a Request<'a>, ports: &'a Ports<'a>) -> Self {
        let event_id = EventId::new(request.received_at, ports.random.sixteen_bytes());
        Self { request, ports, event_id, counted: Cell::new(false) }
    }

    /// A record's story before anything is known of the caller.
    pub(crate) fn story(&self, name: &'static str, read_only: bool) -> Story<'_> {
        Story {
            request: self.request,
            event_id: self.event_id,
            name,
            read_only,
            caller: None,
            error: None,
            alias: None,
            keys: &[],
            alias_last: false,
            with_resources: true,
            role: None,
            response: None,
            additional: Additional::None,
            invoked_by: None,
            recipient: None,
            shared: None,
        }
    }

    /// Tries the operation until it has an answer.
    pub(crate) async fn run<O: Steps>(&self, decoded: &Result<O::Input<'_>, AwsError>) -> Response {
        let mut caller = None;
        for _ in 0..ATTEMPTS_MAX {
            match self.attempt::<O>(decoded).await {
                Ok(response) => return response,
                Err(again) => caller = Some(again),
            }
        }
        // AWS throttles bursts of changes to one key, whatever the quota; so does this.
        let error = AwsError::bare(ErrorCode::Throttling);
        let story = Story {
            error: Some(&error),
            caller: caller.as_deref(),
            ..self.story(O::NAME, O::READ_ONLY)
        };
        self.refused(&story, &error, &|out| shown_parameters::<O>(decoded, out)).await
    }

    /// One attempt; only the caller when things changed meanwhile.
    ///
    /// What most requests pass is kept small here: a future is moved about as a whole. The rest is
    /// on the heap.
    async fn attempt<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
    ) -> Result<Response, Arc<Caller>> {
        let authorized = match decoded {
            Ok(input) => self.authorize::<O>(input).await,
            Err(_) => self.ports.authorizer.authorize(&[]).await.map(|who| (0, who)),
        };
        let (begun, barred) = match authorized {
            Ok((asked, authorization)) => self.begin::<O>(decoded, asked, authorization),
            Err(error) => return Ok(Box::pin(self.unauthorized::<O>(decoded, error)).await),
        };
        let outcome = match (decoded, barred) {
            (Ok(input), Ok(())) => O::perform(input, &begun.call).await,
            (_, Err(error)) => Err(Fault::Error(error)),
            (Err(error), Ok(())) => Err(Fault::Error(error.clone())),
        };
        match outcome {
            Ok(done) if done.change.is_none() => {
                let (handed_in, response) = self.concluded::<O>(decoded, &begun, done);
                drop(begun);
                Ok(match handed_in.await {
                    Ok(()) => response,
                    Err(unrecorded) => self.render(&unrecorded.into()),
                })
            }
            Err(Fault::Again) => Err(begun.call.caller),
            Ok(done) => Box::pin(self.commit::<O>(decoded, begun, done)).await,
            Err(Fault::Error(error)) => {
                Ok(Box::pin(self.failed::<O>(decoded, &begun, &error)).await)
            }
        }
    }

    /// What the answers to the questions allow, and the error if that is not what was asked for.
    fn begin<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
        asked: usize,
        authorization: Authorization,
    ) -> (Begun<'a>, Result<(), AwsError>) {
        let Authorization { caller, decisions, key_now, quota_overrides } = authorization;
        let complete = decisions.len() == asked;
        let (keys, granted) = sort_out(decisions);
        let barred = decoded.as_ref().map_or(Ok(()), |input| O::barred(input, &caller));
        let granted = barred.and(granted).and_then(|granted| {
            if complete { Ok(granted) } else { Err(AwsError::internal(&"unanswered questions")) }
        });
        let mut call = Call {
            request: self.request,
            ports: self.ports,
            caller,
            key_now,
            granted: Vec::new(),
            quota_overrides,
        };
        let alias = decoded.as_ref().ok().and_then(|input| O::alias(input));
        let alias = alias.map(|name| alias_arn(self.request, &call.caller, name));
        let barred = match (decoded, granted) {
            (Err(error), _) => Err(error.clone()),
            (Ok(_), Err(error)) => Err(error),
            (Ok(input), Ok(granted)) => {
                call.granted = granted;
                self.count::<O>(input, &call)
            }
        };
        (Begun { call, keys, alias }, barred)
    }

    /// What is to be told of a request that came so far.
    fn told<'s, O: Steps>(
        &'s self,
        decoded: &'s Result<O::Input<'_>, AwsError>,
        begun: &'s Begun<'_>,
    ) -> Story<'s> {
        // An alias operation shows the alias and the key that it stands for in the end.
        let shown = if begun.alias.is_some() { begun.keys.len().saturating_sub(1) } else { 0 };
        Story {
            caller: Some(&begun.call.caller),
            alias: begun.alias.as_ref(),
            alias_last: O::ALIAS_LAST,
            keys: begun.keys.get(shown..).unwrap_or_default(),
            role: decoded.as_ref().ok().and_then(|input| O::role(input)),
            ..self.story(O::NAME, O::READ_ONLY)
        }
    }

    /// Counts the request, once however often it is tried: before the key's state is looked at, as
    /// AWS throttles.
    fn count<O: Steps>(&self, input: &O::Input<'_>, call: &Call<'_>) -> Result<(), AwsError> {
        if self.counted.replace(true) {
            return Ok(());
        }
        rate::count::<O>(input, call)
    }

    /// Asks the operation's questions; the answers come with how many there were.
    async fn authorize<O: Steps>(
        &self,
        input: &O::Input<'_>,
    ) -> Result<(usize, Authorization), AuthorizeError> {
        let authorizer = self.ports.authorizer;
        let questions = O::questions(input);
        Ok((questions.len(), authorizer.authorize(&questions).await?))
    }

    /// Authenticates, then refuses what is not served, which is about no key.
    pub(crate) async fn refuse_authenticated(
        self,
        operation: &dyn Operation,
        error: AwsError,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> Response {
        let story = self.story(operation.name(), operation.read_only());
        let story = Story { with_resources: false, ..story };
        match self.ports.authorizer.authorize(&[]).await {
            Ok(Authorization { caller, .. }) => {
                let story = Story { caller: Some(&caller), error: Some(&error), ..story };
                self.refused(&story, &error, parameters).await
            }
            Err(fault) => {
                let error = AwsError::from(fault);
                let story = Story { error: Some(&error), ..story };
                self.refused(&story, &error, parameters).await
            }
        }
    }
}

fn shown_parameters<O: Steps>(decoded: &Result<O::Input<'_>, AwsError>, out: &mut Object<'_>) {
    if let Ok(input) = decoded {
        O::parameters(input, out);
    }
}

/// The keys that the questions resolved to, without repeats, and the grants or the first denial.
fn sort_out(
    decisions: Vec<Result<Granted, Denied>>,
) -> (Vec<KeyArn>, Result<Vec<Granted>, AwsError>) {
    let mut keys = Vec::with_capacity(decisions.len());
    let mut granted = Vec::with_capacity(decisions.len());
    let mut first_denial = None;
    for decision in decisions {
        let key = match &decision {
            Ok(Granted { key: Some(GrantedKey::Existing(record)), .. }) => Some(record.arn()),
            Ok(Granted { key: Some(GrantedKey::New(_)) | None, .. }) => None,
            Err(denied) => denied.key,
        };
        keys.extend(key.filter(|key| !keys.contains(key)));
        match decision {
            Ok(grant) => granted.push(grant),
            Err(denied) => first_denial = first_denial.or_else(|| Some(AwsError::from(denied))),
        }
    }
    (keys, first_denial.map_or(Ok(granted), Err))
}
