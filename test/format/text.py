"""Checks every text file of a folder (default: the checkout) against its .editorconfig. Rows of tables and what stands between fences, in
Markdown, are as they are."""
import os
import pathlib
import sys

import editorconfig

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
PASSED_OVER = {'.git', 'build', 'results', 'tmp_check', '.demo', '__pycache__'}
BUILT = ('.o', '.so', '.bc', '.d', '.svg')


def files(top):
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(set(folders) - PASSED_OVER)
        for name in sorted(names):
            if not name.endswith(BUILT) and not name.startswith('coserv--'):
                yield pathlib.Path(folder) / name


def faults(path):
    rules = editorconfig.get_properties(str(path))
    if rules.get('charset') != 'utf-8':
        return
    try:
        text = path.read_bytes().decode('utf-8')
    except UnicodeDecodeError as error:
        yield 1, f'is not UTF-8 ({error.reason})'
        return
    if text and not text.endswith('\n') and rules.get('insert_final_newline') == 'true':
        yield text.count('\n') + 1, 'no new line at the end'
    fenced = False
    for number, line in enumerate(text.removesuffix('\n').split('\n'), 1):
        fenced ^= line.startswith('```')
        is_free = path.suffix == '.md' and (fenced or line.lstrip().startswith('|'))
        yield from ((number, fault) for fault in faults_of_line(line, is_free, rules))


def faults_of_line(line, is_free, rules):
    if '\r' in line:
        yield 'a carriage return'
    if rules.get('trim_trailing_whitespace') == 'true' and line != line.rstrip():
        yield 'blanks at the end'
    if rules.get('indent_style') == 'space' and not is_free and line.startswith('\t'):
        yield 'a tab where blanks are asked for'
    limit = rules.get('max_line_length', 'off')
    width = len(line.expandtabs(int(rules.get('tab_width', 4))))
    if limit != 'off' and not is_free and width > int(limit):
        yield f'{width} columns, more than {limit}'


def main():
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP).resolve()
    found = 0
    for path in files(top):
        for number, fault in faults(path):
            print(f'{path.relative_to(top)}:{number}: {fault}')
            found += 1
    return found > 0


sys.exit(main())
