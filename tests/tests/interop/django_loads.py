"""Django loads an export of Roster and authenticates the people in it."""

import json
import os

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.BCryptPasswordHasher",
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
        "django.contrib.auth.hashers.ScryptPasswordHasher",
    ],
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.hashers import check_password  # noqa: E402
from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.core.management import call_command  # noqa: E402

call_command("migrate", verbosity=0)
clerks = Group.objects.create(name="clerk")
clerks.permissions.add(Permission.objects.get(codename="view_user"))
call_command("loaddata", os.environ["FILE"], verbosity=0)

passwords = json.loads(os.environ["PASSWORDS"])
usable = {user.username: user for user in User.objects.all() if user.has_usable_password()}
assert len(usable) == int(os.environ["KEPT"]), sorted(usable)
assert {"ada", "cleo", "person-01"} < set(usable), sorted(usable)

for name in set(passwords) & set(usable):
    assert check_password(passwords[name], usable[name].password), (name, usable[name].password)
    assert not check_password("not the password", usable[name].password), name
    assert usable[name].is_active, name

cleo = usable["cleo"]
assert (cleo.email, cleo.first_name) == ("cleo@example.com", "Cleo Clerk"), cleo.__dict__
assert {group.name for group in cleo.groups.all()} == {"clerk", "user"}, cleo.groups.all()
assert cleo.has_perm("auth.view_user"), "the group keeps the permissions that it had"
assert not User.objects.filter(is_staff=True).exists() and not User.objects.filter(is_superuser=True).exists()
assert not User.objects.get(username="locked").is_active, "whoever is locked stays out"
