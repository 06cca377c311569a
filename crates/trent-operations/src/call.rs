//! The steps that every operation takes, once: decode, authorize, check, perform, record, answer.

use trent_types::{
    AliasArn, AliasName, Caller, Change, ChangeRefused, EventId, KeyArn, KeyRecord, Permit,
    SealedMaterial, Timestamp,
};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::operation::Operation;
use crate::ports::{Authorization, ChangeError, Granted, GrantedKey, KeyUse, Ports, Question};
use crate::record::{Additional, Story};
use crate::request::{Request, Response};

/// How often an operation is tried when things change under it.
const ATTEMPTS_MAX: usize = 5;

/// What one operation adds to the common steps.
pub(crate) trait Steps: Sync + 'static {
    /// The name on the wire.
    const NAME: &'static str;
    /// `readOnly` of the record.
    const READ_ONLY: bool;
    /// The decoded and validated request.
    type Input<'a>;

    /// Decodes and validates. A failure is held back until the signature has been verified.
    ///
    /// Parameters that are not served and grant tokens are refused here, too: AWS publishes no order of these checks
    /// against authorization, and here they have one place.
    fn decode<'a>(request: &Request<'a>) -> Result<Self::Input<'a>, AwsError>;

    /// What the caller must be allowed, in the order in which denials are answered.
    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>>;

    /// The alias that the operation is about.
    fn alias<'q>(_input: &'q Self::Input<'_>) -> Option<&'q AliasName> {
        None
    }

    /// `requestParameters`.
    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>);

    /// Checks state and usage, and does it; a change is handed back, to be committed with its record.
    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault>;

    /// The error for a change that the registry did not make.
    fn refused(_input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        refused_key_change(call, reason)
    }
}

/// What an allowed operation works with.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) ports: &'a Ports<'a>,
    pub(crate) caller: Caller,
    /// The key clock.
    pub(crate) key_now: Timestamp,
    /// One for each question.
    pub(crate) granted: Vec<Granted>,
}

/// A key that a question resolved to, with its Permit.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) permit: &'a Permit,
    pub(crate) record: &'a KeyRecord,
    pub(crate) material: Option<&'a SealedMaterial>,
}

impl<'a> Target<'a> {
    /// The key as a worker takes it, with the material that was asked for.
    pub(crate) fn with(&self, material: &'a SealedMaterial) -> KeyUse<'a> {
        KeyUse { permit: self.permit, key: self.record.arn(), material }
    }

    /// The current material. A key without it is broken.
    pub(crate) fn current(&self) -> Result<&'a SealedMaterial, AwsError> {
        self.material.ok_or_else(|| AwsError::internal(&"the key has no current material"))
    }
}

impl Call<'_> {
    /// The answer to the question at this place.
    pub(crate) fn grant(&self, at: usize) -> Result<&Granted, AwsError> {
        self.granted.get(at).ok_or_else(|| AwsError::internal(&"a question has no answer"))
    }

    /// The Permit of the question at this place.
    pub(crate) fn permit(&self, at: usize) -> Result<&Permit, AwsError> {
        Ok(&self.grant(at)?.permit)
    }

    /// The existing key of the question at this place.
    pub(crate) fn key(&self, at: usize) -> Result<Target<'_>, AwsError> {
        let Granted { permit, key, material, .. } = self.grant(at)?;
        match key {
            Some(GrantedKey::Existing(record)) => {
                Ok(Target { permit, record, material: material.as_ref() })
            }
            Some(GrantedKey::New(_)) | None => {
                Err(AwsError::internal(&"an allowed question has no key"))
            }
        }
    }

    /// The request id as text.
    pub(crate) fn request_id(&self) -> String {
        self.request.request_id.to_string()
    }

    /// An alias of the caller's account in the request's Region.
    pub(crate) fn alias_arn(&self, name: &AliasName) -> AliasArn {
        alias_arn(self.request, &self.caller, name)
    }
}

fn alias_arn(request: &Request<'_>, caller: &Caller, name: &AliasName) -> AliasArn {
    AliasArn { region: request.region, account: caller.account, name: name.clone() }
}

/// What an operation did, or wants to have changed.
#[derive(Default)]
pub(crate) struct Done {
    /// The answer's body.
    pub(crate) body: Vec<u8>,
    /// To be committed with the record before the answer goes out; `None` when nothing changes.
    pub(crate) change: Option<Change>,
    /// `responseElements`, as JSON.
    pub(crate) elements: Option<Vec<u8>>,
    /// `additionalEventData`.
    pub(crate) additional: Additional,
    /// A key that this operation makes.
    pub(crate) new_key: Option<KeyArn>,
}

