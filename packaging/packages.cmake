# SPDX-License-Identifier: GPL-2.0-or-later
# `cpack -G DEB` and `cpack -G TGZ`: the plugin, the profile and what to read, for the Wireshark that it was
# built with. A component a generator; which of them it takes is said in generator.cmake.
find_package(PkgConfig REQUIRED)
pkg_check_modules(WIRESHARK REQUIRED wireshark)
pkg_get_variable(plugin_folder wireshark plugindir)
pkg_get_variable(libraries wireshark libdir)
set(packaging ${CMAKE_CURRENT_LIST_DIR})
string(REGEX MATCH "^[0-9]+\\.[0-9]+" series ${WIRESHARK_VERSION})
string(REGEX MATCH "^[0-9]+" major ${series})
string(REGEX MATCH "[0-9]+$" minor ${series})
math(EXPR next_minor "${minor} + 1")
set(package tcpfsm-wireshark${series})
file(GLOB documents ${PROJECT_SOURCE_DIR}/*.md)
set(made ${PROJECT_BINARY_DIR}/packaging)

set(CPACK_PACKAGE_NAME ${package})
set(CPACK_PACKAGE_VENDOR tcpfsm)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "TCP connection states for Wireshark ${series}")
set(CPACK_PACKAGE_DESCRIPTION
"A plugin that says of each TCP segment which step of the handshake or of the
teardown it is, which state of RFC 9293 both ends are in, and whether its
numbers are valid; and of each connection what became of it and what went
wrong.
.
It loads into Wireshark and tshark ${series} only.")
set(CPACK_PACKAGE_CONTACT "tcpfsm developers <tcpfsm@example.org>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
    set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_PROJECT_CONFIG_FILE ${packaging}/generator.cmake)

# --- .tar.gz: unpacks into a folder of its own and brings its installer ---
# Of the file and of the folder in it.
set(CPACK_PACKAGE_FILE_NAME ${package}-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})
configure_file(${packaging}/install.in ${made}/install @ONLY)
install(TARGETS tcpfsm LIBRARY DESTINATION . COMPONENT archive)
install(PROGRAMS ${made}/install DESTINATION . COMPONENT archive)
install(FILES ${documents} ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/COPYING DESTINATION .
    COMPONENT archive)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION . COMPONENT archive)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/profile DESTINATION . COMPONENT archive)

# --- .deb ---
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# One for another Wireshark has the same profile; and no machine has two Wiresharks of a distribution.
set(CPACK_DEBIAN_PACKAGE_PROVIDES tcpfsm)
set(CPACK_DEBIAN_PACKAGE_CONFLICTS tcpfsm)
set(CPACK_DEBIAN_PACKAGE_REPLACES tcpfsm)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "wireshark | tshark")

# Beside what dpkg-shlibdeps says: Wireshark loads a plugin only into the series that it was built for.
find_program(TCPFSM_DPKG_QUERY dpkg-query)
find_program(TCPFSM_GZIP gzip)
if(NOT TCPFSM_DPKG_QUERY OR NOT TCPFSM_GZIP)
    include(CPack)
    return()
endif()
file(REAL_PATH ${libraries}/libwireshark.so library)
execute_process(COMMAND ${TCPFSM_DPKG_QUERY} --search ${library} OUTPUT_VARIABLE owner ERROR_QUIET)
string(REGEX MATCH "^[^:]+" owner "${owner}")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${owner} (>= ${series}~), ${owner} (<< ${major}.${next_minor}~)")

# The date of the newest entry is that of the build, or SOURCE_DATE_EPOCH.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${packaging}/changelog.in ${made}/changelog @ONLY)
configure_file(${packaging}/copyright ${made}/copyright COPYONLY)
execute_process(COMMAND ${TCPFSM_GZIP} -9nf ${made}/changelog COMMAND_ERROR_IS_FATAL ANY)
set(documentation share/doc/${package})
install(TARGETS tcpfsm LIBRARY DESTINATION ${plugin_folder}/epan COMPONENT debian)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/profile/tcpfsm DESTINATION share/wireshark/profiles COMPONENT debian)
install(FILES ${documents} ${made}/changelog.gz ${made}/copyright DESTINATION ${documentation}
    COMPONENT debian)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${documentation} COMPONENT debian)
include(CPack)
