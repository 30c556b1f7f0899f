#!/usr/bin/env bash
# A region of several nodes in several zones on this machine: made, broken, mended and torn down. Touches only its own processes and namespaces.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../../.." && pwd)
dir=/tmp/objectstore-region
program=""
netns=""
zones="a b c"
nodes_per_zone=2
disks=2
data=3
parity=3
survive_zones=1
survive_disks=1
groups=64
port=17000
insecure=""
keep=""
wait_seconds=60
log_level=info

usage() {
    cat <<'HELP'
usage: region.sh [options] COMMAND

  up                       make the region, start all nodes, wait until all can serve
  down                     stop all nodes (SIGTERM, then kill -9), remove namespaces and data; --keep keeps data and logs
  status                   one line a node: state, pid, addresses
  endpoints                the S3 address of each node, one a line: NAME ADDRESS
  credentials              access key and secret key of root, one line
  admin ARGUMENTS...       'objectstore admin ARGUMENTS --data ...' at the first node that runs
  kill NODE                kill -9
  stop NODE                SIGTERM, waits for the end
  start NODE               starts it and waits until it can serve
  restart NODE             stop, start
  stop-zone ZONE           kill -9 of all its nodes at once
  start-zone ZONE          starts all its nodes
  wipe-disk NODE DISK      kill -9, empties the folder of that data disk (a number from 0, or 'metadata'), starts again
  partition A B [--one-way]  nothing gets from A to B nor back; A and B are nodes or zones; needs --netns
  heal                     ends all partitions

options:
  --dir DIR          where everything is kept (default /tmp/objectstore-region)
  --netns            with 'up': each node in a network namespace of its own (needs root and iproute2); default: ports on 127.0.0.1
  --program FILE     the objectstore program or .dll (default: the one that 'dotnet build engine/Host -c Release' made)
  --zones "a b c"    names of zones          --nodes N         nodes in each zone (2)
  --disks N          data disks a node (2)   --layout K+M      shards (3+3)
  --survive-zones N  promise (1)             --survive-disks N promise on top of that (1)
  --groups N         placement groups (64)   --port N          first of the ports on 127.0.0.1 (17000)
  --insecure         cleartext between nodes; not with --netns
  --log-level LEVEL  of the nodes (info)     --wait SECONDS    patience with nodes (60)
  --keep             with 'down': keep data and logs; 'up' with the same options goes on with them

kill, stop-zone, wipe-disk and partition print 'struck SECONDS', the moment (Unix time) at which they did it.

Exit codes: 0 done, 1 could not be done, 2 wrong use.
HELP
}

fail() { echo "region.sh: $*" >&2; exit 1; }
misuse() { echo "region.sh: $*" >&2; exit 2; }

arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        --dir) dir=$2; shift 2 ;;
        --program) program=$2; shift 2 ;;
        --netns) netns=1; shift ;;
        --zones) zones=$2; shift 2 ;;
        --nodes) nodes_per_zone=$2; shift 2 ;;
        --disks) disks=$2; shift 2 ;;
        --layout) data=${2%+*}; parity=${2#*+}; shift 2 ;;
        --survive-zones) survive_zones=$2; shift 2 ;;
        --survive-disks) survive_disks=$2; shift 2 ;;
        --groups) groups=$2; shift 2 ;;
        --port) port=$2; shift 2 ;;
        --insecure) insecure=1; shift ;;
        --keep) keep=1; shift ;;
        --wait) wait_seconds=$2; shift 2 ;;
        --log-level) log_level=$2; shift 2 ;;
        -h|--help) usage; exit 0 ;;
        admin) arguments+=("$@"); break ;;
        *) arguments+=("$1"); shift ;;
    esac
done
[ ${#arguments[@]} -gt 0 ] || { usage >&2; exit 2; }
set -- "${arguments[@]}"

# What 'up' decided is kept, so that later commands need no options but --dir.
state="$dir/region.env"

load() {
    [ -f "$state" ] || fail "there is no region in $dir; 'up' makes one"
    # shellcheck disable=SC1090
    . "$state"
}

run_program() {
    case "$program" in
        *.dll) dotnet "$program" "$@" ;;
        *) "$program" "$@" ;;
    esac
}

