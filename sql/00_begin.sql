-- The extension's own objects: types, operators and functions, no tables. Stores are made by create_store().
-- The script runs with the extension's schema first in search_path; nothing here is CREATE OR REPLACE or IF NOT EXISTS, so that
-- an object that somebody put there beforehand is an error, and never taken for ours.
\echo Use "CREATE EXTENSION coserv" to load this file. \quit

