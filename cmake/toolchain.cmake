# Compiler, warnings, sanitizers, libraries.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
option(LT_TESTS "build the tests" ON)
set(LT_SANITIZE "" CACHE STRING "sanitizers, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# x86-64-v2 (2009 and later) gives SSE4.2, which the journal's CRC32C uses.
add_compile_options(-march=x86-64-v2 -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
                    -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
add_link_options(-Wl,-z,relro,-z,now)
if(LT_SANITIZE)
  add_compile_options(-fsanitize=${LT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LT_SANITIZE})
  # g++ 12 sees uninitialised members in a variant that is moved, but only under a sanitizer.
  set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/core/runtime/cell_loop.cc PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
if(LT_SANITIZE MATCHES "fuzzer")
  # clang-14 builds nothing but the fuzz targets: its own warnings are not looked after.
  add_compile_options(-Wno-error)
endif()
if(LT_SANITIZE MATCHES "thread")
  add_compile_options(-Wno-tsan)
endif()
# Asio and Beast are compiled once, in core/net/asio_src.cc. Eight cached frames per thread and size make nested coroutines cheap.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ASIO_SEPARATE_COMPILATION
                        BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8 RAPIDJSON_HAS_STDSTRING=1)

find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(LibXslt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
include_directories(SYSTEM ${Boost_INCLUDE_DIRS})

# The allocator of the program (not of the tests, and not beside a sanitizer's own). Static: one thing less to be missing.
if(NOT LT_SANITIZE)
  find_library(JEMALLOC NAMES libjemalloc_pic.a REQUIRED)
endif()
