-- From version 5 to version 6: what has carried a file, and the name its sender gave it. Files of older stores all came over HTTP; their names are unknown.

ALTER TABLE files ADD COLUMN protocol TEXT NOT NULL DEFAULT 'http';
ALTER TABLE files ADD COLUMN sent_name TEXT;
