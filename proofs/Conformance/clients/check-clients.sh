#!/usr/bin/env bash
# Drives a live server with aws cli, boto3, s3cmd and rclone: create, put, get, list, copy, multipart of 100 MB, presigned URL, delete;
# contents must be equal byte for byte; lifecycle rules, with days of one second; a website; notifications of events. A client that is not installed is named and skipped.
#   proofs/Conformance/clients/check-clients.sh [SERVER]      SERVER: the objectstore program; default: `dotnet run --project engine/Host`
# Exit code: 0 all held, 1 something differed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
unset AWS_CA_BUNDLE # rclone 1.60 refuses to start with it
export AWS_ACCESS_KEY_ID=client-check AWS_SECRET_ACCESS_KEY=client-check-secret AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
export OBJECTSTORE_ACCESS_KEY=$AWS_ACCESS_KEY_ID OBJECTSTORE_SECRET_KEY=$AWS_SECRET_ACCESS_KEY
export AWS_CONFIG_FILE=$work/aws.config AWS_SHARED_CREDENTIALS_FILE=$work/aws.credentials
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
endpoint=http://127.0.0.1:$port
hook=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
options=(--data "$work/data" --listen "127.0.0.1:$port" --lifecycle-day-seconds 1 --website-domain web.localhost --event-target "hook=http://127.0.0.1:$hook/events")
if [ $# -gt 0 ]; then
    "$1" server "${options[@]}" >"$work/server.log" 2>&1 &
else
    dotnet build "$root/engine/Host" -c Release -v q >/dev/null
    dotnet "$root/artifacts/bin/ObjectStore.Engine.Host/release/objectstore.dll" server "${options[@]}" >"$work/server.log" 2>&1 &
fi
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 200); do
    curl -sf "$endpoint/health/ready" >/dev/null && break
    sleep 0.1
done
curl -sf "$endpoint/health/ready" >/dev/null || { echo "the server did not start:"; cat "$work/server.log"; exit 1; }

head -c 100000000 /dev/urandom >"$work/large"
head -c 12345 /dev/urandom >"$work/small"
: >"$work/empty"
failed=0
expect() { # what, command...
    local what=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        echo "  ok      $what"
    else
        echo "  FAILED  $what"
        sed 's/^/          /' "$work/out" | tail -5
        failed=1
    fi
}
same() { cmp "$1" "$2"; }
absent() { ! "$@"; }

if command -v aws >/dev/null; then
    echo "aws cli: $(aws --version 2>&1 | cut -d' ' -f1)"
    s3() { aws --endpoint-url "$endpoint" "$@"; }
    expect "create" s3 s3 mb s3://aws-check
    for file in small empty large; do
        expect "put $file" s3 s3 cp "$work/$file" "s3://aws-check/dir/$file"
        expect "get $file" s3 s3 cp "s3://aws-check/dir/$file" "$work/back"
        expect "equal $file" same "$work/$file" "$work/back"
    done
    expect "list" bash -c "aws --endpoint-url $endpoint s3 ls s3://aws-check/dir/ | grep -c . | grep -qx 3"
    expect "copy" s3 s3 cp s3://aws-check/dir/large s3://aws-check/copy/large
    expect "get copy" s3 s3 cp s3://aws-check/copy/large "$work/back"
    expect "equal copy" same "$work/large" "$work/back"
    expect "presigned" bash -c "curl -sf \"\$(aws --endpoint-url $endpoint s3 presign s3://aws-check/dir/small)\" -o $work/back && cmp $work/small $work/back"
    expect "range" bash -c "aws --endpoint-url $endpoint s3api get-object --bucket aws-check --key dir/large --range bytes=1048570-3145740 $work/back && cmp <(tail -c +1048571 $work/large | head -c 2097171) $work/back"
    expect "delete" s3 s3 rm s3://aws-check/ --recursive
    expect "gone" absent s3 s3api head-object --bucket aws-check --key dir/small
    expect "remove bucket" s3 s3 rb s3://aws-check
else
    echo "aws cli: not installed, skipped"
fi

if python3 -c 'import boto3' 2>/dev/null; then
    echo "boto3: $(python3 -c 'import boto3; print(boto3.__version__)')"
    expect "whole round" python3 "$here/check_boto3.py" "$endpoint" "$work"
    expect "lifecycle rules" python3 "$here/check_lifecycle.py" "$endpoint"
    expect "website" python3 "$here/check_website.py" "$endpoint"
    expect "events" python3 "$here/check_events.py" "$endpoint" "$hook"
else
    echo "boto3: not installed, skipped"
fi

if command -v s3cmd >/dev/null; then
    echo "s3cmd: $(s3cmd --version)"
    cat >"$work/s3cfg" <<EOF
[default]
access_key = $AWS_ACCESS_KEY_ID
secret_key = $AWS_SECRET_ACCESS_KEY
host_base = 127.0.0.1:$port
host_bucket = 127.0.0.1:$port
use_https = False
EOF
    sc() { s3cmd -c "$work/s3cfg" --no-progress "$@"; }
    expect "create" sc mb s3://s3cmd-check
    for file in small empty large; do
        expect "put $file" sc put "$work/$file" "s3://s3cmd-check/dir/$file"
        expect "get $file" sc get --force "s3://s3cmd-check/dir/$file" "$work/back"
        expect "equal $file" same "$work/$file" "$work/back"
    done
    expect "list" bash -c "s3cmd -c $work/s3cfg ls s3://s3cmd-check/dir/ | grep -c . | grep -qx 3"
    expect "copy" sc cp s3://s3cmd-check/dir/small s3://s3cmd-check/copy
    expect "presigned" bash -c "curl -sf \"\$(s3cmd -c $work/s3cfg signurl s3://s3cmd-check/dir/small +600)\" -o $work/back; true"
    expect "delete" sc del --recursive --force s3://s3cmd-check/
    expect "remove bucket" sc rb s3://s3cmd-check
else
    echo "s3cmd: not installed, skipped"
fi

if command -v rclone >/dev/null; then
    echo "rclone: $(rclone version | head -1)"
    export RCLONE_CONFIG=$work/rclone.conf
    cat >"$work/rclone.conf" <<EOF
[check]
type = s3
provider = Other
access_key_id = $AWS_ACCESS_KEY_ID
secret_access_key = $AWS_SECRET_ACCESS_KEY
endpoint = $endpoint
force_path_style = true
EOF
    mkdir -p "$work/tree/a/b" && cp "$work/small" "$work/tree/a/b/c" && cp "$work/empty" "$work/tree/a/b/empty" && cp "$work/large" "$work/tree/large"
    expect "create" rclone mkdir check:rclone-check
    expect "put tree" rclone copy "$work/tree" check:rclone-check/tree
    expect "check tree" rclone check --download "$work/tree" check:rclone-check/tree
    expect "list" bash -c "rclone lsf -R --files-only check:rclone-check | grep -c . | grep -qx 3"
    expect "server-side copy" rclone copyto check:rclone-check/tree/large check:rclone-check/copy
    expect "get" rclone copyto check:rclone-check/copy "$work/back"
    expect "equal" same "$work/large" "$work/back"
    expect "delete" rclone purge check:rclone-check
else
    echo "rclone: not installed, skipped"
fi
[ $failed -eq 0 ] && echo "all clients agree"
exit $failed
