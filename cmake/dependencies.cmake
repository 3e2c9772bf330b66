# Everything comes from Debian 12 packages; scripts/packages lists them.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
pkg_check_modules(P11KIT REQUIRED IMPORTED_TARGET p11-kit-1)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(GFSHARE REQUIRED IMPORTED_TARGET libgfshare)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(PCSC REQUIRED IMPORTED_TARGET libpcsclite)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(PANGOCAIRO REQUIRED IMPORTED_TARGET pangocairo)
pkg_check_modules(ZBAR REQUIRED IMPORTED_TARGET zbar)  # only tests: it reads the QR codes that were drawn
if(NOT KMP_FUZZ)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Widgets Charts Concurrent PrintSupport Test)
  pkg_check_modules(POPPLER_QT6 REQUIRED IMPORTED_TARGET poppler-qt6)
endif()
# A station's own journal. Never in one program with SQLCipher: both define the same symbols.
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)

# Debian's own interpreter: it is the one that python3-protobuf belongs to.
find_program(KMP_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

# SQLCipher is linked statically: its shared library exports sqlite3_* symbols that PKCS#11 modules would bind to.
find_library(SQLCIPHER_ARCHIVE libsqlcipher.a REQUIRED)
find_path(SQLCIPHER_INCLUDE sqlcipher/sqlite3.h REQUIRED)
add_library(sqlcipher_static INTERFACE)
target_include_directories(sqlcipher_static SYSTEM INTERFACE ${SQLCIPHER_INCLUDE}/sqlcipher)
target_compile_definitions(sqlcipher_static INTERFACE SQLITE_HAS_CODEC)
# As a target of its own, so that what it needs stands behind it on every link line.
add_library(sqlcipher_archive STATIC IMPORTED)
set_target_properties(sqlcipher_archive PROPERTIES IMPORTED_LOCATION ${SQLCIPHER_ARCHIVE})
target_link_libraries(sqlcipher_archive INTERFACE OpenSSL::Crypto Threads::Threads ${CMAKE_DL_LIBS} m)
target_link_libraries(sqlcipher_static INTERFACE sqlcipher_archive)
target_link_options(sqlcipher_static INTERFACE -Wl,--exclude-libs,libsqlcipher.a)

# Both programs on the path of an order allocate a lot in small pieces, and SoftHSM2 more than either: jemalloc takes a quarter off
# the time of an order (docs/PERFORMANCE.md). Sanitizers bring an allocator of their own.
add_library(allocator INTERFACE)
if(NOT KMP_SANITIZE)
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
  target_link_libraries(allocator INTERFACE PkgConfig::JEMALLOC)
endif()

# libcsv comes without a pkg-config file.
find_library(CSV_LIBRARY csv REQUIRED)
find_path(CSV_INCLUDE csv.h REQUIRED)
add_library(csv INTERFACE)
target_include_directories(csv SYSTEM INTERFACE ${CSV_INCLUDE})
target_link_libraries(csv INTERFACE ${CSV_LIBRARY})

# Asio stays out of headers of ours; where it is used it is standalone and without Boost.
add_library(asio_standalone INTERFACE)
target_compile_definitions(asio_standalone INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
target_link_libraries(asio_standalone INTERFACE Threads::Threads)
