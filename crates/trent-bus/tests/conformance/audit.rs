//! The audit stream on a real JetStream, each role with its own permissions.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use trent_bus::messages::Rejection;
use trent_bus::{
    AuditConsumer, AuditPublisher, BusError, NewConsumer, PublishLimits, RecordSink, StreamLimits,
    TrailHealth, add_consumer, ensure_stream, list_consumers, remove_consumer,
};
use trent_types::{AuditRecord, EventId, Timestamp};

use crate::server::Server;
use crate::services::PATIENCE;

fn record(number: u64) -> AuditRecord {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    AuditRecord {
        event_id: EventId::from_bytes(id),
        account: number.is_multiple_of(2).then(|| "123456789012".parse().unwrap()),
        event_time: Timestamp::from_millis(number.cast_signed()),
        cloudtrail_json: format!("{{\"number\":{number},\"padding\":\"{}\"}}", "x".repeat(800))
            .into_bytes(),
        trace: None,
    }
}

#[tokio::test]
async fn what_was_accepted_is_consumed_and_what_was_given_back_comes_again() {
    let server = Server::start();
    let audit = server.connect("audit").await;
    ensure_stream(&audit, StreamLimits::default()).await.unwrap();
    // Starting a second time changes nothing.
    ensure_stream(&audit, StreamLimits::default()).await.unwrap();
    let gateway = server.connect("gateway").await;
    let publisher = AuditPublisher::new(&gateway, PublishLimits::default());
    let many: Vec<AuditRecord> = (0..1_000).map(record).collect();
    for accepted in join_all(many.iter().map(|r| publisher.accept(std::slice::from_ref(r)))).await {
        accepted.unwrap();
    }
    // More than fits into one message.
    let more: Vec<AuditRecord> = (1_000..2_000).map(record).collect();
    publisher.accept(&more).await.unwrap();

    let mut consumer = AuditConsumer::open(&audit, "audit-logger").await.unwrap();
    let (first, acknowledgement) = consumer.next_batch(1_000, PATIENCE).await.unwrap();
    assert!(!first.is_empty());
    acknowledgement.give_back().await.unwrap();
    let mut consumed = Vec::new();
    let mut messages = 0;
    while consumed.len() < 2_000 {
        let (records, acknowledgement) = consumer.next_batch(1, PATIENCE).await.unwrap();
        messages += 1;
        consumed.extend(records);
        acknowledgement.acknowledge().await.unwrap();
    }
    assert!(messages < 20, "group commit: {messages} messages");
    let all: Vec<AuditRecord> = many.into_iter().chain(more).collect();
    assert_eq!(consumed.len(), all.len());
    let ids = |records: &[AuditRecord]| -> BTreeSet<EventId> {
        records.iter().map(|record| record.event_id).collect()
    };
    assert_eq!(ids(&consumed), ids(&all));
    assert!(consumed.contains(&record(1)) && consumed.contains(&record(1_998)));

    let (none, _) = consumer.next_batch(10, Duration::from_millis(50)).await.unwrap();
    assert_eq!(none, []);
}

#[tokio::test]
async fn a_full_stream_refuses_and_keeps_what_it_has() {
    let server = Server::start();
    let audit = server.connect("audit").await;
    let limits = StreamLimits { messages_max: 3, ..StreamLimits::default() };
    ensure_stream(&audit, limits).await.unwrap();
    let policy = server.connect("policy").await;
    let publisher = AuditPublisher::new(&policy, PublishLimits::default());
    for number in 0..3 {
        publisher.accept(&[record(number)]).await.unwrap();
    }
    let refused = publisher.accept(&[record(3)]).await;
    assert_eq!(refused, Err(BusError::Rejected(Rejection::Unavailable)));

    let mut consumer = AuditConsumer::open(&audit, "audit-logger").await.unwrap();
    let (records, acknowledgement) = consumer.next_batch(10, PATIENCE).await.unwrap();
    assert_eq!(records, (0..3).map(record).collect::<Vec<_>>());
    acknowledgement.acknowledge().await.unwrap();
    // The consumer makes room by what it has acknowledged, as soon as the server has heard of that:
    // nothing new comes while the stream is full, so it must not wait for more.
    let mut looks = 0;
    while publisher.accept(&[record(4)]).await.is_err() {
        looks += 1;
        assert!(looks < 100, "the stream stays full");
        let (none, _) = consumer.next_batch(10, Duration::from_millis(20)).await.unwrap();
        assert_eq!(none, []);
    }
}

