-- An authority says at which moment the certificates that lead to it have to hold.
ALTER TABLE @store@.authority ADD COLUMN chains_judged_at timestamptz;
