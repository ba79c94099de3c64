"""PyJWT as many projects use it: the shared secret and nothing else, no audience, no issuer."""

import os

import jwt

claims = jwt.decode(os.environ["TOKEN"], os.environ["SECRET"], algorithms=["HS256"])
assert claims["sub"] == os.environ["ID"], claims
assert (claims["username"], claims["role"]) == ("ada", "user"), claims
assert jwt.get_unverified_header(os.environ["TOKEN"])["typ"] == "JWT"
