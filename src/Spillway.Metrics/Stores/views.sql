-- Views only: they are made anew whenever the schema changes.
-- What to look at first. "SELECT * FROM top_counters WHERE group_name = 'Hosts' AND meter_name = 'Total' ORDER BY total DESC LIMIT 10"

-- Keys as people write them: 0A.01.02.03 is 10.1.2.3, p-01BB is 443, 32 digits of HostsIPv6 are an address.
CREATE VIEW key_names AS
SELECT k.key_id, k.group_id, k.key, k.label,
       CASE
           WHEN length(k.key) = 11 AND k.key GLOB '[0-9A-F][0-9A-F].[0-9A-F][0-9A-F].[0-9A-F][0-9A-F].[0-9A-F][0-9A-F]' THEN
               (instr(d.hex, substr(k.key, 1, 1)) * 16 + instr(d.hex, substr(k.key, 2, 1)) - 17) || '.' ||
               (instr(d.hex, substr(k.key, 4, 1)) * 16 + instr(d.hex, substr(k.key, 5, 1)) - 17) || '.' ||
               (instr(d.hex, substr(k.key, 7, 1)) * 16 + instr(d.hex, substr(k.key, 8, 1)) - 17) || '.' ||
               (instr(d.hex, substr(k.key, 10, 1)) * 16 + instr(d.hex, substr(k.key, 11, 1)) - 17)
           WHEN k.key GLOB 'p-[0-9A-F][0-9A-F][0-9A-F][0-9A-F]' THEN
               CAST(instr(d.hex, substr(k.key, 3, 1)) * 4096 + instr(d.hex, substr(k.key, 4, 1)) * 256
                   + instr(d.hex, substr(k.key, 5, 1)) * 16 + instr(d.hex, substr(k.key, 6, 1)) - 4369 AS TEXT)
           WHEN length(k.key) = 32 AND k.group_id = (SELECT group_id FROM groups WHERE kind = 'counter' AND guid = '{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}') THEN
               lower(substr(k.key, 1, 4) || ':' || substr(k.key, 5, 4) || ':' || substr(k.key, 9, 4) || ':' || substr(k.key, 13, 4) || ':' ||
                   substr(k.key, 17, 4) || ':' || substr(k.key, 21, 4) || ':' || substr(k.key, 25, 4) || ':' || substr(k.key, 29, 4))
           ELSE k.key
       END AS name
FROM keys k, (SELECT '0123456789ABCDEF' AS hex) d;

-- CROSS JOIN: few slices have no parent, so they come first.
CREATE VIEW counter_totals AS
SELECT s.run_id, s.group_id, v.meter, v.key_id,
       CASE m.type
           WHEN 'Maximum' THEN max(v.value)
           WHEN 'Minimum' THEN min(v.value)
           WHEN 'Average' THEN sum(v.value * v.samples) / sum(v.samples)
           ELSE sum(v.value)
       END AS total
FROM counter_slices s
CROSS JOIN counter_values v ON v.slice_id = s.slice_id
JOIN meters m ON m.group_id = s.group_id AND m.meter = v.meter
WHERE s.parent_id IS NULL AND m.type NOT IN ('Gauge', 'RunningCounter')
GROUP BY s.run_id, s.group_id, v.meter, v.key_id
UNION ALL
SELECT run_id, group_id, meter, key_id, value
FROM (
    -- With one max() in it, SQLite gives the other columns of the row that has it.
    SELECT s.run_id, s.group_id, v.meter, v.key_id, v.value, max(s.slice_id)
    FROM counter_slices s
    CROSS JOIN counter_values v ON v.slice_id = s.slice_id
    JOIN meters m ON m.group_id = s.group_id AND m.meter = v.meter
    WHERE s.parent_id IS NULL AND m.type IN ('Gauge', 'RunningCounter')
    GROUP BY s.run_id, s.group_id, v.meter, v.key_id
);

