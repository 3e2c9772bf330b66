#include "ui/review/kept.h"

#include <QtConcurrent>

#include "audit/checkpoint.h"
#include "audit/note.h"
#include "ui/parts/words.h"

namespace ui::review {

QFuture<Kept> read_kept(link::Known known) {
    return QtConcurrent::run([known = std::move(known)] {
        Kept out;
        const auto log = wire::KnownLog::open(known.file, known.key);
        if (!log) {
            out.trouble = parts::text(log.error().message);
            return out;
        }
        out.note = log->checkpoint();
        out.size = log->size();
        out.key = log->key();
        return out;
    });
}

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

}  // namespace ui::review
