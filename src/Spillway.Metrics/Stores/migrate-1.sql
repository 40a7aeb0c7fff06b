-- From version 1 to version 2: keys by their ids, counters in slices, documents. Views are gone already, and come back by views.sql.

ALTER TABLE counters RENAME TO counters_1;
ALTER TABLE key_labels RENAME TO key_labels_1;
DROP INDEX counters_by_group;
DROP INDEX files_by_run;
ALTER TABLE runs ADD COLUMN updated_at TEXT;
ALTER TABLE alerts ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN kept_from_ns INTEGER;

CREATE TABLE keys (
    key_id      INTEGER PRIMARY KEY,
    group_id    INTEGER NOT NULL,
    key         TEXT NOT NULL,
    label       TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    last_slice  INTEGER NOT NULL,
    UNIQUE (key, group_id)
);
INSERT INTO keys VALUES (0, 0, 'SYS:GROUP_TOTALS', '', '', 0x7FFFFFFFFFFF);

CREATE TABLE counter_slices (
    slice_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id    INTEGER NOT NULL REFERENCES runs,
    group_id  INTEGER NOT NULL REFERENCES groups,
    level     INTEGER NOT NULL,
    start     INTEGER NOT NULL,
    seconds   INTEGER NOT NULL,
    parent_id INTEGER
);
CREATE INDEX slices_by_group ON counter_slices (group_id, start, parent_id, level, run_id, seconds);
CREATE INDEX slices_by_run ON counter_slices (run_id, start, seconds);

CREATE TABLE counter_values (
    slice_id INTEGER NOT NULL REFERENCES counter_slices,
    meter    INTEGER NOT NULL,
    key_id   INTEGER NOT NULL REFERENCES keys,
    value    REAL NOT NULL,
    samples  INTEGER,
    PRIMARY KEY (slice_id, meter, key_id)
) WITHOUT ROWID;

CREATE TABLE documents (
    document_id INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES runs,
    time_ns     INTEGER NOT NULL,
    group_id    INTEGER NOT NULL REFERENCES groups,
    flow_id     TEXT,
    key         TEXT NOT NULL,
    text        TEXT NOT NULL
);
CREATE INDEX documents_by_time ON documents (run_id, time_ns);

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

CREATE INDEX alerts_by_time ON alerts (run_id, time_ns);
CREATE INDEX resources_by_time ON resources (run_id, time_ns);
CREATE INDEX flows_by_time ON flows (run_id, last_ns);
CREATE INDEX tags_by_flow ON tags (flow_row);
CREATE INDEX files_by_time ON files (run_id, time_ns);

INSERT OR IGNORE INTO keys (group_id, key, last_slice)
SELECT DISTINCT group_id, key, 0 FROM counters_1 WHERE key <> 'SYS:GROUP_TOTALS';
INSERT INTO keys (group_id, key, label, description, last_slice)
SELECT group_id, key, label, description, 0 FROM key_labels_1 WHERE true
ON CONFLICT DO UPDATE SET label = excluded.label, description = excluded.description;

INSERT INTO counter_slices (run_id, group_id, level, start, seconds)
SELECT DISTINCT c.run_id, c.group_id, 0, c.window_start, r.window_seconds
FROM counters_1 c JOIN runs r ON r.run_id = c.run_id ORDER BY c.run_id, c.window_start, c.group_id;

-- Parts of one window become one row.
INSERT INTO counter_values
SELECT s.slice_id, c.meter, CASE c.key WHEN 'SYS:GROUP_TOTALS' THEN 0 ELSE k.key_id END,
       CASE m.type
           WHEN 'Maximum' THEN max(c.value)
           WHEN 'Minimum' THEN min(c.value)
           WHEN 'Average' THEN sum(c.value * c.samples) / sum(c.samples)
           ELSE sum(c.value)
       END,
       sum(c.samples)
FROM counters_1 c
JOIN counter_slices s ON s.run_id = c.run_id AND s.group_id = c.group_id AND s.start = c.window_start
JOIN meters m ON m.group_id = c.group_id AND m.meter = c.meter
LEFT JOIN keys k ON k.group_id = c.group_id AND k.key = c.key
WHERE m.type NOT IN ('Gauge', 'RunningCounter')
GROUP BY s.slice_id, c.meter, c.key;

INSERT INTO counter_values
SELECT slice_id, meter, key_id, value, samples FROM (
    SELECT s.slice_id, c.meter, CASE c.key WHEN 'SYS:GROUP_TOTALS' THEN 0 ELSE k.key_id END AS key_id, c.value, c.samples, max(c.rowid)
    FROM counters_1 c
    JOIN counter_slices s ON s.run_id = c.run_id AND s.group_id = c.group_id AND s.start = c.window_start
    JOIN meters m ON m.group_id = c.group_id AND m.meter = c.meter
    LEFT JOIN keys k ON k.group_id = c.group_id AND k.key = c.key
    WHERE m.type IN ('Gauge', 'RunningCounter')
    GROUP BY s.slice_id, c.meter, c.key);

UPDATE keys SET last_slice = (SELECT coalesce(max(slice_id), 0) FROM counter_slices) WHERE key_id <> 0;
DROP TABLE counters_1;
DROP TABLE key_labels_1;

CREATE TABLE tracked_flows (
    run_id       INTEGER NOT NULL REFERENCES runs,
    tracker      TEXT NOT NULL,
    bucket_start INTEGER NOT NULL,
    rank         INTEGER NOT NULL,
    flow_id      TEXT NOT NULL,
    value        REAL NOT NULL,
    PRIMARY KEY (run_id, tracker, bucket_start, rank)
) WITHOUT ROWID;

CREATE TABLE flow_attributes (
    flow_row INTEGER NOT NULL REFERENCES flows,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (flow_row, name)
) WITHOUT ROWID;
