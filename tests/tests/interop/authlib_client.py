"""Authlib as a client of Roster: discovery, password, refresh_token and client_credentials, introspection, revocation."""

import os

import requests
from authlib.integrations.requests_client import OAuth2Session

base = os.environ["BASE"]
server = requests.get(f"{base}/.well-known/oauth-authorization-server", timeout=30).json()
tokens = server["token_endpoint"]
assert {"password", "refresh_token", "client_credentials"} <= set(server["grant_types_supported"]), server

# A user logs in through a public client.
person = OAuth2Session("interop", token_endpoint_auth_method="none")
first = person.fetch_token(
    tokens, grant_type="password", username=os.environ["USERNAME"], password=os.environ["PASSWORD"]
)
me = person.get(f"{base}/users/me").json()
assert me["username"] == os.environ["USERNAME"], me
second = person.refresh_token(tokens, refresh_token=first["refresh_token"])
assert second["refresh_token"] != first["refresh_token"]
assert person.get(f"{base}/users/me").status_code == 200

# A service account uses a confidential client.
machine = OAuth2Session(
    os.environ["ID"], os.environ["KEY"], token_endpoint_auth_method="client_secret_basic"
)
machine.fetch_token(tokens, grant_type="client_credentials")
assert machine.get(f"{base}/users").status_code == 200


def introspected(token):
    return machine.introspect_token(server["introspection_endpoint"], token=token).json()


introspection = introspected(second["access_token"])
assert introspection["active"] is True and introspection["sub"] == me["id"], introspection

revoked = person.revoke_token(server["revocation_endpoint"], token=second["refresh_token"])
assert revoked.status_code == 200, revoked.text
assert introspected(second["access_token"]) == {"active": False}
assert requests.get(
    f"{base}/users/me", headers={"Authorization": f"Bearer {second['access_token']}"}, timeout=30
).status_code == 401
