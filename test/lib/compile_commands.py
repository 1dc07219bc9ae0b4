#!/usr/bin/env python3
"""Makes of what `make -Bn` would do, on stdin, the compile_commands.json that clangd and other tools read."""
import json
import os
import re
import shlex
import sys

folder, commands = os.getcwd(), []
for line in sys.stdin:
    entered = re.match(r"make(\[\d+\])?: Entering directory '(.*)'", line)
    if entered:
        folder = entered[2]
        continue
    words = shlex.split(line) if re.match(r'\S*(cc|gcc|clang)\S* ', line) else []
    files = [word for word in words if word.endswith('.c')]
    if len(files) == 1 and not any(word.endswith('.bc') for word in words):
        commands.append({'directory': folder, 'file': files[0], 'arguments': words})
json.dump(commands, sys.stdout, indent=1)
print()
