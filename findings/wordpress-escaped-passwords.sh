#!/usr/bin/env bash
# WordPress puts a backslash before quotes in a password, and hashes the result.
#
# WordPress adds slashes to all form data (`wp_magic_quotes`). It removes them from most fields, but neither from a new
# password (`edit_user`, `reset_password`) nor from one at a login (`wp_signon`). WordPress is consistent with itself, but
# the hash of `Keys-Of-The-"House"-7` is one of `Keys-Of-The-\"House\"-7`, and the same goes for `'`. A system that takes
# the hashes over and verifies the text as typed rejects everybody whose password has a quote.
#
# The script that made tests/fixtures/peers/wordpress runs again here, in a temporary folder: it makes a site with the
# WordPress of Debian, changes the password of `ines` on the page of her profile, and logs in with it by the form of
# wp-login.php. Needs Debian's packages mariadb-server-core, mariadb-client, php-cli, php-mysql and curl.
#
# Seen on 2026-11-30 with WordPress 6.8.12, MariaDB 10.11, PHP 8.2 and Python 3.11.7:
#   Keys-Of-The-"House"-7: False
#   Keys-Of-The-\"House\"-7: True
#
# Consequence for Roster: a hash of WordPress ($wp$, $P$, $H$) is verified with the password as typed and, if it has a
# quote, with PHP's `addslashes` of it.
# Exits with 0 while this holds, and with another code once it has changed.
set -euo pipefail
peers=$(realpath "$(dirname "$0")/../tests/fixtures/peers")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
curl --silent --fail -O "http://deb.debian.org/debian/pool/main/w/wordpress/wordpress_6.8.12+dfsg1-0+deb13u1_all.deb"
dpkg -x wordpress_*.deb package
cp -r "$peers" peers
TMPDIR=$work peers/wordpress/make.sh "$work/package/usr/share/wordpress" >make.log 2>&1
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check bcrypt==5.0.0

cat >check.py <<'PY'
import base64
import hashlib
import hmac
import pathlib
import re
import sys

import bcrypt

stored = re.search(r"'ines','\$wp(\$2y\$[^']+)'", pathlib.Path(sys.argv[1]).read_text())[1]
typed = 'Keys-Of-The-"House"-7'
for password in (typed, re.sub(r"""(['"\\])""", r"\\\1", typed)):
    digest = hmac.new(b"wp-sha384", password.encode(), hashlib.sha384).digest()
    print(f"{password}: {bcrypt.checkpw(base64.b64encode(digest), stored.encode())}")
PY

python/bin/python check.py peers/wordpress/wordpress.sql | tee seen
diff seen - <<'EXPECTED'
Keys-Of-The-"House"-7: False
Keys-Of-The-\"House\"-7: True
EXPECTED
echo "as stated"
