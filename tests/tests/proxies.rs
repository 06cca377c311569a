//! Behind a load balancer that speaks the PROXY protocol, records show the client and not the
//! balancer.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use trent_testkit::{Form, RunningStack, trail};

/// Version 2, TCP over IPv6, from 2001:db8::9.
const HEADER: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x21\x00\x24\
    \x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x01\xbb";

#[test]
fn the_audit_record_shows_whom_the_balancer_names() {
    let arguments = ["--env", "TRENT_TRUSTED_PROXIES=127.0.0.1/32"];
    let running = RunningStack::start(Form::Embedded, &arguments).expect("a stack");
    let gateway = running.stack.endpoints[0].trim_start_matches("http://").to_owned();
    trent_tests::block_on(async {
        // A health check: connected, and gone without a word.
        drop(TcpStream::connect(&gateway).await.unwrap());
        let balancer = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stack = running.stack.clone();
        stack.endpoints = vec![format!("http://{}", balancer.local_addr().unwrap())];
        tokio::spawn(balance(balancer, gateway));
        trent_tests::client(&stack, 0).create_key().send().await.expect("a key");
    });
    let records = trail::records(&running.stack).expect("the trail");
    let made = records.iter().find(|record| record["eventName"] == "CreateKey").expect("a record");
    assert_eq!(made["sourceIPAddress"], "2001:db8::9");
    let log = std::fs::read_to_string(running.stack.directory.join("all-0.log")).expect("a log");
    assert!(!log.contains("PROXY"), "{log}");
}

/// Passes each connection on, with a header before it.
async fn balance(listener: TcpListener, gateway: String) {
    while let Ok((mut client, _)) = listener.accept().await {
        let gateway = gateway.clone();
        tokio::spawn(async move {
            let mut server = TcpStream::connect(gateway).await.unwrap();
            server.write_all(HEADER).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        });
    }
}
