#!/usr/bin/env bash
# A hash that the npm package argon2 makes cannot be verified by Python's argon2-cffi, and the other way round it can.
#
# npm argon2 0.45.0 writes the parameters of a PHC string in the order of the alphabet, `m=…,p=…,t=…`. The decoder of
# the reference implementation, which argon2-cffi 25.1.0 uses, reads `m=…,t=…,p=…` and nothing else, and answers "Decoding
# failed". `argon2.extract_parameters` reads the same hash without complaint, so a check at import time passes and every
# login fails afterwards.
#
# Seen on 2026-11-29 with Node.js 20.20.2 and Python 3.11.7:
#   npm:    parameters m=8192,p=1,t=2
#   python: reads the parameters: m=8192, t=2, p=1
#   python: verify: VerificationError: Decoding failed
#   python: verify after the parameters are put in the other order: True
#   node:   verify of a hash of argon2-cffi: true
#
# For Roster: a PHC string is read by the names of its parameters, in any order.
# Exit code 0 as long as this is so, 1 if it has changed.
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
