//! Form bodies of IAM and STS: an answer or AWS's error in well-formed XML, with a record of
//! either.

use trent_operations::{ServiceName, operation_by_action, operation_names};

use super::answers;
use crate::input::Input;
use crate::world::World;

/// The services of the query protocol, with the version of their API.
const SERVICES: [(ServiceName, &str); 2] =
    [(ServiceName::Iam, "2010-05-08"), (ServiceName::Sts, "2011-06-15")];

/// Four bytes of world, an operation, the body.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let world = World::new(&mut input);
    let all: Vec<_> = SERVICES
        .iter()
        .flat_map(|(service, version)| {
            let find = |name| operation_by_action(*service, name, version);
            operation_names().filter_map(find).map(|operation| (*service, operation))
        })
        .collect();
    let (service, operation) = input.one_of(&all);
    let response = world.serve(operation, service, input.rest());
    answers::check(&world, &response, service, operation.name())
}

/// A request of each operation.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let bodies = [
        "Action=CreateUser&Version=2010-05-08&UserName=anna&Path=%2Fteam%2F",
        "Action=CreateAccessKey&Version=2010-05-08&UserName=ann",
        "Action=GetUser&Version=2010-05-08",
        "Action=GetUser&Version=2010-05-08&UserName=ann&Tags.member.1.Key=a+b",
        "Action=GetCallerIdentity&Version=2011-06-15",
    ];
    let mut seeds = Vec::new();
    for body in bodies {
        seeds.extend((0..4).map(|at| [&[0, 0, 0, 0, at], body.as_bytes()].concat()));
    }
    seeds
}
