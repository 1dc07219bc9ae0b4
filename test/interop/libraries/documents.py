"""Writes sixty CoRIMs in diagnostic notation, of all kinds of triples, into a folder: NN-KIND.edn.

    documents.py FOLDER
"""
import pathlib
import sys

VENDORS = ('ACME', 'Example Corp', 'Größe AG')
DIGEST = "[[1, h'{0:02x}" + '11' * 31 + "'], [7, h'{0:02x}" + '22' * 47 + "']]"
KEY = '554("-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\\n-----END PUBLIC KEY-----")'


def environments(i):
    """The members of an environment in turn, so that each identifier is there."""
    uuid = f"37(h'{i:02x}0102030405060708090a0b0c0d0e0f')"
    oid = "111(h'2b0601040182f417')"
    raw = f"560(h'{i:02x}aa')"
    ueid = "550(h'01" + f'{i:02x}' * 16 + "')"
    vendor = VENDORS[i % 3]
    return (f'{{0: {{1: "{vendor}", 2: "model {i}"}}}}', f'{{0: {{0: {uuid}, 1: "{vendor}"}}}}', f'{{0: {{0: {oid}}}, 1: {ueid}}}',
            f'{{0: {{1: "{vendor}", 3: {i}, 4: 1}}}}', f'{{0: {{0: {raw}}}}}')[i % 5]


def values(i):
    return (f'{{1: {{1: 552({i}), 2: {DIGEST.format(i)}}}}}', f'{{0: "boot", 1: {{0: {{0: "1.{i}.0", 1: 16384}}, 11: "boot"}}}}',
            f"{{0: {i}, 1: {{4: 560(h'{i:02x}')}}}}", f'{{1: {{1: 553({i})}}}}', '{1: {3: {0: true, 4: false}}}',
            f"{{0: 37(h'{i:02x}0102030405060708090a0b0c0d0e0f'), 1: {{2: {DIGEST.format(i)}}}}}")[i % 6]


TRIPLES = {
    'reference': lambda i: f'{{0: [[{environments(i)}, [{values(i)}]]]}}',
    'endorsed': lambda i: f'{{1: [[{environments(i)}, [{values(i)}]]]}}',
    'identity': lambda i: f'{{2: [[{environments(i)}, [{KEY}]]]}}',
    'attest-key': lambda i: f'{{3: [[{environments(i)}, [{KEY}]]]}}',
    'dependency': lambda i: f'{{4: [[{environments(i)}, [{environments(i + 1)}]]]}}',
    'membership': lambda i: f'{{5: [[{environments(i)}, [{environments(i + 1)}, {environments(i + 2)}]]]}}',
    'coswid': lambda i: f'{{6: [[{environments(i)}, ["swid-{i}"]]]}}',
    'series': lambda i: f'{{8: [[[{environments(i)}, [{values(0)}]], [[[{{1: {{1: 552({i})}}}}], [{{1: {{11: "good"}}}}]]]]]}}',
    'conditional': lambda i: f'{{10: [[[[{environments(i)}, [{values(i)}]]], [[{environments(i)}, [{{1: {{11: "good"}}}}]]]]]}}',
    'several': lambda i: f'{{0: [[{environments(i)}, [{values(i)}, {values(i + 1)}]]], 1: [[{environments(i)}, [{values(i)}]]], '
                         f'3: [[{environments(i)}, [{KEY}]]]}}',
}


def document(i, kind):
    profile = '' if i % 3 else f', 3: 32("tag:acme.example,2026:{kind}")'
    entity = ', 2: [{0: "ACME", 1: 32("https://acme.example"), 2: [0, 1]}]' if i % 2 else ''
    return f'501({{0: "acme-{i}", 1: [506(<<{{1: {{0: "tag-{i}", 1: {i}}}{entity}, 4: {TRIPLES[kind](i)}}}>>)]{profile}}})'


def main():
    folder = pathlib.Path(sys.argv[1])
    for i in range(60):
        kind = list(TRIPLES)[i % len(TRIPLES)]
        (folder / f'{i:02}-{kind}.edn').write_text(document(i, kind) + '\n', encoding='utf-8')


main()
