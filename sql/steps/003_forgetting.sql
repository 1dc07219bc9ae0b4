-- A manifest can be forgotten: a revocation says so, and the manifest that it was erased here.
ALTER TABLE @store@.revocation ADD COLUMN forgets boolean NOT NULL DEFAULT false, ADD COLUMN said_here boolean NOT NULL DEFAULT true,
	ADD CHECK (NOT forgets OR manifest IS NOT NULL);
ALTER TABLE @store@.manifest ADD COLUMN forgotten uuid;
