#pragma once
#include <functional>
#include <string>
#include <vector>

#include "audit/event.h"
#include "audit/utility_time.h"
#include "audit/verifier.h"
#include "base/fd.h"

namespace audit {

/// An export that is read more than once: verified first, and then gone through for what it says. That it was the same bytes each time is checked. Or several that together
/// are one log: archive segments and what the service still holds.
class ExportFile {
public:
    using Opened = std::function<ByteSource(ByteSource)>;
    /// A file of somebody's. not_found, denied; invalid_argument: a pipe, which cannot be read twice.
    /// `opened`: reads it as what is in it, where it is sealed; null: it is not. What it holds must outlive this.
    static base::Result<ExportFile> open(const std::string& path, Opened opened = {});
    /// A file without a name, in $TMPDIR or /tmp, that is gone when this is: write to fd() what the service sends.
    static base::Result<ExportFile> temporary();

    /// A further part of the same log. Errors as open(), which says what `opened` is.
    base::Status add(const std::string& path, Opened opened = {});

    /// Of the file that open() or temporary() made this of. To be used before log(), which puts the files in their order.
    int fd() const noexcept { return pieces_.front().fd.get(); }
    const std::string& name() const noexcept { return name_; }

    /// What its genesis says. To be asked first: from here on the files are in the order of the log. malformed: not an export.
    struct Log {
        std::string origin;
        std::string utility;
        UtilityTime time;
        std::uint64_t first = 0;  ///< record; 0: the whole log
    };
    base::Result<Log> log();
    /// As verify_export. malformed: not an export at all.
    base::Result<Verdict> verify(const VerifyOptions& options);
    /// Every record in its order and once; where it is a range the genesis comes first. Reads on to the end whatever they are: what verify() found stays found.
    /// tampered: not the bytes that verify() has seen; io_failed
    base::Status each(const std::function<void(const Record&)>& each);
    /// The signed note at its end. Precondition: each() went through.
    const std::string& checkpoint() const noexcept { return checkpoint_; }

private:
    struct Piece {
        base::Fd fd;
        std::string name;
        Opened opened;
        std::uint64_t first = 0;  ///< record
        base::Digest seen{};      ///< SHA-256 of what verify() read
        ByteSource content(ByteSource source) const { return opened ? opened(std::move(source)) : std::move(source); }
    };
    ExportFile(base::Fd fd, std::string name, Opened opened);
    static base::Result<Log> log_of(Piece& piece);
    base::Status each_of(Piece& piece, const std::function<void(const Record&)>& each);
    std::vector<Piece> pieces_;
    std::string name_;  ///< of all of them
    std::string checkpoint_;
};

}  // namespace audit
