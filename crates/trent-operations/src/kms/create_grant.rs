//! `CreateGrant`: lets a principal use a key, beside all policies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_types::{
    Caller, CallerKind, Change, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal,
    GrantTerms, GrantToken, KeyRecord, KeySpec, KeyState,
};

use crate::decode::{Flag, List, Pairs, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object, quote};
use crate::key_state::in_state;
use crate::kms::grant::{
    check_principal, check_service, invalid, one_principal, show_constraints, supports,
};
use crate::ports::{Question, Random, Resource};
use crate::request::Request;
use crate::rules::{
    about, are_grant_tokens, check_key_id, end_dry_run, is_set, no_alias, present, show_dry_run,
    validated,
};
use crate::steps::{Call, Done, Steps};
use crate::validate::{GRANT_NAME, SOURCE_ARN, Violations};

/// The operation.
pub(crate) struct CreateGrant;

/// How many pairs a constraint has at most, and how many characters a value.
const PAIRS_MAX: usize = 8;
const VALUE_MAX: usize = 384;

shape! {
    CreateGrantShape<'a> {
        key_id: "KeyId" => Text<'a>,
        grantee: "GranteePrincipal" => Text<'a>,
        retiring: "RetiringPrincipal" => Text<'a>,
        operations: "Operations" => List<Text<'a>>,
        constraints: "Constraints" => ConstraintsShape<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        name: "Name" => Text<'a>,
        dry_run: "DryRun" => Flag,
        grantee_service: "GranteeServicePrincipal" => Text<'a>,
        retiring_service: "RetiringServicePrincipal" => Text<'a>,
    }
}

shape! {
    /// `GrantConstraints`.
    ConstraintsShape<'a> {
        subset: "EncryptionContextSubset" => Pairs,
        equals: "EncryptionContextEquals" => Pairs,
        source_arn: "SourceArn" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    terms: GrantTerms,
    name: Option<Text<'a>>,
    dry_run: bool,
}

impl Steps for CreateGrant {
    const NAME: &'static str = "CreateGrant";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: CreateGrantShape<'a> = body(request.body)?;
        check(&shape)?;
        are_grant_tokens(shape.grant_tokens.as_ref())?;
        let terms = terms(&shape)?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        Ok(Input { key_id, terms, name: shape.name, dry_run: is_set(shape.dry_run) })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let resource = Resource::NewGrant { key: &input.key_id, terms: &input.terms };
        vec![about("kms:CreateGrant", resource)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        match &input.terms.grantee {
            GrantPrincipal::Arn(arn) => out.text("granteePrincipal", arn),
            GrantPrincipal::Service(name) => out.text("granteeServicePrincipal", name),
        }
        match &input.terms.retiring {
            Some(GrantPrincipal::Arn(arn)) => out.text("retiringPrincipal", arn),
            Some(GrantPrincipal::Service(name)) => out.text("retiringServicePrincipal", name),
            None => {}
        }
        out.list("operations", &input.terms.operations, |out, one| quote(out, one.as_str()));
        show_constraints(
            out,
            "constraints",
            &input.terms.constraints,
            ["encryptionContextSubset", "encryptionContextEquals", "sourceArn"],
        );
        out.text_if("name", input.name.as_deref());
        show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        in_state(key, |state| {
            matches!(state, KeyState::Enabled | KeyState::Unavailable | KeyState::Updating)
        })?;
        fits_key(&input.terms, key)?;
        end_dry_run(input.dry_run)?;
        let root = Caller { kind: CallerKind::Root, ..(*call.caller).clone() };
        let issuing_account = root.arn(key.region.partition());
        let (key, random) = (key.arn(), call.ports.random);
        let grant_id = match input.name.as_deref() {
            Some(name) => input.terms.named_id(&key, &issuing_account, name),
            None => new_id(random),
        };
        let token = GrantToken { key, grant_id }.to_bytes(random.sixteen_bytes());
        let body = object(448, |out| {
            out.text("GrantToken", &STANDARD.encode(&token));
            out.id("GrantId", &grant_id);
        });
        let elements = object(256, |out| {
            out.id("grantId", &grant_id);
            out.id("keyId", &key);
        });
        let change = Change::CreateGrant(Grant {
            key,
            grant_id,
            name: input.name.as_deref().map(str::to_owned),
            created_at: call.key_now,
            issuing_account,
            terms: input.terms.clone(),
        });
        Ok(Done { body, change: Some(change), elements: Some(elements), ..Done::default() })
    }
}

