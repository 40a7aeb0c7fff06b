-- The store of a probe: what its runs found. One file serves many runs; rows carry the run's id.
-- Times of packets are nanoseconds since 1970 UTC (*_ns); window_start is in seconds. Text that was not UTF-8 on the wire has \xHH in it.

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
    first_packet_ns INTEGER,
    last_packet_ns  INTEGER,
    exit_code       INTEGER
);

CREATE TABLE groups (
    group_id       INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL,        -- counter, alert, resource
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

-- One row per window, key and meter that got a sample. A window that was left and entered again (capture files that are not in order)
-- has its parts in several rows: add them up.
CREATE TABLE counters (
    run_id       INTEGER NOT NULL REFERENCES runs,
    group_id     INTEGER NOT NULL REFERENCES groups,
    meter        INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    key          TEXT NOT NULL,          -- SYS:GROUP_TOTALS: the whole group
    value        REAL NOT NULL,          -- rates: the sum; divide by the window's seconds
    samples      INTEGER                 -- averages: how many
);
CREATE INDEX counters_by_group ON counters (group_id, meter, window_start);

CREATE TABLE key_labels (
    group_id    INTEGER NOT NULL REFERENCES groups,
    key         TEXT NOT NULL,
    label       TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (group_id, key)
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
    status         TEXT NOT NULL
);

CREATE TABLE resources (
    resource_id INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    time_ns     INTEGER NOT NULL,
    group_id    INTEGER NOT NULL REFERENCES groups,
    flow_id     TEXT,
    uri         TEXT NOT NULL,
    label       TEXT NOT NULL
);

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
    retransmissions INTEGER NOT NULL,
    state           INTEGER NOT NULL,    -- bits of the script API: 0x80 reset, 0x100 timed out, ...
    tags            TEXT NOT NULL        -- joined by |
);

CREATE TABLE tags (
    tag      TEXT NOT NULL,
    flow_row INTEGER NOT NULL REFERENCES flows,
    PRIMARY KEY (tag, flow_row)
) WITHOUT ROWID;

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
    end          TEXT NOT NULL           -- Complete, Truncated, Gap, Corrupt, Limit
);
CREATE INDEX files_by_run ON files (run_id);

-- What to look at first. "SELECT * FROM top_counters WHERE group_name = 'Hosts' AND meter_name = 'Total' ORDER BY total DESC LIMIT 10"

CREATE VIEW top_counters AS
WITH sums AS (
    SELECT c.run_id, c.group_id, c.meter, c.key, m.type, m.name AS meter_name, m.units,
           CASE m.type
               WHEN 'Maximum' THEN max(c.value)
               WHEN 'Minimum' THEN min(c.value)
               WHEN 'Average' THEN sum(c.value * c.samples) / sum(c.samples)
               WHEN 'Gauge' THEN NULL
               WHEN 'RunningCounter' THEN NULL
               ELSE sum(c.value)
           END AS total,
           max(c.rowid) AS last_row
    FROM counters c JOIN meters m ON m.group_id = c.group_id AND m.meter = c.meter
    WHERE c.key <> 'SYS:GROUP_TOTALS'
    GROUP BY c.run_id, c.group_id, c.meter, c.key
)
SELECT s.run_id, g.name AS group_name, s.meter_name, s.units, s.key,
       coalesce(nullif(own.label, ''), nullif(lent.label, ''), '') AS label,
       coalesce(s.total, (SELECT value FROM counters WHERE rowid = s.last_row)) AS total
FROM sums s
JOIN groups g ON g.group_id = s.group_id
LEFT JOIN key_labels own ON own.group_id = s.group_id AND own.key = s.key
LEFT JOIN groups r ON r.kind = 'counter' AND r.guid = g.resolver_guid
LEFT JOIN key_labels lent ON lent.group_id = r.group_id AND lent.key = s.key;

CREATE VIEW counter_series AS
SELECT c.run_id, datetime(c.window_start, 'unixepoch') AS window, g.name AS group_name, m.name AS meter_name, m.units, c.key,
       CASE WHEN m.type IN ('RateCounter', 'DeltaRateCounter') THEN c.value / r.window_seconds ELSE c.value END AS value
FROM counters c
JOIN runs r ON r.run_id = c.run_id
JOIN groups g ON g.group_id = c.group_id
JOIN meters m ON m.group_id = c.group_id AND m.meter = c.meter;

CREATE VIEW flow_list AS
SELECT run_id, strftime('%Y-%m-%dT%H:%M:%fZ', first_ns / 1e9, 'unixepoch') AS start, round((last_ns - first_ns) / 1e9, 3) AS seconds,
       protocol, address_a || ' ' || port_a AS a, address_z || ' ' || port_z AS z,
       bytes_az, bytes_za, packets_az, packets_za, retransmissions, tags
FROM flows;

CREATE VIEW alert_list AS
SELECT a.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', a.time_ns / 1e9, 'unixepoch') AS time, g.name AS group_name, a.priority, a.key, a.status,
       a.message, a.classification, a.flow_id
FROM alerts a JOIN groups g ON g.group_id = a.group_id;

CREATE VIEW resource_list AS
SELECT r.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', r.time_ns / 1e9, 'unixepoch') AS time, g.name AS group_name, r.uri, r.label, r.flow_id
FROM resources r JOIN groups g ON g.group_id = r.group_id;

CREATE VIEW file_list AS
SELECT run_id, strftime('%Y-%m-%dT%H:%M:%fZ', time_ns / 1e9, 'unixepoch') AS time, host, uri, method, status, content_type, size, sha1, md5, end
FROM files;
