#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// What the books know of meters lies in the database some seconds later: this waits until everything that was acknowledged before the call does. Thread: the officer's.
/// errors: those of the writer
base::Status write_meter_rows(Job& job, Books& books);

}  // namespace kmp::service
