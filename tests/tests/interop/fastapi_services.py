"""Runs an example of docs/python-services.md (`SERVICE`) on the tokens of a real Roster.

The script reads the examples from the page itself (`PAGE`). It signs the tokens that Roster would not issue with Roster's
own key (`SIGNING_KEY`).
"""

import importlib
import os
import re
import sys
import tempfile
import time

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

NOBODY = "http://127.0.0.1:1"

ada, cleo = os.environ["TOKEN"], os.environ["CLERK"]
header = jwt.get_unverified_header(ada)
claims = jwt.decode(ada, options={"verify_signature": False})
with open(os.environ["SIGNING_KEY"], encoding="utf-8") as file:
    signing_key = file.read()


def example(name):
    """Imports an example from the page."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.environ["PAGE"], encoding="utf-8") as page:
            for file_name, source in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", page.read(), re.DOTALL):
                with open(os.path.join(folder, file_name), "w", encoding="utf-8") as file:
                    file.write(source)
        sys.path.insert(0, folder)
        return importlib.import_module(name)


def status(service, path, token, method="GET"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = TestClient(service.app).request(method, path, headers=headers)
    assert response.status_code != 401 or response.headers["WWW-Authenticate"] == "Bearer"
    return response.status_code


def signed(key=signing_key, headers=header, **changes):
    changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(changed, key, algorithm=headers["alg"], headers=headers)


def check_access(service):
    response = TestClient(service.app).get("/orders", headers={"Authorization": f"Bearer {ada}"})
    assert (response.status_code, response.json()) == (200, {"buyer": claims["sub"]}), response.text
    assert status(service, "/orders/all", ada) == 403
    assert status(service, "/orders/all", cleo) == 200
    check_rejections(service)


def check_rejections(service):
    """Each token differs from a valid one only in what its name says."""
    assert status(service, "/orders", signed()) == 200
    shared_secret = header["alg"] == "HS256"
    foreign_key = "a secret that another server has" if shared_secret else Ed25519PrivateKey.generate()
    past = int(time.time()) - 3600
    rejected = {
        "no token": None,
        "no JWT": "not.a.jwt",
        "expired": signed(exp=past, iat=past - 900, nbf=past - 900),
        "without an end": signed(exp=None),
        "of another issuer": signed(iss="https://elsewhere.example"),
        "for another audience": signed(aud="another-service"),
        "signed by another key": signed(foreign_key),
        "with an unknown kid": signed(foreign_key, {**header, "kid": "unknown"}),
        "unsigned": signed(None, {**header, "alg": "none"}),
    }
    for what, token in rejected.items():
        assert (status(service, "/orders", token), status(service, "/orders/all", token)) == (401, 401), what


def check_published_keys(service):
    check_access(service)
    service.keys.uri = NOBODY
    assert status(service, "/orders", ada) == 200, "the keys are cached"
    service.keys.jwk_set_cache.jwk_set_with_timestamp.timestamp -= 301
    assert status(service, "/orders", ada) == 503, "the keys have expired, and Roster is down"


def check_joserfc_keys(service):
    check_access(service)
    fetches = []
    fetch = service.requests.get
    service.requests.get = lambda *args, **options: fetches.append(args) or fetch(*args, **options)
    unknown = signed(headers={**header, "kid": "unknown"})
    service.keys.asked -= 11
    assert [status(service, "/orders", unknown) for _ in range(5)] == [401] * 5
    assert len(fetches) == 1, "unknown keys lead to one fetch in ten seconds"
    service.ROSTER = NOBODY
    service.keys.asked -= 301
    assert status(service, "/orders", ada) == 200, "the last keys stay valid while Roster is down"
    assert len(fetches) == 2


def check_introspection(service):
    assert status(service, "/orders", ada, "DELETE") == 403
    assert status(service, "/orders", None, "DELETE") == 401
    assert status(service, "/orders", cleo, "DELETE") == 200
    logout = requests.post(f"{os.environ['BASE']}/auth/logout", headers={"Authorization": f"Bearer {cleo}"}, timeout=30)
    assert logout.status_code == 204, logout.text
    assert status(service, "/orders/all", cleo) == 200, "the token has not expired"
    assert status(service, "/orders", cleo, "DELETE") == 401, "Roster says that it has ended"
    service.ROSTER = NOBODY
    assert status(service, "/orders", cleo, "DELETE") == 503


def check_existing_middleware(example):
    assert example.read(ada) == (claims["sub"], "ada", "user")


def check_test_orders(example):
    example.test_a_clerk_sees_all_orders()


checks = {
    "published_keys": check_published_keys,
    "joserfc_keys": check_joserfc_keys,
    "shared_secret": check_access,
    "middleware": check_access,
    "existing_middleware": check_existing_middleware,
    "introspection": check_introspection,
    "test_orders": check_test_orders,
}
name = os.environ["SERVICE"]
checks[name](example(name))
