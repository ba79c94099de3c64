#!/usr/bin/env python3
"""Writes through servers of Roster while their database fails, and compares what they acknowledged with what is there.

Each writer changes the profile of a person of its own, and every tenth time registers somebody. Every request has an id,
which the audit log keeps: a change that was made has one audit record with the id of its request.

SIGUSR1 says that the fault has happened. The file `recovered` then says that every writer writes again. SIGTERM ends the
writers; the comparison follows, and one line of JSON.
"""

import argparse
import collections
import http.client
import itertools
import json
import pathlib
import signal
import sys
import threading
import time
import urllib.parse
import uuid

import psycopg

PASSWORD = "nine purple kettles"
# Longer than anything that Roster waits for.
REQUEST_TIMEOUT = 180
PAUSE_BETWEEN_WRITES = 0.04
PAUSE_AFTER_FAILURE = 0.2
PROBE_INTERVAL = 0.05
# When a writer counts as writing again: after so many writes, and so many seconds without a failure of any writer.
WRITES_AFTER_FAULT = 20
QUIET_AFTER_FAULT = 5

Write = collections.namedtuple("Write", "writer id sent ended outcome detail")


class Client:
    """A connection to one server."""

    def __init__(self, base):
        self.address = urllib.parse.urlsplit(base).netloc
        self.connection = None

    def send(self, method, path, body=None, token=None, request_id=None, timeout=REQUEST_TIMEOUT):
        """Sends a request; returns the status and the JSON of the response."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if request_id:
            headers["X-Request-Id"] = request_id
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address, timeout=timeout)
            self.connection.request(method, path, body and json.dumps(body), headers)
            response = self.connection.getresponse()
            text = response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            return response.status, json.loads(text) if is_json else None
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def expect(self, *arguments, **options):
        """Sends a request that has to succeed."""
        status, body = self.send(*arguments, **options)
        if status >= 300:
            raise RuntimeError(f"{arguments[:2]}: {status} {body}")
        return body

    def log_in(self, login, password):
        """Logs in; returns the access token."""
        return self.expect("POST", "/auth/login", {"login": login, "password": password})["access_token"]

    def close(self):
        """Closes the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Writer(threading.Thread):
    """Writes through one server until it is told to stop."""

    def __init__(self, name, base, stop):
        super().__init__(name=name)
        self.client, self.stop = Client(base), stop
        self.client.expect("POST", "/users", {"username": name, "password": PASSWORD})
        self.token = self.client.log_in(name, PASSWORD)
        self.user = self.client.expect("GET", "/users/me", token=self.token)["id"]
        self.writes, self.registered, self.names = [], [], {}

    def run(self):
        for number in itertools.count(1):
            if self.stop.is_set():
                return
            request_id = f"{self.name}-{number}"
            failed = self.register(request_id) if number % 10 == 0 else self.rename(request_id)
            self.stop.wait(PAUSE_AFTER_FAILURE if failed else PAUSE_BETWEEN_WRITES)

    def rename(self, request_id):
        self.names[request_id] = f"name {request_id}"
        return self.write(request_id, "PATCH", "/users/me", {"display_name": f"name {request_id}"}, self.token)

    def register(self, request_id):
        self.registered.append(request_id)
        body = {"username": request_id, "password": PASSWORD}
        return self.write(request_id, "POST", "/users", body)

    def write(self, request_id, method, path, body, token=None):
        sent = time.monotonic()
        try:
            status, answer = self.client.send(method, path, body, token, request_id)
            outcome, detail = outcome_of(status, answer)
        except (OSError, http.client.HTTPException) as error:
            outcome, detail = "unknown", f"no response: {type(error).__name__}"
        self.writes.append(Write(self.name, request_id, sent, time.monotonic(), outcome, detail))
        return outcome != "acknowledged"


def outcome_of(status, answer):
    """What a response says about a write, and the response in short."""
    if status in (200, 201):
        return "acknowledged", str(status)
    code = (answer or {}).get("code", "?")
    unknown = code == "outcome_unknown" or status in (500, 502, 504)
    return "unknown" if unknown else "refused", f"{status} {code}"


class Probe(threading.Thread):
    """Asks a server whether it is ready, and keeps when the answer changed."""

    def __init__(self, base, stop):
        super().__init__(name=f"probe {base}")
        self.client, self.stop = Client(base), stop
        self.changes = []

    def run(self):
        last = None
        while not self.stop.wait(PROBE_INTERVAL):
            try:
                status, _ = self.client.send("GET", "/health/ready", timeout=2)
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            if status != last:
                self.changes.append((time.monotonic(), status))
                last = status


