#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_version.sh FOLDER: all that the matrix does with one version of Wireshark, within that version's
# folder. Each step leaves a file with its result in FOLDER; it says FAILED where the step has.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/packages.sh"

RESULTS=$1
TREE=${ROOT}-build

# What depends on Wireshark or on the compiler; the house's laws, the fuzzing and the simulation don't. Beside
# them, what can't be had here (traffic in network namespaces), and what is told by the transcript's being the
# same as under the version that scripts/test runs all tests with. The graphical Wireshark is tried where the
# folder has it; then it must not be skipped for want of anything else.
TESTS='^(unit|scenarios|plugin|kernel)'
BESIDE='_traffic|/(install|version|reference|reading|texts|live|server_load|end_of_capture)$'
BESIDE+='|/(ladder|svg|dot|tree|table)$'

# step NAME COMMAND...: what it prints last is the result, unless it fails without a word of that.
step()
{
    local name=$1 log=$RESULTS/$1.log
    shift
    if "$@" >"$log" 2>&1; then
        tail -1 "$log" >"$RESULTS/$name"
        return
    fi
    tail -1 "$log" | grep FAILED >"$RESULTS/$name" || echo FAILED >"$RESULTS/$name"
    echo "== $name"
    tail -200 "$log"
    return 1
}

build_all()
{
    configure_package "$TREE" -DTCPFSM_WERROR=ON &&
        cmake --build "$TREE" -j "$(nproc)" &&
        echo ok
}

run_tests()
{
    local log=$RESULTS/ctest.log status=0 failed total skipped word=failed
    (cd "$TREE" && ctest --no-tests=error --output-on-failure -j "$(nproc)" -R "$TESTS" -E "$BESIDE") \
        >"$log" || status=$?
    cat "$log"
    failed=$(sed -n 's/.* tests passed, \([0-9]*\) tests failed out of .*/\1/p' "$log")
    total=$(sed -n 's/.* tests passed, .* tests failed out of \([0-9]*\)$/\1/p' "$log")
    skipped=$(grep -c '^[[:space:]]*[0-9]* - .* (Skipped)$' "$log" || true)
    ! have wireshark || ! grep -q ' - plugin/gui (Skipped)$' "$log" || status=1 failed=$((failed + 1))
    [ "$status" -eq 0 ] || word=FAILED
    echo "$((total - skipped - failed)) passed, $failed $word, $skipped skipped"
    return "$status"
}

check_packages()
{
    make_packages "$TREE" "$RESULTS/packages.d" &&
        TCPFSM_MAY_INSTALL=yes python3 -B "$ROOT/tests/packages/packages_test.py" "$RESULTS/packages.d" &&
        echo ok
}

tshark --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9.]*[0-9]\).*/\1/p' >"$RESULTS/wireshark"
step build build_all
status=0
step tests run_tests || status=1
python3 -B "$ROOT/scripts/lib/transcript.py" "$TREE/plugin/wireshark/tcpfsm.so" >"$RESULTS/transcript" || {
    rm "$RESULTS/transcript"
    status=1
}
step packages check_packages || status=1
exit "$status"
