#!/usr/bin/env bash
# The npm package bcrypt reports a wrong password for bcrypt hashes from PHP, without an error.
#
# PHP's password_hash writes the prefix `$2y$`, and so do Laravel, Drupal and WordPress. bcrypt 6.0.0 from npm returns
# `false` for the correct password of such a hash. Its replacement bcryptjs 3.0.3 and Python's bcrypt 5.0.0 accept it.
# `$2a$`, `$2b$` and `$2y$` stand for the same computation, so it is enough to rename the prefix.
#
# Seen on 2026-11-29 with Node.js 20.20.2 and Python 3.11.7, for one hash with three prefixes and the correct password:
#   $2a$ bcrypt true, bcryptjs true, python True
#   $2b$ bcrypt true, bcryptjs true, python True
#   $2y$ bcrypt false, bcryptjs true, python True
#
# Consequence for Roster: it accepts every prefix. Copying hashes from PHP to Node.js unchanged locks all users out.
# Exits with 0 while this holds, and with 1 once it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check bcrypt==5.0.0
npm install --silent --no-audit --no-fund bcrypt@6.0.0 bcryptjs@3.0.3

cat >check.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import bcrypt from 'bcrypt';
import bcryptjs from 'bcryptjs';

const hash = await bcrypt.hash('correct horse', 4);
const script = 'import bcrypt, sys; print(bcrypt.checkpw(b"correct horse", sys.argv[1].encode()))';
for (const prefix of ['$2a$', '$2b$', '$2y$']) {
  const renamed = prefix + hash.slice(prefix.length);
  const native = await bcrypt.compare('correct horse', renamed);
  const script_only = await bcryptjs.compare('correct horse', renamed);
  const python = execFileSync('python/bin/python', ['-c', script, renamed]).toString().trim();
  console.log(`${prefix} bcrypt ${native}, bcryptjs ${script_only}, python ${python}`);
}
JS

node check.mjs | tee seen
diff seen - <<'EXPECTED'
$2a$ bcrypt true, bcryptjs true, python True
$2b$ bcrypt true, bcryptjs true, python True
$2y$ bcrypt false, bcryptjs true, python True
EXPECTED
echo "as stated"
