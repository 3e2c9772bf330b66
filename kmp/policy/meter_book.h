#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/keys.h"

namespace kmp::policy {

/// What the platform knows of one meter. Its purchase count is allocated here, across every way of selling.
struct Meter {
    model::MeterNumber number;
    bool known = false;                       ///< it stands in the log
    model::KeyState state = model::KeyState::factory;
    model::KeyVersion version = 0;            ///< of the key set in force
    std::uint32_t count = 0;                  ///< the last purchase count given out
    model::CustomerNumber customer;           ///< of its account; 0: none opened
    bool opened = false;
    bool keyed = false;                       ///< it has had private keys at some time: nothing clears this
    /// A further download under the factory keys that was approved: until when it may begin and be repeated; 0: none.
    base::Millis allowed_until = 0;
    /// The UKEY that this download was begun with, and alone may be repeated with; empty: it was not begun.
    std::string allowed_to;

    /// ok: this UKEY may give it private keys under the factory keys now. refused: says what it takes.
    base::Status may_download(std::string_view ukey, base::Millis now) const;
    /// An approval: takes the place of an earlier one.
    void allow_download(base::Millis until);
    /// Keys went out under the factory keys: from now on the approval is this UKEY's only.
    void download_begun(std::string_view ukey);
    /// The private keys are in force: what was allowed is used up.
    void download_done();
};

/// The meters, loaded when first asked for and kept. An order changes a meter in memory; the database gets the changed ones
/// in batches and is brought up from the log after a crash, so that no order pays for a random row.
/// Thread: one.
class MeterBook {
public:
    /// Reads one meter's row. not_found: never heard of it.
    using Lookup = std::function<base::Result<Meter>(model::MeterNumber)>;
    void restart(Lookup lookup);

    /// One order at a time for a meter: the count of the next depends on this one's fate.
    struct Entry {
        Meter meter;
        bool busy = false;
        bool dirty = false;
    };
    /// The entry stays where it is until restart(). Errors are the database's.
    base::Result<Entry*> find(model::MeterNumber number);
    void changed(Entry& entry);
    /// The meters that changed since the last call.
    std::vector<Meter> take_dirty();
    std::size_t dirty_count() const noexcept { return dirty_.size(); }

private:
    Lookup lookup_;
    std::unordered_map<model::MeterNumber, Entry> entries_;
    std::vector<Entry*> dirty_;
};

}  // namespace kmp::policy
