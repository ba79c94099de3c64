"""PyJWT with the secret that it shares with Roster: it verifies Roster's tokens, and issues one that Roster accepts."""

import os

import jwt
import requests

base, secret = os.environ["BASE"], os.environ["SECRET"]
claims = jwt.decode(
    os.environ["TOKEN"], secret, algorithms=["HS256"], audience="roster", issuer="roster"
)


def status(**changes):
    changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    token = jwt.encode(changed, secret, algorithm="HS256", headers={"typ": "at+jwt"})
    response = requests.get(f"{base}/users/me", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return response.status_code


assert status(jti="made by PyJWT") == 200
assert status(sid=None) == 401
assert status(sid="0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8") == 401
assert status(epoch=None) == 401
assert status(epoch=claims["epoch"] + 1) == 401
