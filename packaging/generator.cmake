# SPDX-License-Identifier: GPL-2.0-or-later
# Read by cpack for each kind of package.
if(CPACK_GENERATOR STREQUAL "DEB")
    set(CPACK_COMPONENTS_ALL debian)
    set(CPACK_DEB_COMPONENT_INSTALL ON)
    # Wireshark's plugin folder is an absolute path.
    set(CPACK_SET_DESTDIR ON)
    set(CPACK_INSTALL_PREFIX /usr)
else()
    set(CPACK_COMPONENTS_ALL archive)
    set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
    set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
endif()
