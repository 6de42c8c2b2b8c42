# Every outside library, in one place, as an imported target.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(DCMTK REQUIRED CONFIG)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(Protobuf REQUIRED)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(OPENJPEG REQUIRED IMPORTED_TARGET libopenjp2)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
find_library(XLSXWRITER_LIBRARY xlsxwriter REQUIRED)
find_library(DLIB_LIBRARY dlib REQUIRED)
find_library(NIFTI_LIBRARY NAMES niftiio REQUIRED)
find_path(ZNZ_INCLUDE_DIR znzlib.h PATH_SUFFIXES nifti REQUIRED)
find_library(ZNZ_LIBRARY NAMES znz REQUIRED)

# libtorch: Debian's, or any other whose folder is in CMAKE_PREFIX_PATH (2.x, with or without CUDA).
# Its own CMake package asks for the headers of everything libtorch was built with (oneDNN, OpenCL,
# protobuf); the libraries themselves are all that Thorax needs.
if(THORAX_TORCH)
  find_path(TORCH_API_INCLUDE_DIR torch/torch.h PATH_SUFFIXES torch/csrc/api/include REQUIRED)
  find_path(TORCH_INCLUDE_DIR ATen/ATen.h REQUIRED)
  add_library(torch_library INTERFACE)
  target_include_directories(torch_library SYSTEM INTERFACE ${TORCH_API_INCLUDE_DIR} ${TORCH_INCLUDE_DIR})
  foreach(name torch torch_cpu c10)
    find_library(TORCH_${name}_LIBRARY ${name} REQUIRED)
    target_link_libraries(torch_library INTERFACE ${TORCH_${name}_LIBRARY})
  endforeach()
  # at::parallel_for is a template of libtorch's headers: compiled without OpenMP, it runs on one
  # thread, whatever number is set.
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  target_link_libraries(torch_library INTERFACE OpenMP::OpenMP_CXX)
  # Its own CMake package asks for OpenCL's headers.
  find_library(DNNL_LIBRARY dnnl REQUIRED)
  # Under libtorch's process groups; their headers are among gloo's.
  find_path(GLOO_INCLUDE_DIR gloo/context.h REQUIRED)
  find_library(GLOO_LIBRARY gloo REQUIRED)
  # The CUDA half registers itself when it is loaded, so it has to be linked although nothing of it
  # is called by name.
  find_library(TORCH_CUDA_LIBRARY torch_cuda)
  if(TORCH_CUDA_LIBRARY)
    find_library(C10_CUDA_LIBRARY c10_cuda REQUIRED)
    target_link_libraries(torch_library INTERFACE
      -Wl,--no-as-needed ${TORCH_CUDA_LIBRARY} ${C10_CUDA_LIBRARY} -Wl,--as-needed)
  endif()
endif()
