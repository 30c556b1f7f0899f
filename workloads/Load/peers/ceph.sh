#!/bin/sh
# Ceph RGW of Debian on loopback, for comparison: one mon, one mgr, one BlueStore OSD on a file, pool size 1, beast with tcp_nodelay, debug logging off.
#   ceph.sh start DIR PORT ACCESS SECRET    waits until S3 answers; prints the process id of radosgw and of the OSD
#   ceph.sh stop DIR                        ends what it started and removes DIR
# Exit codes: 0 done, 1 failed, 3 Ceph is not installed (apt-get install ceph-mon ceph-mgr ceph-osd radosgw curl).
set -eu
action=$1
dir=$2
if [ "$action" = stop ]; then
    for name in radosgw osd mgr mon; do
        if [ -f "$dir/$name.pid" ]; then
            kill "$(cat "$dir/$name.pid")" 2>/dev/null || true
        fi
    done
    sleep 2
    for name in radosgw osd mgr mon; do
        if [ -f "$dir/$name.pid" ]; then
            kill -9 "$(cat "$dir/$name.pid")" 2>/dev/null || true
        fi
    done
    rm -rf "$dir"
    exit 0
fi

for program in ceph-mon ceph-mgr ceph-osd radosgw radosgw-admin ceph monmaptool curl; do
    if ! command -v "$program" >/dev/null; then
        echo "$program is not installed" >&2
        exit 3
    fi
done

port=$3
access=$4
secret=$5
mon_port=$((port + 1))
osd_bytes=${CEPH_OSD_BYTES:-21474836480}
mkdir -p "$dir/mon" "$dir/mgr" "$dir/osd" "$dir/rgw"
fsid=$(cat /proc/sys/kernel/random/uuid)
cat > "$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = v1:127.0.0.1:$mon_port
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 16
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000
ms_bind_ipv6 = false
log_file = $dir/\$name.log
admin_socket = $dir/\$name.asok
pid_file = $dir/\$type.pid
run_dir = $dir
crash_dir = $dir
debug_ms = 0/0
debug_osd = 0/0
debug_bluestore = 0/0
debug_bluefs = 0/0
debug_rocksdb = 0/0
debug_rgw = 0/0
debug_mon = 0/0
debug_mgr = 0/0
debug_auth = 0/0
bluestore_block_size = $osd_bytes
bluestore_block_create = true
[mon.a]
mon_data = $dir/mon
[mgr.a]
mgr_data = $dir/mgr
mgr_initial_modules =
[osd.0]
osd_data = $dir/osd
osd_objectstore = bluestore
osd_crush_update_on_start = false
osd_class_update_on_start = false
[client.rgw]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
pid_file = $dir/radosgw.pid
CONF
# The OSD sends no commands of its own when it starts ("crush add" below places it): without authentication it may send them before the first monitor map has
# told it the id of the cluster, the monitor answers "wrong fsid", and the OSD gives up. On a busy machine that happens now and then.
export CEPH_CONF="$dir/ceph.conf"
cd "$dir"
# Names each step in the log, so that a failure can be told by its own lines.
step() {
    echo "== $*"
    "$@"
}
set +e
(
    set -e
    step monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$mon_port]" "$dir/monmap"
    step ceph-mon -c "$CEPH_CONF" --mkfs -i a --monmap "$dir/monmap"
    step ceph-mon -c "$CEPH_CONF" -i a
    step ceph -c "$CEPH_CONF" --connect-timeout 30 mon enable-msgr2 || true
    step ceph-mgr -c "$CEPH_CONF" -i a
    osd_uuid=$(cat /proc/sys/kernel/random/uuid)
    step ceph -c "$CEPH_CONF" --connect-timeout 30 osd new "$osd_uuid" 0
    step ceph-osd -c "$CEPH_CONF" -i 0 --mkfs --osd-uuid "$osd_uuid"
    step ceph -c "$CEPH_CONF" --connect-timeout 30 osd crush add osd.0 1.0 host=here root=default
    step ceph-osd -c "$CEPH_CONF" -i 0
    step radosgw -c "$CEPH_CONF" -n client.rgw
    echo "== wait until http://127.0.0.1:$port/ answers"
    tries=0
    until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 240 ]; then
            echo "radosgw does not answer after two minutes; the end of its log:"
            tail -5 "$dir/client.rgw.log"
            exit 1
        fi
        sleep 0.5
    done
    step radosgw-admin -c "$CEPH_CONF" -n client.rgw user create --uid=load --display-name=load --access-key="$access" --secret-key="$secret"
) >"$dir/start.log" 2>&1
code=$?
set -e
if [ "$code" -ne 0 ]; then
    # Only the begin of the step that failed, without stacks and what each start of a new OSD says too.
    awk '/^== / { text = ""; step = substr($0, 4); next }
        /^$/ || /_read_bdev_label failed to open/ || /_read_fsid unparsable/ || /Falling back to public interface/ || /log_to_monitors/ || /AdminSocketConfigObs/ || /^ [0-9]+: / { next }
        { text = text $0 "\n" }
        END { printf "%s\nfailed with exit code %s:\n%s", step, code, text }' code="$code" "$dir/start.log" | head -12 >&2
    exit 1
fi
cat "$dir/radosgw.pid" "$dir/osd.pid"
