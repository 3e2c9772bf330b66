#pragma once
#include "kmp/service/books.h"

namespace kmp::service {

/// What is archived, and whether some of it is still here: the service ended in between. Where the rows that say so do not hold, the service opens
/// all the same, `Books::archive_held` says what to do, and nothing more leaves the database.
base::Status load_archive(Books& books);

}  // namespace kmp::service