impl Done {
    /// An answer with this body.
    pub(crate) fn answer(body: Vec<u8>) -> Self {
        Self { body, ..Self::default() }
    }

    /// An answer with an empty body whose record shows the key's ARN.
    pub(crate) fn key_changed(key: &KeyArn, change: Option<Change>) -> Self {
        let elements = crate::json::object(128, |out| out.shown("keyId", key));
        Self { change, elements: Some(elements), ..Self::default() }
    }
}

/// Answers one request.
pub async fn serve(
    operation: &dyn Operation,
    request: &Request<'_>,
    ports: &Ports<'_>,
) -> Response {
    operation.run(request, ports).await
}

/// Refuses a request that no operation runs for: recorded as nobody's, on the system chain, then rendered.
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
}

impl<'a> Attempts<'a> {
    pub(crate) fn of(request: &'a Request<'a>, ports: &'a Ports<'a>) -> Self {
        let event_id = EventId::from_random(ports.random.sixteen_bytes());
        Self { request, ports, event_id }
    }

    fn story(&self, name: &'static str, read_only: bool) -> Story<'_> {
        Story {
            request: self.request,
            event_id: self.event_id,
            name,
            read_only,
            caller: None,
            error: None,
            alias: None,
            keys: &[],
            response: None,
            additional: Additional::None,
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
        let error = AwsError::new(
            ErrorCode::Throttling,
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your \
             calls.",
        );
        let story = Story {
            error: Some(&error),
            caller: caller.as_ref(),
            ..self.story(O::NAME, O::READ_ONLY)
        };
        self.refused(&story, &error, &|out| shown_parameters::<O>(decoded, out)).await
    }

    /// One attempt; only the caller when things changed meanwhile.
    async fn attempt<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
    ) -> Result<Response, Caller> {
        let parameters = |out: &mut Object<'_>| shown_parameters::<O>(decoded, out);
        let questions = decoded.as_ref().map_or_else(|_| Vec::new(), |input| O::questions(input));
        let story = self.story(O::NAME, O::READ_ONLY);
        let authorization = match self.ports.authorizer.authorize(&questions).await {
            Ok(authorization) => authorization,
            Err(error) => {
                let error = AwsError::from(error);
                let story = Story { error: Some(&error), ..story };
                return Ok(self.refused(&story, &error, &parameters).await);
            }
        };
        let Authorization { caller, decisions, key_now } = authorization;
        let complete = decisions.len() == questions.len();
        let (keys, granted) = sort_out(decisions);
        let granted = granted.and_then(|granted| {
            if complete { Ok(granted) } else { Err(AwsError::internal(&"unanswered questions")) }
        });
        let mut call =
            Call { request: self.request, ports: self.ports, caller, key_now, granted: Vec::new() };
        let alias = decoded.as_ref().ok().and_then(|input| O::alias(input));
        let alias = alias.map(|name| alias_arn(self.request, &call.caller, name));
        let outcome = match (decoded, granted) {
            (Err(error), _) => Err(Fault::Error(error.clone())),
            (Ok(_), Err(error)) => Err(Fault::Error(error)),
            (Ok(input), Ok(granted)) => {
                call.granted = granted;
                O::perform(input, &call).await.map(|done| (input, done))
            }
        };
        // An alias operation shows the alias and the key that it stands for in the end.
        let shown = if alias.is_some() { keys.len().saturating_sub(1) } else { 0 };
        let keys = keys.get(shown..).unwrap_or_default();
        let story = Story { caller: Some(&call.caller), alias: alias.as_ref(), keys, ..story };
        let response = match outcome {
            Ok((input, done)) => self.finish::<O>(input, &call, done, story, &parameters).await,
            Err(Fault::Again) => None,
            Err(Fault::Error(error)) => {
                let story = Story { error: Some(&error), ..story };
                Some(self.refused(&story, &error, &parameters).await)
            }
        };
        response.ok_or(call.caller)
    }

    /// Records what was done, commits what is to change, and answers; `None` when things changed meanwhile.
    async fn finish<O: Steps>(
        &self,
        input: &O::Input<'_>,
        call: &Call<'_>,
        done: Done,
        story: Story<'_>,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> Option<Response> {
        let made = done.new_key.as_slice();
        let story = Story {
            keys: if made.is_empty() { story.keys } else { made },
            response: done.elements.as_deref(),
            additional: done.additional,
            ..story
        };
        let response = Response {
            status: 200,
            content_type: self.request.service.content_type(),
            body: done.body,
        };
        let Some(change) = done.change else {
            let accepted = self.accept(&story, parameters).await;
            return Some(accepted.map_or_else(|error| self.render(&error), |()| response));
        };
        let permits: Vec<&Permit> = call.granted.iter().map(|granted| &granted.permit).collect();
        let record = story.record(parameters);
        let id = self.request.request_id;
        let error = match self.ports.registry.change(id, &permits, change, record).await {
            Ok(()) => return Some(response),
            // The change may have been made, and its record with it: no second record may contradict it.
            Err(ChangeError::Unavailable(cause)) => return Some(self.render(&cause.into())),
            Err(ChangeError::Refused(ChangeRefused::Conflict | ChangeRefused::NotPermitted(_))) => {
                return None;
            }
            Err(ChangeError::Refused(reason)) => O::refused(input, call, reason),
        };
        let story = Story {
            error: Some(&error),
            response: None,
            additional: Additional::None,
            keys: if made.is_empty() { story.keys } else { &[] },
            ..story
        };
        Some(self.refused(&story, &error, parameters).await)
    }

    /// Authenticates, then refuses.
    pub(crate) async fn refuse_authenticated(
        self,
        operation: &dyn Operation,
        error: AwsError,
    ) -> Response {
        let story = self.story(operation.name(), operation.read_only());
        match self.ports.authorizer.authorize(&[]).await {
            Ok(Authorization { caller, .. }) => {
                let story = Story { caller: Some(&caller), error: Some(&error), ..story };
                self.refused(&story, &error, &|_| {}).await
            }
            Err(fault) => {
                let error = AwsError::from(fault);
                let story = Story { error: Some(&error), ..story };
                self.refused(&story, &error, &|_| {}).await
            }
        }
    }

    /// Records a failure and renders it; if the trail does not accept it, the answer is the retryable error.
    async fn refused(
        &self,
        story: &Story<'_>,
        error: &AwsError,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> Response {
        match self.accept(story, parameters).await {
            Ok(()) => self.render(error),
            Err(unrecorded) => self.render(&unrecorded),
        }
    }

    /// Hands the record to the trail. The owner of a key that another account's caller used gets a copy of its own;
    /// denied requests are the caller's account's alone.
    async fn accept(
        &self,
        story: &Story<'_>,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> Result<(), AwsError> {
        let audit = self.ports.audit;
        let denied = story.error.is_some_and(|error| error.code == ErrorCode::AccessDenied);
        let foreign = |key: &&KeyArn| story.caller.is_some_and(|c| c.account != key.account);
        let mut owners: Vec<_> = story.keys.iter().filter(foreign).map(|key| key.account).collect();
        owners.dedup();
        if denied || owners.is_empty() {
            return Ok(audit.accept(story.record(parameters)).await?);
        }
        let id = || EventId::from_random(self.ports.random.sixteen_bytes());
        let shared = Some(id());
        for owner in owners {
            let copy = Story { event_id: id(), recipient: Some(owner), shared, ..*story };
            audit.accept(copy.record(parameters)).await?;
        }
        Ok(audit.accept(Story { shared, ..*story }.record(parameters)).await?)
    }

    fn render(&self, error: &AwsError) -> Response {
        error.render(self.request.service, &self.request.request_id.to_string())
    }
}

fn shown_parameters<O: Steps>(decoded: &Result<O::Input<'_>, AwsError>, out: &mut Object<'_>) {
    if let Ok(input) = decoded {
        O::parameters(input, out);
    }
}

/// The keys that the questions resolved to, without repeats, and the grants or the first denial.
fn sort_out(
    decisions: Vec<Result<Granted, crate::ports::Denied>>,
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

/// The error for a refused change of a key.
pub(crate) fn refused_key_change(call: &Call<'_>, reason: ChangeRefused) -> AwsError {
    match reason {
        ChangeRefused::NotFound => match call.key(0) {
            Ok(key) => not_found(&key.record.arn()),
            Err(error) => error,
        },
        ChangeRefused::LimitExceeded { what, limit, current } => {
            limit_exceeded(&what, limit, current)
        }
        ChangeRefused::MalformedPolicy(text) => {
            AwsError::new(ErrorCode::MalformedPolicyDocument, text)
        }
        // `finish` tries again instead, and only names can be taken.
        ChangeRefused::Conflict | ChangeRefused::NotPermitted(_) | ChangeRefused::AlreadyExists => {
            AwsError::internal(&reason)
        }
    }
}

/// `NotFoundException` for a key.
pub(crate) fn not_found(key: &KeyArn) -> AwsError {
    AwsError::new(ErrorCode::NotFound, format!("Key '{key}' does not exist"))
}

/// `LimitExceededException`, in the words that AWS uses for aliases.
pub(crate) fn limit_exceeded(what: &str, limit: u64, current: u64) -> AwsError {
    let text = format!(
        "{what} quota for this account in this region is {limit}, current usage is {current}."
    );
    AwsError::new(ErrorCode::LimitExceeded, text)
}
