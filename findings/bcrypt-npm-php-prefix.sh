#!/usr/bin/env bash
# A bcrypt hash of PHP is a wrong password to the npm package bcrypt, without an error.
#
# PHP's password_hash, and with it Laravel, Drupal and WordPress, writes `$2y$`. bcrypt 6.0.0 from npm answers `false` for
# the right password of such a hash, as for a wrong password. bcryptjs 3.0.3, which is meant to take its place, and
# Python's bcrypt 5.0.0 take it. `$2a$`, `$2b$` and `$2y$` name the same computation, so renaming the prefix is enough.
#
# Seen on 2026-11-29 with Node.js 20.20.2 and Python 3.11.7, one hash under three prefixes and its right password:
#   $2a$ bcrypt true, bcryptjs true, python True
#   $2b$ bcrypt true, bcryptjs true, python True
#   $2y$ bcrypt false, bcryptjs true, python True
#
# For Roster: every prefix is verified. Whoever moves a table of hashes from PHP to Node.js by hand locks everybody out.
# Exit code 0 as long as this is so, 1 if it has changed.
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
