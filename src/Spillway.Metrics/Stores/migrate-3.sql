-- From version 3 to version 4: SHA-256 of files, and whether they were kept. Of older files neither is known.

ALTER TABLE files ADD COLUMN sha256 TEXT;
ALTER TABLE files ADD COLUMN stored INTEGER;
