# Writes version.h with the current commit. The build runs it whenever the commit changes:
# cmake -D PROJECT_VERSION=… -D SOURCE_DIR=… -D OUTPUT=… -P version.cmake
execute_process(
  COMMAND git -C ${SOURCE_DIR} rev-parse --short=12 HEAD
  OUTPUT_VARIABLE SNN_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE
  ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(SNN_COMMIT "")
endif()
configure_file(${SOURCE_DIR}/cmake/version.h.in ${OUTPUT} @ONLY)
