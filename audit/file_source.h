#pragma once
#include <string>

#include "audit/verifier.h"
#include "base/fd.h"

namespace audit {

/// Reads on from where the descriptor stands, which must outlive this; `name` is what errors call it.
ByteSource source_of(const base::Fd& fd, std::string name);

}  // namespace audit
