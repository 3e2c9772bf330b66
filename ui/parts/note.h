#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ui::parts {

/// A signed note that came from elsewhere, and what it says.
struct Note {
    std::string note;
    std::string origin;
    std::uint64_t size = 0;
    std::string root;  ///< of its tree, lower-case hex
};
/// From a text that was pasted or scanned. malformed: it is no checkpoint, or not all of one
base::Result<Note> note_of(std::string_view text);

}  // namespace ui::parts
