-- From version 6 to version 7: what flows looked like on the wire, and which capture they are in; the host of an alert. Of older ones it is unknown.

ALTER TABLE flows ADD COLUMN capture INTEGER;
ALTER TABLE flows ADD COLUMN vlan TEXT;
ALTER TABLE flows ADD COLUMN mac_a TEXT;
ALTER TABLE flows ADD COLUMN mac_z TEXT;
ALTER TABLE flows ADD COLUMN flags_az INTEGER;
ALTER TABLE flows ADD COLUMN flags_za INTEGER;
ALTER TABLE flows ADD COLUMN history TEXT;
ALTER TABLE alerts ADD COLUMN host TEXT;

CREATE TABLE captures (
    run_id INTEGER NOT NULL REFERENCES runs,
    number INTEGER NOT NULL,
    name   TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;
