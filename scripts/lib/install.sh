# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/install is made of: which Wiresharks there are, their folders, copies in them. Sourced after
# common.sh.

# The last command of a pipe may set variables. (Process substitution needs /dev/fd, which bare chroots lack.)
shopt -s lastpipe

# --- the Wiresharks of this machine -----------------------------------------

PROGRAMS=()           # paths of tshark and wireshark: first those of PATH, in its order
SANDBOXED=()          # words for those that live in a sandbox
declare -A VERSION_OF # path: such as 4.0.17
declare -A FOLDERS_OF # path of a tshark: what it says of its folders

full_version() { sed -n 's/^[^0-9]*\([0-9][0-9]*\(\.[0-9][0-9]*\)*\).*/\1/p' | head -1; }

# 4.0, of the program
branch_of() { echo "${VERSION_OF[$1]}" | major_minor; }

# Folders that programs are in: those of PATH, and where they are put without telling PATH.
program_folders()
{
    tr ':' '\n' <<<"$PATH"
    printf '%s\n' /usr/bin /usr/local/bin /opt/*/bin /snap/bin "$HOME/bin" "$HOME/.local/bin"
}

folders_of() { env -u WIRESHARK_PLUGIN_DIR "$1" -G folders 2>/dev/null </dev/null || true; }

survey()
{
    local folder name file real version
    local -A seen=()
    PROGRAMS=()
    SANDBOXED=()
    program_folders | while read -r folder; do
        for name in tshark wireshark; do
            file=$folder/$name
            [ ! -d "$file" ] || continue
            [ -x "$file" ] || continue
            real=$(readlink -f "$file")
            [ -z "${seen[$real]:-}" ] || continue
            seen[$real]=yes
            version=$(timeout 20 "$file" --version 2>/dev/null </dev/null | full_version) || true
            case $real in
            */bin/snap) SANDBOXED+=("$file${version:+ $version} (snap)") ;;
            *)
                [ -n "$version" ] || continue
                PROGRAMS+=("$file")
                VERSION_OF[$file]=$version
                [ "$name" != tshark ] || FOLDERS_OF[$file]=$(folders_of "$file")
                ;;
            esac
        done
    done
    survey_flatpaks
}

# By flatpak's own word or, where the command is missing, by its folders.
survey_flatpaks()
{
    local app=org.wireshark.Wireshark version folder
    if have flatpak; then
        timeout 20 flatpak list --app --columns=application,version 2>/dev/null </dev/null |
            sed -n "/^$app\>/p" | while read -r app version; do
            SANDBOXED+=("$app${version:+ $version} (flatpak)")
        done || true
        return 0
    fi
    for folder in /var/lib/flatpak "${XDG_DATA_HOME:-$HOME/.local/share}/flatpak"; do
        folder=$folder/app/$app/current/active/files
        [ -d "$folder" ] || continue
        version=$(cat "$folder"/share/{metainfo,appdata}/*.xml 2>/dev/null |
            sed -n 's/.*<release [^>]*version="\([0-9.]*\)".*/\1/p' | head -1) || true
        SANDBOXED+=("$app${version:+ $version} (flatpak)")
    done
}

# tsharks VERSION: those of that version
tsharks()
{
    local program
    for program in "${PROGRAMS[@]}"; do
        [[ $program != */tshark ]] || [ "$(branch_of "$program")" != "$1" ] || echo "$program"
    done
}

# mend PROGRAM: how to get a plugin that loads into it.
mend()
{
    local program=$1 prefix branch folder package version again
    branch=$(branch_of "$program")
    [ "$(headers_version 2>/dev/null)" != "$branch" ] || { echo "$0"; return; }
    folder=$(dirname "$program")
    prefix=$(dirname "$folder")
    again="PATH=$folder:\$PATH PKG_CONFIG_PATH="
    for folder in "$prefix"/lib/pkgconfig "$prefix"/lib64/pkgconfig "$prefix"/lib/*/pkgconfig; do
        version=$(sed -n 's/^Version: *//p' "$folder/wireshark.pc" 2>/dev/null | major_minor) || true
        [ "$version" != "$branch" ] || { echo "$again$folder $0"; return; }
    done
    if have dpkg-query && package=$(dpkg-query -S "$(readlink -f "$program")" 2>/dev/null); then
        # shellcheck disable=SC2016 # dpkg's variable
        version=$(dpkg-query -W -f '${Version}' "${package%%:*}")
        echo "sudo apt-get install wireshark-dev=$version && $0"
    elif have rpm && rpm -qf "$program" >/dev/null 2>&1; then
        echo "sudo dnf install wireshark-devel && $0"
    else
        echo "cmake --install BUILD --component Development && $again$prefix/lib/pkgconfig $0" \
            "(BUILD: the folder that it was built in)"
    fi
}

# --- folders ----------------------------------------------------------------

# told TSHARK WHAT: a folder as that tshark names it, so that it is right on every distribution
told() { sed -n "s/^$2:[[:space:]]*//p" <<<"${FOLDERS_OF[$1]}"; }

kind() { is_root && echo Global || echo Personal; }

# plugin_folder TSHARK
plugin_folder() { told "$1" "$(kind) Plugins" | sed 's|$|/epan|'; }

# Where folders of plugins, one a version, are or were: also of Wiresharks that are gone.
plugin_roots()
{
    local program
    for program in "${PROGRAMS[@]}"; do
        [[ $program != */tshark ]] || told "$program" "$(kind) Plugins" | sed 's|/[^/]*$||'
    done
    if is_root; then
        printf '%s\n' /usr{,/local}/lib{,64,/*}/wireshark/plugins
    else
        echo "$HOME/.local/lib/wireshark/plugins"
    fi
}

# All copies of the plugin in these, whatever version they are of.
copies()
{
    local root
    plugin_roots | sort -u | while read -r root; do
        [ ! -d "$root" ] || find "$root" -maxdepth 3 -name tcpfsm.so 2>/dev/null || true
    done
}

# Whether no Wireshark of this machine looks for a plugin there: .../plugins/4.0/epan/tcpfsm.so, 4-0 on macOS
is_stale()
{
    local program version
    [[ $1 == */epan/tcpfsm.so ]] || return 0
    version=$(basename "${1%/epan/tcpfsm.so}")
    for program in "${PROGRAMS[@]}"; do
        [ "$(branch_of "$program")" != "${version/-/.}" ] || return 1
    done
}