/// The constraints of the service model.
fn check(shape: &CreateGrantShape<'_>) -> Result<(), AwsError> {
    let mut found = Violations::default();
    check_key_id(&mut found, shape.key_id.as_ref());
    check_principal(&mut found, "granteePrincipal", shape.grantee.as_ref());
    check_principal(&mut found, "retiringPrincipal", shape.retiring.as_ref());
    found.required("operations", shape.operations.as_ref());
    found.each_of("operations", shape.operations.as_ref(), GrantOperation::NAMES);
    if let Some(constraints) = &shape.constraints {
        let source_arn = constraints.source_arn.as_ref();
        found.length("constraints.sourceArn", source_arn, 20..=512);
        found.form("constraints.sourceArn", source_arn, &SOURCE_ARN);
    }
    found.grant_tokens(shape.grant_tokens.as_ref());
    found.length("name", shape.name.as_ref(), 1..=256);
    found.pattern("name", shape.name.as_ref(), &GRANT_NAME);
    check_service(&mut found, "granteeServicePrincipal", shape.grantee_service.as_ref());
    check_service(&mut found, "retiringServicePrincipal", shape.retiring_service.as_ref());
    found.finish()
}

/// The terms, and the rules between the members that make them (CreateGrant and "Using grant
/// constraints" document the rules, not their texts).
fn terms(shape: &CreateGrantShape<'_>) -> Result<GrantTerms, AwsError> {
    let grantee = one_principal(
        ("GranteePrincipal", shape.grantee.as_ref()),
        ("GranteeServicePrincipal", shape.grantee_service.as_ref()),
    )?
    .ok_or_else(|| invalid("Specify either GranteePrincipal or GranteeServicePrincipal."))?;
    let retiring = one_principal(
        ("RetiringPrincipal", shape.retiring.as_ref()),
        ("RetiringServicePrincipal", shape.retiring_service.as_ref()),
    )?;
    let mut operations: Vec<GrantOperation> = Vec::new();
    for name in shape.operations.iter().flat_map(|list| list.0.iter().flatten()) {
        let operation = validated(name)?;
        if !operations.contains(&operation) {
            operations.push(operation);
        }
    }
    if operations.is_empty() {
        return Err(invalid("Operations must have at least one operation."));
    }
    let constraints = shape.constraints.as_ref().map(constraints).transpose()?.unwrap_or_default();
    let of_service = matches!(grantee, GrantPrincipal::Service(_));
    if of_service && constraints.source_arn.is_none() {
        return Err(invalid("A GranteeServicePrincipal requires a SourceArn grant constraint."));
    }
    if of_service && retiring.is_none() {
        return Err(invalid(
            "A GranteeServicePrincipal requires a RetiringPrincipal or a \
             RetiringServicePrincipal.",
        ));
    }
    Ok(GrantTerms { grantee, retiring, operations, constraints })
}

fn constraints(shape: &ConstraintsShape<'_>) -> Result<GrantConstraints, AwsError> {
    for (name, pairs) in
        [("EncryptionContextSubset", &shape.subset), ("EncryptionContextEquals", &shape.equals)]
    {
        let Some(Pairs(pairs)) = pairs else { continue };
        if pairs.len() > PAIRS_MAX {
            return Err(invalid(format!(
                "{name} can have up to {PAIRS_MAX} encryption context pairs."
            )));
        }
        if pairs.values().any(|value| value.chars().count() > VALUE_MAX) {
            return Err(invalid(format!(
                "An encryption context value in {name} cannot exceed {VALUE_MAX} characters."
            )));
        }
    }
    let pairs = |pairs: &Option<Pairs>| pairs.as_ref().map(|Pairs(pairs)| pairs.clone());
    Ok(GrantConstraints {
        context_equals: pairs(&shape.equals),
        context_subset: pairs(&shape.subset),
        source_arn: shape.source_arn.as_deref().map(str::to_owned),
    })
}

/// The key must support every operation, and constraints of the encryption context are for keys
/// whose operations have one. AWS documents both rules as validation errors, without their texts.
fn fits_key(terms: &GrantTerms, key: &KeyRecord) -> Result<(), AwsError> {
    let unfit = terms.operations.iter().find(|operation| !supports(key, **operation));
    if let Some(operation) = unfit {
        let (arn, usage, spec) = (key.arn(), key.usage, key.spec);
        return Err(invalid(format!(
            "Operation {operation} is not supported on {arn} with key usage {usage} and key spec \
             {spec}."
        )));
    }
    let GrantConstraints { context_equals, context_subset, .. } = &terms.constraints;
    let constrained = context_equals.is_some() || context_subset.is_some();
    if constrained && key.spec != KeySpec::SymmetricDefault {
        return Err(invalid(
            "Encryption context grant constraints are only supported on symmetric encryption KMS \
             keys.",
        ));
    }
    Ok(())
}

fn new_id(random: &dyn Random) -> GrantId {
    let mut id = [0; 32];
    let halves = [random.sixteen_bytes(), random.sixteen_bytes()];
    id.iter_mut().zip(halves.as_flattened()).for_each(|(place, byte)| *place = *byte);
    GrantId::from_bytes(id)
}
