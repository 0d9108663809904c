# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds as packages are built, for this machine's Wireshark. Sourced after common.sh; never run.

# configure_package FOLDER [OPTION...]: with the distribution's own compiler options, where it has such.
configure_package()
{
    local folder=$1
    shift
    if have dpkg-buildflags; then
        # They name the folder that they are asked in, to keep it out of the binary.
        CFLAGS=$(cd "$ROOT" && dpkg-buildflags --get CFLAGS)
        CPPFLAGS=$(cd "$ROOT" && dpkg-buildflags --get CPPFLAGS)
        LDFLAGS=$(cd "$ROOT" && dpkg-buildflags --get LDFLAGS)
        export CFLAGS="$CFLAGS $CPPFLAGS" LDFLAGS
    fi
    cmake -G Ninja -B "$folder" -S "$ROOT" -DCMAKE_BUILD_TYPE=RelWithDebInfo "$@"
}

# make_packages BUILD_FOLDER FOLDER: those that this machine can make.
make_packages()
{
    local kinds=TGZ
    ! have dpkg-shlibdeps || kinds='DEB;TGZ'
    (cd "$1" && umask 022 && cpack -G "$kinds") &&
        mkdir -p "$2" &&
        find "$1" -maxdepth 1 \( -name 'tcpfsm-*.deb' -o -name 'tcpfsm-*.tar.gz' \) -exec cp -t "$2" {} +
}
