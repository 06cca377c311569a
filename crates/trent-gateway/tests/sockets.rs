//! The gateway over real sockets, with an evaluator and a trail that are a few lines long.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod rig;

use std::io::Write;
use std::time::{Duration, Instant};

use rig::{
    Evaluator, Rig, head, post, post_h2_with_token, post_with_token, presigned, read_answer,
    read_to_end,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ENCRYPT: &str = "TrentService.Encrypt";
/// Known and not served yet, whatever is served today: it needs no worker.
const NOT_SERVED: &str = "TrentService.ConnectCustomKeyStore";

#[tokio::test]
async fn an_answer_carries_its_headers_and_its_record_the_same_id() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    let answer = read_answer(&mut client).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("UnsupportedOperationException"), "{}", answer.body);
    let id = answer.header("x-amzn-requestid").unwrap().to_owned();
    assert_eq!(id.len(), 36);
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(
        answer.header("cache-control"),
        Some("no-cache, no-store, must-revalidate, private")
    );
    assert_eq!((answer.header("expires"), answer.header("pragma")), (Some("0"), Some("no-cache")));
    assert!(answer.header("date").is_some());
    let records = rig.records();
    assert_eq!(records.len(), 1);
    assert!(records[0].contains(&id), "{}", records[0]);
    assert!(records[0].contains("127.0.0.1"), "{}", records[0]);
}

#[tokio::test]
async fn an_unknown_operation_and_a_missing_signature_are_refused_and_recorded() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    client.write_all(&post("TrentService.Nonsense", "{}")).await.unwrap();
    let answer = read_answer(&mut client).await;
    assert_eq!((answer.status, answer.body.contains("UnknownOperationException")), (400, true));
    client.write_all(head(ENCRYPT, 2, "").as_bytes()).await.unwrap();
    client.write_all(b"{}").await.unwrap();
    let answer = read_answer(&mut client).await;
    assert!(answer.body.contains("MissingAuthenticationTokenException"), "{}", answer.body);
    assert_eq!(rig.records().len(), 2);
}

#[tokio::test]
async fn what_the_evaluator_says_about_the_signature_is_the_answer() {
    let rig = Rig::start(Evaluator::RefusesSignatures).await;
    let mut client = rig.connect().await;
    // A signature error wins over a body that does not decode.
    client.write_all(&post(ENCRYPT, "{nonsense")).await.unwrap();
    let answer = read_answer(&mut client).await;
    assert!(answer.body.contains("InvalidSignatureException"), "{}", answer.body);
    assert_eq!(rig.records().len(), 1);
}

#[tokio::test]
async fn a_client_whose_body_is_too_large_can_send_it_and_has_its_answer() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    let request = post(NOT_SERVED, &"x".repeat(3 << 20));
    client.write_all(&request).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 413);
    // One that waits to be told to send it is told at once not to.
    let request = String::from_utf8(request).unwrap();
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let mut client = rig.connect().await;
    let began = Instant::now();
    let head = format!("{head}\r\nexpect: 100-continue\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 413);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn without_its_record_there_is_no_answer_but_a_retryable_error() {
    let rig = Rig::start(Evaluator::Allows).await;
    rig.fail_trail();
    let mut client = rig.connect().await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    let answer = read_answer(&mut client).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("KMSInternalException"), "{}", answer.body);
}

#[tokio::test]
async fn a_session_token_of_eight_kibibytes_reaches_the_evaluator_whole() {
    let rig = Rig::start_tls(Evaluator::Allows).await;
    let token = "aB3/+=".repeat(1_365);
    for protocol in [&b"http/1.1"[..], b"h2"] {
        let client = rig.connect_tls(protocol, &rustls::version::TLS13).await;
        let status = if protocol == b"h2" {
            post_h2_with_token(client, NOT_SERVED, &token).await
        } else {
            let (mut client, request) = (client, post_with_token(NOT_SERVED, "{}", &token));
            client.write_all(&request).await.unwrap();
            read_answer(&mut client).await.status
        };
        assert_eq!(status, 400);
        let asked = rig.last_question();
        let signed = asked.signed.unwrap();
        assert_eq!(signed.session_token, token);
        // It is signed: another token does not match.
        let canonical = String::from_utf8(signed.canonical_request.to_vec()).unwrap();
        assert!(canonical.contains(&format!("x-amz-security-token:{token}\n")));
        assert_eq!((&*asked.source_ip, asked.secure_transport), ("127.0.0.1", true));
        assert_eq!(asked.user_agent, "rig/1");
    }
    // The presigned form has it in the query.
    let mut client = rig.connect_tls(b"http/1.1", &rustls::version::TLS13).await;
    client.write_all(&presigned(NOT_SERVED, "{}", &token)).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 400);
    let signed = rig.last_question().signed.unwrap();
    assert_eq!((signed.session_token, signed.expires_seconds), (token, 60));
}

