# lt_room(name ROOMS <rooms above> USES <libraries>): core/<name>/*.cc becomes library lt_<name>. A room without a .cc is an interface.
set(LT_ROOT ${CMAKE_CURRENT_SOURCE_DIR})

function(lt_room name)
  cmake_parse_arguments(R "" "" "ROOMS;USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${LT_ROOT}/core/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(TRANSFORM R_ROOMS PREPEND lt_)
  if(sources)
    add_library(lt_${name} STATIC ${sources})
    target_include_directories(lt_${name} PUBLIC ${LT_ROOT})
    target_link_libraries(lt_${name} PUBLIC ${R_ROOMS} ${R_USES} Threads::Threads)
  else()
    add_library(lt_${name} INTERFACE)
    target_include_directories(lt_${name} INTERFACE ${LT_ROOT})
    target_link_libraries(lt_${name} INTERFACE ${R_ROOMS} ${R_USES} Threads::Threads)
  endif()
endfunction()

# lt_adapter(name): adapters/<name>/*.cc becomes library lt_adapter_<name>; it sees core/adapter and what that exposes.
function(lt_adapter name)
  file(GLOB sources CONFIGURE_DEPENDS ${LT_ROOT}/adapters/${name}/*.cc)
  add_library(lt_adapter_${name} STATIC ${sources})
  target_include_directories(lt_adapter_${name} PUBLIC ${LT_ROOT})
  target_link_libraries(lt_adapter_${name} PUBLIC lt_adapter)
endfunction()

# lt_program(name sources ROOMS ... [ADAPTERS]): an executable.
function(lt_program name)
  cmake_parse_arguments(P "ADAPTERS" "" "ROOMS" ${ARGN})
  list(TRANSFORM P_ROOMS PREPEND lt_)
  add_executable(${name} ${P_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${P_ROOMS})
  if(P_ADAPTERS)
    target_link_libraries(${name} PRIVATE lt_adapters)
  endif()
endfunction()

# lt_build_stamp(source): that file alone sees LT_VERSION and LT_COMMIT, so that a commit recompiles one file. The commit is the one
# configured at; -DLT_COMMIT=... says it where there is no git.
set(LT_COMMIT "" CACHE STRING "commit to report; empty = ask git when configuring")
function(lt_build_stamp source)
  set(commit "${LT_COMMIT}")
  if(NOT commit)
    execute_process(COMMAND git -C ${LT_ROOT} rev-parse --short=12 HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS "LT_VERSION=\"${PROJECT_VERSION}\";LT_COMMIT=\"${commit}\"")
endfunction()
