-- Typed columns for applications: one row a measurement or a key, of every manifest that was not set aside.

CREATE VIEW @store@.reference_value WITH (security_invoker_placeholder) AS SELECT 1;
