#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// A UKEY that its holder opened with the PIN of role `ukey` for this one piece of work. A session that has it open keeps it so.
class HeldUkey {
public:
    /// `master`: the one that is open, where the UKEY may be another master-control UKEY, which the same officers open.
    /// errors: pin_locked, token_removed, wrong_pin
    static base::Result<std::unique_ptr<HeldUkey>> open(Job& job, Books& books, const tokens::UkeyRecord& record, const MasterUkey* master = nullptr);
    ~HeldUkey();
    HeldUkey(const HeldUkey&) = delete;
    HeldUkey& operator=(const HeldUkey&) = delete;
    tokens::Token& token() noexcept { return token_; }

private:
    HeldUkey(Job& job, base::UkeySerial serial, std::uint64_t incarnation, tokens::Token token)
        : job_(job), serial_(std::move(serial)), incarnation_(incarnation), token_(std::move(token)) {}
    Job& job_;
    base::UkeySerial serial_;
    std::uint64_t incarnation_;
    tokens::Token token_;
};

}  // namespace kmp::service
