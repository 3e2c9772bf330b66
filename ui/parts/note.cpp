#include "ui/parts/note.h"

#include "audit/checkpoint.h"
#include "audit/note.h"

namespace ui::parts {

base::Result<Note> note_of(std::string_view text) {
    Note out;
    if (text.size() > audit::kMaxNoteBytes) return base::Error{base::Code::malformed, "it is longer than any checkpoint", 0};
    out.note = audit::mended_note(text);
    KMP_TRY(const audit::Checkpoint checkpoint, audit::read_checkpoint(out.note));
    out.origin = checkpoint.origin;
    out.size = checkpoint.size;
    out.root = base::to_hex(checkpoint.root);
    return out;
}

}  // namespace ui::parts
