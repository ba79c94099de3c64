#!/usr/bin/env bash
# Runs two replicas of Roster on PostgreSQL that Patroni fails over, breaks something while writers write, and counts the
# acknowledged writes that are lost. See README.md beside this file.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly patroni_version=4.1.5 psycopg_version=3.3.9
readonly nodes=${NODES:-3} writers_count=${WRITERS:-8} seconds_before=5 deadline=240
readonly first_port=${FIRST_PORT:-25400}
readonly etcd_port=$first_port peer_port=$((first_port + 1)) proxy_port=$((first_port + 2))
readonly all_cases=(kill-machine kill-server pause-standby switchover pause-machine pause-server kill-replica
  stop-replica)

here=$PWD/tests/high-availability
roster=${ROSTER:-$PWD/target/debug/roster}
work=$(mktemp -d -t roster-ha-XXXXXX)
tools=${TOOLS:-$work/tools}
readonly here roster tools work
secret=$(head -c 48 /dev/urandom | base64 -w 0)
sealing_key=$(head -c 32 /dev/urandom | base64 -w 0)
readonly secret sealing_key

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)
readonly bin
as_postgres=()
[ "$(id -u)" -ne 0 ] || as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
declare -A agents=()
declare -A replicas=()
others=()

main() {
  trap clean_up EXIT
  chmod 711 "$work"
  install_tools
  start_etcd
  for ((node = 1; node <= nodes; node++)); do start_node "$node"; done
  wait_until "a primary with a synchronous standby" is_whole
  create_database
  start_replica 1
  start_replica 2
  start_proxy
  describe
  local case cases=("$@")
  [ "${#cases[@]}" -gt 0 ] || cases=("${all_cases[@]}")
  for case in "${cases[@]}"; do run_case "$case"; done
  show_table
}

# Installs into a folder: Patroni from PyPI; etcd and HAProxy from Debian's packages, which are unpacked and not
# installed. The user postgres has to be able to run this Python, because Patroni starts the server with it.
install_tools() {
  local package
  mkdir -p "$tools"
  if [ ! -x "$tools/python/bin/patroni" ]; then
    /usr/bin/python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install --quiet "patroni[etcd3]==$patroni_version" "psycopg[binary]==$psycopg_version"
  fi
  for package in etcd-server haproxy liblua5.3-0 libopentracing1 libopentracing-c-wrapper0; do
    [ ! -e "$tools/usr/share/doc/$package" ] || continue
    (cd "$tools" && apt-get download -qq "$package" && dpkg-deb -x "${package}"_*.deb .)
  done
}

start_etcd() {
  mkdir "$work/etcd"
  "$tools/usr/bin/etcd" --name etcd --data-dir "$work/etcd" --log-level error \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
    --initial-cluster "etcd=http://127.0.0.1:$peer_port" >"$work/etcd.log" 2>&1 &
  others+=($!)
}

postgres_port() { echo $((first_port + 10 + $1)); }
rest_port() { echo $((first_port + 20 + $1)); }
replica_url() { echo "http://127.0.0.1:$((first_port + 30 + $1))"; }
folder_of() { echo "$work/node$1"; }

# Starts the agent of a node, which starts PostgreSQL.
start_node() {
  local folder
  folder=$(folder_of "$1")
  mkdir -p "$folder"
  sed -e "s|@NODE@|$1|; s|@ETCD_PORT@|$etcd_port|; s|@FOLDER@|$folder|; s|@BIN@|$bin|" \
    -e "s|@REST_PORT@|$(rest_port "$1")|; s|@POSTGRES_PORT@|$(postgres_port "$1")|" \
    "$here/patroni.yml" >"$folder/patroni.yml"
  [ "${#as_postgres[@]}" -eq 0 ] || chown -R postgres: "$folder"
  (cd / && exec "${as_postgres[@]}" "$tools/python/bin/patroni" "$folder/patroni.yml") >>"$work/node$1.log" 2>&1 &
  agents[$1]=$!
}

# Every process of a node: its agent, its server, and the server's children.
processes_of() {
  local server
  server=$(server_of "$1")
  echo "${agents[$1]}" "$server" "$(pgrep -P "$server" | tr '\n' ' ')"
}

server_of() { head -1 "$(folder_of "$1")/data/postmaster.pid"; }

# Sends a signal to processes; one that has ended meanwhile needs none.
send() {
  local signal=$1
  shift
  kill -s "$signal" "$@" 2>/dev/null || true
}

control() {
  "$tools/python/bin/patronictl" -c "$(folder_of 1)/patroni.yml" "$@"
}

members() { control list --format json 2>/dev/null; }

