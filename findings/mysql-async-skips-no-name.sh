#!/usr/bin/env bash
# mysql_async 0.37.1 checks the name in a certificate although `with_danger_skip_domain_validation(true)` says not to.
#
# Its verifier looks for the text "NotValidForName" in the error of rustls. Since rustls 0.23 the error reads "certificate not
# valid for name …", so the text never occurs, and the option has no effect. It fails on the safe side.
#
# Seen on 2026-11-30 with mysql_async 0.37.1, rustls 0.23 and MariaDB 10.11.19, whose certificate was for `localhost` and whose
# root was given, at mysql://r@127.0.0.1/d?ssl-mode=verify-ca&ssl-ca=ca.pem:
#   invalid peer certificate: certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("localhost")
#
# Consequence for Roster: `ssl-mode=verify-ca` of a MySQL source checks the name too, and docs/import.md says so.
# Exits with 0 while the comparison is in the source of the version in Cargo.lock, and with 1 once it is gone.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo fetch --quiet --locked
source=$(cargo metadata --format-version 1 --locked | python3 -c '
import json, os, sys
packages = json.load(sys.stdin)["packages"]
print(next(os.path.dirname(p["manifest_path"]) for p in packages if p["name"] == "mysql_async"))')
grep -q 'to_string().contains("NotValidForName")' "$source/src/io/tls/rustls_io.rs"
echo "mysql_async still compares the text of the error"
