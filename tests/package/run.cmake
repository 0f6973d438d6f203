# Installs snn; then configures, builds and runs the program in this folder against it, and uses the
# installed programs like a user who has nothing else.
file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix}
                COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
execute_process(
  COMMAND
    ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK_DIR}/build -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${CXX} -D "CMAKE_CXX_FLAGS=${CXX_FLAGS}"
    -D CMAKE_BUILD_TYPE=${BUILD_TYPE} -D snn_ROOT=${prefix} -D Torch_DIR=${TORCH_DIR}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK_DIR}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK_DIR}/build/consumer COMMAND_ERROR_IS_FATAL ANY)

# Runs a command in its own folder, with the installed programs on the PATH; its output is stored in
# `printed`.
set(home ${WORK_DIR}/home)
file(MAKE_DIRECTORY ${home})
function(run)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env --unset=SNN_DATA_DIR XDG_DATA_HOME=${home}
            "PATH=${prefix}/bin:$ENV{PATH}" ${ARGV}
    WORKING_DIRECTORY ${home}
    OUTPUT_VARIABLE out
    ERROR_VARIABLE err
    COMMAND_ERROR_IS_FATAL ANY)
  message("${out}${err}")
  set(printed "${out}${err}" PARENT_SCOPE)
endfunction()

function(expect_file path)
  if(NOT EXISTS ${path})
    message(FATAL_ERROR "${path} was not written")
  endif()
endfunction()

run(snn-train --version)
run(snn-get-data --help)
if(NOT printed MATCHES "default: ${home}/snn-train/NAME")
  message(FATAL_ERROR "snn-get-data puts data where snn-train does not look")
endif()

# The programs find data where snn-get-data puts it, and read installed configurations.
file(COPY ${CMAKE_CURRENT_LIST_DIR}/../data/mnist-200/ DESTINATION ${home}/snn-train/mnist)
set(small --hidden 20 -T 4 -e 1)
run(snn-train --config ${prefix}/share/snn-train/configs/default.yaml ${small} --run-name one)
expect_file(${home}/runs/one/report.html)
run(snn-eval runs/one)
run(snn-report runs/one)
run(snn-neuron -T 20)

# snn-sweep finds snn-train beside itself when called through a link, or on the PATH.
file(CREATE_LINK ${prefix}/bin/snn-sweep ${home}/link SYMBOLIC)
run(${CMAKE_COMMAND} -E env PATH=/usr/bin:/bin ./link --seeds 2 ${small} --out-dir by-link)
expect_file(${home}/by-link/best.yaml)
file(COPY ${prefix}/bin/snn-sweep DESTINATION ${home}/alone)
run(alone/snn-sweep --seeds 2 ${small} --out-dir by-path)
expect_file(${home}/by-path/best.yaml)