all_nodes() { local zone n; for zone in $zones; do for n in $(seq "$nodes_per_zone"); do echo "$zone$n"; done; done; }
nodes_of() { # a zone or a node
    local zone n
    for zone in $zones; do
        if [ "$1" = "$zone" ]; then for n in $(seq "$nodes_per_zone"); do echo "$zone$n"; done; return; fi
    done
    is_node "$1" || fail "there is no node or zone '$1'"
    echo "$1"
}
is_zone() { local zone; for zone in $zones; do [ "$zone" = "$1" ] && return 0; done; return 1; }
is_node() { local node; for node in $(all_nodes); do [ "$node" = "$1" ] && return 0; done; return 1; }
index_of() { local i=0 node; for node in $(all_nodes); do [ "$node" = "$1" ] && { echo "$i"; return; }; i=$((i + 1)); done; fail "there is no node '$1'"; }
ip_of() { if [ -n "$netns" ]; then echo "$subnet.$(($(index_of "$1") + 11))"; else echo 127.0.0.1; fi; }
cluster_of() { if [ -n "$netns" ]; then echo "$(ip_of "$1"):7000"; else echo "127.0.0.1:$((port + $(index_of "$1")))"; fi; }
s3_of() { if [ -n "$netns" ]; then echo "$(ip_of "$1"):9000"; else echo "127.0.0.1:$((port + 100 + $(index_of "$1")))"; fi; }
space_of() { echo "$tag-$1"; }
# Names of interfaces have at most 15 letters; the number keeps them short.
veth_of() { echo "$tag-$(index_of "$1")"; }
pid_file() { echo "$dir/$1/pid"; }

running() {
    local pid
    [ -f "$(pid_file "$1")" ] || return 1
    pid=$(cat "$(pid_file "$1")")
    # The number may have been given to somebody else since: ours has our topology on its command line.
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "--topology $dir/region.json --node $1 "
}

launch() {
    local node=$1 prefix=() command
    running "$node" && return 0
    [ -n "$netns" ] && prefix=(ip netns exec "$(space_of "$node")")
    case "$program" in *.dll) command=(dotnet "$program") ;; *) command=("$program") ;; esac
    command+=(server --topology "$dir/region.json" --node "$node" --log-level "$log_level" --drain-seconds 20)
    # All nodes share this machine.
    command+=(--cache 128MiB)
    [ -n "$insecure" ] && command+=(--insecure-cluster)
    DOTNET_gcServer=0 setsid "${prefix[@]}" "${command[@]}" >>"$dir/$node/log" 2>&1 </dev/null &
    echo $! >"$(pid_file "$node")"
}

await_ready() {
    local node=$1 began=$SECONDS
    until curl -sf -o /dev/null --max-time 2 "http://$(s3_of "$node")/health/ready"; do
        running "$node" || fail "node $node ended instead of starting: $(tail -n 3 "$dir/$node/log")"
        [ $((SECONDS - began)) -lt "$wait_seconds" ] || fail "node $node cannot serve after $wait_seconds s; its log is $dir/$node/log"
        sleep 0.1
    done
}

# The moment of a trouble, for whoever measures from there: the rest of a command takes its time on a busy machine.
struck() { echo "struck ${EPOCHREALTIME/,/.}"; }

