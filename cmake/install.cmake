# Defines what `cmake --install` installs: the programs with their files, where
# src/system/installation.h finds them, and the library with the package configuration for
# find_package(snn).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(SNN_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/snn)

install(TARGETS snn-train snn-eval snn-sweep snn-report snn-neuron)
install(PROGRAMS scripts/get-data.sh RENAME snn-get-data TYPE BIN)
install(DIRECTORY configs DESTINATION share/snn-train)
install(TARGETS snn snn_core EXPORT snn-targets)
install(DIRECTORY include/snn TYPE INCLUDE)
install(EXPORT snn-targets NAMESPACE snn:: DESTINATION ${SNN_INSTALL_CMAKEDIR})

configure_package_config_file(cmake/snn-config.cmake.in snn-config.cmake
                              INSTALL_DESTINATION ${SNN_INSTALL_CMAKEDIR})
write_basic_package_version_file(snn-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/snn-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/snn-config-version.cmake cmake/FindLibTorch.cmake
        DESTINATION ${SNN_INSTALL_CMAKEDIR})
