#pragma once
#include <QFuture>

#include "ui/link/link.h"

namespace ui::review {

/// What this computer keeps of the log: the newest checkpoint that it saw, and the key that it believes.
struct Kept {
    std::string note;  ///< empty: none yet
    std::uint64_t size = 0;
    std::string key;   ///< as C2SP writes it; empty: none yet
    QString trouble;   ///< why it cannot be read; empty: it can
};
/// Read on another thread.
QFuture<Kept> read_kept(link::Known known);

/// A signed note that came from elsewhere, and what it says.
struct Note {
    std::string note;
    std::string origin;
    std::uint64_t size = 0;
    std::string root;  ///< of its tree, lower-case hex
};
/// From a text that was pasted or scanned. malformed: it is no checkpoint, or not all of one
base::Result<Note> note_of(std::string_view text);

}  // namespace ui::review
