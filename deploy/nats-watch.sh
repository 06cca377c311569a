#!/bin/sh
# Runs nats-server, and ends it when it is ill and its disk has room: a stream that could once not be written, because the disk
# was full, takes nothing more until the server has been started anew (2.15). Whoever runs this must start it again when it ends:
# Docker by `restart: unless-stopped`, systemd by `Restart=always`.
#
#   nats-watch.sh nats-server --config nats.conf --http_port 8222
#
# TRENT_NATS_STORE_DIR    where the audit stream lives
# TRENT_NATS_HEALTH_URL   what is asked [default: http://127.0.0.1:8222/healthz]
# TRENT_NATS_ROOM_KB      how much room the disk must have, in KiB [default: 65536]
set -u
url=${TRENT_NATS_HEALTH_URL:-http://127.0.0.1:8222/healthz}
room_kb=${TRENT_NATS_ROOM_KB:-65536}
# The shell's own process, which becomes the server's below.
server=$$

is_well() {
  if command -v wget >/dev/null; then wget -q -T 3 -O /dev/null "$url"; else curl -fs -m 3 -o /dev/null "$url"; fi
}

has_room() {
  [ "$(df -Pk "$TRENT_NATS_STORE_DIR" | awk 'NR == 2 { print $4 }')" -ge "$room_kb" ]
}

# A server that has not been well yet reads its streams, which may take its time.
watch() {
  well=no ill=0
  while sleep 1 && kill -0 "$server" 2>/dev/null; do
    if is_well 2>/dev/null; then
      well=yes ill=0
    elif [ "$well" = yes ]; then
      ill=$((ill + 1))
      if [ "$ill" -ge 5 ] && has_room; then
        echo "nats-watch: the server has been ill for a while and its disk has room: it is ended to be started anew" >&2
        kill -TERM "$server"
        sleep 10
        kill -KILL "$server" 2>/dev/null
        return
      fi
    fi
  done
}

watch &
exec "$@"
