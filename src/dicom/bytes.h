// A DICOM file in memory.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcfilefo.h>

#include <string>

namespace thorax::dicom {

/// The file as it would stand on disk, sequences and items of undefined length; group lengths are
/// left out. Empty when `syntax` cannot hold it.
std::string file_bytes(DcmFileFormat& file, E_TransferSyntax syntax);

}  // namespace thorax::dicom
