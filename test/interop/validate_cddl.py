#!/usr/bin/env python3
"""Validates CoSERV queries and results, signed or not, against coserv.cddl: validate_cddl.py FILE..."""
import pathlib
import sys

import cddl


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    failed = 0
    for name in sys.argv[1:]:
        wrong = cddl.check_document(pathlib.Path(name).read_bytes())
        print(f'{"not ok" if wrong else "ok"} - {name}' + (f': {wrong}' if wrong else ''))
        failed += wrong is not None
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
