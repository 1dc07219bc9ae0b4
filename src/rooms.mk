# The rooms of src, in the order of the arrows: a room includes from itself and from rooms before it, and test/arrows holds that.
# The core knows no PostgreSQL; NEEDS_* says which rooms of it a room's unit tests are linked with.
CORE_ROOMS = cbor codepoints model json cose vendors document inspect match evidence appraise query
PG_ROOMS = pg/base pg/types pg/index pg/store pg/audit pg/trust pg/evidence pg/history pg/load pg/federation pg/answer pg/views

NEEDS_cbor = cbor
NEEDS_codepoints = codepoints cbor
NEEDS_model = model codepoints cbor
NEEDS_json = json model codepoints cbor
NEEDS_cose = cose codepoints cbor
NEEDS_vendors = vendors cose model codepoints cbor
NEEDS_document = document vendors cose json model codepoints cbor
NEEDS_inspect = inspect document vendors cose json model codepoints cbor
NEEDS_match = match model codepoints cbor
NEEDS_evidence = evidence match cose model codepoints cbor
NEEDS_appraise = appraise match model codepoints cbor
NEEDS_query = query match model codepoints cbor