# The number of the primary.
primary() { members | jq -r 'first(.[] | select(.Role == "Leader" and .State == "running") | .Member[4:])'; }

# The number of the standby that commits wait for.
standby() { members | jq -r 'first(.[] | select(.Role == "Sync Standby") | .Member[4:])'; }

# Whether every node is there, and one of them is the standby that commits wait for.
is_whole() {
  members | jq -e --argjson nodes "$nodes" '
    ([.[] | select(.Role == "Leader" and .State == "running")] | length == 1)
    and ([.[] | select(.Role == "Sync Standby")] | length == 1)
    and ([.[] | select(.State == "streaming")] | length == $nodes - 1)' >/dev/null
}

wait_until() {
  local what=$1 began=$SECONDS
  shift
  until "$@"; do
    [ $((SECONDS - began)) -lt "$deadline" ] || { echo "timed out waiting for $what" >&2; exit 1; }
    sleep 0.2
  done
}

# A URL with every node.
database_url() {
  local hosts
  hosts=$(for ((node = 1; node <= nodes; node++)); do echo "127.0.0.1:$(postgres_port "$node")"; done | paste -sd,)
  echo "postgres://$1@$hosts/$2?target_session_attrs=read-write"
}

create_database() {
  "$bin/psql" -qX -v ON_ERROR_STOP=1 -d "$(database_url postgres postgres)" \
    -c "CREATE ROLE roster LOGIN" -c "CREATE DATABASE roster OWNER roster"
}

# Starts a replica. Both start at once on an empty database, and have the same secret.
start_replica() {
  local folder=$work/replica$1
  mkdir -p "$folder"
  (cd "$folder" && exec env -i PATH="$PATH" JWT_SECRET="$secret" ROSTER__SERVER__PORT="$((first_port + 30 + $1))" \
    ROSTER__STORAGE__SEALING_KEY="$sealing_key" ROSTER__DATA__DIR="$folder/data" ROSTER__STORAGE__URL="$(database_url roster roster)" \
    ROSTER__SERVER__DRAIN_DELAY=3s ROSTER__SERVER__TRUSTED_PROXIES=127.0.0.1 \
    ROSTER__LIMITS__ENABLED=false ROSTER__PASSWORD__BCRYPT_COST=4 "$roster") >>"$work/replica$1.log" 2>&1 &
  replicas[$1]=$!
}

start_proxy() {
  REPLICA_1=127.0.0.1:$((first_port + 31)) REPLICA_2=127.0.0.1:$((first_port + 32)) PROXY_PORT=$proxy_port \
    LD_LIBRARY_PATH=$tools/usr/lib/$(uname -m)-linux-gnu \
    "$tools/usr/sbin/haproxy" -f config/haproxy.cfg >"$work/proxy.log" 2>&1 &
  others+=($!)
}

is_ready() { curl -fsS -o "$work/health" "$1/health/ready" 2>/dev/null; }

describe() {
  wait_until "a replica" is_ready "$(replica_url 1)"
  wait_until "a replica" is_ready "$(replica_url 2)"
  wait_until "the proxy" is_ready "http://127.0.0.1:$proxy_port"
  date -u +"%Y-%m-%d %H:%M UTC"
  "$bin/postgres" --version
  "$tools/python/bin/patroni" --version
  "$tools/usr/bin/etcd" --version | head -1
  LD_LIBRARY_PATH=$tools/usr/lib/$(uname -m)-linux-gnu "$tools/usr/sbin/haproxy" -v | head -1
  "$roster" --version
  echo "$(nproc) cores, $nodes nodes"
}

# Starts writers, breaks something, waits until all write again, mends it, and compares.
run_case() {
  local case=$1 writers primary standby row
  wait_until "all nodes" is_whole
  primary=$(primary) standby=$(standby)
  rm -f "$work/writing" "$work/recovered"
  # shellcheck disable=SC2046 # several words
  "$tools/python/bin/python" "$here/writers.py" --name "$case" --folder "$work" $(servers_of "$case") \
    --writers "$writers_count" --database "$(database_url postgres roster)" >"$work/row" &
  writers=$!
  others+=("$writers")
  wait_until "the writers" test -e "$work/writing"
  sleep "$seconds_before"
  echo "-- $case: the primary is node $primary, its standby node $standby"
  send USR1 "$writers"
  "break_$case" "$primary" "$standby"
  # With two nodes, nothing is written before the broken one is back.
  if [ "$nodes" -eq 2 ]; then
    wait_until_settled "$case" "$primary"
    "mend_$case" "$primary" "$standby"
  fi
  wait_until "all writers to write again" test -e "$work/recovered"
  [ "$nodes" -eq 2 ] || "mend_$case" "$primary" "$standby"
  wait_until "all nodes" is_whole
  sleep "$seconds_before"
  send TERM "$writers"
  wait "$writers"
  row=$(cat "$work/row")
  echo "$row" | tee -a "$work/rows"
}

