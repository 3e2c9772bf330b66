#include "kmp/service/archived.h"

#include <spdlog/spdlog.h>

#include "audit/archive.h"

namespace kmp::service {

base::Status load_archive(Books& books) {
    KMP_TRY(books.archived, audit::archived_to(*books.reads));
    books.archive_held = audit::check_segments(*books.reads);
    if (!books.archive_held) {
        base::Error why = base::Error(books.archive_held.error()).in("archive");
        why.message += "; nothing more leaves the database: keep HOME and all segments as they are and tell the auditor; 'kmpctl audit verify' says more";
        spdlog::error("{}", why.message);
        books.archive_held = std::move(why);
    }
    books.shedding = books.archived > 0 && books.archive_held;
    return {};
}

}  // namespace kmp::service
