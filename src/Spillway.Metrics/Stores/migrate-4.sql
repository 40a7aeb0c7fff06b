-- From version 4 to version 5: transactions of HTTP, DNS and TLS.

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
