-- After a clock that ran ahead, what is known from when and when that was by the clock differ for a while.
ALTER TABLE @store@.settled ADD COLUMN moment timestamptz;
-- A document may have several signatures, each of them a statement.
ALTER TABLE @store@.manifest_document DROP CONSTRAINT manifest_document_pkey;
ALTER TABLE @store@.manifest_document ADD PRIMARY KEY (truth, manifest);
