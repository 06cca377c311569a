#!/bin/sh
# Makes the database as the published postgres image does, from the same variables, and runs the server. Only for
# tools/compose-test, whose Postgres comes from this machine's distribution.
set -eu
if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?must be set}"
  user=${POSTGRES_USER:-postgres}
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  umask 077
  printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
  # shellcheck disable=SC2086 # the arguments are words
  initdb --username "$user" --pwfile /tmp/password -A scram-sha-256 --locale C.UTF-8 ${POSTGRES_INITDB_ARGS:-}
  rm /tmp/password
  server=$1
  shift
  # As the published image's: no address until everything is made.
  "$server" "$@" -D "$PGDATA" -c listen_addresses= &
  pid=$!
  until pg_isready -q -U "$user" -d postgres; do kill -0 "$pid"; sleep 0.1; done
  psql -v ON_ERROR_STOP=1 -U "$user" -d postgres -c "CREATE DATABASE ${POSTGRES_DB:-$user}"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql -v ON_ERROR_STOP=1 -U "$user" -d "${POSTGRES_DB:-$user}" -f "$file"
  done
  kill -INT "$pid"
  wait "$pid" || true
  set -- "$server" "$@"
fi
unset POSTGRES_PASSWORD
if [ "${1:-}" = postgres ]; then shift; exec postgres -D "$PGDATA" -c 'listen_addresses=*' "$@"; fi
exec "$@"
