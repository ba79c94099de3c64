#!/usr/bin/env bash
# Patroni waits forever if PostgreSQL's user may not run Patroni's Python, and says nothing.
#
# Patroni 4.1.5 starts the postmaster through `multiprocessing` with the method `spawn`, which runs `sys.executable` again,
# and then waits for a number on a pipe without a limit. If that program cannot be run, `Process.start()` of Python 3.11
# reports no error: the child exits with 255. The pipe never ends, since Patroni itself holds its other side. So after
# initdb, Patroni logs "bootstrap in progress" until it is killed, and the other nodes wait for it. A likely case: root
# makes a virtual environment of a Python below /root (pyenv), and starts Patroni as `postgres` with setpriv, whose own
# privileges suffice for the first run.
#
# Seen on 2026-11-30 with Python 3.11.2:
#   Python that everybody may run: start returned patroni.postgresql.postmaster.PostmasterProcess(…)
#   Python that only root may run: no answer after 20 s
#
# Consequence for Roster: tests/high-availability/run.sh makes the environment of /usr/bin/python3.
# Needs root, pip and the user `nobody`. Exits with 0 while this holds, and with 1 once it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
python=$(readlink -f /usr/bin/python3)
/usr/bin/python3 -m venv "$work/tools"
"$work/tools/bin/pip" install -q --target "$work/library" patroni==4.1.5 'psycopg[binary]==3.3.9'
chmod -R a+rX "$work/library"
mkdir -m 755 "$work/open" && cp "$python" "$work/open/python3"
mkdir -m 700 "$work/closed" && cp "$python" "$work/closed/python3"

cat >"$work/start.py" <<'PYTHON'
from patroni.postgresql.postmaster import PostmasterProcess

if __name__ == "__main__":
    print("start returned", PostmasterProcess.start("/bin/false", "/tmp", "/tmp/none.conf", []))
PYTHON
chmod 644 "$work/start.py"

start_with() {
  cd / && PYTHONPATH=$work/library timeout 20 \
    setpriv --reuid=nobody --regid=nogroup --clear-groups "$work/$1/python3" "$work/start.py" 2>/dev/null \
    || echo "no answer after 20 s"
}
open=$(start_with open)
closed=$(start_with closed)
echo "Python that everybody may run: $open"
echo "Python that only root may run: $closed"
[[ "$open" == "start returned"* && "$closed" == "no answer"* ]]
