#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "audit/event.h"
#include "audit/meter_counts.h"
#include "audit/order_ids.h"
#include "model/approval.h"
#include "model/grant.h"
#include "model/ukey.h"

namespace audit {

/// Says which rule record `index` breaks, and how.
using FindingSink = std::function<void(std::uint64_t index, std::string_view rule, std::string message)>;

/// Goes through a whole log and holds it against the rules the platform claims to enforce: what was recorded as done must have
/// been allowed by what was recorded before.
class Replay {
public:
    explicit Replay(FindingSink on_finding) : on_finding_(std::move(on_finding)) {}

    /// Every record in its order, from 0.
    void record(const Record& record);
    /// After the last one. io_failed: duplicates could not be looked for.
    base::Status finish();

private:
    struct Ukey {
        model::UkeyState state = model::UkeyState::blank;
        std::uint64_t grant_number = 0;
        std::optional<model::Grant> grant;
        std::optional<model::Grant> whole;  ///< the newest that the master signed
        std::int64_t day = 0;
        std::int64_t month = 0;
        model::Spent spent;
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };

    Ukey& ukey(std::string_view serial);
    void genesis(const Record& r);
    void transition(const Record& r, model::UkeyAction action);
    void state_changed(const Record& r);
    void grant_set(const Record& r);
    void narrowed(const Record& r, const Ukey& u, const model::Grant& grant);
    /// The request that this record names, where enough officers agreed to it; otherwise a finding about `what`.
    std::optional<model::ApprovalRequest> approved(const Record& r, std::string_view what);
    void granted(const Record& r);
    void quorum_changed(const Record& r);
    void quorum_set(const Record& r, std::uint32_t generation);
    void voted(const Record& r);
    bool holds(base::ByteView key, std::string_view purpose, base::ByteView statement, base::ByteView signature) const;
    void used(const Record& r);
    void keys_sent(const Record& r);
    void keys_loaded(const Record& r);
    void download_allowed(const Record& r);
    void order(const Record& r);
    void check_count(const Record& r, model::Operation operation);
    void concluded(const Record& r);
    void find(const Record& r, std::string_view rule, std::string message) const { on_finding_(r.index(), rule, std::move(message)); }

    FindingSink on_finding_;
    base::Millis day_offset_ = 0;
    base::Bytes anchor_key_;  ///< SubjectPublicKeyInfo of the trust anchor: signs the grants
    /// A request for approval as it was made, and the genuine votes for it so far.
    struct Asked {
        base::Bytes statement;
        std::vector<model::Vote> votes;
    };
    std::vector<model::Quorum> quorums_;  ///< by generation; empty where one person holds the master-control UKEY
    std::unordered_map<std::uint64_t, Asked> asked_;
    std::unordered_map<std::string, Ukey, TextHash, std::equal_to<>> ukeys_;
    std::unordered_set<std::uint64_t> intents_;  ///< opened, not concluded
    MeterCounts counts_;
    std::unordered_set<std::uint64_t> keyed_;  ///< meters that were reported to have private keys
    /// That a meter may be given its keys once more under the factory keys.
    struct Allowed {
        base::Millis until = 0;
        std::string begun_with;  ///< the UKEY; empty: not begun
    };
    std::unordered_map<std::uint64_t, Allowed> allowed_;  ///< by meter
    std::unordered_set<std::uint64_t> allowed_by_;        ///< requests that such a permission was given for
    OrderIds orders_;
};

}  // namespace audit
