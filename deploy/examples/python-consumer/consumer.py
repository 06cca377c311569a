"""Keeps every record of Trent's audit stream once, in an SQLite file: an example of a durable consumer (docs/consumers.md).

    trent audit consumer add siem        once, by the operator
    python consumer.py siem records.sqlite

It can be killed at any moment and goes on where it was: a message is acknowledged only after its records are on disk, and
those that come again are known by their event ids. audit_pb2.py is made from proto-schemas/trent/v1/audit.proto:

    python -m grpc_tools.protoc -I proto-schemas/trent/v1 --python_out=deploy/examples/python-consumer audit.proto
"""

import asyncio
import os
import sqlite3
import ssl
import sys
import uuid

import nats
import nats.errors
from google.protobuf.message import DecodeError

from audit_pb2 import AuditBatch

STREAM = "TRENT_AUDIT_V1"

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    event_id TEXT PRIMARY KEY, account TEXT NOT NULL, event_time_ms INTEGER NOT NULL, cloudtrail_json TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS position (
    only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL, published_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS gap (
    first INTEGER NOT NULL, last INTEGER NOT NULL, after_ms INTEGER NOT NULL, before_ms INTEGER NOT NULL
);
"""


class Store:
    """Records by event id, how far the stream was read, and what was missed."""

    def __init__(self, path):
        # Transactions begin and end below, not by themselves.
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(SCHEMA)

    def keep(self, sequence, published_ms, records):
        """Keeps the records of a message, and how far the stream was read, in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            # One that has come before is kept already.
            self.connection.executemany(
                "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)",
                [
                    (str(uuid.UUID(bytes=r.event_id)), r.account, r.event_time_ms, r.cloudtrail_json.decode())
                    for r in records
                ],
            )
            self._advance(sequence, published_ms)
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise

    def _advance(self, sequence, published_ms):
        last = self.connection.execute("SELECT sequence, published_ms FROM position").fetchone()
        if last and sequence <= last[0]:
            return  # It came again.
        self.connection.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?)", (sequence, published_ms))
        if last and sequence > last[0] + 1:
            gap = (last[0] + 1, sequence - 1, last[1], published_ms)
            self.connection.execute("INSERT INTO gap VALUES (?, ?, ?, ?)", gap)
            print(f"messages {gap[0]} to {gap[1]} were removed before they came", file=sys.stderr)


async def connect(name):
    """Connects as the identity `consumer`, with the inboxes that it may read."""
    tls = ssl.create_default_context(cafile=os.environ["TRENT_NATS_CA_FILE"])
    tls.load_cert_chain(os.environ["TRENT_NATS_CERT_FILE"], os.environ["TRENT_NATS_KEY_FILE"])

    async def note(error):
        print(f"NATS: {error}", file=sys.stderr)

    return await nats.connect(
        os.environ["TRENT_NATS_URL"],
        name=f"consumer {name}",
        tls=tls,
        inbox_prefix=f"_INBOX_consumer.{uuid.uuid4().hex}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        error_cb=note,
    )


async def keep(message, store):
    """Keeps the records of a message and acknowledges it then."""
    sequence = message.metadata.sequence.stream
    try:
        records = AuditBatch.FromString(message.data).records
    except DecodeError:
        print(f"message {sequence} is no AuditBatch: put aside", file=sys.stderr)
        await message.term()
        return
    store.keep(sequence, int(message.metadata.timestamp.timestamp() * 1000), records)
    await message.ack()


async def main():
    if len(sys.argv) != 3:
        sys.exit("usage: consumer.py NAME STORE.sqlite")
    name, store = sys.argv[1], Store(sys.argv[2])
    connection = await connect(name)
    subscription = await connection.jetstream().pull_subscribe_bind(durable=name, stream=STREAM)
    while True:
        try:
            # One at a time: so they come strictly in their order.
            for message in await subscription.fetch(1, timeout=5):
                await keep(message, store)
        except nats.errors.TimeoutError:
            pass  # Nothing came.
        except nats.errors.Error as error:
            # NATS may be away; what was not acknowledged comes again.
            print(f"trying again: {error!r}", file=sys.stderr)
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main())
