#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"
#include "model/ukey.h"

namespace model {

/// Both ends are in the range.
struct MeterRange {
    MeterNumber first;
    MeterNumber last;
    bool operator==(const MeterRange&) const = default;
};

/// What one UKEY may do, where, how much and until when. A statement signed by the master-control UKEY over `encode()`.
struct Grant {
    base::UkeySerial ukey;
    std::uint32_t number = 0;      ///< rises with every new grant of this UKEY; only the newest holds
    UkeyKind kind = UkeyKind::user;
    base::UkeySerial home;         ///< the platform UKEY it works with
    std::string station;           ///< the station it vends for; empty for a key UKEY
    OperationSet operations = 0;
    ClassSet classes = 0;
    std::vector<MeterRange> meters;        ///< at most kMaxRanges; none means no meter
    Fen per_order;                         ///< caps, inclusive; 0 allows no money at all
    Fen per_day;
    Fen per_month;
    std::uint32_t orders_per_minute = 0;   ///< 0: no order
    std::uint32_t hours = 0xFFFFFF;        ///< bit h: allowed in hour h (0-23) of the utility's day
    std::uint8_t weekdays = 0x7F;          ///< bit 0 Monday .. bit 6 Sunday
    base::Millis not_before = 0;
    base::Millis not_after = 0;
    std::vector<std::uint32_t> uids;       ///< unix users that may open a session without the PIN

    static constexpr std::size_t kMaxRanges = 64;
    static constexpr std::size_t kMaxUids = 16;

    /// Canonical bytes, version 1: the fields in the order above, big-endian; lists after a 2-byte count.
    base::Bytes encode() const;
    /// malformed: anything that encode() would not have written.
    static base::Result<Grant> decode(base::ByteView bytes);
    /// ok, or invalid_argument with the field that is out of range.
    base::Status validate() const;
    /// One sentence for a person.
    std::string in_words() const;
    bool operator==(const Grant&) const = default;
};

/// ok when `inner` allows nothing that `outer` does not: same UKEY, kind, home and station, and in every other point at most as much.
/// refused: the first point in which it is wider ("per_day: ...").
base::Status narrower(const Grant& inner, const Grant& outer);

/// What is asked for, before any key is touched.
struct Ask {
    Operation operation{};
    ClassSet classes = 0;                 ///< the classes it needs
    std::optional<MeterNumber> meter;
    Fen amount;                           ///< what is charged
    std::uint32_t orders = 0;             ///< how many orders it counts as: 1 for an order, 0 otherwise
    OperationSet also = 0;                ///< operations that it takes besides `operation`: a sale by card takes card
    bool order = false;                   ///< an order's fields, made for the first time or again
    Fen carries;                          ///< the amount that an order's fields say, also where it was charged before
};

/// What the grant has been used for already, in the utility's current day, month and minute.
struct Spent {
    Fen today;
    Fen this_month;
    std::uint32_t orders_this_minute = 0;
};

/// The key to the custodian: only `permit` makes one, for exactly what was asked. Move-only, used once.
class Permit {
public:
    const Ask& ask() const noexcept { return ask_; }
    const base::UkeySerial& ukey() const noexcept { return ukey_; }
    std::uint32_t grant_number() const noexcept { return grant_number_; }
    Permit(Permit&&) = default;
    Permit& operator=(Permit&&) = default;
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

private:
    friend base::Result<Permit> permit(const Grant&, const Ask&, const Spent&, base::Millis, base::Millis);
    Permit(Ask ask, base::UkeySerial ukey, std::uint32_t number) : ask_(std::move(ask)), ukey_(std::move(ukey)), grant_number_(number) {}
    Ask ask_;
    base::UkeySerial ukey_;
    std::uint32_t grant_number_;
};

/// ok while the grant is in force and names the operation, at this hour of this day: what can be said before anything of the request is looked at.
/// expired, refused: as `permit` says them.
base::Status may_now(const Grant& grant, Operation operation, base::Millis now, base::Millis day_offset);

/// The pure check of an Ask against a Grant. `day_offset` is the utility's fixed offset from UTC.
/// refused: the message starts with the rule that said no ("per_day: ...") and says what remains. expired: outside its validity.
base::Result<Permit> permit(const Grant& grant, const Ask& ask, const Spent& spent, base::Millis now, base::Millis day_offset);

/// The utility's day and month a time falls in, as running numbers.
std::int64_t day_of(base::Millis time, base::Millis day_offset) noexcept;
std::int64_t month_of(base::Millis time, base::Millis day_offset) noexcept;

}  // namespace model
