"""Authlib, PyJWT and joserfc at an issuer with a path: they discover it as RFC 8414, section 3.1, says, and verify its tokens."""

import os

import joserfc.jwt
import jwt
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import get_well_known_url
from joserfc.jwk import KeySet

issuer = os.environ["ISSUER"]
server = requests.get(get_well_known_url(issuer, external=True), timeout=30).json()
assert server["issuer"] == issuer, server

person = OAuth2Session("interop", token_endpoint_auth_method="none")
token = person.fetch_token(
    server["token_endpoint"],
    grant_type="password",
    username=os.environ["USERNAME"],
    password=os.environ["PASSWORD"],
)["access_token"]
algorithms = [jwt.get_unverified_header(token)["alg"]]

key = jwt.PyJWKClient(server["jwks_uri"]).get_signing_key_from_jwt(token)
claims = jwt.decode(token, key.key, algorithms=algorithms, audience="roster", issuer=issuer)
assert claims["sub"] == os.environ["ID"], claims

keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=30).json())
decoded = joserfc.jwt.decode(token, keys, algorithms=algorithms)
rules = joserfc.jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": issuer}, aud={"essential": True, "value": "roster"}
)
rules.validate(decoded.claims)
assert decoded.claims["sub"] == os.environ["ID"], decoded.claims
