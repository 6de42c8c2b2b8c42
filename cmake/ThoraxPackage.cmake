# What is installed, and the Debian package of it: tools/package.sh makes it.
include(GNUInstallDirs)
set(THORAX_SHARE ${CMAKE_INSTALL_DATADIR}/thorax)

install(TARGETS thorax RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(plugin thorax_search thorax_torch thorax_trainer)
  if(TARGET ${plugin})
    # Not below lib/<architecture>: the program looks beside itself (engine/plugin_library.h).
    install(TARGETS ${plugin} LIBRARY DESTINATION lib/thorax)
  endif()
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models ${CMAKE_SOURCE_DIR}/schemas ${CMAKE_SOURCE_DIR}/configs
  DESTINATION ${THORAX_SHARE})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/web/dist/ DESTINATION ${THORAX_SHARE}/web OPTIONAL)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES README.md README.ru.md CHANGELOG.md docs/deploy.md docs/errors.md docs/security.md
  docs/settings.md docs/openapi.json deploy/grafana.json DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(PROGRAMS deploy/thorax-service DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES deploy/thorax.service DESTINATION lib/systemd/system)
install(FILES deploy/thorax.yaml DESTINATION /etc/thorax)
# The words that a shell completes, as this very program says them.
foreach(place bash:bash-completion/completions/thorax zsh:zsh/vendor-completions/_thorax
    fish:fish/vendor_completions.d/thorax.fish)
  string(REPLACE ":" ";" place ${place})
  list(GET place 0 shell)
  list(GET place 1 file)
  set(made ${CMAKE_BINARY_DIR}/completion/${shell})
  install(CODE "file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completion)
    execute_process(COMMAND $<TARGET_FILE:thorax> completion ${shell} OUTPUT_FILE ${made}
      COMMAND_ERROR_IS_FATAL ANY)")
  get_filename_component(folder ${file} DIRECTORY)
  get_filename_component(name ${file} NAME)
  install(FILES ${made} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} RENAME ${name})
endforeach()

# The package holds the program, not the tests: tools/package.sh builds what it needs.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME thorax)
set(CPACK_PACKAGE_VENDOR Thorax)
set(CPACK_PACKAGE_CONTACT "Thorax <thorax@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Reads chest CT and X-ray studies and reports on them")
set(CPACK_PACKAGE_DESCRIPTION "One program that reads chest CT and chest X-ray studies as hospitals store them, and a service
around it. Research use only: not a medical device.")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# OpenBLAS with OpenMP, as libtorch's threads are (tools/setup.sh says why).
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers, libopenblas0-openmp")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
  ${CMAKE_SOURCE_DIR}/deploy/debian/prerm ${CMAKE_SOURCE_DIR}/deploy/debian/postrm
  ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
include(CPack)
