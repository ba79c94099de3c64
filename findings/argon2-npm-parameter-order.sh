#!/usr/bin/env bash
# Python's argon2-cffi cannot verify hashes from the npm package argon2. The reverse works.
#
# npm argon2 0.45.0 writes the parameters of a PHC string in alphabetical order, `m=…,p=…,t=…`. argon2-cffi 25.1.0 uses
# the decoder of the reference implementation, which only accepts `m=…,t=…,p=…` and fails with "Decoding failed".
# `argon2.extract_parameters` accepts the same hash, so a check during an import passes, but every login fails later.
#
# Seen on 2026-11-29 with Node.js 20.20.2 and Python 3.11.7:
#   npm:    parameters m=8192,p=1,t=2
#   python: reads the parameters: m=8192, t=2, p=1
#   python: verify: VerificationError: Decoding failed
#   python: verify after the parameters are put in the other order: True
#   node:   verify of a hash of argon2-cffi: true
#
# Consequence for Roster: it reads the parameters of a PHC string by name, in any order.
# Exits with 0 while this holds, and with 1 once it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check argon2-cffi==25.1.0
npm install --silent --no-audit --no-fund argon2@0.45.0

cat >make.mjs <<'JS'
import argon2 from 'argon2';
console.log(await argon2.hash('correct horse', { timeCost: 2, memoryCost: 8192, parallelism: 1 }));
JS
cat >check.mjs <<'JS'
import argon2 from 'argon2';
console.log(`node:   verify of a hash of argon2-cffi: ${await argon2.verify(process.argv[2], 'correct horse')}`);
JS
cat >check.py <<'PY'
import sys
from argon2 import PasswordHasher, extract_parameters

hash = sys.argv[1]
found = extract_parameters(hash)
print(f"python: reads the parameters: m={found.memory_cost}, t={found.time_cost}, p={found.parallelism}")
try:
    print("python: verify:", PasswordHasher().verify(hash, "correct horse"))
except Exception as error:
    print(f"python: verify: {type(error).__name__}: {error}")
reordered = hash.replace("m=8192,p=1,t=2", "m=8192,t=2,p=1")
print("python: verify after the parameters are put in the other order:", PasswordHasher().verify(reordered, "correct horse"))
PY

hash=$(node make.mjs)
{
  echo "npm:    parameters $(cut -d'$' -f4 <<<"$hash")"
  python/bin/python check.py "$hash"
  node check.mjs "$(python/bin/python -c 'from argon2 import PasswordHasher; print(PasswordHasher().hash("correct horse"))')"
} | tee seen
diff seen - <<'EXPECTED'
npm:    parameters m=8192,p=1,t=2
python: reads the parameters: m=8192, t=2, p=1
python: verify: VerificationError: Decoding failed
python: verify after the parameters are put in the other order: True
node:   verify of a hash of argon2-cffi: true
EXPECTED
echo "as stated"
