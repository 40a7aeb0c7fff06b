-- From version 2 to version 3: retransmissions by direction, and what a flow carries. Of older flows neither is known.

ALTER TABLE flows ADD COLUMN retransmissions_az INTEGER;
ALTER TABLE flows ADD COLUMN retransmissions_za INTEGER;
ALTER TABLE flows ADD COLUMN service TEXT;
