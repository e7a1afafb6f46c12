# find_package(memwatch) gives:
#   MEMWATCH_EXECUTABLE     the command
#   memwatch::memwatch      what memwatch.h needs: its folder, nothing to link
#   memwatch_wrap_tests(TARGET... [OPTIONS OPTION...])
#       runs the tests whose command is one of the executables TARGET under memwatch; default OPTIONS: --fail-on=leak

get_filename_component(_memwatch_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(MEMWATCH_EXECUTABLE "${_memwatch_prefix}/bin/memwatch")
if(NOT EXISTS "${MEMWATCH_EXECUTABLE}")
  set(memwatch_FOUND FALSE)
  set(memwatch_NOT_FOUND_MESSAGE "${MEMWATCH_EXECUTABLE} is not there")
  return()
endif()

if(NOT TARGET memwatch::memwatch)
  add_library(memwatch::memwatch INTERFACE IMPORTED)
  set_target_properties(memwatch::memwatch PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_memwatch_prefix}/include")
endif()
unset(_memwatch_prefix)

function(memwatch_wrap_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "OPTIONS")
  if(NOT arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "memwatch_wrap_tests: no target is given")
  endif()
  if(NOT arg_OPTIONS)
    set(arg_OPTIONS --fail-on=leak)
  endif()
  # CMake 3.29 has a property for this. Before it, that of the emulator of cross-compilation does the same.
  if(CMAKE_VERSION VERSION_LESS 3.29)
    set(property CROSSCOMPILING_EMULATOR)
  else()
    set(property TEST_LAUNCHER)
  endif()
  foreach(target IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT TARGET "${target}")
      message(FATAL_ERROR "memwatch_wrap_tests: there is no target ${target}")
    endif()
    set_property(TARGET "${target}" PROPERTY ${property} "${MEMWATCH_EXECUTABLE}" ${arg_OPTIONS} --)
  endforeach()
endfunction()
