-- From version 7 to version 8: types of files by their content. Those of files in older stores are unknown.

ALTER TABLE files ADD COLUMN mime_type TEXT;
ALTER TABLE files ADD COLUMN magic TEXT;
