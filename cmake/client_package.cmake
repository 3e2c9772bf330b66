# What `cmake --install BUILD --component client` gives whoever writes a station: libkmp-wire.a and the rooms it stands on, their public headers, a CMake package, a
# pkg-config file, the Python package kmp_client, the schema for any other language, and the pages and examples that a station's author reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(client_rooms base model tls audit_tree wire)
set(client_headers base/bytes.h base/clock.h base/error.h base/fd.h base/ids.h base/pin_source.h base/result.h base/secret.h model/fen.h
  wire/client.h wire/failure.h wire/frame.h wire/known_log.h wire/operations.h wire/pb.h wire/pin_source.h wire/station.h wire/tlog_proof.h)
# The handbook, and what it and the protocol stand on: the bytes of every field, how a careful station works, what a meter answers.
set(client_pages STATION.md PROTOCOL.md VENDING.md SUITE.md METERS.md)

foreach(room ${client_rooms})
  set_target_properties(${room} PROPERTIES OUTPUT_NAME kmp-${room})
  target_compile_features(${room} PUBLIC cxx_std_20)
  target_include_directories(${room} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
install(TARGETS ${client_rooms} EXPORT kmp-client ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client)

# In the tree a header is "wire/station.h"; installed it is <kmp/wire/station.h>, and names its neighbours so: nobody's own base/ or wire/ gets in between.
list(TRANSFORM client_headers PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE header_files)
install(CODE "
  file(REMOVE_RECURSE ${CMAKE_BINARY_DIR}/client_headers)
  foreach(header ${header_files} ${CMAKE_BINARY_DIR}/generated/wire/kmp.pb.h)
    get_filename_component(name \${header} NAME)
    get_filename_component(room \${header} DIRECTORY)
    get_filename_component(room \${room} NAME)
    file(READ \${header} text)
    string(REGEX REPLACE \"#include \\\"(base|model|tls|wire)/\" \"#include \\\"kmp/\\\\1/\" text \"\${text}\")
    file(WRITE ${CMAKE_BINARY_DIR}/client_headers/\${room}/\${name} \"\${text}\")
  endforeach()" COMPONENT client)
install(DIRECTORY ${CMAKE_BINARY_DIR}/client_headers/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/kmp COMPONENT client)

install(EXPORT kmp-client NAMESPACE kmp:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kmp FILE kmp-targets.cmake COMPONENT client)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/kmp-config.cmake.in ${CMAKE_BINARY_DIR}/kmp-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kmp)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/kmp-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/kmp-config.cmake ${CMAKE_BINARY_DIR}/kmp-config-version.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kmp COMPONENT client)

file(RELATIVE_PATH client_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/kmp-wire.pc.in ${CMAKE_BINARY_DIR}/kmp-wire.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/kmp-wire.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT client)

# `protoc -I PREFIX/share/kmp wire/kmp.proto` makes the modules that docs/PROTOCOL.md 6 imports.
install(FILES ${CMAKE_SOURCE_DIR}/wire/kmp.proto DESTINATION ${CMAKE_INSTALL_DATADIR}/kmp/wire COMPONENT client)
list(TRANSFORM client_pages PREPEND ${CMAKE_SOURCE_DIR}/docs/ OUTPUT_VARIABLE page_files)
install(FILES ${page_files} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT client)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT client PATTERN __pycache__ EXCLUDE)
