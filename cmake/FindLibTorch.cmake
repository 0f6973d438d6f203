# Finds LibTorch: Debian's libtorch-dev, the archive from pytorch.org or Python's torch package.
#
#   LibTorch::LibTorch  the imported target
#   LibTorch_VERSION    2.6.0
#   LibTorch_WITH_CUDA  true if the linked libraries can use a GPU
#
# It searches like find_package(Torch): in Torch_DIR, Torch_ROOT and CMAKE_PREFIX_PATH, then in the
# system's folders. The CMake files of a LibTorch for CUDA fail without the CUDA toolkit; then only
# its CPU libraries are linked.
include(FindPackageHandleStandardArgs)

# Reads only the version file, to find the package before its CMake files can fail.
find_package(Torch QUIET CONFIG CONFIGS TorchConfigVersion.cmake)
set(LibTorch_VERSION ${PACKAGE_VERSION})
if(NOT Torch_FOUND)
  unset(LibTorch_VERSION)
endif()

if(Torch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)

  set(_libtorch_prefix ${Torch_DIR}/../../..)  # Torch_DIR is PREFIX/share/cmake/Torch
  set(LibTorch_WITH_CUDA FALSE)
  set(_libtorch_by_hand FALSE)
  if(EXISTS ${_libtorch_prefix}/lib/libtorch_cuda.so)
    find_package(CUDAToolkit QUIET)
    if(CUDAToolkit_NVCC_EXECUTABLE)
      set(LibTorch_WITH_CUDA TRUE)
    else()
      set(_libtorch_by_hand TRUE)
    endif()
  endif()

  if(_libtorch_by_hand)
    if(NOT LibTorch_FIND_QUIETLY)
      message(STATUS "LibTorch ${LibTorch_VERSION} is built for CUDA, but there is no CUDA toolkit "
                     "(nvcc): linking only its CPU libraries, which use no GPU")
    endif()
    file(REAL_PATH ${_libtorch_prefix} _libtorch_prefix)
    target_include_directories(
      LibTorch::LibTorch INTERFACE ${_libtorch_prefix}/include
                                   ${_libtorch_prefix}/include/torch/csrc/api/include)
    target_link_libraries(LibTorch::LibTorch INTERFACE ${_libtorch_prefix}/lib/libtorch_cpu.so
                                                       ${_libtorch_prefix}/lib/libc10.so)
    file(STRINGS ${Torch_DIR}/TorchConfig.cmake _libtorch_abi REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
    if(_libtorch_abi MATCHES "(_GLIBCXX_USE_CXX11_ABI=[01])")
      target_compile_definitions(LibTorch::LibTorch INTERFACE ${CMAKE_MATCH_1})
    endif()
  else()
    find_package(Torch QUIET CONFIG REQUIRED)
    target_link_libraries(LibTorch::LibTorch INTERFACE ${TORCH_LIBRARIES})
    separate_arguments(_libtorch_flags NATIVE_COMMAND "${TORCH_CXX_FLAGS}")
    target_compile_options(LibTorch::LibTorch INTERFACE ${_libtorch_flags})
  endif()
endif()

find_package_handle_standard_args(
  LibTorch REQUIRED_VARS Torch_DIR VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE
    "\n  Install libtorch-dev (Debian, Ubuntu), or point Torch_DIR or CMAKE_PREFIX_PATH at a LibTorch. \
For Python's torch package that is the folder torch.utils.cmake_prefix_path.")