CREATE VIEW top_counters AS
SELECT t.run_id, g.name AS group_name, m.name AS meter_name, m.units, k.key, k.name,
       coalesce(nullif(k.label, ''), lent.label, '') AS label, t.total
FROM counter_totals t
JOIN groups g ON g.group_id = t.group_id
JOIN meters m ON m.group_id = t.group_id AND m.meter = t.meter
JOIN key_names k ON k.key_id = t.key_id
LEFT JOIN groups r ON r.kind = 'counter' AND r.guid = g.resolver_guid
LEFT JOIN keys lent ON lent.group_id = r.group_id AND lent.key = k.key
WHERE t.key_id <> 0;

-- The windows, row by row.
CREATE VIEW counters AS
SELECT s.run_id, s.group_id, v.meter, s.start AS window_start, k.key, v.value, v.samples
FROM counter_slices s
JOIN counter_values v ON v.slice_id = s.slice_id
JOIN keys k ON k.key_id = v.key_id
WHERE s.level = 0;

CREATE VIEW counter_series AS
SELECT s.run_id, datetime(s.start, 'unixepoch') AS window, g.name AS group_name, m.name AS meter_name, m.units, k.key, k.name,
       CASE WHEN m.type IN ('RateCounter', 'DeltaRateCounter') THEN v.value / s.seconds ELSE v.value END AS value
FROM counter_slices s
JOIN counter_values v ON v.slice_id = s.slice_id
JOIN key_names k ON k.key_id = v.key_id
JOIN groups g ON g.group_id = s.group_id
JOIN meters m ON m.group_id = s.group_id AND m.meter = v.meter
WHERE s.level = 0;

CREATE VIEW key_labels AS
SELECT group_id, key, label, description FROM keys WHERE label <> '';

CREATE VIEW flow_list AS
SELECT run_id, strftime('%Y-%m-%dT%H:%M:%fZ', first_ns / 1e9, 'unixepoch') AS start, round((last_ns - first_ns) / 1e9, 3) AS seconds,
       CASE protocol WHEN 6 THEN 'TCP' WHEN 17 THEN 'UDP' WHEN 1 THEN 'ICMP' WHEN 58 THEN 'ICMPv6' WHEN 132 THEN 'SCTP' ELSE protocol END AS protocol,
       address_a || ' ' || port_a AS a, address_z || ' ' || port_z AS z, iif(client_is_a, 'a', 'z') AS client,
       bytes_az, bytes_za, packets_az, packets_za, payload_az, payload_za, retransmissions_az, retransmissions_za, retransmissions,
       setup_rtt_us / 1000.0 AS setup_ms, service, tags, vlan, mac_a, mac_z, history,
       (SELECT c.name FROM captures c WHERE c.run_id = flows.run_id AND c.number = flows.capture) AS capture
FROM flows;

CREATE VIEW alert_list AS
SELECT a.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', a.time_ns / 1e9, 'unixepoch') AS time, g.name AS group_name, a.priority, a.key, a.status,
       a.message, a.classification, a.flow_id, a.time_ns, a.alert_id, a.host, a.details
FROM alerts a JOIN groups g ON g.group_id = a.group_id;

CREATE VIEW resource_list AS
SELECT r.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', r.time_ns / 1e9, 'unixepoch') AS time, g.name AS group_name, r.uri, r.label, r.flow_id
FROM resources r JOIN groups g ON g.group_id = r.group_id;

CREATE VIEW file_list AS
SELECT run_id, strftime('%Y-%m-%dT%H:%M:%fZ', time_ns / 1e9, 'unixepoch') AS time, host, uri, method, status, content_type, size, sha1, md5, end, sha256,
       protocol, sent_name, mime_type, magic
FROM files;

CREATE VIEW document_list AS
SELECT d.document_id, d.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', d.time_ns / 1e9, 'unixepoch') AS time, g.name AS group_name, d.key, d.flow_id, d.text
FROM documents d JOIN groups g ON g.group_id = d.group_id;
