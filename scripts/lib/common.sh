# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What demo, test, install and setup share. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$ROOT/build
export LC_ALL=C.UTF-8

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# What root makes is for others: the plugin for everybody, and what tshark reads as an ordinary user.
! is_root || umask 022

# An empty folder that the ordinary user below may enter; removed at the end.
SCRATCH=
make_scratch()
{
    [ -z "$SCRATCH" ] || return 0
    SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/tcpfsm.XXXXXX") || die "no room for temporary files"
    chmod 755 "$SCRATCH"
    trap 'rm -rf "$SCRATCH"' EXIT
    mkdir -m 777 "$SCRATCH/home"
}

# --- packages ---------------------------------------------------------------

# The packages behind what is missing, one a line. Looks for the tools, not for the packages:
# who built Wireshark from source needs no package of it.
missing_for_build()
{
    have cc || have gcc || echo gcc libc6-dev
    echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 || echo libc6-dev
    have cmake || echo cmake
    have ninja || echo ninja-build
    have pkg-config || echo pkg-config
    pkg-config --exists wireshark glib-2.0 2>/dev/null || echo wireshark-dev
    have tshark || echo tshark
    have python3 || echo python3
    have setpriv || echo util-linux
}

missing_for_quick()
{
    missing_for_build
    missing_version_14 clang-format
}

# All that any test asks for; what isn't there would be skipped, and scripts/test fails then.
missing_for_test()
{
    missing_for_quick
    have clang || echo clang
    clang_has_fuzzer || echo libclang-rt-dev
    missing_version_14 clang-tidy
    { have capinfos && have editcap && have sharkd; } || echo wireshark-common
    have dot || echo graphviz
    have git || echo git
    # Only root can use these.
    ! is_root || { have ip && have tc; } || echo iproute2
    ! is_root || have tcpdump || echo tcpdump
    debian_python_has jsonschema || echo python3-jsonschema
    debian_python_has yaml || echo python3-yaml
    have parallel || echo parallel
    have node || echo nodejs
    have npm || echo npm
    have chromium || echo chromium
    { ! is_root || [ -x /usr/sbin/sshd ]; } || echo openssh-server
    debian_python_has svgwrite || echo python3-svgwrite
    missing_for_gui
}

missing_for_slow()
{
    missing_for_test
    have valgrind || echo valgrind
    have snakemake || echo snakemake
    ! is_root || have slurmd || echo slurm-wlm munge
}

# The version that decides on format and findings, where the distribution has it.
missing_version_14()
{
    ! have "$1-14" || return 0
    ! "$1" --version 2>/dev/null | grep -q 'version 14\.' || return 0
    ! apt-cache show "$1-14" >/dev/null 2>&1 || echo "$1-14"
}

# A screen in memory, and the way of a screen reader to what is on it.
missing_for_gui()
{
    missing_for_build
    have wireshark || echo wireshark
    have Xvfb || echo xvfb
    have openbox || echo openbox
    have xdotool || echo xdotool
    have xprop || echo x11-utils
    have import || echo imagemagick
    have dbus-daemon || echo dbus
    [ -x /usr/libexec/at-spi2-registryd ] || echo at-spi2-core
    debian_python_has 'gi; gi.require_version("Atspi", "2.0")' || echo python3-gi gir1.2-atspi-2.0
}

# Another python3 on PATH doesn't see what Debian packages.
debian_python_has() { /usr/bin/python3 -c "import $1" 2>/dev/null; }

clang_has_fuzzer()
{
    make_scratch
    echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); \
        int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d && n; }' |
        clang -fsanitize=fuzzer -x c -o "$SCRATCH/fuzzer" - >/dev/null 2>&1
}

as_root()
{
    if is_root; then
        "$@"
    else
        sudo "$@"
    fi
}

# The packages behind what is missing for build, quick, test or slow, in one line.
missing_packages()
{
    local packages
    packages=$("missing_for_$1" | tr ' ' '\n' | sort -u | tr '\n' ' ')
    echo "${packages% }"
}

# need build|quick|test|slow: installs what is missing.
need()
{
    local packages
    packages=$(missing_packages "$1")
    [ -n "$packages" ] || return 0
    have apt-get || die "missing: $packages (Debian's names; install them with your package manager)"
    is_root || have sudo || die "missing: $packages. Install them as root: apt-get install $packages"
    # Fresh lists may have more of what is wanted.
    refresh_lists
    packages=$(missing_packages "$1")
    say "installing $packages"
    install_packages "$packages"
    hash -r
    packages=$(missing_packages "$1")
    [ -z "$packages" ] || die "still missing after the installation: $packages"
}

APT=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q -o DPkg::Lock::Timeout=300)
LISTS=stale

