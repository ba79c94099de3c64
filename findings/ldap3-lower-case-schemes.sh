#!/usr/bin/env bash
# A password hash that Python's ldap3 makes for a directory is none to passlib, the usual library for such hashes.
#
# ldap3 2.9.1 (`ldap3.utils.hashed.hashed`) writes the scheme in lower case, `{ssha}…`. RFC 2307 and the directories compare
# it without case. passlib 1.7.4 knows only `{SSHA}`: `ldap_context.identify` gives None and `verify` raises ValueError, as for
# a text that is no hash at all. With the same hash and the scheme in capitals the password is right.
#
# Seen on 2026-11-29 with Python 3.11.7:
#   ssha:    identify False, verify ValueError, in capitals True
#   ssha256: identify False, verify ValueError, in capitals True
#   context: None
#
# For Roster: names of schemes in braces are compared without case; a text that looks like one is never a plain password.
# Exit code 0 as long as this is so, 1 if it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ldap3==2.9.1 passlib==1.7.4

cat >check.py <<'PY'
from ldap3 import HASHED_SALTED_SHA, HASHED_SALTED_SHA256
from ldap3.utils.hashed import hashed
from passlib.apps import ldap_context
from passlib.hash import ldap_salted_sha1, ldap_salted_sha256


def verify(handler, hash):
    try:
        return handler.verify("correct horse", hash)
    except Exception as error:
        return type(error).__name__


for name, made, handler in (
    ("ssha", HASHED_SALTED_SHA, ldap_salted_sha1),
    ("ssha256", HASHED_SALTED_SHA256, ldap_salted_sha256),
):
    hash = hashed(made, "correct horse")
    assert hash.startswith(f"{{{name}}}"), hash
    capitals = hash.replace(name, name.upper(), 1)
    label = f"{name}:".ljust(8)
    print(f"{label} identify {handler.identify(hash)}, verify {verify(handler, hash)}, in capitals {verify(handler, capitals)}")
print("context:", ldap_context.identify(hashed(HASHED_SALTED_SHA, "correct horse")))
PY

python/bin/python check.py | tee seen
diff seen - <<'EXPECTED'
ssha:    identify False, verify ValueError, in capitals True
ssha256: identify False, verify ValueError, in capitals True
context: None
EXPECTED
echo "as stated"
