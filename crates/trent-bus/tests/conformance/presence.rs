//! Gateways that know of each other, over a real nats-server as the identity `gateway`.

use std::time::{Duration, Instant};

use trent_bus::{Member, NatsBus, Place, Presence};
use uuid::Uuid;

use crate::server::Server;
use crate::services::PATIENCE;

/// One gateway with its connection.
struct Gateway {
    _connection: NatsBus,
    member: Member,
    presence: Presence,
}

async fn joined(server: &Server, id: u128) -> Gateway {
    let connection = server.connect("gateway").await;
    let (member, presence) = Member::join_gateways(&connection, Uuid::from_u128(id)).await.unwrap();
    Gateway { _connection: connection, member, presence }
}

/// Waits until every gateway sees its place; how long that took.
async fn all_see(gateways: &[&Gateway]) -> Duration {
    let count = u32::try_from(gateways.len()).unwrap();
    let begun = Instant::now();
    for (position, gateway) in (0..).zip(gateways) {
        let wanted = Place { position, count };
        while gateway.presence.place() != wanted {
            assert!(begun.elapsed() < PATIENCE, "{:?}, not {wanted:?}", gateway.presence.place());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    begun.elapsed()
}

#[tokio::test]
async fn gateways_notice_who_comes_who_goes_and_who_dies() {
    let server = Server::start();
    let first = joined(&server, 1).await;
    assert_eq!(first.presence.place(), Place { position: 0, count: 1 });
    let third = joined(&server, 3).await;
    all_see(&[&first, &third]).await;
    let second = joined(&server, 2).await;
    all_see(&[&first, &second, &third]).await;

    second.member.leave().await;
    let noticed = all_see(&[&first, &third]).await;
    assert!(noticed < Duration::from_secs(1), "it said so: {noticed:?}");

    drop(first.member);
    let alone = Place { position: 0, count: 1 };
    let begun = Instant::now();
    while third.presence.place() != alone {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Four of one's own heartbeats after its last: not sooner, for one may be late.
    assert!(begun.elapsed() > Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn without_a_server_the_others_are_still_believed() {
    let mut server = Server::start();
    let (first, second) = (joined(&server, 1).await, joined(&server, 2).await);
    all_see(&[&first, &second]).await;
    server.kill();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(first.presence.place(), Place { position: 0, count: 2 });
    assert_eq!(second.presence.place(), Place { position: 1, count: 2 });
}

#[test]
fn the_only_gateway_of_a_process_is_alone() {
    assert_eq!(Presence::alone().place(), Place { position: 0, count: 1 });
}
