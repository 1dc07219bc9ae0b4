"""test/interop/coserv.cddl as a validator (zcbor)."""
import contextlib
import io
import pathlib

import plain_cbor
import zcbor
from cbor2 import CBORTag

CONTENT_TYPE = 'application/coserv+cbor'


class Translator(zcbor.DataTranslator):
    """zcbor lets StopIteration out where a tagged element is missing, instead of trying the next choice."""

    def _decode_obj(self, it):
        try:
            return super()._decode_obj(it)
        except StopIteration:
            raise zcbor.CddlValidationError('an element is missing') from None


_types = Translator.from_cddl(cddl_string=pathlib.Path(__file__).with_name('coserv.cddl').read_text(),
                              default_max_qty=1 << 30).my_types


def check(rule, data):
    """None, or what is wrong with the bytes by that rule."""
    try:
        value = plain_cbor.loads(data)
        with contextlib.redirect_stdout(io.StringIO()):     # zcbor prints what it tried
            _types[rule].validate_obj(value)
    except (plain_cbor.Malformed, UnicodeDecodeError) as error:
        return f'not CBOR: {error}'
    except zcbor.CddlValidationError as error:
        return f'not a {rule}: ' + ' '.join(str(error).split())[:200]
    return None


def check_document(data):
    """A query or result, signed or not: None, or what is wrong with it."""
    try:
        value = plain_cbor.loads(data)
    except (plain_cbor.Malformed, UnicodeDecodeError) as error:
        return f'not CBOR: {error}'
    if not isinstance(value, CBORTag):
        return check('coserv', data)
    wrong = check('signed-coserv', data)
    if wrong:
        return wrong
    protected, _, payload, _ = value.value
    return check('signed-coserv-protected-hdr', protected) or check('coserv', payload)