#[tokio::test]
async fn what_comes_without_tls_is_told_to_the_evaluator() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 400);
    let asked = rig.last_question();
    assert_eq!((&*asked.source_ip, asked.secure_transport), ("127.0.0.1", false));
    assert_eq!((&*asked.user_agent, &*asked.signed.unwrap().session_token), ("", ""));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    let mut both = post(NOT_SERVED, "{}");
    both.extend(post("TrentService.Nonsense", "{}"));
    both.extend(post(NOT_SERVED, "{}"));
    client.write_all(&both).await.unwrap();
    let first = read_answer(&mut client).await;
    let second = read_answer(&mut client).await;
    let third = read_answer(&mut client).await;
    assert!(first.body.contains("UnsupportedOperationException"), "{}", first.body);
    assert!(second.body.contains("UnknownOperationException"), "{}", second.body);
    assert!(third.body.contains("UnsupportedOperationException"), "{}", third.body);
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read_and_a_byte_more_is_refused_unread() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    client.write_all(&post(NOT_SERVED, &"x".repeat(1 << 20))).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 400);
    client.write_all(head(NOT_SERVED, (1 << 20) + 1, "").as_bytes()).await.unwrap();
    let answer = read_answer(&mut client).await;
    assert_eq!(answer.status, 413);
    assert_eq!(read_to_end(&mut client).await, "", "the connection is closed");
    assert_eq!(rig.records().len(), 2);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_bounded_too() {
    let rig = Rig::start(Evaluator::Allows).await;
    let client = rig.connect().await;
    let (mut reader, mut writer) = client.into_split();
    let head = head(NOT_SERVED, 0, "").replace("content-length: 0", "transfer-encoding: chunked");
    writer.write_all(head.as_bytes()).await.unwrap();
    let sending = tokio::spawn(async move {
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        // The gateway stops reading, so at some time this fails.
        while writer.write_all(chunk.as_bytes()).await.is_ok() {}
    });
    let mut answer = Vec::new();
    // Either the answer or a reset comes through, and then the end.
    let _ = reader.read_to_end(&mut answer).await;
    sending.await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(rig.records().len(), 1);
}

