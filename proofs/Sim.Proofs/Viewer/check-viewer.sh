#!/usr/bin/env bash
# Opens the simulator's pages in a headless Chromium and uses them. Installs nothing; says what it needs.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if [ -z "${OBJECTSTORE_CHROMIUM:-}" ]; then
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" > /dev/null; then
            OBJECTSTORE_CHROMIUM=$(command -v "$name")
            break
        fi
    done
fi
if [ -z "${OBJECTSTORE_CHROMIUM:-}" ]; then
    echo "needs Chromium: Debian's package 'chromium', or any other, named by OBJECTSTORE_CHROMIUM=/path/to/it" >&2
    exit 2
fi
export OBJECTSTORE_CHROMIUM
exec dotnet test proofs/Sim.Proofs -c Release --filter "FullyQualifiedName~BrowserTests"
