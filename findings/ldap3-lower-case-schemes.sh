#!/usr/bin/env bash
# passlib, the usual Python library for LDAP password hashes, does not recognise hashes made by ldap3.
#
# ldap3 2.9.1 (`ldap3.utils.hashed.hashed`) writes the scheme in lower case, `{ssha}…`. RFC 2307 and directory servers
# ignore case here. passlib 1.7.4 only recognises `{SSHA}`: `ldap_context.identify` returns None and `verify` raises
# ValueError, as for text that is not a hash. With the scheme in capitals, the same hash verifies.
#
# Seen on 2026-11-29 with Python 3.11.7:
#   ssha:    identify False, verify ValueError, in capitals True
#   ssha256: identify False, verify ValueError, in capitals True
#   context: None
#
# Consequence for Roster: it ignores the case of schemes in braces, and never takes text with a scheme as a password.
# Exits with 0 while this holds, and with 1 once it has changed.
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