class Run:
    """The writers and probes of one run, and when the fault happened."""

    def __init__(self, servers, count):
        self.servers, self.stop, self.fault = servers, threading.Event(), None
        self.prefix = f"w{uuid.uuid4().hex[:6]}"
        names = [f"{self.prefix}-{number}" for number in range(count)]
        self.writers = [Writer(name, base, self.stop) for name, base in zip(names, itertools.cycle(servers))]
        self.probes = [Probe(base, self.stop) for base in servers]

    def threads(self):
        return [*self.writers, *self.probes]

    def writes(self):
        return sorted((write for writer in self.writers for write in list(writer.writes)), key=lambda it: it.ended)

    def has_recovered(self, now):
        """Whether every writer has been writing for a while since the fault."""
        if self.fault is None or now < self.fault + QUIET_AFTER_FAULT:
            return False
        after = [[write for write in list(writer.writes) if write.sent > self.fault] for writer in self.writers]
        return all(
            sum(write.outcome == "acknowledged" for write in writes) >= WRITES_AFTER_FAULT
            and all(write.outcome == "acknowledged" for write in writes if write.ended > now - QUIET_AFTER_FAULT)
            for writes in after
        )


def longest_gap(writes, since):
    """The longest time without an acknowledged write that ended after `since`, and when it began."""
    ends = [write.ended for write in writes if write.outcome == "acknowledged"]
    gaps = [(later - earlier, earlier) for earlier, later in zip(ends, ends[1:]) if later > since]
    return max(gaps, default=(0, since))


def compare(run, database):
    """Counts the writes that the database should have and lacks, has and should lack, or has twice."""
    ours = (run.prefix + "-%",)
    with psycopg.connect(database) as connection:
        made = [row[0] for row in connection.execute(
            "SELECT request_id FROM audit WHERE request_id LIKE %s ORDER BY seq", ours)]
        users = {name: (shown, version) for name, shown, version in connection.execute(
            "SELECT username, display_name, version FROM users WHERE username LIKE %s", ours)}
    records = collections.Counter(made)
    found = collections.Counter()
    for write in run.writes():
        count = records[write.id]
        found["lost"] += write.outcome == "acknowledged" and count == 0
        found["doubled"] += count > 1
        found["refused_but_made"] += write.outcome == "refused" and count > 0
        found["unknown_and_made"] += write.outcome == "unknown" and count > 0
    for writer in run.writers:
        found["lost"] += sum(name in records and name not in users for name in writer.registered)
        changes = [name for name in made if name in writer.names]
        shown, version = users[writer.name]
        # A change raises the version by one, and the last one is shown.
        found["inconsistent"] += version != 1 + len(changes) or shown != writer.names[changes[-1]]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="the name of the run")
    parser.add_argument("--server", action="append", required=True, help="the base URL of a server")
    parser.add_argument("--database", required=True, help="the URL for the comparison, with every host")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where `writing` and `recovered` are made")
    parser.add_argument("--writers", type=int, default=8)
    arguments = parser.parse_args()
    run = Run(arguments.server, arguments.writers)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGUSR1, lambda *_: setattr(run, "fault", time.monotonic()))
    for thread in run.threads():
        thread.start()
    (arguments.folder / "writing").touch()
    while not ended.wait(0.2):
        if run.has_recovered(time.monotonic()):
            (arguments.folder / "recovered").touch()
    run.stop.set()
    for thread in run.threads():
        thread.join()
    print(json.dumps(report(arguments.name, run, compare(run, arguments.database))))


def report(name, run, found):
    """One run as a row."""
    writes = run.writes()
    gap, gap_began = longest_gap(writes, run.fault)
    since_fault = [write for write in writes if write.ended > run.fault]
    ready = [[(round(at - run.fault, 2), status) for at, status in probe.changes[1:]] for probe in run.probes]
    return {
        "run": name,
        "seconds_without_writes": round(gap, 1),
        "began_after_fault": round(gap_began - run.fault, 2),
        "acknowledged": sum(write.outcome == "acknowledged" for write in writes),
        "lost": found["lost"],
        "doubled": found["doubled"],
        "refused_but_made": found["refused_but_made"],
        "inconsistent": found["inconsistent"],
        "unknown": sum(write.outcome == "unknown" for write in writes),
        "unknown_and_made": found["unknown_and_made"],
        "responses": collections.Counter(write.detail for write in writes),
        "longest_request": round(max(write.ended - write.sent for write in since_fault), 1),
        "ready": ready,
    }


if __name__ == "__main__":
    sys.exit(main())