remove_copy()
{
    rm -f "$1" || die "can't remove $1"
    echo "removed $1${2:+ ($2)}"
    rmdir "${1%/*}" "${1%/*/*}" 2>/dev/null || true
}

# make_folder FOLDER: with the reason if it can't be made or written into
make_folder()
{
    local there=$1
    if mkdir -p "$1" 2>/dev/null && [ -w "$1" ]; then
        # For everybody, even where an installation under another umask has made it.
        ! is_root || chmod a+rx "$1" "${1%/*}"
        return
    fi
    while [ ! -e "$there" ]; do
        there=${there%/*}
    done
    die "can't write into $1: $there belongs to $(stat -c %U "$there")"
}

# --- the configuration profile ----------------------------------------------

PROFILE=${ROOT:?}/profile/tcpfsm
RECORD=installed-files # in an installed profile: checksums of what was put there

# profile_folder TSHARK
profile_folder() { told "$1" "$(kind) configuration" | sed 's|$|/profiles/tcpfsm|'; }

# Where the profile is, or was.
profile_folders()
{
    local program
    {
        for program in "${PROGRAMS[@]}"; do
            [[ $program != */tshark ]] || profile_folder "$program"
        done
        if is_root; then
            printf '%s\n' /usr{,/local}/share/wireshark/profiles/tcpfsm
        else
            echo "${XDG_CONFIG_HOME:-$HOME/.config}/wireshark/profiles/tcpfsm"
        fi
    } | sort -u
}

# Whether a file of the profile in the current folder is as it was installed.
is_as_installed() { grep -qxF "$(cksum "$1")" "$RECORD" 2>/dev/null; }

# A file that was there before, or that the user has changed since, is the user's. So is `recent`, without a
# word: Wireshark writes it anew whenever it ends, with the widths of the columns and much else.
install_profile()
(
    local file name
    make_folder "$1"
    cd "$1" || die "can't enter $1"
    remove_profile_files
    for file in "$PROFILE"/*; do
        name=${file##*/}
        if [ -e "$name" ] && ! cmp -s "$name" "$file"; then
            [ "$name" = recent ] || say "kept your own $1/$name; ours is $file"
        else
            cp "$file" "$name"
            ! is_root || chmod a+r "$name" # the tree may be root's alone
            cksum "$name" >>"$RECORD"
        fi
    done
    echo "the profile tcpfsm is installed in $1"
)

# Takes out what is as it was installed, and forgets about the rest.
remove_profile_files()
{
    local name
    [ -f "$RECORD" ] || return 0
    while read -r _ _ name; do
        ! is_as_installed "$name" || rm -f "$name"
    done <"$RECORD"
    rm -f "$RECORD"
}

remove_profile()
(
    [ -f "$1/$RECORD" ] || exit 0
    cd "$1" || die "can't enter $1"
    remove_profile_files
    # Wireshark's own note of the window's size and the like.
    [ "$(ls)" != recent ] || rm -f recent
    if rmdir "$1" 2>/dev/null; then
        echo "removed $1"
    else
        echo "removed the profile from $1, but for what you have changed or added: $(echo *)"
    fi
)
