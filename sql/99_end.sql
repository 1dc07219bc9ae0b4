-- What is in the schema is for everybody; what a store holds is its owner's to grant.
GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;
