#!/usr/bin/env bash
# Stands in for the region script: one server that stands alone, under the same commands, so that region-faults can be proved without a region.
set -euo pipefail
[ "$1" = --dir ] && { dir=$2; shift 2; }
port=$(cat "$dir/port")

start() {
    OBJECTSTORE_ACCESS_KEY=one-access OBJECTSTORE_SECRET_KEY=one-secret-key \
        setsid dotnet "$(cat "$dir/program")" server --data "$dir/data" --listen "127.0.0.1:$port" >>"$dir/log" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    until curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$port/health/ready"; do
        kill -0 "$(cat "$dir/pid")" || exit 1
        sleep 0.05
    done
}

struck() { echo "struck ${EPOCHREALTIME/,/.}"; }

stop() {
    kill "-$1" "$(cat "$dir/pid")" 2>/dev/null || true
    while kill -0 "$(cat "$dir/pid")" 2>/dev/null; do sleep 0.02; done
}

case "$1" in
    up | start | start-zone) start ;;
    down) stop 9 ;;
    kill | stop-zone) struck; stop 9 ;;
    restart) stop TERM; start ;;
    endpoints) echo "n1 http://127.0.0.1:$port" ;;
    credentials) echo "one-access one-secret-key" ;;
    # What a disk is to a region is all of it here: what was acknowledged is lost.
    wipe-disk) struck; stop 9; rm -rf "$dir/data/store"; start; curl -sf -o /dev/null -X PUT "http://127.0.0.1:$port/none" || true ;;
    admin)
        case "$2" in
            status) echo '{"rootLeader":"n1","nodes":[{"name":"n1","zone":"a"}]}' ;;
            repair) echo '{"isFullyRedundant":true}' ;;
        esac
        ;;
    *) exit 2 ;;
esac
