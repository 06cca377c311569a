-- An index of the embedded form's journal, by blocks: pieces of a segment of about 1 to 2 MiB. It follows from the journal
-- alone and can be thrown away. A row says what stands in its block: times, and the marks of every value that a record in
-- it can be found by, 4 bytes each, ascending (trent-audit-logger, module blocks). So the size of the index follows that
-- of the journal, whatever is recorded, and writing it touches one place of the file.

CREATE TABLE trail_block (
    segment INTEGER NOT NULL,
    start INTEGER NOT NULL,
    finish INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    marks BLOB NOT NULL,
    PRIMARY KEY (segment, start)
);
CREATE INDEX trail_block_by_time ON trail_block (latest, segment, start, earliest);

-- Where each account's chain goes on in a block.
CREATE TABLE trail_block_chain (
    account TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    start INTEGER NOT NULL,
    PRIMARY KEY (account, sequence)
) WITHOUT ROWID;
CREATE INDEX trail_block_chain_by_place ON trail_block_chain (segment, start);
