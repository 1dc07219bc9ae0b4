-- After a clock that ran ahead, what is known from when and when that was by the clock differ for a while.
ALTER TABLE @store@.settled ADD COLUMN moment timestamptz;