# Waits until the remaining node has done what it can.
wait_until_settled() {
  case $1 in
    kill-machine | pause-machine | pause-server) wait_until "another primary" is_other_primary "$2" ;;
    pause-standby) sleep 15 ;;
  esac
}

# Where the writers of a case write: at both replicas if the database breaks, and else at the proxy.
servers_of() {
  case $1 in
    *-replica) echo "--server http://127.0.0.1:$proxy_port" ;;
    *) echo "--server $(replica_url 1) --server $(replica_url 2)" ;;
  esac
}

# The machine of the primary is gone; its agent is started again later.
break_kill-machine() {
  # shellcheck disable=SC2046 # several numbers
  send KILL $(processes_of "$1")
}
mend_kill-machine() { start_node "$1"; }

is_other_primary() {
  local now
  now=$(primary)
  [ -n "$now" ] && [ "$now" != "$1" ]
}

# The server of the primary is killed; the agent notices.
break_kill-server() { send KILL "$(server_of "$1")"; }
mend_kill-server() { :; }

# The standby that commits wait for is paused, with its agent.
break_pause-standby() {
  # shellcheck disable=SC2046 # several numbers
  send STOP $(processes_of "$2")
}
mend_pause-standby() {
  # shellcheck disable=SC2046 # several numbers
  send CONT $(processes_of "$2")
}

break_switchover() { control switchover --force --leader "node$1" --candidate "node$2" >>"$work/switchover.log" 2>&1; }
mend_switchover() { :; }

# The machine of the primary stops without a word, and goes on later, when another one is the primary.
break_pause-machine() {
  # shellcheck disable=SC2046 # several numbers
  send STOP $(processes_of "$1")
}
mend_pause-machine() {
  # shellcheck disable=SC2046 # several numbers
  send CONT $(processes_of "$1")
}

# Only the server stops; its agent goes on.
break_pause-server() {
  # shellcheck disable=SC2046 # several numbers
  send STOP "$(server_of "$1")" $(pgrep -P "$(server_of "$1")")
}
mend_pause-server() {
  # shellcheck disable=SC2046 # several numbers
  send CONT $(pgrep -P "$(server_of "$1")") "$(server_of "$1")"
}

# One replica is gone, and is started again later.
break_kill-replica() { send KILL "${replicas[1]}"; }
mend_kill-replica() {
  start_replica 1
  wait_until "the replica" is_ready "$(replica_url 1)"
}

# One replica is stopped as for an upgrade, and started again.
break_stop-replica() {
  send TERM "${replicas[1]}"
  wait "${replicas[1]}"
  start_replica 1
}
mend_stop-replica() { wait_until "the replica" is_ready "$(replica_url 1)"; }

show_table() {
  local replica
  for replica in "${replicas[@]}"; do
    kill -0 "$replica" || { echo "a replica of Roster has ended" >&2; exit 1; }
  done
  jq -rs '
    def outages: if length == 0 then "never" else [range(0; length; 2) as $at | "\(.[$at][0])–\(.[$at + 1][0])"] | join(", ") end;
    "| Case | s without writes | acknowledged | lost | made twice or wrongly | 503 | unknown, of these made | not ready, s | longest request, s |",
    "|---|---|---|---|---|---|---|---|---|",
    (.[] | "| \(.run) | \(.seconds_without_writes) | \(.acknowledged) | \(.lost)"
      + " | \(.doubled + .refused_but_made + .inconsistent)"
      + " | \([.responses | to_entries[] | select(.key | startswith("503")) | .value] | add // 0)"
      + " | \(.unknown), \(.unknown_and_made)"
      + " | \(if .run | endswith("-replica") then "one" else [.ready[] | outages] | join("; ") end)"
      + " | \(.longest_request) |")' "$work/rows"
  jq -es 'all(.lost + .doubled + .refused_but_made + .inconsistent == 0)' "$work/rows" >/dev/null \
    || { echo "acknowledged writes were lost, or others made" >&2; exit 1; }
}

# Ends everything that was started, agents first, and removes the folder, unless KEEP is set.
clean_up() {
  local node
  for node in "${!agents[@]}"; do
    # shellcheck disable=SC2046 # several numbers
    send KILL $(processes_of "$node" 2>/dev/null)
  done
  send KILL "${replicas[@]}" "${others[@]}"
  wait
  if [ -n "${KEEP:-}" ]; then echo "kept: $work"; else rm -rf "$work"; fi
}

main "$@"
