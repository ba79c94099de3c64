#!/usr/bin/env bash
# The npm package bcrypt reports a wrong password for bcrypt hashes of the npm package @node-rs/bcrypt, without an error.
#
# @node-rs/bcrypt 1.10.7 writes the prefix `$2y$`, which only PHP writes otherwise. Its README gives `2b` as the default
# version of a salt. bcrypt 6.0.0 returns `false` for the correct password of such a hash. Parse Server 9.10.0 hashes with
# @node-rs/bcrypt wherever it is installed, so that its hashes too begin with `$2y$`.
#
# Seen on 2026-11-30 with Node.js 20.20.2:
#   prefix $2y$, @node-rs/bcrypt true, bcrypt false, bcrypt with the prefix $2b$ true
#
# Consequence for Roster: `$2y$` does not tell that a hash is from PHP, and it is accepted like the others.
# Exits with 0 while this holds, and with 1 once it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @node-rs/bcrypt@1.10.7 bcrypt@6.0.0

cat >check.mjs <<'JS'
import bcrypt from 'bcrypt';
import nodeRs from '@node-rs/bcrypt';

const hash = await nodeRs.hash('correct horse', 4);
const own = await nodeRs.verify('correct horse', hash);
const other = await bcrypt.compare('correct horse', hash);
const renamed = await bcrypt.compare('correct horse', hash.replace('$2y$', '$2b$'));
console.log(`prefix ${hash.slice(0, 4)}, @node-rs/bcrypt ${own}, bcrypt ${other}, bcrypt with the prefix $2b$ ${renamed}`);
JS

node check.mjs | tee seen
diff seen - <<'EXPECTED'
prefix $2y$, @node-rs/bcrypt true, bcrypt false, bcrypt with the prefix $2b$ true
EXPECTED
echo "as stated"
