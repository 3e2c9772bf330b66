// How an event reads: one line for a person, one JSON object for a program.
#include <nlohmann/json.hpp>

#include "audit/words.h"
#include "base/ids.h"
#include "model/account.h"
#include "model/fen.h"
#include "model/grant.h"
#include "model/keys.h"
#include "model/operation.h"
#include "model/ukey.h"

namespace audit {
namespace {

std::uint64_t number_of(base::ByteView value) noexcept {
    std::uint64_t v = 0;
    for (std::uint8_t b : value) v = v << 8 | b;
    return v;
}

std::string classes_in_words(std::uint64_t set) {
    std::string out;
    for (model::KeyClass c : model::kAllClasses)
        if (set & model::class_bit(c)) out.append(out.empty() ? "" : ", ").append(model::name(c));
    return out.empty() ? "no class" : out;
}

/// DL/T 645-2007, relay control, N1.
std::string relay_in_words(std::uint64_t n) {
    switch (n) {
        case 0x1A: return "trip";
        case 0x1B: return "close allowed";
        case 0x1C: return "close";
        case 0x2A: return "alarm on";
        case 0x2B: return "alarm off";
        case 0x3A: return "keep-power on";
        case 0x3B: return "keep-power off";
        default: return "command " + std::to_string(n);
    }
}

/// DI3 DI2 DI1 DI0, as the standard writes it.
std::string identifier_in_words(std::uint64_t n) {
    const auto b = [n](unsigned shift) { return static_cast<std::uint8_t>(n >> shift); };
    return base::to_hex(std::array{b(24), b(16), b(8), b(0)});
}

std::string offset_in_words(std::uint64_t stored) {
    const int minutes = static_cast<int>(stored) - 720;
    const int size = minutes < 0 ? -minutes : minutes;
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return (minutes < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60);
}

std::string bytes_in_words(Field field, base::ByteView value) {
    if (field == Field::grant)
        if (const auto grant = model::Grant::decode(value)) return grant->in_words();
    if (field == Field::account_statement)
        if (const auto account = model::Account::decode(value)) return account->in_words();
    return base::to_hex(value);
}

/// Names where a person would rather read a name: also in JSON.
bool has_name(FieldKind kind) noexcept {
    switch (kind) {
        case FieldKind::operation:
        case FieldKind::ukey_kind:
        case FieldKind::ukey_state:
        case FieldKind::ukey_action:
        case FieldKind::account_change:
        case FieldKind::key_state:
        case FieldKind::outcome:
        case FieldKind::time:
        case FieldKind::meter:
        case FieldKind::customer:
        case FieldKind::order_kind:
        case FieldKind::channel:
        case FieldKind::identifier:
        case FieldKind::day_offset: return true;
        case FieldKind::number:
        case FieldKind::fen:
        case FieldKind::classes:
        case FieldKind::relay:
        case FieldKind::flag:
        case FieldKind::text:
        case FieldKind::uuid:
        case FieldKind::digest:
        case FieldKind::bytes: return false;
    }
    return false;
}

}  // namespace

std::string meter_text(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    return digits.size() < 12 ? std::string(12 - digits.size(), '0') + digits : digits;
}

std::string value_in_words(Field field, base::ByteView value) {
    const FieldInfo* info = find_field(static_cast<std::uint8_t>(field));
    if (info == nullptr) return base::to_hex(value);
    const std::uint64_t n = is_number(info->kind) ? number_of(value) : 0;
    switch (info->kind) {
        case FieldKind::number: return std::to_string(n);
        case FieldKind::fen: return model::Fen(static_cast<std::int64_t>(n)).yuan();
        case FieldKind::time: return base::to_rfc3339(static_cast<base::Millis>(n));
        case FieldKind::meter:
        case FieldKind::customer: return meter_text(n);
        case FieldKind::operation: return std::string(model::name(static_cast<model::Operation>(n)));
        case FieldKind::ukey_kind: return std::string(model::name(static_cast<model::UkeyKind>(n)));
        case FieldKind::ukey_state: return std::string(model::name(static_cast<model::UkeyState>(n)));
        case FieldKind::ukey_action: return std::string(model::name(static_cast<model::UkeyAction>(n)));
        case FieldKind::account_change: return std::string(model::name(static_cast<model::AccountChange>(n)));
        case FieldKind::key_state: return std::string(model::name(static_cast<model::KeyState>(n)));
        case FieldKind::classes: return classes_in_words(n);
        case FieldKind::outcome: return std::string(name(static_cast<Outcome>(n)));
        case FieldKind::relay: return relay_in_words(n);
        case FieldKind::day_offset: return offset_in_words(n);
        case FieldKind::order_kind: return std::string(model::name(static_cast<model::OrderKind>(n)));
        case FieldKind::channel: return std::string(name(static_cast<Channel>(n)));
        case FieldKind::identifier: return identifier_in_words(n);
        case FieldKind::flag: return n != 0 ? "yes" : "no";
        case FieldKind::text: return base::to_string(value);
        case FieldKind::uuid: {
            const auto id = base::Uuid::from_bytes(value);
            return id ? id->text() : base::to_hex(value);
        }
        case FieldKind::digest: return base::to_hex(value);
        case FieldKind::bytes: return bytes_in_words(field, value);
    }
    return {};
}

std::string to_text(const Record& record) {
    std::string out;
    std::size_t optional_from = std::string::npos;  // where the part in brackets began in `out`
    bool absent = false;                            // one of its fields is not there
    const std::string_view s = record.info().sentence;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '[') {
            optional_from = out.size();
            absent = false;
        } else if (s[i] == ']') {
            if (absent) out.resize(optional_from);
            optional_from = std::string::npos;
        } else if (s[i] == '{') {
            const std::size_t end = s.find('}', i);
            const std::string_view wanted = s.substr(i + 1, end - i - 1);
            bool found = false;
            for (const Record::Item& item : record.items())
                if (name(item.field) == wanted) {
                    out += value_in_words(item.field, item.value);
                    found = true;
                }
            if (!found) absent = true;
            i = end;
        } else {
            out.push_back(s[i]);
        }
    }
    // An order is recorded milliseconds after its permit; what was kept in the sealed log, perhaps days after the act.
    if (record.has(Field::happened_at) && record.time() - static_cast<base::Millis>(record.number(Field::happened_at)) >= base::kSecond)
        out += "; it happened at " + value_in_words(Field::happened_at, record.bytes(Field::happened_at));
    for (char& c : out)
        if (c == '\n') c = ' ';
    return out;
}

namespace {

void add_fields(nlohmann::ordered_json& out, const Record& record, const FieldSet& without) {
    for (const Record::Item& item : record.items()) {
        if (without.has(item.field)) continue;
        const FieldInfo* info = find_field(static_cast<std::uint8_t>(item.field));
        const std::string key(info->name);
        if (info->kind == FieldKind::flag)
            out[key] = number_of(item.value) != 0;
        else if (info->kind == FieldKind::bytes)
            out[key] = base::to_hex(item.value);
        else if (is_number(info->kind) && !has_name(info->kind))
            out[key] = number_of(item.value);
        else
            out[key] = value_in_words(item.field, item.value);
    }
}

}  // namespace

std::string to_json(const Record& record) {
    nlohmann::ordered_json out;
    out["index"] = record.index();
    out["time"] = base::to_rfc3339(record.time());
    out["type"] = record.info().name;
    add_fields(out, record, {});
    return out.dump();
}

std::string fields_to_json(const Record& record, const FieldSet& without) {
    nlohmann::ordered_json out = nlohmann::ordered_json::object();
    add_fields(out, record, without);
    return out.dump();
}

}  // namespace audit
