#pragma once
#include <functional>
#include <string>
#include <vector>

#include "audit/event.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"

namespace kmp::service {

/// What happens before there is a database: HOME/sealed.log, one line an entry, each synced before the caller goes on and chained
/// to the one before by SHA-256. It is imported into the audit log at unseal and then started afresh.
///
///     <time ms> <what> <detail> <hash of the previous line's hash and this text, hex>
///
/// Thread: one at a time.
class SealedLog {
public:
    struct Entry {
        base::Millis time = 0;
        std::string what;    ///< one word: started, stopped, pin_failed, pin_accepted, ceremony, event, ...
        std::string detail;  ///< free text without line breaks
    };

    /// Opens or creates the file. A last line that was cut by a crash is dropped (it was never acknowledged).
    /// It is locked for as long as the object lives: one service in a home.
    /// tampered: an earlier line does not fit its chain. conflict: another service holds it.
    static base::Result<SealedLog> open(const std::string& path);
    /// Durable when it returns ok. storage_full, storage_failed.
    base::Status append(base::Millis time, std::string_view what, std::string_view detail);
    /// An event whole, as the audit log will have it: its name and its bytes.
    base::Status append(base::Millis time, const audit::Event& event);
    /// The event of such an entry, with the time that it happened at. malformed.
    static base::Result<audit::Event> event_of(const Entry& entry);
    const std::vector<Entry>& entries() const noexcept { return entries_; }
    /// The chain's value after the last entry.
    const base::Digest& chain() const noexcept { return chain_; }
    /// Wrong platform PINs since the last right one.
    unsigned wrong_pins() const noexcept;
    /// Empties the file, after its entries stand in the audit log.
    base::Status restart();

private:
    std::string path_;
    base::Fd file_;
    base::Digest chain_{};
    std::vector<Entry> entries_;
};

}  // namespace kmp::service
