// Landlock: which files a process can open at all.
#pragma once

#include <string>

namespace thorax::intake {

/// Leaves this process only reading below `readable` and in the system's library folders (character
/// set converters are loaded when first needed). Does nothing on kernels without Landlock.
/// Returns whether it took effect. Throws Error(decoder_not_started) when the kernel has it and
/// refuses.
bool restrict_files(const std::string& readable);

}  // namespace thorax::intake
