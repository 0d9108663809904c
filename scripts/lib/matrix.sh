# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The folders of the version matrix: a small Debian or Ubuntu each, with one version of Wireshark. Sourced
# after common.sh by matrix and package; never run.

MATRIX=${TCPFSM_MATRIX:-${XDG_CACHE_HOME:-$HOME/.cache}/tcpfsm/matrix}
DEBIAN_MIRROR=${TCPFSM_DEBIAN_MIRROR:-http://deb.debian.org/debian}
UBUNTU_MIRROR=${TCPFSM_UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu}

ROOM_GB=6 # for all folders

# Who has which Wireshark. No Debian release has 4.2; 4.6 is in Debian's testing, which moves on.
VERSIONS=(4.0 4.2 4.4 4.6)
declare -A RELEASE=([4.0]=bookworm [4.2]=noble [4.4]=trixie [4.6]=forky)
IN_FOLDER="wireshark-dev tshark gcc libc6-dev cmake ninja-build pkg-config python3 python3-jsonschema
    dpkg-dev file lintian"
# The newest is tried with its windows, too: what missing_for_gui asks for there, and a font.
declare -A ALSO_IN_FOLDER=([4.6]="wireshark xvfb openbox xdotool x11-utils imagemagick dbus-daemon
    at-spi2-core python3-gi gir1.2-atspi-2.0 fonts-dejavu-core")

# Debian has no package of Ubuntu's keys. This one is in Ubuntu's archive; its sum is what we trust.
UBUNTU_KEYS=pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb
UBUNTU_KEYS_SUM=36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8
UBUNTU_KEYRING=usr/share/keyrings/ubuntu-archive-keyring.gpg

folder_of() { echo "$MATRIX/${RELEASE[$1]}"; }

# This machine can't tell anything: not the plugin's fault.
CANNOT=77
cannot() { say "$*"; exit "$CANNOT"; }

# choose_versions [VERSION...]: those that are meant, all by default, in $CHOSEN
choose_versions()
{
    local version
    CHOSEN=("$@")
    [ $# -gt 0 ] || CHOSEN=("${VERSIONS[@]}")
    for version in "${CHOSEN[@]}"; do
        [ -n "${RELEASE[$version]:-}" ] || die "no such version: $version (there are: ${VERSIONS[*]})"
    done
}

# become_root SCRIPT [ARGUMENT...]: starts again as root where this isn't.
become_root()
{
    is_root && return
    have sudo || cannot "needs root, to make and to enter folders of other releases; there is no sudo here"
    say "needs root, to make and to enter the folders of other releases: asking sudo"
    exec sudo env TCPFSM_MATRIX="$MATRIX" TCPFSM_DEBIAN_MIRROR="$DEBIAN_MIRROR" \
        TCPFSM_UBUNTU_MIRROR="$UBUNTU_MIRROR" "$@"
}

need_matrix()
{
    have debootstrap || install_packages "debootstrap debian-archive-keyring"
    have wget || install_packages wget
    mkdir -p "$MATRIX" || cannot "can't make $MATRIX"
    [ "$(df --output=avail -k "$MATRIX" | tail -1)" -gt $((ROOM_GB << 20)) ] ||
        cannot "$MATRIX has no room for the folders: $ROOM_GB GB"
    grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
        cannot "this kernel has no overlay file system; the folders are never written to, so it is needed"
}

# Mounts and processes of the command go with it, however it ends; it goes with us.
in_namespace() { setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "$@"; }

# enter FOLDER SHARE VIEW COMMAND...: the folder as it was made, whatever is written is gone afterwards; only
# SHARE stays, on /mnt. Called by inside(), which has taken care of what is mounted here.
enter()
{
    local share=$2 view=$3
    cd "$1" || return
    shift 3
    mount -t tmpfs -o mode=755 tmpfs "$view"
    mkdir "$view/changes" "$view/work" "$view/root"
    mount -t overlay -o "lowerdir=.,upperdir=$view/changes,workdir=$view/work" overlay "$view/root"
    mount -t proc proc "$view/root/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$view/root/dev/shm"
    mount --bind "$share" "$view/root/mnt"
    exec chroot "$view/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

# inside VERSION SHARE COMMAND...: in that version's folder, without network.
inside()
{
    local folder share=$2 view
    folder=$(folder_of "$1")
    shift 2
    view=$(mktemp -d "$SCRATCH/view.XXXXXX")
    in_namespace --net bash -euc "$(declare -f enter); enter \"\$@\"" enter "$folder" "$share" "$view" "$@"
}

# --- a clean copy of the source ---------------------------------------------

# What git knows or would take up; without git, all but what is built.
pack_source()
{
    local list=$SCRATCH/source.list file git=(git -c safe.directory="$ROOT" -C "$ROOT")
    if "${git[@]}" ls-files -z --cached --others --exclude-standard >"$list" 2>/dev/null; then
        SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$("${git[@]}" log -1 --format=%ct)}
    else
        (cd "$ROOT" && find . \( -path './build*' -o -name __pycache__ \) -prune -o -type f -print0) >"$list"
        SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}
    fi
    (cd "$ROOT" && while IFS= read -r -d '' file; do
        [ ! -e "$file" ] || printf '%s\0' "$file"
    done <"$list" | tar --null --files-from=- --owner=0 --group=0 --mode=a+rX -cf "$1")
}

# In a folder, before the command.
# shellcheck disable=SC2034 # of those who source this
UNPACK='mkdir /srv/tcpfsm && cd /srv/tcpfsm && tar -xf /mnt/source.tar;'

# --- making the folders -----------------------------------------------------

packages_of() { echo "$IN_FOLDER${ALSO_IN_FOLDER[$1]:+ ${ALSO_IN_FOLDER[$1]}}"; }

# What a folder was made from; another list of packages makes it anew.
recipe() { echo "${RELEASE[$1]}: $(packages_of "$1")"; }

# Does it have the version it should have, and do its tools run?
is_usable()
{
    local folder found
    folder=$(folder_of "$1")
    [ "$(cat "$folder/made-from" 2>/dev/null)" = "$(recipe "$1")" ] || return 1
    # shellcheck disable=SC2016 # for the shell in the folder
    found=$(inside "$1" "$SCRATCH" sh -c \
        'gcc --version && cmake --version && ninja --version && python3 --version && lintian --version &&
            tshark --version && [ -z "$(dpkg --audit)" ] && pkg-config --modversion wireshark' \
        2>/dev/null </dev/null | tail -1 | major_minor) || return 1
    [ "$found" = "$1" ]
}

# The script of a release, or of its kind where debootstrap is older than the release.
debootstrap_script()
{
    local scripts=/usr/share/debootstrap/scripts kind=sid
    [ "$1" != noble ] || kind=gutsy
    [ ! -e "$scripts/$1" ] || kind=$1
    echo "$scripts/$kind"
}

ubuntu_keyring()
{
    local keys=$SCRATCH/keys
    [ ! -e "/$UBUNTU_KEYRING" ] || { echo "/$UBUNTU_KEYRING"; return; }
    wget -q -O "$keys.deb" "$UBUNTU_MIRROR/$UBUNTU_KEYS" &&
        echo "$UBUNTU_KEYS_SUM $keys.deb" | sha256sum --quiet -c - >&2 &&
        dpkg-deb -x "$keys.deb" "$keys" &&
        echo "$keys/$UBUNTU_KEYRING"
}

base_system()
{
    local folder keyring options=(--variant=minbase) components=main,universe
    folder=$(folder_of "$1")
    if [ "${RELEASE[$1]}" = noble ]; then
        keyring=$(ubuntu_keyring) || return 1
        options+=(--components="$components" --keyring="$keyring" noble "$folder" "$UBUNTU_MIRROR")
    else
        options+=("${RELEASE[$1]}" "$folder" "$DEBIAN_MIRROR")
    fi
    in_namespace debootstrap "${options[@]}" "$(debootstrap_script "${RELEASE[$1]}")"
}

# A half-made folder has no made-from. A mirror of testing that stands still is as good; it is signed.
make_folder()
{
    local folder
    folder=$(folder_of "$1")
    # shellcheck disable=SC2086 # the list is to be split
    rm -rf --one-file-system "$folder" &&
        base_system "$1" &&
        in_namespace chroot "$folder" env DEBIAN_FRONTEND=noninteractive sh -euc '
            mount -t proc proc /proc
            apt-get -o Acquire::Check-Valid-Until=false update
            apt-get install -y --no-install-recommends "$@"
            apt-get clean' install $(packages_of "$1") &&
        recipe "$1" >"$folder/made-from"
}

# A mirror that fails once is nothing unusual.
make_folder_at_last()
{
    local log=$SCRATCH/$1.folder.log try
    for try in first second; do
        say "$1: making $(folder_of "$1") (minutes)"
        if make_folder "$1" >"$log" 2>&1 </dev/null; then
            is_usable "$1" && return
            say "$1: ${RELEASE[$1]} has no Wireshark $1, or its tools don't run"
            return 1
        fi
        say "$1: the $try try failed:"
        tail -5 "$log" >&2
    done
    return 1
}

# The folder is there and stays so as long as this process lives: one that makes it anew is alone with it,
# those that enter it share it.
open_folder()
{
    local lock
    exec {lock}>"$(folder_of "$1").lock"
    flock --shared "$lock"
    until is_usable "$1"; do
        flock --exclusive "$lock"
        # Another run may have made it in the meantime.
        is_usable "$1" || make_folder_at_last "$1" || return 1
        flock --shared "$lock"
    done
}
