#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/types.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "model/operation.h"

namespace audit {

inline constexpr std::size_t kMaxEventBytes = 32768;
inline constexpr std::size_t kMaxTextBytes = 8192;
inline constexpr std::size_t kMaxFields = 40;

/// An event on its way into the log. Fields may come in any order, each once.
/// A mistake of the caller (a field twice, of another kind, too long, not allowed in this type, a required one missing) is
/// remembered and reported by encode(), as `internal`.
class Event {
public:
    explicit Event(EventType type);
    /// Control characters other than a newline, and bytes that are not UTF-8, become '?'; text longer than kMaxTextBytes is cut
    /// and ends in "...". Empty text adds no field.
    Event& text(Field field, std::string_view value);
    Event& number(Field field, std::uint64_t value);
    /// Uuids, digests and other bytes; also a value of any kind as it is encoded.
    Event& bytes(Field field, base::ByteView value);
    /// For the fields whose kind is an enum of model, or Outcome.
    template <class Enum>
        requires std::is_enum_v<Enum>
    Event& value(Field field, Enum e) {
        return number(field, static_cast<std::uint64_t>(e));
    }
    Event& flag(Field field, bool value) { return number(field, value ? 1 : 0); }
    /// Precondition: a time not before 1970.
    Event& time(Field field, base::Millis value) { return number(field, static_cast<std::uint64_t>(value)); }

    EventType type() const noexcept { return type_; }
    /// What a field holds so far, as it is encoded; empty where it is absent.
    base::ByteView value_of(Field field) const noexcept;

    /// The canonical bytes (docs/AUDIT_FORMAT.md).
    base::Result<base::Bytes> encode(std::uint64_t index, base::Millis time) const;
    /// The same into a buffer that is cleared first and keeps its capacity.
    base::Status encode_into(base::Bytes& out, std::uint64_t index, base::Millis time) const;

private:
    struct Item {
        Field field;
        std::uint32_t begin;
        std::uint32_t size;
    };
    void add(Field field, base::ByteView value);
    /// Remembers the mistake unless the field is of the kind that fits the call.
    bool is(Field field, bool right_kind);
    EventType type_;
    base::Bytes values_;
    std::array<Item, kMaxFields> items_;
    std::size_t count_ = 0;
    const char* mistake_ = nullptr;
    Field mistaken_{};
};

/// An event out of the log: a view of bytes that must outlive it.
class Record {
public:
    struct Item {
        Field field;
        base::ByteView value;
    };

    /// malformed: bytes that Event::encode would not have written, down to the last bit. unsupported: a version, type or field
    /// that this program does not know.
    static base::Result<Record> decode(base::ByteView bytes);

    EventType type() const noexcept { return info_->type; }
    const TypeInfo& info() const noexcept { return *info_; }
    std::uint64_t index() const noexcept { return index_; }
    base::Millis time() const noexcept { return time_; }
    std::span<const Item> items() const noexcept { return {items_.data(), count_}; }

    bool has(Field field) const noexcept { return find(field) != nullptr; }
    /// Zero, or empty, where the field is absent.
    std::uint64_t number(Field field) const noexcept;
    std::string_view text(Field field) const noexcept;
    base::ByteView bytes(Field field) const noexcept;

private:
    Record() = default;
    const Item* find(Field field) const noexcept;
    const TypeInfo* info_ = nullptr;
    std::uint64_t index_ = 0;
    base::Millis time_ = 0;
    std::size_t count_ = 0;
    std::array<std::uint8_t, kFieldLimit> at_{};  ///< by field, where it stands in items_, + 1; 0: nowhere
    std::array<Item, kMaxFields> items_;
};

/// The kind of the order that a record is about: as it says, or as its operation alone stands for. nullopt: neither tells.
std::optional<model::OrderKind> order_kind(const Record& record);

/// One field as a person reads it: "12.34", "private", "2026-11-22T06:42:00.123Z", hex.
std::string value_in_words(Field field, base::ByteView value);
/// One line in plain words, without index and time: "order 0192.. of station s-1: recharge of 50.00 yuan ...".
std::string to_text(const Record& record);
/// One JSON object on one line: index, time, type and the fields by name. Numbers are JSON numbers; 64-bit ones stay exact in
/// readers that keep integers; money is in fen; bytes are lower-case hex.
std::string to_json(const Record& record);

}  // namespace audit
