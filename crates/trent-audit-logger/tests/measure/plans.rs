//! How Postgres finds postings and records, with the plans that prepared statements use.

use crate::records;

/// The statements of `trent-store/src/postgres/trail.rs`.
const PREPARED: &str = "SET plan_cache_mode = force_generic_plan; \
    PREPARE postings \
    (text, text, smallint, text, bigint, bigint, bigint, bigint, bigint, bigint) AS \
    SELECT earliest, latest, first_sequence, following FROM audit_posting \
    WHERE chain = $1 AND region = $2 AND attribute = $3 AND value = $4 \
    AND latest BETWEEN $5 AND $6 AND (latest, first_sequence) < ($7, $8) AND earliest <= $9 \
    ORDER BY latest DESC, first_sequence DESC LIMIT $10; \
    PREPARE records_at (text, bigint[], bigint, bigint) AS \
    SELECT chain, event_time, event_id, sequence, previous_hash, hash, cloudtrail_json \
    FROM audit_event WHERE chain = $1 AND sequence = ANY($2::bigint[]) \
    AND event_time BETWEEN $3 AND $4 ORDER BY sequence";

pub(crate) async fn show(raw: &tokio_postgres::Client) {
    // Months before and after, as in a deployment.
    raw.batch_execute("SELECT make_audit_month(2026 * 12 + n) FROM generate_series(0, 11) AS n")
        .await
        .unwrap();
    raw.batch_execute(PREPARED).await.unwrap();
    let (start, end, key) = (records::START, records::START * 2, records::key_id(77));
    let postings = format!(
        "EXECUTE postings('111122223333', 'eu-west-1', 6, '{key}', {start}, {end}, {}, 0, {end}, \
         51)",
        i64::MAX
    );
    let places: Vec<String> = (0..50).map(|n| (n * 1_000 + 1).to_string()).collect();
    let records =
        format!("EXECUTE records_at('111122223333', '{{{}}}', {start}, {end})", places.join(","));
    for (what, statement) in [("postings of a key", postings), ("fifty records", records)] {
        println!("-- {what}");
        let explain = format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}");
        for row in raw.query(&explain, &[]).await.unwrap() {
            println!("   {}", row.get::<_, &str>(0));
        }
    }
}
