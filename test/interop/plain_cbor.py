"""CBOR (RFC 8949) read into Python's plain values. Every tag stays a cbor2.CBORTag, where cbor2 itself would make dates and UUIDs
of some, which the validator of the CDDL does not know; maps are in the order of their keys' encodings. Definite lengths only: what
coserv writes has no others, and a verbatim triple that has is reported."""
import struct

from cbor2 import CBORTag, undefined


class Malformed(ValueError):
    pass


def _head(data, at):
    if at >= len(data):
        raise Malformed(f'ends at {at}')
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        return major, info, info, at
    if info > 27:
        raise Malformed(f'indefinite length or reserved head at {at - 1}')
    size = 1 << (info - 24)
    if at + size > len(data):
        raise Malformed(f'ends at {at}')
    return major, info, int.from_bytes(data[at:at + size], 'big'), at + size


def _string(data, at, length):
    if at + length > len(data):
        raise Malformed(f'string at {at} is longer than the data')
    return data[at:at + length], at + length


def _simple(info, value, at):
    known = {20: False, 21: True, 22: None, 23: undefined}
    if info in (25, 26, 27):
        fmt = {25: '>e', 26: '>f', 27: '>d'}[info]
        return struct.unpack(fmt, value.to_bytes(struct.calcsize(fmt), 'big'))[0], at
    if value not in known:
        raise Malformed(f'simple value {value}')
    return known[value], at


def _item(data, at):
    major, info, value, at = _head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major == 2:
        return _string(data, at, value)
    if major == 3:
        text, at = _string(data, at, value)
        return text.decode('utf-8'), at
    if major == 4:
        array = []
        for _ in range(value):
            element, at = _item(data, at)
            array.append(element)
        return array, at
    if major == 5:
        pairs = {}
        for _ in range(value):
            start = at
            key, at = _item(data, at)
            encoded = data[start:at]
            if encoded in pairs:
                raise Malformed(f'key {key!r} is there twice')
            content, at = _item(data, at)
            pairs[encoded] = (key, content)
        return {pairs[encoded][0]: pairs[encoded][1] for encoded in sorted(pairs)}, at
    if major == 6:
        content, at = _item(data, at)
        return CBORTag(value, content), at
    return _simple(info, value, at)


def loads(data):
    """Exactly one item."""
    value, at = _item(data, 0)
    if at != len(data):
        raise Malformed(f'{len(data) - at} bytes behind the item')
    return value
