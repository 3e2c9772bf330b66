#include "audit/event.h"

#include <algorithm>

#include "audit/text.h"
#include "base/ids.h"
#include "model/account.h"
#include "model/keys.h"
#include "model/operation.h"
#include "model/ukey.h"

namespace audit {
namespace {

using base::Code;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeadBytes = 1 + 2 + 8 + 8;
constexpr std::size_t kTypicalValues = 224;

std::uint64_t read_number(base::ByteView value) noexcept {
    std::uint64_t v = 0;
    for (std::uint8_t b : value) v = v << 8 | b;
    return v;
}

template <class T>
void put(base::Bytes& out, T v) {
    std::uint8_t bytes[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<std::uint8_t>(v >> (8 * (sizeof(T) - 1 - i)));
    out.insert(out.end(), bytes, bytes + sizeof(T));
}

/// Null, or what is wrong with the value of a field of this kind.
const char* fault(FieldKind kind, base::ByteView value) {
    if (is_number(kind)) {
        if (value.empty() || value.size() > 8) return "is not a number of 1 to 8 bytes";
        if (value[0] == 0 && value.size() > 1) return "is a number with a zero in front";
    }
    const std::uint64_t n = is_number(kind) ? read_number(value) : 0;
    switch (kind) {
        case FieldKind::number: return nullptr;
        case FieldKind::fen:
        case FieldKind::time: return n >> 63 == 0 ? nullptr : "is too large";
        case FieldKind::meter:
        case FieldKind::customer: return n < 1'000'000'000'000 ? nullptr : "has more than 12 digits";
        case FieldKind::operation: return n < model::kOperationCount ? nullptr : "is no operation";
        case FieldKind::ukey_kind: return n >= 1 && n <= 6 ? nullptr : "is no UKEY kind";
        case FieldKind::ukey_state: return n >= 1 && n <= 9 ? nullptr : "is no UKEY state";
        case FieldKind::ukey_action: return n >= 1 && n <= 11 ? nullptr : "is no UKEY action";
        case FieldKind::account_change: return n >= 1 && n <= model::kAccountChanges ? nullptr : "is no change of an account";
        case FieldKind::key_state: return n <= 1 ? nullptr : "is no key state";
        case FieldKind::classes: return n >> model::kAllClasses.size() == 0 ? nullptr : "names unknown key classes";
        case FieldKind::order_kind: return n >= 1 && n <= 6 ? nullptr : "is no kind of order";
        case FieldKind::channel: return n >= 1 && n <= 2 ? nullptr : "is no channel";
        case FieldKind::identifier: return n <= 0xFFFFFFFF ? nullptr : "is no data identifier";
        case FieldKind::outcome: return n >= 1 && n <= 3 ? nullptr : "is no outcome";
        case FieldKind::relay: return n <= 0xFF ? nullptr : "is no relay command";
        case FieldKind::day_offset: return n <= 720 + 840 ? nullptr : "is no offset from UTC";
        case FieldKind::flag: return n <= 1 ? nullptr : "is neither yes nor no";
        case FieldKind::text:
            if (value.empty() || value.size() > kMaxTextBytes) return "is empty or too long";
            return is_clean_text(base::as_text(value)) ? nullptr : "is not UTF-8 without control characters";
        case FieldKind::uuid: return value.size() == 16 && value[6] >> 4 == 7 && value[8] >> 6 == 2 ? nullptr : "is no UUID version 7";
        case FieldKind::digest: return value.size() == 32 ? nullptr : "has not 32 bytes";
        case FieldKind::bytes: return value.empty() ? "is empty" : nullptr;
    }
    return "is of no kind";
}

base::Error wrong_field(std::string_view name, std::string_view what) {
    return {Code::malformed, "field " + std::string(name) + " " + std::string(what)};
}

}  // namespace

Event::Event(EventType type) : type_(type) { values_.reserve(kTypicalValues); }

void Event::add(Field field, base::ByteView value) {
    if (mistake_ != nullptr) return;
    mistaken_ = field;
    const FieldInfo* info = find_field(static_cast<std::uint8_t>(field));
    if (info == nullptr)
        mistake_ = "is unknown";
    else if (count_ == kMaxFields || values_.size() + value.size() > kMaxEventBytes)
        mistake_ = "is one too many";
    else if (std::any_of(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(count_), [&](const Item& i) { return i.field == field; }))
        mistake_ = "is there twice";
    else
        mistake_ = fault(info->kind, value);
    if (mistake_ != nullptr) return;
    // Kept in the order of their numbers; callers nearly always add them in that order.
    const Item item{field, static_cast<std::uint32_t>(values_.size()), static_cast<std::uint32_t>(value.size())};
    std::size_t at = count_++;
    for (; at > 0 && items_[at - 1].field > field; --at) items_[at] = items_[at - 1];
    items_[at] = item;
    values_.insert(values_.end(), value.begin(), value.end());
}

base::ByteView Event::value_of(Field field) const noexcept {
    for (std::size_t i = 0; i < count_; ++i)
        if (items_[i].field == field) return base::ByteView(values_).subspan(items_[i].begin, items_[i].size);
    return {};
}

bool Event::is(Field field, bool right_kind) {
    if (!right_kind && mistake_ == nullptr) {
        mistaken_ = field;
        mistake_ = "is of another kind";
    }
    return right_kind;
}

Event& Event::text(Field field, std::string_view value) {
    const FieldInfo* info = find_field(static_cast<std::uint8_t>(field));
    if (!is(field, info != nullptr && info->kind == FieldKind::text) || value.empty()) return *this;
    if (value.size() <= kMaxTextBytes && is_clean_text(value))
        add(field, base::as_bytes(value));
    else
        add(field, base::as_bytes(clean_text(value, kMaxTextBytes)));
    return *this;
}

Event& Event::number(Field field, std::uint64_t value) {
    const FieldInfo* info = find_field(static_cast<std::uint8_t>(field));
    if (!is(field, info != nullptr && is_number(info->kind))) return *this;
    std::uint8_t bytes[8];
    std::size_t size = 1;
    while (size < 8 && value >> (8 * size) != 0) ++size;
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    add(field, {bytes, size});
    return *this;
}

Event& Event::bytes(Field field, base::ByteView value) {
    add(field, value);
    return *this;
}

base::Status Event::encode_into(base::Bytes& out, std::uint64_t index, base::Millis time) const {
    out.clear();
    const TypeInfo* info = find_type(static_cast<std::uint16_t>(type_));
    const auto bug = [&](Field field, std::string_view what) {
        return base::Error{Code::internal, "event " + std::string(name(type_)) + ": field " + std::string(name(field)) + " " + std::string(what)};
    };
    if (info == nullptr) return {Code::internal, "an event of an unknown type"};
    if (mistake_ != nullptr) return bug(mistaken_, mistake_);
    if (time < 0) return {Code::internal, "an event before 1970"};
    put(out, kVersion);
    put(out, static_cast<std::uint16_t>(type_));
    put(out, index);
    put(out, static_cast<std::uint64_t>(time));
    FieldSet present;
    for (std::size_t i = 0; i < count_; ++i) {
        const Item& item = items_[i];
        if (!info->allowed.has(item.field)) return bug(item.field, "does not belong there");
        present.add(item.field);
        put(out, static_cast<std::uint8_t>(item.field));
        put(out, static_cast<std::uint16_t>(item.size));
        out.insert(out.end(), values_.begin() + item.begin, values_.begin() + item.begin + item.size);
    }
    if (out.size() > kMaxEventBytes) return {Code::internal, "event " + std::string(name(type_)) + " is too long"};
    if (!present.holds(info->required))
        for (const FieldInfo& f : all_fields())
            if (info->required.has(f.field) && !present.has(f.field)) return bug(f.field, "is missing");
    return {};
}

base::Result<base::Bytes> Event::encode(std::uint64_t index, base::Millis time) const {
    base::Bytes out;
    KMP_CHECK(encode_into(out, index, time));
    return out;
}

base::Result<Record> Record::decode(base::ByteView in) {
    // Written without base::ByteReader: this loop is what the speed of a verification rests on.
    if (in.size() < kHeadBytes) return {Code::malformed, "a record that is too short"};
    if (in.size() > kMaxEventBytes) return {Code::malformed, "a record that is too long"};
    if (in[0] != kVersion) return {Code::unsupported, "a record of version " + std::to_string(in[0]) + ", known is 1"};
    Record r;
    const auto number = static_cast<std::uint16_t>(read_number(in.subspan(1, 2)));
    r.info_ = find_type(number);
    if (r.info_ == nullptr) return {Code::unsupported, "a record of type " + std::to_string(number) + ", which this program does not know"};
    r.index_ = read_number(in.subspan(3, 8));
    const std::uint64_t time = read_number(in.subspan(11, 8));
    if (time >> 63 != 0) return {Code::malformed, "a record whose time is too large"};
    r.time_ = static_cast<base::Millis>(time);
    FieldSet present;
    unsigned last = 0;
    for (base::ByteView rest = in.subspan(kHeadBytes); !rest.empty();) {
        if (rest.size() < 3) return {Code::malformed, "a record that ends inside a field"};
        const std::uint8_t tag = rest[0];
        const std::size_t size = static_cast<std::size_t>(rest[1]) << 8 | rest[2];
        if (rest.size() - 3 < size) return {Code::malformed, "a record that ends inside a field"};
        if (tag <= last) return {Code::malformed, "a record whose fields are not in order"};
        last = tag;
        const FieldInfo* info = find_field(tag);
        if (info == nullptr) return {Code::unsupported, "a record with field " + std::to_string(tag) + ", which this program does not know"};
        const base::ByteView value = rest.subspan(3, size);
        if (!r.info_->allowed.has(info->field)) return wrong_field(info->name, "does not belong in " + std::string(r.info_->name));
        if (const char* what = fault(info->kind, value)) return wrong_field(info->name, what);
        if (r.count_ == kMaxFields) return {Code::malformed, "a record with too many fields"};
        present.add(info->field);
        r.items_[r.count_++] = {info->field, value};
        r.at_[tag] = static_cast<std::uint8_t>(r.count_);
        rest = rest.subspan(3 + size);
    }
    if (!present.holds(r.info_->required))
        for (const FieldInfo& f : all_fields())
            if (r.info_->required.has(f.field) && !present.has(f.field)) return wrong_field(f.name, "is missing in " + std::string(r.info_->name));
    return r;
}

const Record::Item* Record::find(Field field) const noexcept {
    const std::uint8_t at = at_[static_cast<std::size_t>(field)];
    return at == 0 ? nullptr : &items_[at - 1];
}

std::uint64_t Record::number(Field field) const noexcept {
    const Item* item = find(field);
    return item == nullptr || item->value.size() > 8 ? 0 : read_number(item->value);
}

std::string_view Record::text(Field field) const noexcept { return base::as_text(bytes(field)); }

base::ByteView Record::bytes(Field field) const noexcept {
    const Item* item = find(field);
    return item == nullptr ? base::ByteView{} : item->value;
}

std::optional<model::OrderKind> order_kind(const Record& record) {
    if (record.has(Field::order_kind)) return static_cast<model::OrderKind>(record.number(Field::order_kind));
    const auto operation = static_cast<model::Operation>(record.number(Field::operation));
    if (!record.has(Field::operation) || !model::is_order(operation)) return std::nullopt;
    return model::order_kind_of(operation);
}

}  // namespace audit
