"""PyJWT as many projects use it: with the shared secret only, without an audience or an issuer."""

import os

import jwt

claims = jwt.decode(os.environ["TOKEN"], os.environ["SECRET"], algorithms=["HS256"])
assert claims["sub"] == os.environ["ID"], claims
assert (claims["username"], claims["role"]) == ("ada", "user"), claims
assert jwt.get_unverified_header(os.environ["TOKEN"])["typ"] == "JWT"