kill_now() {
    local node pids=()
    for node in "$@"; do running "$node" && pids+=("$(cat "$(pid_file "$node")")"); done
    if [ ${#pids[@]} -gt 0 ]; then
        struck
        kill -9 "${pids[@]}"
    fi
    for node in "$@"; do while running "$node"; do sleep 0.02; done; rm -f "$(pid_file "$node")"; done
}

stop_gently() {
    local node=$1 began=$SECONDS
    running "$node" || return 0
    kill -TERM "$(cat "$(pid_file "$node")")"
    while running "$node"; do
        [ $((SECONDS - began)) -lt "$wait_seconds" ] || { echo "node $node does not stop; kill -9" >&2; kill_now "$node" >/dev/null; return 1; }
        sleep 0.05
    done
    rm -f "$(pid_file "$node")"
}

write_topology() {
    local zone node disk comma1="" comma2 comma3 voters="" count=0
    # One voter a zone; a region of one zone has up to three there.
    for zone in $zones; do voters+="${voters:+, }\"${zone}1\""; count=$((count + 1)); done
    if [ "$count" -eq 1 ] && [ "$nodes_per_zone" -ge 3 ]; then voters="\"${zones}1\", \"${zones}2\", \"${zones}3\""; elif [ $((count % 2)) -eq 0 ]; then voters="\"${zones%% *}1\""; fi
    {
        echo "{ \"region\": \"us-east-1\", \"placementGroups\": $groups, \"initialVoters\": [$voters],"
        echo "  \"layout\": { \"data\": $data, \"parity\": $parity, \"surviveZones\": $survive_zones, \"surviveDisks\": $survive_disks },"
        echo "  \"times\": { \"electionMs\": 1000, \"heartbeatMs\": 100, \"repairAfterMs\": 15000 },"
        echo "  \"zones\": ["
        for zone in $zones; do
            printf '%s    { "name": "%s", "nodes": [' "$comma1" "$zone"; comma1=$',\n'; comma2=""
            for node in $(nodes_of "$zone"); do
                printf '%s\n      { "name": "%s", "cluster": "%s", "s3": "%s", "data": "%s", "disks": [' "$comma2" "$node" "$(cluster_of "$node")" "$(s3_of "$node")" "$dir/$node/data"
                comma2=","; comma3=""
                for disk in $(seq 0 $((disks - 1))); do printf '%s"%s"' "$comma3" "$dir/$node/disk$disk"; comma3=", "; done
                printf '] }'
            done
            printf ' ] }'
        done
        printf '\n  ] }\n'
    } >"$dir/region.json"
}

make_spaces() {
    local node veth
    ip link add "$tag" type bridge
    ip addr add "$subnet.1/24" dev "$tag"
    ip link set "$tag" up
    for node in $(all_nodes); do
        veth=$(veth_of "$node")
        ip netns add "$(space_of "$node")"
        ip link add "$veth" type veth peer name eth0 netns "$(space_of "$node")"
        ip link set "$veth" master "$tag" up
        ip -n "$(space_of "$node")" addr add "$(ip_of "$node")/24" dev eth0
        ip -n "$(space_of "$node")" link set eth0 up
        ip -n "$(space_of "$node")" link set lo up
    done
}

remove_spaces() {
    local node
    for node in $(all_nodes); do ip netns del "$(space_of "$node")" 2>/dev/null || true; done
    ip link del "$tag" 2>/dev/null || true
}

# A neighbour entry that leads nowhere: frames to it go onto the bridge and nobody takes them. Silent, as a broken switch is.
cut_one() { ip -n "$(space_of "$1")" neigh replace "$(ip_of "$2")" lladdr 02:00:00:00:00:fe dev eth0 nud permanent; }
mend_one() { ip -n "$(space_of "$1")" neigh del "$(ip_of "$2")" dev eth0 2>/dev/null || true; }

command=$1
shift
case "$command" in
    up)
        [ ! -e "$state" ] || fail "there is a region in $dir already; 'down' ends it"
        [ -n "$program" ] || program="$root/artifacts/bin/ObjectStore.Engine.Host/release/objectstore.dll"
        [ -f "$program" ] || fail "there is no program $program: build it with 'dotnet build engine/Host -c Release', or give --program"
        [ -z "$netns" ] || [ -z "$insecure" ] || misuse "--insecure is for loopback, not for --netns"
        [ -z "$netns" ] || [ "$(id -u)" -eq 0 ] || fail "--netns needs root"
        mkdir -p "$dir"
        dir=$(cd "$dir" && pwd)
        state="$dir/region.env"
        number=$(printf '%s' "$dir" | cksum | cut -d' ' -f1)
        tag="os$(printf '%x' $((number % 65536)))"
        subnet="10.$((200 + number % 50)).$((number / 50 % 250))"
        {
            for name in program netns zones nodes_per_zone disks port insecure tag subnet; do printf '%s=%q\n' "$name" "${!name}"; done
        } >"$state"
        # What 'down --keep' left goes on as it was.
        if [ ! -f "$dir/region.json" ]; then
            write_topology
            run_program cluster init --topology "$dir/region.json" --out "$dir/secrets" >"$dir/init.log"
            for node in $(all_nodes); do
                mkdir -p "$dir/$node/data"
                cp -R "$dir/secrets/$node/." "$dir/$node/data/"
                for disk in $(seq 0 $((disks - 1))); do mkdir -p "$dir/$node/disk$disk"; done
            done
        fi
        if [ -n "$netns" ]; then remove_spaces; make_spaces; fi
        for node in $(all_nodes); do launch "$node"; done
        for node in $(all_nodes); do await_ready "$node"; done
        echo "region of $(all_nodes | wc -l) nodes in $(echo $zones | wc -w) zones is up in $dir"
        ;;
    down)
        load
        for node in $(all_nodes); do running "$node" && kill -TERM "$(cat "$(pid_file "$node")")"; done
        began=$SECONDS
        for node in $(all_nodes); do while running "$node" && [ $((SECONDS - began)) -lt 15 ]; do sleep 0.1; done; done
        kill_now $(all_nodes) >/dev/null
        [ -z "$netns" ] || remove_spaces
        rm -f "$state"
        if [ -z "$keep" ]; then
            for node in $(all_nodes); do rm -rf "${dir:?}/$node"; done
            rm -rf "$dir/secrets" "$dir/region.json" "$dir/init.log"
            rmdir "$dir" 2>/dev/null || true
        fi
        ;;
    status)
        load
        for node in $(all_nodes); do
            if running "$node"; then
                ready=silent
                code=$(curl -s -o /dev/null -w '%{http_code}' --max-time 2 "http://$(s3_of "$node")/health/ready" || true)
                [ "$code" = 200 ] && ready=ready
                [ "$code" = 503 ] && ready=not-ready
                echo "$node $ready pid $(cat "$(pid_file "$node")") cluster $(cluster_of "$node") s3 $(s3_of "$node")"
            else
                echo "$node down - cluster $(cluster_of "$node") s3 $(s3_of "$node")"
            fi
        done
        ;;
    endpoints) load; for node in $(all_nodes); do echo "$node http://$(s3_of "$node")"; done ;;
    credentials)
        load
        # JSON writes some letters of a secret as \\uXXXX, which printf %b understands.
        printf '%b\n' "$(sed -n 's/.*"accessKey": "\(.*\)",\{0,1\}$/\1/p;s/.*"secretKey": "\(.*\)",\{0,1\}$/\1/p' "$dir/$(all_nodes | head -n1)/data/root.json" | paste -sd' ')"
        ;;
    admin)
        load
        for node in $(all_nodes); do
            if running "$node"; then run_program admin "$@" --data "$dir/$node/data"; exit $?; fi
        done
        fail "no node runs"
        ;;
    kill) load; is_node "${1:-}" || misuse "kill NODE"; kill_now "$1" ;;
    stop) load; is_node "${1:-}" || misuse "stop NODE"; stop_gently "$1" ;;
    start) load; is_node "${1:-}" || misuse "start NODE"; launch "$1"; await_ready "$1" ;;
    restart) load; is_node "${1:-}" || misuse "restart NODE"; stop_gently "$1"; launch "$1"; await_ready "$1" ;;
    stop-zone) load; is_zone "${1:-}" || misuse "stop-zone ZONE"; kill_now $(nodes_of "$1") ;;
    start-zone) load; is_zone "${1:-}" || misuse "start-zone ZONE"; for node in $(nodes_of "$1"); do launch "$node"; done; for node in $(nodes_of "$1"); do await_ready "$node"; done ;;
    wipe-disk)
        load
        is_node "${1:-}" && [ -n "${2:-}" ] || misuse "wipe-disk NODE DISK"
        case "$2" in metadata) folder="$dir/$1/data/metadata" ;; *) folder="$dir/$1/disk$2" ;; esac
        [ -d "$folder" ] || fail "there is no folder $folder"
        kill_now "$1"
        find "$folder" -mindepth 1 -delete
        launch "$1"
        await_ready "$1"
        ;;
    partition)
        load
        for side in "${1:-}" "${2:-}"; do is_zone "$side" || is_node "$side" || misuse "partition A B [--one-way]; A and B are nodes or zones"; done
        [ -n "$netns" ] || fail "partitions need a region that was made with --netns"
        one_way=""
        [ "${3:-}" = "--one-way" ] && one_way=1
        struck
        for left in $(nodes_of "$1"); do
            for right in $(nodes_of "$2"); do
                [ "$left" = "$right" ] && continue
                cut_one "$left" "$right"
                [ -n "$one_way" ] || cut_one "$right" "$left"
            done
        done
        ;;
    heal)
        load
        [ -n "$netns" ] || exit 0
        for left in $(all_nodes); do for right in $(all_nodes); do [ "$left" = "$right" ] || mend_one "$left" "$right"; done; done
        ;;
    *) misuse "there is no command '$command'; --help lists them" ;;
esac
