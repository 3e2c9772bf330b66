#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "audit/event.h"
#include "audit/meter_counts.h"
#include "audit/order_ids.h"
#include "model/account.h"
#include "model/approval.h"
#include "model/grant.h"
#include "model/retention.h"
#include "model/ukey.h"
#include "pki/certificate.h"

namespace audit {

/// Says which rule record `index` breaks, and how.
using FindingSink = std::function<void(std::uint64_t index, std::string_view rule, std::string message)>;

/// What the master-control UKEY signs (purpose `platform`) of a platform UKEY that takes another's place, and that one hands over (purpose
/// `handover`): 01; length (2) and origin; length (2) and the new one's serial; length (2) and its checkpoint key; the size of the log so far
/// (8) and its root (32).
base::Bytes platform_statement(std::string_view origin, std::string_view ukey, base::ByteView checkpoint_key, std::uint64_t size, base::ByteView root);

/// What an officer signs (purpose `act`), or the master-control UKEY (purpose `revocation`), to lift the hold that a station is under since then:
/// the act `release-station` on length (2) and station; time in ms (8).
base::Bytes release_statement(std::string_view station, base::Millis since);

/// What a log owes from a record with such a number in `rules` on: every deed of an officer's or of the master-control UKEY's holder carries the word
/// of whose UKEY it was (docs/AUDIT_FORMAT.md 8).
inline constexpr std::uint64_t kDeedsSigned = 1;

/// An order that was answered more often is not voided: each answer is for one random number of four bytes that the station says was its meter's, and
/// with many of them the meter would in time draw one that fits.
inline constexpr std::uint32_t kMostAnswersVoided = 16;

/// How long before it was recorded an order may have been permitted: as old as an order id may be. Mostly it is milliseconds; a machine that is put to sleep
/// between the two makes it longer.
inline constexpr base::Millis kLongestRecording = 7 * base::kDay;

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
        base::Millis changed = 0;  ///< when that was recorded, where a record of a change says so
        std::optional<model::UkeyKind> kind;  ///< as it was issued
        std::uint64_t grant_number = 0;
        std::optional<model::Grant> grant;
        std::optional<model::Grant> whole;  ///< the newest that the master signed
        std::map<std::int64_t, model::Fen> by_day;    ///< what was charged, on the days that an order may still be of
        std::map<std::int64_t, model::Fen> by_month;
    };
    struct Account {
        model::Account statement;      ///< the newest
        bool disabled = false;
        bool confirmed = true;         ///< a statement was signed since it was disabled
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };

    static std::string quoted(std::string_view serial);
    static std::string meter_of(const Record& r);
    /// When it was permitted, where that is not when it was recorded: caps and validities count there.
    static base::Millis acted_at(const Record& r);
    // replay.cpp: what concerns both
    void used(const Record& r);
    void concluded(const Record& r);

    // authority_rules.cpp
    Ukey& ukey(std::string_view serial);
    void genesis(const Record& r);
    void transition(const Record& r, model::UkeyAction action);
    void state_changed(const Record& r);
    void grant_set(const Record& r);
    /// One of those of now, whose UKEY is in use; null: none, and a finding says why.
    const model::Officer* officer_at(const Record& r, std::string_view ukey, std::string_view what);
    void narrowed(const Record& r, const Ukey& u, const model::Grant& grant);
    /// The request that this record names, where enough officers agreed to it; otherwise a finding about `what`.
    std::optional<model::ApprovalRequest> approved(const Record& r, std::string_view what);
    /// Nothing comes of one word twice: a finding where it did.
    void once(const Record& r, const model::ApprovalRequest& word);
    /// Whether a statement is of this log: another log's, signed by the same hands, says nothing here. Otherwise a finding about `what`.
    bool of_this_log(const Record& r, const base::UkeySerial& home, std::string_view what);
    void quorum_changed(const Record& r);
    void account_set(const Record& r);
    void account_changed(const Record& r);
    void by_account(const Record& r);
    /// Where there are officers, enough had agreed to a request whose term `term` has this value.
    void agreed(const Record& r, std::string_view what, const std::string& term, std::string_view value);
    void quorum_set(const Record& r, std::uint32_t generation);
    void voted(const Record& r);
    void issued(const Record& r);
    void master_added(const Record& r);
    void platform_replaced(const Record& r);
    bool signed_by_master(std::string_view purpose, base::ByteView statement, base::ByteView signature) const;
    bool holds(base::ByteView key, std::string_view purpose, base::ByteView statement, base::ByteView signature) const;

    // deed_rules.cpp
    /// Record 1 of a log that owes deeds from its genesis on.
    void begun(const Record& r);
    void deed_signed(const Record& r);
    /// What came of somebody's word: it is named, it holds, and what was done is what it says.
    void by_word(const Record& r);
    /// The deed or the request that this record names; otherwise a finding.
    const model::ApprovalRequest* word_of(const Record& r);
    /// One officer's signature of what he did alone, or the master-control UKEY's of the same. `act`: name and what it is about.
    void by_one_hand(const Record& r, std::string_view act, base::ByteView about);
    void changed_by_hand(const Record& r);
    void check_ceremony(const Record& r, const model::ApprovalRequest& deed);
    /// Whether it came of somebody's word, and not of what the service or a holder does by itself. What one hand signs is looked at here.
    bool needs_word(const Record& r);

    // meter_rules.cpp
    void order(const Record& r);
    /// Counts it against the caps of a UKEY with a grant.
    void charge(const Record& r, Ukey& u, bool by_card);
    void order_repeated(const Record& r);
    void order_voided(const Record& r);
    /// A genuine answer of a meter or a card, as far as it shows what was not credited.
    void shown(const Record& r);
    /// What the orders before leave possible: count, account, what was sold, key versions.
    void check_meter(const Record& r, model::OrderKind kind);
    void check_account(const Record& r, model::OrderKind kind, MeterLine& line);
    void check_card(const Record& r, model::OrderKind kind);
    void wallet_initialised(const Record& r, MeterLine& line);
    void check_version(const Record& r, const MeterLine& line);
    void keys_sent(const Record& r);
    void keys_loaded(const Record& r);
    void download_allowed(const Record& r);
    void released(const Record& r);

    // archive_rules.cpp
    void remember_time(const Record& r);
    void checkpointed(const Record& r);
    void retention_set(const Record& r);
    void archived(const Record& r);

    void find(const Record& r, std::string_view rule, std::string message) const { on_finding_(r.index(), rule, std::move(message)); }

    FindingSink on_finding_;
    base::Millis day_offset_ = 0;
    std::optional<pki::Certificate> anchor_;
    std::map<std::string, base::Bytes> masters_;  ///< by serial SubjectPublicKeyInfo of the issuing keys: the anchor's, and of those that it certified later; without those that ended
    std::string origin_;
    std::string home_;               ///< serial of the platform UKEY that the log began with
    std::string platform_;           ///< of that of now
    std::unordered_map<std::string, base::Bytes, TextHash, std::equal_to<>> platform_keys_;  ///< identity keys of platform UKEYs
    /// A request for approval as it was made, and the genuine votes for it so far.
    struct Asked {
        base::Bytes statement;
        std::vector<model::Vote> votes;
    };
    std::vector<model::Quorum> quorums_;  ///< by generation; empty where one person holds the master-control UKEY
    std::unordered_map<std::uint64_t, Asked> asked_;
    std::unordered_map<std::string, Ukey, TextHash, std::equal_to<>> ukeys_;
    std::pair<const std::string, Ukey>* last_ukey_ = nullptr;  ///< that was asked for: mostly it is asked for again
    std::unordered_map<std::string, Account, TextHash, std::equal_to<>> accounts_;
    bool restored_ = false;  ///< the log may lack the newest orders of before
    std::unordered_map<std::string, base::Millis, TextHash, std::equal_to<>> held_;  ///< since when: stations that sell nothing until an officer releases them
    std::unordered_map<std::string, base::Millis, TextHash, std::equal_to<>> released_;  ///< when: stations that were held before
    std::unordered_map<std::uint64_t, std::uint64_t> intents_;  ///< opened, not concluded: the UKEY action that each is for; 0: another
    std::uint64_t rules_ = 0;        ///< what the log owes (kDeedsSigned)
    bool ceremony_ = true;           ///< its minutes are still to come
    base::Digest checkpoint_key_{};  ///< SHA-256 of the one that the genesis pins
    std::uint64_t newest_deed_ = 0;  ///< its number
    std::unordered_map<std::uint64_t, model::ApprovalRequest> deeds_;  ///< signed by the master-control UKEY, by the index of its event
    std::optional<model::ApprovalRequest> request_;  ///< that the record at hand names
    std::unordered_set<std::string> done_;  ///< what came of each word: nothing comes of it twice
    std::string copied_;             ///< the UKEY that the record before suspected to be a copy
    MeterCounts counts_;
    std::uint64_t newest_set_ = 1;             ///< of the key sets that were drawn
    std::unordered_set<std::uint64_t> keyed_;  ///< meters that were reported to have private keys
    /// That a meter may be given its keys once more under the factory keys.
    struct Allowed {
        base::Millis until = 0;
        std::string begun_with;  ///< the UKEY; empty: not begun
    };
    std::unordered_map<std::uint64_t, Allowed> allowed_;  ///< by meter
    std::unordered_set<std::uint64_t> allowed_by_;        ///< requests that such a permission was given for
    OrderIds orders_;
    std::optional<model::Retention> retention_;  ///< the newest
    std::uint64_t archived_ = 0;                 ///< where the newest archived range ended
    std::uint64_t newest_checkpoint_ = 0;        ///< the most records that one was signed over
    std::deque<base::Millis> tile_times_;        ///< of the last record of each tile, from this one on; 8 bytes for 256 records
    std::uint64_t tiles_forgotten_ = 0;
};

}  // namespace audit