refresh_lists()
{
    [ "$LISTS" = stale ] || return 0
    LISTS=fresh
    make_scratch
    as_root "${APT[@]}" update >"$SCRATCH/apt.log" 2>&1 </dev/null ||
        { tail -5 "$SCRATCH/apt.log" >&2; say "apt-get update failed; trying with the lists that are there"; }
}

install_packages()
{
    refresh_lists
    # Who may capture is not ours to decide: answer "no" where the question was never put.
    dpkg-query -W wireshark-common >/dev/null 2>&1 ||
        echo "wireshark-common wireshark-common/install-setuid boolean false" |
        as_root debconf-set-selections 2>/dev/null || true
    # shellcheck disable=SC2086 # the list is to be split
    as_root "${APT[@]}" install -y --no-install-recommends $1 >"$SCRATCH/apt.log" 2>&1 </dev/null ||
        { tail -20 "$SCRATCH/apt.log" >&2; die "apt-get install $1 failed"; }
}

# --- building ---------------------------------------------------------------

# "4.0" from a text that holds 4.0.17
major_minor() { sed -n 's/^[^0-9]*\([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -1; }
headers_version() { pkg-config --modversion wireshark | major_minor; }
tshark_version() { tshark --version 2>/dev/null | major_minor; }

check_version()
{
    local version
    version=$(headers_version)
    case $version in
    [0-3].*) die "this needs Wireshark 4.0 or later; the installed development files are of $version" ;;
    esac
}

# What a build folder depends on beside the sources.
surroundings() { echo "$ROOT, Wireshark $(pkg-config --modversion wireshark), $*"; }

# is_configured FOLDER [OPTION...]
is_configured()
{
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] && [ "$(cat "$folder/configured-for" 2>/dev/null)" = "$(surroundings "$@")" ]
}

# configure PRESET FOLDER [OPTION...]: does nothing where nothing has changed.
configure()
{
    local preset=$1 folder=$2
    shift 2
    [ ! -d "$folder" ] || [ -w "$folder" ] || die "$folder belongs to $(stat -c %U "$folder"): remove it"
    [ -w "$ROOT" ] || [ -d "$folder" ] || die "$ROOT is not writable"
    ! is_configured "$folder" "$@" || return 0
    # What CMake remembers of another place or of another Wireshark would be wrong.
    rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
    make_scratch
    (cd "$ROOT" && cmake --preset "$preset" -B "$folder" "$@") >"$SCRATCH/configure.log" 2>&1 ||
        { cat "$SCRATCH/configure.log" >&2; die "configuring failed"; }
    surroundings "$@" >"$folder/configured-for"
}

# build FOLDER [TARGET]
build()
{
    make_scratch
    cmake --build "$1" ${2:+--target "$2"} -j "$(nproc)" >"$SCRATCH/build.log" 2>&1 ||
        { grep -v '^\[[0-9/]*\] Building' "$SCRATCH/build.log" >&2; die "building failed"; }
}

build_plugin()
{
    check_version
    # Warnings of a compiler that we have not met must not keep a user from the plugin. A folder that
    # scripts/test has configured is as good.
    is_configured "$BUILD" -DTCPFSM_WERROR=ON ||
        configure release "$BUILD" -DTCPFSM_WERROR=OFF -DBUILD_TESTING=OFF
    build "$BUILD" tcpfsm
    PLUGIN=$(find "$BUILD/plugin" -name tcpfsm.so | head -1)
    [ -n "$PLUGIN" ] || die "the build made no tcpfsm.so"
}

# --- running tshark ---------------------------------------------------------

# Lays the plugin out as tshark looks for it (<folder>/<major.minor>/epan) under $1.
lay_out_plugin()
{
    mkdir -p "$1/$(headers_version)/epan"
    cp "$PLUGIN" "$1/$(headers_version)/epan/tcpfsm.so"
    chmod a+r "$1/$(headers_version)/epan/tcpfsm.so"
}

# tshark with the fresh plugin and without the user's own set-up. As root it becomes an ordinary
# user, for Wireshark doesn't heed WIRESHARK_PLUGIN_DIR in privileged hands; that user may be unable
# to read this folder, hence the copy in $SCRATCH. Captures come through the standard input.
fresh_tshark()
{
    local command
    make_scratch
    mapfile -t command < <(fresh_command)
    (cd "$SCRATCH" && exec "${command[@]}" "$@")
}

# The words of that command, one a line, for who starts tshark himself (in $SCRATCH).
fresh_command()
{
    make_scratch
    [ -d "$SCRATCH/plugins" ] || lay_out_plugin "$SCRATCH/plugins"
    ! is_root || printf '%s\n' setpriv --reuid=65534 --regid=65534 --clear-groups
    printf '%s\n' env -u XDG_CONFIG_HOME -u WIRESHARK_CONFIG_DIR -u WIRESHARK_DATA_DIR -u LUA_PATH \
        HOME="$SCRATCH/home" WIRESHARK_PLUGIN_DIR="$SCRATCH/plugins" tshark
}
