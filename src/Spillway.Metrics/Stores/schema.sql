-- The store of a probe: what its runs found. One file serves many runs; rows carry the run's id.
-- Times of packets are nanoseconds since 1970 UTC (*_ns); start of a slice is in seconds. Text that was not UTF-8 on the wire has \xHH in it.

CREATE TABLE runs (
    run_id          INTEGER PRIMARY KEY,
    probe_id        TEXT NOT NULL,
    version         TEXT NOT NULL,       -- of the program
    sources         TEXT NOT NULL,       -- what was read, one per line
    window_seconds  INTEGER NOT NULL,    -- length of a streaming window
    started_at      TEXT NOT NULL,       -- wall clock, UTC
    finished_at     TEXT,                -- null: still running, or killed
    packets         INTEGER,
    bytes           INTEGER,
    first_packet_ns INTEGER,             -- until the run has finished: of what is stored
    last_packet_ns  INTEGER,
    exit_code       INTEGER,
    updated_at      TEXT,                -- wall clock of the last transaction
    kept_from_ns    INTEGER              -- what was before has been removed (retention); null if nothing was
);

-- The captures that a run has read, in their order.
CREATE TABLE captures (
    run_id INTEGER NOT NULL REFERENCES runs,
    number INTEGER NOT NULL,             -- from 1
    name   TEXT NOT NULL,                -- as it was given; - is standard input
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;

CREATE TABLE groups (
    group_id       INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL,        -- counter, alert, resource, document
    guid           TEXT NOT NULL,        -- upper case, with braces; unique within a kind
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    bucket_seconds INTEGER,              -- counter groups: what the definition asks for
    resolver_guid  TEXT,                 -- counter groups: the group whose key labels are used
    UNIQUE (kind, guid)
);

CREATE TABLE meters (
    group_id    INTEGER NOT NULL REFERENCES groups,
    meter       INTEGER NOT NULL,
    name        TEXT NOT NULL,
    type        TEXT NOT NULL,           -- Counter, RateCounter, Gauge, RunningCounter, Average, DeltaRateCounter, Maximum, Minimum
    units       TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (group_id, meter)
) WITHOUT ROWID;

-- Keys are spelled out once; rows of counters carry their ids. Key 0 is SYS:GROUP_TOTALS, the whole group, of every group.
CREATE TABLE keys (
    key_id      INTEGER PRIMARY KEY,
    group_id    INTEGER NOT NULL,        -- of the counter group; 0 for key 0
    key         TEXT NOT NULL,
    label       TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    last_slice  INTEGER NOT NULL,        -- no slice beyond this one by more than 10,000 has the key: tells what may be forgotten
    UNIQUE (key, group_id)
);
INSERT INTO keys VALUES (0, 0, 'SYS:GROUP_TOTALS', '', '', 0x7FFFFFFFFFFF);

-- One slice for each run, window and group, and one for each hour and day that is over: their rows add up those of the slices below.
-- Whoever adds up must not take a slice and the one that holds it: "parent_id IS NULL" gives everything once, "level = 0" the windows.
CREATE TABLE counter_slices (
    slice_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id    INTEGER NOT NULL REFERENCES runs,
    group_id  INTEGER NOT NULL REFERENCES groups,
    level     INTEGER NOT NULL,          -- 0 window, 1 hour, 2 day
    start     INTEGER NOT NULL,          -- seconds since 1970 UTC
    seconds   INTEGER NOT NULL,          -- length
    parent_id INTEGER                    -- the slice that has this one in it; null if there is none (yet)
);
CREATE INDEX slices_by_group ON counter_slices (group_id, start, parent_id, level, run_id, seconds);
CREATE INDEX slices_by_run ON counter_slices (run_id, start, seconds);

-- One row per slice, meter and key that got a sample. A window that was left and entered again (capture files that are not in order)
-- has its parts in several slices: add them up.
CREATE TABLE counter_values (
    slice_id INTEGER NOT NULL REFERENCES counter_slices,
    meter    INTEGER NOT NULL,
    key_id   INTEGER NOT NULL REFERENCES keys,
    value    REAL NOT NULL,              -- rates: the sum; divide by the slice's seconds
    samples  INTEGER,                    -- averages: how many
    PRIMARY KEY (slice_id, meter, key_id)
) WITHOUT ROWID;

CREATE TABLE key_attributes (
    group_id INTEGER NOT NULL REFERENCES groups,
    key      TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (group_id, key, name)
) WITHOUT ROWID;

CREATE TABLE alerts (
    alert_id       INTEGER PRIMARY KEY,
    run_id         INTEGER NOT NULL REFERENCES runs,
    time_ns        INTEGER NOT NULL,
    group_id       INTEGER NOT NULL REFERENCES groups,
    flow_id        TEXT,
    key            TEXT NOT NULL,        -- signature id
    classification TEXT NOT NULL,
    priority       INTEGER NOT NULL,     -- 1 high, 2 medium, 3 low
    message        TEXT NOT NULL,
    status         TEXT NOT NULL,
    details        TEXT NOT NULL DEFAULT '',   -- further text
    host           TEXT                  -- that it is about, readable, if it has no flow; null else
);
CREATE INDEX alerts_by_time ON alerts (run_id, time_ns);

CREATE TABLE resources (
    resource_id INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    time_ns     INTEGER NOT NULL,
    group_id    INTEGER NOT NULL REFERENCES groups,
    flow_id     TEXT,
    uri         TEXT NOT NULL,
    label       TEXT NOT NULL
);
CREATE INDEX resources_by_time ON resources (run_id, time_ns);

-- Texts to be searched: "SELECT d.* FROM document_index(?) i JOIN documents d ON d.document_id = i.rowid ORDER BY rank".
CREATE TABLE documents (
    document_id INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    time_ns     INTEGER NOT NULL,
    group_id    INTEGER NOT NULL REFERENCES groups,
    flow_id     TEXT,
    key         TEXT NOT NULL,           -- unlike any other of the run
    text        TEXT NOT NULL
);
CREATE INDEX documents_by_time ON documents (run_id, time_ns);

-- The index has no copy of the texts. Words are what is between characters that are no letters or digits: www.example.org is three words in
-- a row, a hash is one.
CREATE VIRTUAL TABLE document_index USING fts5 (text, content = 'documents', content_rowid = 'document_id', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
    INSERT INTO document_index (rowid, text) VALUES (new.document_id, new.text);
END;
CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
    INSERT INTO document_index (document_index, rowid, text) VALUES ('delete', old.document_id, old.text);
END;
CREATE TRIGGER documents_changed AFTER UPDATE OF text ON documents BEGIN
    INSERT INTO document_index (document_index, rowid, text) VALUES ('delete', old.document_id, old.text);
    INSERT INTO document_index (rowid, text) VALUES (new.document_id, new.text);
END;

CREATE TABLE flows (
    flow_row        INTEGER PRIMARY KEY,
    run_id          INTEGER NOT NULL REFERENCES runs,
    flow_id         TEXT NOT NULL,       -- as scripts know it; not unique, ports are used again
    protocol        INTEGER NOT NULL,    -- IP protocol number
    address_a       TEXT NOT NULL,       -- readable; end Z is the one with the lower port
    port_a          TEXT NOT NULL,
    address_z       TEXT NOT NULL,
    port_z          TEXT NOT NULL,
    client_is_a     INTEGER NOT NULL,
    first_ns        INTEGER NOT NULL,
    last_ns         INTEGER NOT NULL,
    bytes_az        INTEGER NOT NULL,
    bytes_za        INTEGER NOT NULL,
    packets_az      INTEGER NOT NULL,
    packets_za      INTEGER NOT NULL,
    payload_az      INTEGER NOT NULL,
    payload_za      INTEGER NOT NULL,
    setup_rtt_us    INTEGER,             -- TCP handshake; null if unknown
    retransmissions INTEGER NOT NULL,    -- of both directions
    state           INTEGER NOT NULL,    -- bits of the script API: 0x80 reset, 0x100 timed out, ...
    tags            TEXT NOT NULL,       -- joined by |
    retransmissions_az INTEGER,          -- null in flows of stores before version 3
    retransmissions_za INTEGER,
    service         TEXT,                -- found in what it carries: http, tls, dns, http,tls; null if nothing was
    capture         INTEGER,             -- that its first packet is in: captures.number; null if it is in none, as from an interface
    vlan            TEXT,                -- ids of its first packet, the outermost first, joined by commas; null without a tag
    mac_a           TEXT,                -- of its first packet, which may be a router's; null if the link is not Ethernet
    mac_z           TEXT,
    flags_az        INTEGER,             -- all TCP flags that end A has set: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK, ...; null if not TCP
    flags_za        INTEGER,
    history         TEXT                 -- what happened, in the order in which it came first; capital letters are the client's
);
CREATE INDEX flows_by_time ON flows (run_id, last_ns);

-- What was learned about a flow: Host and SNI (the first of each), and what scripts added.
CREATE TABLE flow_attributes (
    flow_row INTEGER NOT NULL REFERENCES flows,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (flow_row, name)
) WITHOUT ROWID;

CREATE TABLE tags (
    tag      TEXT NOT NULL,
    flow_row INTEGER NOT NULL REFERENCES flows,
    PRIMARY KEY (tag, flow_row)
) WITHOUT ROWID;
CREATE INDEX tags_by_flow ON tags (flow_row);

CREATE TABLE edges (
    run_id     INTEGER NOT NULL REFERENCES runs,
    from_group TEXT NOT NULL,            -- GUID of a counter group, known or not
    from_key   TEXT NOT NULL,
    to_group   TEXT NOT NULL,
    to_key     TEXT NOT NULL,
    first_ns   INTEGER NOT NULL,
    last_ns    INTEGER NOT NULL,
    PRIMARY KEY (run_id, from_group, from_key, to_group, to_key)
) WITHOUT ROWID;

CREATE TABLE files (
    file_id      INTEGER PRIMARY KEY,
    run_id       INTEGER NOT NULL REFERENCES runs,
    time_ns      INTEGER NOT NULL,
    flow_id      TEXT NOT NULL,
    direction    INTEGER NOT NULL,       -- 0 server to client, 1 client to server
    host         TEXT NOT NULL,
    uri          TEXT NOT NULL,
    method       TEXT NOT NULL,
    status       INTEGER,                -- of the response; null if unknown
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,       -- after decoding
    name         TEXT NOT NULL,          -- in the ram directory
    sha1         TEXT,
    md5          TEXT,
    end          TEXT NOT NULL,          -- Complete, Truncated, Gap, Corrupt, Limit
    sha256       TEXT,
    stored       INTEGER,                -- 1 if it was kept under its name by --extract, 0 if not; null in stores before version 4
    protocol     TEXT NOT NULL DEFAULT 'http', -- http, smtp, pop3, imap, ftp-data
    sent_name    TEXT,                   -- as its sender names it; null if unknown
    mime_type    TEXT,                   -- by its content (libmagic); null if unknown
    magic        TEXT                    -- the same in words
);
CREATE INDEX files_by_time ON files (run_id, time_ns);

-- The lists of flow trackers: the highest flows of each bucket by a measure of a script's own.
CREATE TABLE tracked_flows (
    run_id       INTEGER NOT NULL REFERENCES runs,
    tracker      TEXT NOT NULL,           -- name of the list
    bucket_start INTEGER NOT NULL,        -- seconds since 1970 UTC
    rank         INTEGER NOT NULL,        -- 1 is the highest
    flow_id      TEXT NOT NULL,
    value        REAL NOT NULL,           -- the script's measure
    PRIMARY KEY (run_id, tracker, bucket_start, rank)
) WITHOUT ROWID;

-- What clients asked servers for, and what came of it: one row for each request of HTTP, each question of DNS, each handshake of TLS. Times
-- are those of the question. "took_ns" is null if the answer, or its question, was not seen.
CREATE TABLE http (
    http_id        INTEGER PRIMARY KEY,
    run_id         INTEGER NOT NULL REFERENCES runs,
    time_ns        INTEGER NOT NULL,
    flow_id        TEXT NOT NULL,
    client         TEXT NOT NULL,        -- address, readable
    server         TEXT NOT NULL,
    server_port    INTEGER NOT NULL,
    took_ns        INTEGER,              -- to the response's header
    method         TEXT NOT NULL,        -- empty: only the response was seen
    host           TEXT NOT NULL,
    uri            TEXT NOT NULL,
    status         INTEGER,              -- null: no response was seen
    request_type   TEXT NOT NULL,        -- content type without parameters
    response_type  TEXT NOT NULL,
    request_bytes  INTEGER NOT NULL,     -- of the content, decoded
    response_bytes INTEGER NOT NULL,
    user_agent     TEXT NOT NULL,
    referer        TEXT NOT NULL,
    file_name      TEXT                  -- of the response's content: files.name
);
CREATE INDEX http_by_time ON http (run_id, time_ns);

CREATE TABLE dns (
    dns_id       INTEGER PRIMARY KEY,
    run_id       INTEGER NOT NULL REFERENCES runs,
    time_ns      INTEGER NOT NULL,
    flow_id      TEXT NOT NULL,
    client       TEXT NOT NULL,
    server       TEXT NOT NULL,
    server_port  INTEGER NOT NULL,       -- 53; 5353 and 5355 are names of the local network
    took_ns      INTEGER,
    query        TEXT NOT NULL,          -- the name; empty is the root
    type         TEXT NOT NULL,          -- A, AAAA, MX, ...
    rcode        TEXT,                   -- NOERROR, NXDOMAIN, ...; null: no response was seen
    answer_count INTEGER NOT NULL,
    answers      TEXT                    -- JSON array of the answers' data
);
CREATE INDEX dns_by_time ON dns (run_id, time_ns);

CREATE TABLE tls (
    tls_id      INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    time_ns     INTEGER NOT NULL,
    flow_id     TEXT NOT NULL,
    client      TEXT NOT NULL,
    server      TEXT NOT NULL,
    server_port INTEGER NOT NULL,
    took_ns     INTEGER,                 -- to the server's hello
    sni         TEXT NOT NULL,
    version     TEXT,                    -- null: no server hello was seen
    cipher      INTEGER,                 -- IANA's number of the suite
    alpn        TEXT NOT NULL,           -- offered by the client, joined by commas
    ja3         TEXT,
    ja4         TEXT,
    ja3s        TEXT,
    subject     TEXT,                    -- of the server's certificate; null: none was in the clear
    issuer      TEXT,
    serial      TEXT,
    sha1        TEXT,
    names       TEXT,                    -- DNS names of the certificate, joined by commas
    not_before  INTEGER,                 -- seconds since 1970 UTC
    not_after   INTEGER
);
CREATE INDEX tls_by_time ON tls (run_id, time_ns);