/// The next message of a consumer that the operator has made, read as the identity `consumer`.
async fn next_for(server: &Server, name: &str) -> async_nats::jetstream::Message {
    let consumer = server.plain("consumer").custom_inbox_prefix("_INBOX_consumer.test");
    let client = consumer.connect(server.url()).await.unwrap();
    let found =
        async_nats::jetstream::new(client).get_consumer_from_stream(name, "TRENT_AUDIT_V1").await;
    let found: async_nats::jetstream::consumer::PullConsumer = found.unwrap();
    let mut coming = found.batch().max_messages(1).expires(PATIENCE).messages().await.unwrap();
    futures_util::StreamExt::next(&mut coming).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_slow_consumer_holds_up_nobody_and_sees_what_it_has_missed() {
    let server = Server::start();
    let audit = server.connect("audit").await;
    let limits = StreamLimits { messages_max: 64, ..StreamLimits::default() };
    ensure_stream(&audit, limits).await.unwrap();
    let operator = server.connect("admin").await;
    for (name, from_now) in [("slow", false), ("quick", false)] {
        let new = NewConsumer { name: name.parse().unwrap(), from_now, in_flight_max: 1 };
        add_consumer(&operator, &new).await.unwrap();
    }
    let gateway = server.connect("gateway").await;
    let publisher = AuditPublisher::new(&gateway, PublishLimits::default());
    let mut logger = AuditConsumer::open(&audit, "audit-logger").await.unwrap();
    let mut kept = 0;
    for number in 0..300 {
        publisher.accept(&[record(number)]).await.unwrap();
        let (records, acknowledgement) = logger.next_batch(1, PATIENCE).await.unwrap();
        kept += records.len();
        acknowledgement.acknowledge().await.unwrap();
        if number == 0 {
            let first = next_for(&server, "slow").await;
            assert_eq!(first.info().unwrap().stream_sequence, 1);
            first.double_ack().await.unwrap();
        }
        // Up to a half of the stream's bounds nothing is removed that somebody has not had.
        if number < 32 {
            let message = next_for(&server, "quick").await;
            assert_eq!(message.info().unwrap().stream_sequence, number + 1);
            message.double_ack().await.unwrap();
        }
    }
    assert_eq!(kept, 300);
    let sequence = next_for(&server, "slow").await.info().unwrap().stream_sequence;
    assert!((240..=270).contains(&sequence), "{sequence}: about a half is kept for the slow one");
    let states = list_consumers(&operator).await.unwrap();
    let names: Vec<&str> = states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(names, ["audit-logger", "quick", "slow"]);
    remove_consumer(&operator, &"slow".parse().unwrap()).await.unwrap();
    assert_eq!(list_consumers(&operator).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_publisher_that_was_refused_says_why_and_finds_out_by_itself_that_it_is_not_any_more() {
    let server = Server::start();
    let gateway = server.connect("gateway").await;
    let publisher = AuditPublisher::new(&gateway, PublishLimits::default());
    let health = publisher.health();
    assert_eq!(health.ready(), Ok(()));
    publisher.accept(&[record(1)]).await.unwrap_err();
    assert!(health.ready().unwrap_err().contains("there is no stream"), "{:?}", health.ready());
    let audit = server.connect("audit").await;
    let limits = StreamLimits { bytes_max: 1 << 20, ..StreamLimits::default() };
    ensure_stream(&audit, limits).await.unwrap();
    until_ready(&health).await;

    let many: Vec<AuditRecord> = (0..400).map(record).collect();
    while publisher.accept(&many).await.is_ok() {}
    assert!(health.ready().unwrap_err().contains("no space"), "{:?}", health.ready());
    let mut logger = AuditConsumer::open(&audit, "audit-logger").await.unwrap();
    loop {
        let (records, acknowledgement) = logger.next_batch(16, PATIENCE / 10).await.unwrap();
        let nothing = records.is_empty();
        acknowledgement.acknowledge().await.unwrap();
        if nothing && health.ready().is_ok() {
            break;
        }
    }
    publisher.accept(&many).await.unwrap();
}

async fn until_ready(health: &TrailHealth) {
    let waiting = async {
        while health.ready().is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_hears_more_or_could_lose_a_record_is_not_used() {
    use async_nats::jetstream::stream::{Config, DiscardPolicy};
    let server = Server::start();
    let audit = server.connect("audit").await;
    let limits = StreamLimits { messages_max: 3, ..StreamLimits::default() };
    ensure_stream(&audit, limits).await.unwrap();
    // Other bounds are the operator's.
    ensure_stream(&audit, StreamLimits::default()).await.unwrap();
    let operator = server.plain("admin").custom_inbox_prefix("_INBOX_admin.test");
    let operator = operator.connect(server.url()).await.unwrap();
    let streams = async_nats::jetstream::new(operator);
    let good = streams.get_stream("TRENT_AUDIT_V1").await.unwrap().cached_info().config.clone();
    assert_eq!(good.max_messages, 3);
    let everything = vec!["trent.v1.audit.records".into(), "trent.v1.crypto.*".into()];
    let forgetful = Duration::from_secs(3_600);
    for bad in [
        Config { subjects: everything, ..good.clone() },
        Config { discard: DiscardPolicy::Old, ..good.clone() },
        Config { max_age: forgetful, duplicate_window: forgetful, ..good.clone() },
    ] {
        streams.update_stream(bad).await.unwrap();
        assert!(ensure_stream(&audit, limits).await.is_err());
        streams.update_stream(good.clone()).await.unwrap();
        ensure_stream(&audit, limits).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_stream_or_a_server_records_are_refused_soon() {
    let mut server = Server::start();
    let gateway = server.connect("gateway").await;
    let limits =
        PublishLimits { acknowledgement: Duration::from_millis(500), ..PublishLimits::default() };
    let publisher = AuditPublisher::new(&gateway, limits);
    assert_eq!(publisher.accept(&[record(1)]).await, Err(BusError::Disconnected));
    server.kill();
    for _ in 0..3 {
        assert!(publisher.accept(&[record(2)]).await.is_err());
    }
}

#[tokio::test]
async fn records_beyond_the_bounds_are_refused_at_once() {
    let server = Server::start();
    let gateway = server.connect("gateway").await;
    let limits = PublishLimits { waiting_bytes_max: 10_000, ..PublishLimits::default() };
    let publisher = AuditPublisher::new(&gateway, limits);
    let many: Vec<AuditRecord> = (0..100).map(record).collect();
    let overloaded = Err(BusError::Rejected(Rejection::Overloaded));
    // A call that finds nothing waiting is never too large: an outbox hands over what it has, again
    // and again. Nobody takes these, as there is no stream.
    let (first, second) = tokio::join!(publisher.accept(&many), publisher.accept(&many));
    assert_eq!((first, second), (Err(BusError::Disconnected), overloaded));
    let huge = AuditRecord { cloudtrail_json: vec![b'x'; 600 * 1024], ..record(1) };
    let malformed = Err(BusError::Rejected(Rejection::Malformed));
    assert_eq!(publisher.accept(&[huge]).await, malformed);
}

#[tokio::test]
async fn a_batch_ends_before_it_is_too_large_and_nothing_of_it_comes_twice() {
    let server = Server::start();
    let audit = server.connect("audit").await;
    ensure_stream(&audit, StreamLimits::default()).await.unwrap();
    let gateway = server.connect("gateway").await;
    let publisher = AuditPublisher::new(&gateway, PublishLimits::default());
    // Ten MiB, in messages of half a MiB.
    let large = |number: u64| AuditRecord {
        cloudtrail_json: format!("{{\"padding\":\"{}\"}}", "x".repeat(100_000)).into_bytes(),
        ..record(number)
    };
    let records: Vec<AuditRecord> = (0..100).map(large).collect();
    publisher.accept(&records).await.unwrap();
    let mut consumer = AuditConsumer::open(&audit, "audit-logger").await.unwrap();
    let mut consumed = Vec::new();
    while consumed.len() < 100 {
        let (batch, acknowledgement) = consumer.next_batch(1_000, PATIENCE).await.unwrap();
        let bytes: usize = batch.iter().map(|record| record.cloudtrail_json.len()).sum();
        assert!((1..=4 << 20).contains(&bytes), "{bytes} bytes");
        consumed.extend(batch.into_iter().map(|record| record.event_id));
        acknowledgement.acknowledge().await.unwrap();
    }
    let expected: Vec<EventId> = records.iter().map(|record| record.event_id).collect();
    assert_eq!(consumed, expected);
}
