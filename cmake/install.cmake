# SPDX-License-Identifier: MIT
#
# What `cmake --install` puts where. Everything is found from where it lies, so the tree may be installed under any --prefix
# or moved later.

# Each target is installed if it was built: a build of the program alone, or of one of the two libraries, is enough.
install(TARGETS lenet RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} OPTIONAL)
install(TARGETS lenet_shared EXPORT lenetShared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} OPTIONAL)
install(TARGETS lenet_static EXPORT lenetStatic ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} OPTIONAL)
install(DIRECTORY include/lenet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs PATTERN *.1 EXCLUDE)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN CMakeLists.txt EXCLUDE)
install(DIRECTORY studies DESTINATION ${CMAKE_INSTALL_DATADIR}/lenet)
install(FILES docs/lenet.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# Completion of the shells, printed by the program itself; one for another processor cannot be run here, and so none is installed.
set(completion_of_bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions/lenet)
set(completion_of_zsh ${CMAKE_INSTALL_DATADIR}/zsh/site-functions/_lenet)
set(completion_of_fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d/lenet.fish)
if(NOT CMAKE_CROSSCOMPILING)
    foreach(shell bash zsh fish)
        set(path_of_script "\${CMAKE_INSTALL_PREFIX}")
        cmake_path(APPEND path_of_script "${completion_of_${shell}}") # an absolute path replaces the prefix
        cmake_path(GET path_of_script PARENT_PATH folder)
        cmake_path(GET path_of_script FILENAME name)
        set(script "${CMAKE_CURRENT_BINARY_DIR}/completion/${name}")
        install(CODE "
            if(EXISTS \"$<TARGET_FILE:lenet>\")
                file(MAKE_DIRECTORY \"${CMAKE_CURRENT_BINARY_DIR}/completion\")
                execute_process(COMMAND \"$<TARGET_FILE:lenet>\" completion ${shell} OUTPUT_FILE \"${script}\" COMMAND_ERROR_IS_FATAL ANY)
                file(INSTALL \"${script}\" DESTINATION \"${folder}\")
            endif()")
    endforeach()
endif()

# pkg-config
set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
cmake_path(IS_ABSOLUTE CMAKE_INSTALL_LIBDIR libdir_is_absolute)
if(libdir_is_absolute)
    set(pkgconfig_prefix ${CMAKE_INSTALL_PREFIX})
else()
    file(RELATIVE_PATH up /${pkgconfig_folder} /)
    set(pkgconfig_prefix "\${pcfiledir}/${up}")
endif()
foreach(folder LIBDIR INCLUDEDIR)
    cmake_path(APPEND path_of_${folder} "\${prefix}" "${CMAKE_INSTALL_${folder}}") # an absolute folder replaces the prefix
endforeach()
list(JOIN lenet_library_requires " " library_requires)
set(private_libraries)
foreach(part IN LISTS lenet_library_requires)
    list(APPEND private_libraries ${${part}_LDFLAGS})
endforeach()
list(REMOVE_DUPLICATES private_libraries)
list(JOIN private_libraries " " private_libraries)
configure_file(cmake/lenet.pc.in ${CMAKE_CURRENT_BINARY_DIR}/lenet.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lenet.pc DESTINATION ${pkgconfig_folder})

# find_package(lenet): lenet::lenet is the shared library, lenet::static the static one; lenetConfig.cmake looks which of them are installed
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/lenet)
configure_package_config_file(cmake/lenetConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/lenetConfig.cmake
    INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_LIBDIR NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/lenetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lenetConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/lenetConfigVersion.cmake
    DESTINATION ${package_folder})
install(EXPORT lenetShared NAMESPACE lenet:: DESTINATION ${package_folder})
install(EXPORT lenetStatic NAMESPACE lenet:: DESTINATION ${package_folder})
