#pragma once
#include <functional>
#include <string>

#include "audit/event.h"
#include "audit/utility_time.h"
#include "audit/verifier.h"
#include "base/fd.h"

namespace audit {

/// An export that is read more than once: verified first, and then gone through for what it says. That it was the same bytes each time is checked.
class ExportFile {
public:
    /// A file of somebody's. not_found, denied; invalid_argument: a pipe, which cannot be read twice.
    static base::Result<ExportFile> open(const std::string& path);
    /// A file without a name, in $TMPDIR or /tmp, that is gone when this is.
    static base::Result<ExportFile> temporary();

    /// Everything that a source gives, in such a file; `name` is what errors call it. errors of the source; storage_full
    static base::Result<ExportFile> copy_of(const ByteSource& source, const std::string& name);
    /// Adds to a temporary one.
    base::Status add(base::ByteView piece);

    const std::string& name() const noexcept { return name_; }

    /// What its genesis says. malformed: not an export.
    struct Log {
        std::string origin;
        std::string utility;
        UtilityTime time;
        std::uint64_t first = 0;  ///< record; 0: the whole log
    };
    base::Result<Log> log();
    /// As verify_export. malformed: not an export at all.
    base::Result<Verdict> verify(const VerifyOptions& options);
    /// Every record in its order; where it is a range the genesis comes first. Reads on to the end whatever they are: what verify() found stays found.
    /// tampered: not the bytes that verify() has seen; io_failed
    base::Status each(const std::function<void(const Record&)>& each);
    /// The signed note at its end. Precondition: each() went through.
    const std::string& checkpoint() const noexcept { return checkpoint_; }

private:
    ExportFile(base::Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}
    base::Fd fd_;
    std::string name_;
    base::Digest seen_{};  ///< SHA-256 of what verify() read
    std::string checkpoint_;
};

}  // namespace audit