#[tokio::test]
async fn heads_are_bounded_in_number_and_size() {
    let rig = Rig::start(Evaluator::Allows).await;
    for extra in ["x-a: b\r\n".repeat(101), format!("x-a: {}\r\n", "b".repeat(70_000))] {
        let mut client = rig.connect().await;
        // The gateway may stop reading before all of it is sent.
        let _ = client.write_all(head(ENCRYPT, 0, &extra).as_bytes()).await;
        let answer = read_to_end(&mut client).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert!(rig.records().is_empty());
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let rig = Rig::start(Evaluator::Allows).await;
    let mut held = Vec::new();
    for _ in 0..rig::CONNECTIONS_MAX {
        let mut client = rig.connect().await;
        client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
        assert_eq!(read_answer(&mut client).await.status, 400);
        held.push(client);
    }
    let mut refused = rig.connect().await;
    assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_shutdown_answers_what_is_in_flight_and_takes_nothing_new() {
    let rig = Rig::start(Evaluator::Waits).await;
    let mut client = rig.connect().await;
    let idle = rig.connect().await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    rig.asked().await;
    let address = rig.address();
    let finished = rig.finish();
    assert_eq!(read_to_end(&mut { idle }).await, "", "an idle connection ends at once");
    rig::release(&finished);
    assert_eq!(read_answer(&mut client).await.status, 400);
    finished.joined().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_had_come_in_before_a_shutdown_is_answered_though_nobody_had_looked_at_it() {
    let mut clients = Vec::new();
    let rig = Rig::start_after(|address, trigger| {
        for half_sent in [false, true].repeat(rig::CONNECTIONS_MAX / 2) {
            let mut client = std::net::TcpStream::connect(address).unwrap();
            let request = post(NOT_SERVED, "{}");
            client.write_all(&request[..request.len() - usize::from(half_sent)]).unwrap();
            clients.push((client, half_sent));
        }
        trigger.trigger();
    });
    for (client, half_sent) in clients {
        client.set_nonblocking(true).unwrap();
        let mut client = TcpStream::from_std(client).unwrap();
        if half_sent {
            client.write_all(b"}").await.unwrap();
        }
        assert_eq!(read_answer(&mut client).await.status, 400, "half sent: {half_sent}");
    }
    rig.finish().joined().await;
}

#[tokio::test]
async fn tls_speaks_both_protocols_and_is_recorded() {
    let rig = Rig::start_tls(Evaluator::Allows).await;
    let mut client = rig.connect_tls(b"http/1.1", &rustls::version::TLS12).await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 400);
    assert!(rig.records()[0].contains("TLSv1.2"), "{}", rig.records()[0]);

    let client = rig.connect_tls(b"h2", &rustls::version::TLS13).await;
    let group = client.get_ref().1.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
    let answer = rig::post_h2(client, NOT_SERVED).await;
    assert_eq!(answer, 400);
    let records = rig.records();
    assert_eq!(records.len(), 2);
    assert!(records[1].contains("TLSv1.3"), "{}", records[1]);
    assert!(records[1].contains("TLS_AES"), "{}", records[1]);
}

#[tokio::test]
async fn plain_bytes_on_a_tls_port_end_the_connection() {
    let rig = Rig::start_tls(Evaluator::Allows).await;
    let mut client = rig.connect().await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut answer)).await;
    assert!(ended.is_ok());
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"));
    assert!(rig.records().is_empty());
}

/// Version 2 of the PROXY protocol: TCP over IPv4 from 203.0.113.9.
const PROXIED: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x09\x7f\x00\x00\x01\xdc\x04\x01\xbb";

#[tokio::test]
async fn a_trusted_proxy_says_who_the_client_is() {
    let rig = Rig::start_behind(&["192.0.2.0/24", "127.0.0.0/8"], false).await;
    for header in [PROXIED, b"PROXY TCP6 2001:db8::9 ::1 56324 443\r\n"] {
        let mut client = rig.connect().await;
        client.write_all(header).await.unwrap();
        for _ in 0..2 {
            client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
            assert_eq!(read_answer(&mut client).await.status, 400);
        }
    }
    let records = rig.records();
    let expected = ["203.0.113.9", "203.0.113.9", "2001:db8::9", "2001:db8::9"];
    assert_eq!(records.len(), expected.len());
    for (record, source) in records.iter().zip(expected) {
        assert!(record.contains(&format!(r#""sourceIPAddress":"{source}""#)), "{record}");
    }
}

#[tokio::test]
async fn a_proxy_names_the_client_before_tls() {
    let rig = Rig::start_behind(&["127.0.0.1"], true).await;
    let mut connection = rig.connect().await;
    connection.write_all(PROXIED).await.unwrap();
    let mut client = rig.secure(connection, b"http/1.1", &rustls::version::TLS13).await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    assert_eq!(read_answer(&mut client).await.status, 400);
    let records = rig.records();
    assert!(records[0].contains(r#""sourceIPAddress":"203.0.113.9""#), "{}", records[0]);
    assert!(records[0].contains("TLSv1.3"), "{}", records[0]);
}

#[tokio::test]
async fn a_trusted_proxy_without_a_header_is_not_answered() {
    let rig = Rig::start_behind(&["127.0.0.1"], false).await;
    let mut client = rig.connect().await;
    client.write_all(&post(NOT_SERVED, "{}")).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), read_to_end(&mut client)).await;
    assert_eq!(ended.as_deref(), Ok(""));
    assert!(rig.records().is_empty());
}

#[tokio::test]
async fn anybody_elses_header_is_no_http() {
    let rig = Rig::start_behind(&["192.0.2.0/24"], false).await;
    let mut client = rig.connect().await;
    client.write_all(&[PROXIED, &post(NOT_SERVED, "{}")].concat()).await.unwrap();
    let answer = read_to_end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 400") || answer.is_empty(), "{answer}");
    assert!(rig.records().iter().all(|record| !record.contains("203.0.113.9")));
}
