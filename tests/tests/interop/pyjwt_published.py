"""PyJWT with Roster's published keys."""

import os

import jwt
import requests

base, token = os.environ["BASE"], os.environ["TOKEN"]
server = requests.get(f"{base}/.well-known/oauth-authorization-server", timeout=30).json()
key = jwt.PyJWKClient(server["jwks_uri"]).get_signing_key_from_jwt(token)
claims = jwt.decode(token, key.key, algorithms=["EdDSA"], audience="roster", issuer="roster")
assert claims["sub"] == os.environ["ID"], claims
